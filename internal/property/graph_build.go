package property

import (
	"slices"
)

// fresher makes an entity that nobody manages.
func (g *graph) fresher(t *gtable) *gent {
	g.names++
	e := g.known(t, t.verbs.make(gfields{name: string(rune('a' + g.names%26))}))
	g.Logf("  %s is made", e)
	return e
}

// pick chooses an entity for which ok holds, of a table or of any.
func (g *graph) pick(t *gtable, ok func(e *gent) bool) *gent {
	var es []*gent
	for _, e := range g.entities {
		if (t == nil || e.t == t) && ok(e) {
			es = append(es, e)
		}
	}
	if len(es) == 0 {
		return nil
	}
	return es[len(es)-1-g.number(len(es), "entity")]
}

// pickOne is pick with a table drawn first, so that tables with few entities
// come up, too.
func (g *graph) pickOne(ok func(e *gent) bool) *gent {
	if e := g.pick(draw(g.dice, "table", g.tables), ok); e != nil {
		return e
	}
	return g.pick(nil, ok)
}

func isManaged(e *gent) bool { return e.managed() }

func hasRels(e *gent) bool { return e.managed() && len(e.t.rels) > 0 }

// anyLoose reports whether a table has entities of which containers are left
// open.
func (g *graph) anyLoose(ts ...*gtable) bool {
	return slices.ContainsFunc(g.entities, func(e *gent) bool { return e.loose && slices.Contains(ts, e.t) })
}

// bring makes a free entity a new one of the unit's, with all that its
// containers hold. It reports whether that needs a flush to be complete.
func (g *graph) bring(e *gent) (needsFlush bool) {
	if e.status != free {
		return false
	}
	g.Logf("  %s is new", e)
	e.status, e.lost = isNew, false
	queue := []*gent{e}
	for len(queue) > 0 {
		e, queue = queue[0], queue[1:]
		for _, r := range e.t.rels {
			items, ok := r.box(e.p).loaded()
			var xs []*gent
			for _, p := range items {
				x := g.byPtr[p]
				if x.status == free {
					g.Logf("  %s is new by %s.%s", x, e, r.name)
					x.status, x.lost = isNew, false
					queue = append(queue, x)
				}
				xs = append(xs, x)
			}
			switch {
			case r.holds && len(xs) > 0:
				needsFlush = g.refer(e, xs[0]) || needsFlush
			case r.holds && ok:
				g.refer(e, nil)
			case r.assoc != nil:
				for _, x := range xs {
					g.link(e, r, x, true)
				}
			case !r.holds:
				for _, x := range xs {
					needsFlush = g.refer(x, e) || needsFlush
				}
			}
		}
	}
	return needsFlush
}

// clear reports whether a free entity can be brought: what its containers hold is
// free or managed, and no two of them claim one child.
func (g *graph) clear(e *gent) bool {
	seen := map[*gent]bool{}
	parents := map[*gent]*gent{}
	ok := true
	claim := func(c, p *gent) {
		if was, claimed := parents[c]; claimed && was != p {
			ok = false
		}
		parents[c] = p
	}
	var visit func(e *gent)
	visit = func(e *gent) {
		if seen[e] {
			return
		}
		seen[e] = true
		if e.status == deleting || e.status == dead || e.status == free && e.f.id != 0 || e.lost || e.detached || e.loose {
			ok = false
			return
		}
		if e.status != free {
			return
		}
		for _, r := range e.t.rels {
			items, loaded := r.box(e.p).loaded()
			if r.holds && loaded && len(items) == 0 {
				claim(e, nil)
			}
			for _, p := range items {
				x := g.byPtr[p]
				switch {
				case r.holds:
					claim(e, x)
				case r.assoc == nil:
					claim(x, e)
					ok = ok && (x.status == free || x.status == live && !x.moved)
				}
				visit(x)
			}
		}
	}
	visit(e)
	byParent := map[*gent]*gent{}
	for c, p := range parents {
		if c.t.up.single && p != nil {
			ok = ok && byParent[p] == nil && !g.anyLoose(c.t)
			byParent[p] = c
		}
	}
	return ok
}

// add brings a graph that was built outside, or adds again what came free.
func (g *graph) add() error {
	var e *gent
	if e = g.pickOne(func(e *gent) bool { return e.status == free && e.f.id == 0 }); e == nil || !g.one(4, "known") {
		return g.build()
	}
	return g.addOne(e)
}

func (g *graph) addOne(e *gent) error {
	if e.status == free && !g.clear(e) {
		return nil
	}
	g.Logf("add %s (%s)", e, e.status)
	g.want("add", e.t.verbs.add(g.ctx, e.p), "")
	return g.flushIf(g.bring(e))
}

func (g *graph) flushIf(needed bool) error {
	if !needed {
		return nil
	}
	g.compareFields()
	return g.flush()
}

// build builds a graph outside the unit of work, of new entities and some that
// are managed, and adds it.
func (g *graph) build() error {
	g.Logf("build:")
	made := []*gent{g.fresher(draw(g.dice, "table", g.tables))}
	around := slices.Clone(made)
	if m := g.pickOne(isManaged); m != nil && g.one(2, "with a managed one") && !m.loose {
		around = append(around, m)
	}
	busy := map[container]bool{} // one-to-one ends that are taken
	for range g.number(5, "more") {
		y := draw(g.dice, "to", around)
		r := draw(g.dice, "relation", y.t.rels)
		back := r.inverse
		if (r.holds || !r.many) && (busy[container{y, r}] || y.status != free) || back.single && y.status != free && g.anyLoose(r.to) {
			continue
		}
		if y.status != free && !r.many {
			continue
		}
		x := g.fresher(r.to)
		busy[container{y, r}], busy[container{x, back}] = true, true
		way := g.number(3, "way")
		if y.status != free {
			way = 1
		}
		g.Logf("  %s.%s has it, way %d", y, r.name, way)
		if way != 1 {
			g.want("add", r.box(y.p).add(x.p), "")
		}
		if way != 0 {
			g.want("add", back.box(x.p).add(y.p), "")
		}
		made, around = append(made, x), append(around, x)
	}
	for _, e := range made {
		for _, r := range e.t.rels {
			if items, _ := r.box(e.p).loaded(); len(items) > 0 && g.one(2, "literal") {
				r.box(e.p).assign(items...)
			}
		}
	}
	g.Logf("add %s", made[0])
	g.want("add", made[0].t.verbs.add(g.ctx, made[0].p), "")
	needed := g.bring(made[0])
	if !needed && !g.one(4, "leave the others") {
		for _, e := range made {
			g.Logf("add %s (%s)", e, e.status)
			g.want("add", e.t.verbs.add(g.ctx, e.p), "")
			needed = g.bring(e) || needed
		}
	}
	return g.flushIf(needed)
}
