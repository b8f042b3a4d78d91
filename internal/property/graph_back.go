package property

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
