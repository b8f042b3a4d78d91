package property

import (
	"github.com/dormer-orm/dormer/rel"
)

// gflush is what a flush must come to.
type gflush struct {
	must    map[kind]bool // it fails in one of these ways, if there is any
	inserts []*gent
	deletes map[member]bool // rows
	drops   map[*gent]bool  // new entities that go with their owners
	empties map[member]bool // kept, their foreign keys NULL
	spared  map[*gent]bool  // taken from their owners and left as they are
	rows    grows           // afterwards, those of new entities under negative keys
	pairs   gpairs
	writes  bool
}

// parentRow is the row that e refers to after the flush: 0 for none, negative for
// one that is to be inserted.
func (f *gflush) parentRow(e *gent, temp map[*gent]int64) int64 {
	switch {
	case f.empties[e.member()]:
		return 0
	case !e.moved:
		return e.f.up
	case e.target == nil:
		return 0
	case e.target.status == isNew:
		return temp[e.target]
	}
	return e.target.snap.id
}

// orphaned reports whether e was taken from its owner.
func (e *gent) orphaned() bool {
	return e.status == live && e.t.up != nil && e.t.up.own == rel.Own && e.snap.up != 0 &&
		(e.moved && e.target == nil || !e.moved && e.f.up == 0)
}

// spareable are the entities that a Load spares: those that a flush would delete
// since they were taken from their owners, or refuse since they must have one.
func (g *graph) spareable() map[*gent]bool {
	out := map[*gent]bool{}
	for _, e := range g.entities {
		if e.orphaned() || e.status == live && e.moved && e.target == nil && !e.t.up.null {
			out[e] = true
		}
	}
	return out
}

// foretell says what a flush would come to now.
func (g *graph) foretell() *gflush { return g.foretellWithout(nil) }

// foretellWithout is foretell for a flush that spares some entities.
func (g *graph) foretellWithout(spared map[*gent]bool) *gflush {
	f := &gflush{must: map[kind]bool{}, deletes: map[member]bool{}, drops: map[*gent]bool{}, empties: map[member]bool{}, spared: spared}
	for m := range g.evicted {
		switch {
		case m.t.up.own == rel.Own:
			f.deletes[m] = true
		case m.t.up.null:
			f.empties[m] = true
		default:
			f.must[otherKind] = true
		}
	}
	for _, e := range g.entities {
		switch {
		case e.status == deleting:
			f.deletes[e.member()] = true
		case e.orphaned() && !spared[e]:
			f.deletes[e.member()] = true
		}
	}
	for again := true; again; {
		again = g.cascade(f)
	}
	temp := map[*gent]int64{}
	for _, e := range g.entities {
		if e.status == isNew && !f.drops[e] {
			f.inserts = append(f.inserts, e)
			temp[e] = -int64(e.n)
		}
	}
	f.rows, f.pairs = cloneOf(g.rows), cloneOf(g.pairs)
	for m := range f.empties {
		if m.e == nil {
			r := f.rows[m.t][m.id]
			r.up = 0
			f.rows[m.t][m.id] = r
			f.writes = true
		}
	}
	for _, e := range g.entities {
		if !e.managed() || f.drops[e] || f.deletes[e.member()] || spared[e] {
			continue
		}
		r := e.f
		r.up = f.parentRow(e, temp)
		if e.moved && r.up == 0 && !e.t.up.null {
			f.must[otherKind] = true // the library says so itself
		}
		if e.moved && e.target != nil && !f.empties[e.member()] && e.target.status == dead {
			f.must[deletedKind] = true
		}
		if e.status == isNew {
			r.id = temp[e]
			if e.t.versioned {
				r.version = 1
			}
		} else if e.t.versioned && r.name != e.snap.name {
			r.version++
		}
		id := r.id
		f.writes = f.writes || r != f.rows[e.t][id]
		f.rows[e.t][id] = r
	}
	f.writes = f.writes || len(f.deletes) > 0
	for m := range f.deletes {
		delete(f.rows[m.t], m.id)
	}
	g.vanish(f)
	for l, add := range g.links {
		ends := [2]int64{}
		for i, e := range [2]*gent{l.left, l.right} {
			if ends[i] = e.snap.id; e.status == isNew {
				ends[i] = temp[e]
			}
		}
		if add {
			f.pairs[l.a][ends] = true
		} else {
			delete(f.pairs[l.a], ends)
		}
		f.writes = true
	}
	for a, pairs := range f.pairs {
		for p := range pairs {
			if f.rows[a.left.from][p[0]].name == "" || f.rows[a.right.from][p[1]].name == "" {
				delete(pairs, p)
			}
		}
	}
	g.checkConstraints(f)
	return f
}

// cascade finds what goes with what is deleted, one step further.
func (g *graph) cascade(f *gflush) (again bool) {
	goes := func(up *grel, id int64) bool { return id != 0 && f.deletes[member{t: up.to, id: id}] }
	for _, t := range g.tables {
		up := t.up
		if up == nil || up.own == rel.Passive {
			continue
		}
		for id, r := range g.rows[t] {
			m := member{t: t, id: id}
			e := g.byRow(t, id)
			if f.deletes[m] || f.empties[m] {
				continue
			}
			now := r.up
			if e != nil {
				switch {
				case e.moved && e.target == nil:
					now = 0
				case e.moved:
					now = e.target.snap.id // 0 for a new one
				case !goes(up, r.up):
					continue // its row does not say that it belongs there
				default:
					now = e.f.up
				}
			}
			if !goes(up, now) {
				continue
			}
			if up.own == rel.Own {
				f.deletes[m] = true
			} else {
				f.empties[m] = true
			}
			again = true
		}
		for _, e := range g.entities {
			if e.t != t || e.status != isNew || !e.moved || e.target == nil || !goes(up, e.target.snap.id) || f.drops[e] || f.empties[e.member()] {
				continue
			}
			if up.own == rel.Own {
				f.drops[e] = true
			} else {
				f.empties[e.member()] = true
			}
			again = true
		}
	}
	return again
}

// vanish takes out the rows that the database's own cascade takes.
func (g *graph) vanish(f *gflush) {
	for _, t := range g.tables {
		if t.up == nil || t.up.own != rel.Passive {
			continue
		}
		for id, r := range f.rows[t] {
			if f.deletes[member{t: t.up.to, id: r.up}] {
				delete(f.rows[t], id)
			}
		}
	}
}

func (g *graph) checkConstraints(f *gflush) {
	for _, t := range g.tables {
		if t.up == nil {
			continue
		}
		taken := map[int64]bool{}
		for _, r := range f.rows[t] {
			if r.up == 0 && t.up.null {
				continue
			}
			if _, ok := f.rows[t.up.to][r.up]; !ok {
				f.must[foreignKind] = true
			}
			if t.up.single && taken[r.up] {
				f.must[uniqueKind] = true
			}
			taken[r.up] = true
		}
	}
}

// done has the model follow a flush that succeeded.
func (g *graph) done(f *gflush) {
	g.Helper()
	wrote := func(e *gent) {
		if e.born && e.wroteUp == nil {
			up := e.f.up
			e.wroteUp = &up
		}
	}
	for e := range f.drops {
		g.letGo(e)
	}
	keys := map[int64]int64{}
	for _, e := range f.inserts {
		id := gread(e.p).id
		keys[-int64(e.n)] = id
		r, ok := f.rows[e.t][-int64(e.n)]
		if !ok { // the database's cascade took it at once
			e.status, e.lost = dead, true
			continue
		}
		delete(f.rows[e.t], -int64(e.n))
		if _, taken := f.rows[e.t][id]; id <= 0 || taken {
			g.Fatalf("%s was given the key %d", e, id)
		}
		r.id = id
		f.rows[e.t][id] = r
		e.born = true
	}
	for _, t := range g.tables { // the references to them
		for id, r := range f.rows[t] {
			if r.up < 0 {
				r.up = keys[r.up]
				f.rows[t][id] = r
			}
		}
	}
	for _, a := range g.assocs {
		for p := range f.pairs[a] {
			if p[0] < 0 || p[1] < 0 {
				delete(f.pairs[a], p)
				for i := range p {
					if p[i] < 0 {
						p[i] = keys[p[i]]
					}
				}
				f.pairs[a][p] = true
			}
		}
	}
	for _, e := range g.entities {
		id := e.snap.id
		if e.status == isNew {
			id = keys[-int64(e.n)]
		}
		if e.status != isNew && e.status != live && e.status != deleting {
			continue
		}
		if f.spared[e] {
			continue
		}
		r, ok := f.rows[e.t][id]
		if !ok || f.deletes[member{t: e.t, id: e.snap.id}] && e.snap.id != 0 {
			e.status, e.lost = dead, true
			e.moved, e.target = false, nil
			continue
		}
		if e.moved || f.empties[e.member()] {
			wrote(e)
		}
		e.status, e.moved, e.target = live, false, nil
		e.f, e.snap = r, r
	}
	g.rows, g.pairs, g.links, g.evicted = f.rows, f.pairs, map[link]bool{}, map[member]bool{}
}
