package property

import (
	"slices"
)

// asking runs a call that reads, which may flush before, and has the model
// follow. An error is one that the flush must give.
func (g *graph) asking(what string, ask func() error) error {
	g.Helper()
	return g.askingWith(g.foretell(), what, ask)
}

// askingToLoad is asking for a Load, before which what was taken from its owner is
// not deleted yet. Where a flush cannot do without that, there is none.
func (g *graph) askingToLoad(ask func() error) error {
	g.Helper()
	spared := g.spareable()
	stuck := len(spared) > 0 && (len(g.evicted) > 0 || slices.ContainsFunc(g.entities, func(e *gent) bool { return e.status == deleting }))
	f := g.foretellWithout(spared)
	err := g.askingWith(f, "load", ask)
	if g.flushed && stuck {
		g.Fatalf("load flushed, but %d entities must be spared and rows are to be deleted", len(spared))
	}
	return err
}

func (g *graph) askingWith(f *gflush, what string, ask func() error) error {
	g.Helper()
	g.flushed = false
	g.expired()
	err := ask()
	switch {
	case g.flushed && (g.quiet || len(f.must) > 0):
		g.Fatalf("%s flushed, want %v", what, keysOf(f.must))
	case g.flushed:
		g.done(f)
	}
	if err != nil && (g.quiet || g.flushed || !f.must[kindOf(err)]) {
		g.Fatalf("%s: %v (%s), want %v", what, err, kindOf(err), keysOf(f.must))
	}
	return err
}

// expired notes that containers may be read again, and are unknown after a
// rollback then.
func (g *graph) expired() {
	for _, l := range g.levels {
		clear(l.loaded)
	}
}

// still reports whether nothing waits for a flush, and nothing is left open.
func (g *graph) still() bool {
	f := g.foretell()
	return !f.writes && len(f.must) == 0 && !slices.ContainsFunc(g.entities, func(e *gent) bool {
		return e.loose || e.moved || e.status == isNew || e.status == deleting
	})
}

// inOrder checks that what was just read comes in the order of the keys.
func (g *graph) inOrder(e *gent, r *grel, items []any) {
	g.Helper()
	last := int64(0)
	for _, p := range items {
		id := gread(p).id
		if id <= last {
			g.Fatalf("%s.%s was read out of order: %d after %d", e, r.name, id, last)
		}
		last = id
	}
}

// load loads a container.
func (g *graph) load() error {
	e := g.pickOne(hasRels)
	if e == nil {
		return nil
	}
	r := draw(g.dice, "relation", e.t.rels)
	only := g.one(3, "only")
	still := g.still()
	_, before := r.box(e.p).loaded()
	g.Logf("load %s.%s, only: %v, loaded: %v", e, r.name, only, before)
	var items []any
	err := g.askingToLoad(func() (err error) {
		items, err = r.box(e.p).load(g.ctx, only)
		return err
	})
	if err != nil || !e.managed() {
		return err
	}
	now, ok := r.box(e.p).loaded()
	if !ok || !slices.Equal(now, items) {
		g.Fatalf("%s.%s gives %d entities and holds %d after Load, loaded: %v", e, r.name, len(items), len(now), ok)
	}
	if still && !before {
		g.inOrder(e, r, items)
	}
	return nil
}

// tally asks for a collection's size, or for the members one by one.
func (g *graph) tally() error {
	e := g.pickOne(hasRels)
	if e == nil {
		return nil
	}
	r := draw(g.dice, "relation", e.t.rels)
	if !r.many {
		return nil
	}
	b := r.box(e.p)
	held, ok := b.loaded()
	stream := g.one(2, "stream")
	g.Logf("count %s.%s, by a stream: %v, loaded: %v", e, r.name, stream, ok)
	var n int64
	var items []any
	err := g.asking("count", func() (err error) {
		if stream {
			items, err = b.stream(g.ctx)
			n = int64(len(items))
			return err
		}
		n, err = b.count(g.ctx)
		return err
	})
	if err != nil || !e.managed() || ok && n == int64(len(held)) {
		return err
	}
	if g.quiet || g.anyLoose(g.tables...) {
		return nil
	}
	want := g.members(e, r)
	if n != int64(len(want)) {
		g.Fatalf("%s.%s has %d entities, want %s", e, r.name, n, g.showAll(want))
	}
	for _, p := range items {
		if !want[member{t: r.to, id: gread(p).id}] {
			g.Fatalf("%s.%s streams key %d, want %s", e, r.name, gread(p).id, g.showAll(want))
		}
	}
	return nil
}

// contains asks whether a collection is known to hold an entity.
func (g *graph) contains() error {
	e := g.pickOne(hasRels)
	if e == nil {
		return nil
	}
	r := draw(g.dice, "relation", e.t.rels)
	if x := g.pick(r.to, func(x *gent) bool { return x.managed() && !x.loose }); r.many && x != nil && !e.loose {
		_, ok := r.box(e.p).loaded()
		got, want := r.box(e.p).contains(x.p), g.members(e, r)[x.member()]
		if got != want && (got || ok || r.assoc == nil) {
			g.Fatalf("%s.%s (loaded: %v) contains %s: %v, want %v", e, r.name, ok, x, got, want)
		}
	}
	return nil
}

// get reads an entity by its key.
func (g *graph) get() error {
	t := draw(g.dice, "table", g.tables)
	ids := sortedIDs(g.rows[t])
	if len(ids) == 0 {
		return nil
	}
	id := draw(g.dice, "row", ids)
	g.Logf("get %s %d", t.name, id)
	return g.asking("get", func() error {
		p, err := t.verbs.get(g.ctx, id)
		if err == nil {
			if e := g.met(t, p); e.snap.id != id {
				g.Fatalf("get gives key %d", e.snap.id)
			}
		}
		return err
	})
}

// all reads all entities of a table, with some of their relations.
func (g *graph) all() error {
	t := draw(g.dice, "table", g.tables)
	var with []eagerly
	var names []string
	for _, r := range t.rels {
		if g.one(3, "with") {
			with = append(with, eagerly{r, g.number(3, "way")})
			names = append(names, r.name)
		}
	}
	g.Logf("query %s with %v", t.name, names)
	var ps []any
	if err := g.asking("query", func() (err error) {
		ps, err = t.verbs.all(g.ctx, with)
		return err
	}); err != nil {
		return err
	}
	if len(ps) != len(g.rows[t]) {
		g.Fatalf("a query gives %d entities for %d rows", len(ps), len(g.rows[t]))
	}
	for _, p := range ps {
		e := g.met(t, p)
		for _, w := range with {
			if _, ok := w.r.box(e.p).loaded(); !ok && e.managed() {
				g.Fatalf("%s.%s is not loaded by With", e, w.r.name)
			}
		}
	}
	return nil
}

// refresh reads an entity again.
func (g *graph) refresh() error {
	stays := func(e *gent) bool {
		_, ok := g.foretell().rows[e.t][e.snap.id]
		return ok
	}
	e := g.pickOne(func(e *gent) bool { return e.status == live && !e.moved })
	if e == nil || !stays(e) {
		return nil
	}
	was := e.f
	e.f = e.snap // its changes are lost, those of others are flushed
	if !stays(e) {
		e.f = was
		return nil
	}
	g.Logf("refresh %s", e)
	return g.asking("refresh", func() error { return e.t.verbs.refresh(g.ctx, e.p) })
}
