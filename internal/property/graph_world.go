package property

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

// gent is what the model knows about one pointer.
type gent struct {
	n      int
	t      *gtable
	p      any
	f      gfields // what it must hold
	snap   gfields // its row as last written or read
	status status

	// What its foreign key is to follow: moved says that its reference was changed,
	// to target, nil for nothing.
	moved  bool
	target *gent

	// Of an entity inserted in this transaction: its foreign key before Dormer
	// wrote it.
	wroteUp *int64
	born    bool

	// loose entities had their foreign keys set directly, or were to be deleted for
	// a while: what loaded containers hold of them is left open.
	loose bool
	// lost entities were deleted: containers may still hold them. Detached ones
	// stand for their rows still, where containers hold them.
	lost, detached bool
}

func (e *gent) managed() bool { return e.status == isNew || e.status == live }

func (e *gent) String() string {
	return fmt.Sprintf("%s#%d", strings.TrimSuffix(e.t.name, "s"), e.n)
}

// member names one row or one new entity.
type member struct {
	t  *gtable
	id int64
	e  *gent // where there is no row yet
}

func (e *gent) member() member {
	if e.snap.id != 0 {
		return member{t: e.t, id: e.snap.id}
	}
	return member{t: e.t, e: e}
}

type (
	grows  map[*gtable]map[int64]gfields
	gpairs map[*gassoc]map[[2]int64]bool
)

// link is a row of an association that is to be written or deleted.
type link struct {
	a           *gassoc
	left, right *gent
}

// glevel is the beginning of a transaction or a savepoint.
type glevel struct {
	rows   grows
	pairs  gpairs
	saved  map[*gent]gsaved
	loaded map[container]bool // which had been loaded
}

type gsaved struct {
	status status
	snap   gfields
	later  bool // it was read since
}

// container is one relation of one entity.
type container struct {
	e *gent
	r *grel
}

// graph is one run: the model, and the unit of work beside it.
type graph struct {
	*rapid.T
	dice   *world // for drawing
	db     *engine.Engine
	tables []*gtable
	assocs []*gassoc
	steps  *int

	rows     grows
	pairs    gpairs
	links    map[link]bool // to be written; false: to be deleted
	evicted  map[member]bool
	entities []*gent
	byPtr    map[any]*gent
	levels   []*glevel
	made     int
	names    int

	ctx context.Context
	tx  *uow.UnitOfWork
	// stale containers were loaded in an earlier transaction: they may be read again
	// in this one, and are unknown then after a rollback.
	stale   map[container]bool
	flushed bool // by the unit of work itself, since it was last asked
	quiet   bool // in NoAutoflush
}

func (g *graph) number(n int, label string) int { return g.dice.number(n, label) }

func (g *graph) one(n int, label string) bool { return g.dice.one(n, label) }

func cloneOf[K, L comparable, V any](m map[K]map[L]V) map[K]map[L]V {
	out := make(map[K]map[L]V, len(m))
	for k, v := range m {
		out[k] = maps.Clone(v)
	}
	return out
}

// known adds a pointer to the model.
func (g *graph) known(t *gtable, p any) *gent {
	g.made++
	e := &gent{n: g.made, t: t, p: p, f: gread(p)}
	g.entities = append(g.entities, e)
	g.byPtr[p] = e
	return e
}

// byRow is the entity of a row, nil where the program has no pointer to it.
func (g *graph) byRow(t *gtable, id int64) *gent {
	for _, e := range g.entities {
		if e.t == t && e.snap.id == id && id != 0 && (e.status == live || e.status == deleting) {
			return e
		}
	}
	return nil
}

// met takes up a pointer that the unit of work gave for a row.
func (g *graph) met(t *gtable, p any) *gent {
	g.Helper()
	if e := g.byPtr[p]; e != nil {
		return e
	}
	f := gread(p)
	if e := g.byRow(t, f.id); e != nil {
		g.Fatalf("a second pointer was given for %s", e)
	}
	r, ok := g.rows[t][f.id]
	if !ok || r != f {
		g.Fatalf("an entity of %s holds %+v, its row is %+v", t.name, f, r)
	}
	e := g.known(t, p)
	g.Logf("  %s = %+v", e, f)
	e.status, e.snap = live, f
	for _, l := range g.levels {
		l.saved[e] = gsaved{status: live, snap: f, later: true}
	}
	return e
}

// parentIs reports whether e's reference leads to p.
func (g *graph) parentIs(e, p *gent) bool {
	if e.moved {
		return e.target == p
	}
	return e.f.up != 0 && p.t == e.t.up.to && p.snap.id == e.f.up && (p.status == live || p.status == deleting)
}

// members are what a container must hold, loose ones left out.
func (g *graph) members(p *gent, r *grel) map[member]bool {
	out := map[member]bool{}
	switch {
	case r.holds:
		switch {
		case p.moved && p.target != nil:
			out[p.target.member()] = true
		case !p.moved && p.f.up != 0:
			out[member{t: r.to, id: p.f.up}] = true
		}
	case r.assoc != nil:
		mine, theirs := 0, 1
		if r.assoc.right == r {
			mine, theirs = 1, 0
		}
		for pair := range g.pairs[r.assoc] {
			if p.snap.id == 0 || pair[mine] != p.snap.id {
				continue
			}
			if e := g.byRow(r.to, pair[theirs]); e == nil || e.status == live && !e.loose {
				out[member{t: r.to, id: pair[theirs]}] = true
			}
		}
		for l, add := range g.links {
			ends := [2]*gent{l.left, l.right}
			if l.a != r.assoc || ends[mine] != p || !ends[theirs].managed() || ends[theirs].loose {
				continue
			}
			if add {
				out[ends[theirs].member()] = true
			} else {
				delete(out, ends[theirs].member())
			}
		}
	default:
		for id, row := range g.rows[r.to] {
			if p.snap.id != 0 && row.up == p.snap.id && g.byRow(r.to, id) == nil && !g.evicted[member{t: r.to, id: id}] {
				out[member{t: r.to, id: id}] = true
			}
		}
		for _, e := range g.entities {
			if e.t == r.to && e.managed() && !e.loose && g.parentIs(e, p) {
				out[e.member()] = true
			}
		}
	}
	return out
}

// compareContainers checks what every container of managed entities holds.
func (g *graph) compareContainers() {
	g.Helper()
	for i := 0; i < len(g.entities); i++ { // grows while we look
		e := g.entities[i]
		if !e.managed() {
			continue
		}
		for _, r := range e.t.rels {
			if !e.loose {
				g.compareContainer(e, r)
			}
		}
	}
}

// compareContainer checks one of them. Where it is not loaded it holds some of
// what it must hold, and all that was put there since the last flush.
func (g *graph) compareContainer(e *gent, r *grel) {
	g.Helper()
	items, ok := r.box(e.p).loaded()
	got, detached := map[member]bool{}, map[member]bool{}
	for _, p := range items {
		x := g.met(r.to, p)
		switch {
		case x.detached:
			detached[x.member()] = true
		case x.lost || x.status == deleting || x.status == dead || x.loose:
		case x.status == free:
			g.Fatalf("%s.%s holds %s, which is not managed", e, r.name, x)
		case got[x.member()]:
			g.Fatalf("%s.%s holds %s twice", e, r.name, x)
		default:
			got[x.member()] = true
		}
	}
	want := g.members(e, r)
	for m := range want {
		x := m.e
		if x == nil {
			x = g.byRow(m.t, m.id)
		}
		if x != nil && (x.loose || !x.managed()) || detached[m] {
			delete(want, m)
			continue
		}
		fresh := x != nil && (r.assoc != nil && g.isLinked(e, r, x) || !r.holds && r.assoc == nil && x.moved || r.holds && e.moved)
		if !got[m] && (ok || fresh) {
			g.Fatalf("%s.%s (loaded: %v) lacks %s (%s): it holds %s", e, r.name, ok, g.show(m), e.status, g.showAll(got))
		}
	}
	for m := range got {
		if !want[m] {
			g.Fatalf("%s.%s (loaded: %v) holds %s, which is not its: it must hold %s", e, r.name, ok, g.show(m), g.showAll(want))
		}
	}
}

// isLinked reports whether an association row of e and x is to be written.
func (g *graph) isLinked(e *gent, r *grel, x *gent) bool {
	return g.links[linkOf(e, r, x)]
}

func linkOf(e *gent, r *grel, x *gent) link {
	if r.assoc.right == r {
		return link{r.assoc, x, e}
	}
	return link{r.assoc, e, x}
}

func (g *graph) show(m member) string {
	if m.e != nil {
		return m.e.String()
	}
	if e := g.byRow(m.t, m.id); e != nil {
		return fmt.Sprintf("%s (key %d)", e, m.id)
	}
	return fmt.Sprintf("%s key %d", m.t.name, m.id)
}

func (g *graph) showAll(ms map[member]bool) []string {
	out := []string{}
	for m := range ms {
		out = append(out, g.show(m))
	}
	slices.Sort(out)
	return out
}

// compareFields checks every pointer that the program has. Until the flush a
// foreign key that is to follow a reference is left open.
func (g *graph) compareFields() {
	g.Helper()
	for _, e := range g.entities {
		got, want := gread(e.p), e.f
		if e.moved {
			got.up = want.up
		}
		if got != want && e.status != deleting && !(e.status == dead || e.lost) {
			g.Fatalf("%s (%s) holds %+v, want %+v", e, e.status, got, want)
		}
	}
}

// compareRows checks the database's rows, inside the transaction if there is one.
func (g *graph) compareRows() {
	g.Helper()
	for _, t := range g.tables {
		columns := "id, name, 0, 0"
		switch {
		case t.versioned:
			columns = "id, name, 0, version"
		case t.up != nil:
			columns = "id, name, coalesce(up_id, 0), 0"
		}
		got := map[int64]gfields{}
		g.query("SELECT "+columns+" FROM "+t.name, func(scan func(...any) error) error {
			var f gfields
			err := scan(&f.id, &f.name, &f.up, &f.version)
			got[f.id] = f
			return err
		})
		if !maps.Equal(got, g.rows[t]) {
			g.Fatalf("table %s has the rows %v, want %v", t.name, got, g.rows[t])
		}
	}
	for _, a := range g.assocs {
		got := map[[2]int64]bool{}
		g.query(fmt.Sprintf("SELECT %s, %s FROM %s", a.columns[0], a.columns[1], a.name), func(scan func(...any) error) error {
			var pair [2]int64
			err := scan(&pair[0], &pair[1])
			got[pair] = true
			return err
		})
		if !maps.Equal(got, g.pairs[a]) {
			g.Fatalf("association %s has the rows %v, want %v", a.name, got, g.pairs[a])
		}
	}
}

func (g *graph) query(text string, each func(scan func(...any) error) error) {
	g.Helper()
	read := func(q querier) error {
		rs, err := q.QueryContext(context.Background(), text)
		if err != nil {
			return err
		}
		defer rs.Close()
		for rs.Next() {
			if err := each(rs.Scan); err != nil {
				return err
			}
		}
		return rs.Err()
	}
	var err error
	if g.tx != nil && g.tx.InTransaction() {
		err = g.tx.NoAutoflush(func() error { return read(g.tx) })
	} else {
		err = read(g.db.DB())
	}
	if err != nil {
		g.Fatalf("%s: %v", text, err)
	}
}

func (g *graph) compare() {
	g.Helper()
	g.compareFields()
	for _, e := range g.entities {
		if got := e.t.verbs.contains(g.tx, e.p); got != (e.managed() || e.status == deleting) {
			g.Fatalf("%s is managed: %v, want it to be %s", e, got, e.status)
		}
	}
	g.compareContainers()
}

// newLevel begins a transaction or a savepoint; all is flushed.
func (g *graph) newLevel() *glevel {
	l := &glevel{rows: cloneOf(g.rows), pairs: cloneOf(g.pairs), saved: map[*gent]gsaved{}, loaded: map[container]bool{}}
	for _, e := range g.entities {
		if e.status == live || e.status == dead {
			l.saved[e] = gsaved{status: e.status, snap: e.snap}
		}
		if e.status != live {
			continue
		}
		for _, r := range e.t.rels {
			c := container{e, r}
			if _, ok := r.box(e.p).loaded(); !ok {
				delete(g.stale, c)
			} else if !g.stale[c] {
				l.loaded[c] = true
			}
		}
	}
	return l
}

// letGo has the model follow where a new entity leaves the unit of work.
func (g *graph) letGo(e *gent) {
	e.status, e.moved, e.target, e.born = free, false, nil, false
	e.f.id, e.f.version, e.snap = 0, 0, gfields{}
	if e.wroteUp != nil {
		e.f.up, e.wroteUp = *e.wroteUp, nil
	}
	for l := range g.links {
		if l.left == e || l.right == e {
			delete(g.links, l)
		}
	}
	for _, l := range g.levels {
		delete(l.saved, e)
	}
}

// back takes the model back to a level and compares what must be as it was.
func (g *graph) back(l *glevel) {
	g.Helper()
	g.rows, g.pairs, g.links, g.evicted = cloneOf(l.rows), cloneOf(l.pairs), map[link]bool{}, map[member]bool{}
	for _, e := range g.entities {
		if e.status == free {
			continue
		}
		s, ok := l.saved[e]
		if !ok {
			g.letGo(e)
			e.lost = false
			continue
		}
		e.status, e.moved, e.target = s.status, false, nil
		if s.status != live {
			continue
		}
		e.snap = s.snap
		if s.later { // what it held is not told; its row is read again
			e.snap = g.rows[e.t][s.snap.id]
			if e.snap.id == 0 {
				// Its row was made in what was rolled back: it stands for nothing.
				g.Logf("  %s is detached", e)
				g.want("detach", e.t.verbs.detach(g.ctx, e.p), "")
				e.f, e.snap, e.status, e.detached = gread(e.p), s.snap, free, true
				for _, lower := range g.levels {
					delete(lower.saved, e)
				}
				continue
			}
		}
		e.f, e.lost = e.snap, false
	}
	g.Logf("  all as it was")
	for _, e := range g.entities { // the next read brings up to date what was read since
		if e.status == live && l.saved[e].later {
			p, err := e.t.verbs.get(g.ctx, e.snap.id)
			if err != nil || p != e.p {
				g.Fatalf("get of %s after a rollback gives %v, %v", e, p, err)
			}
		}
	}
	g.compare()
	for c := range l.loaded {
		if _, ok := c.r.box(c.e.p).loaded(); !ok && c.e.status == live {
			g.Fatalf("%s.%s was loaded, and is not after the rollback", c.e, c.r.name)
		}
	}
	g.compareRows()
}

func sortedIDs[V any](m map[int64]V) []int64 { return slices.Sorted(maps.Keys(m)) }
