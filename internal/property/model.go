package property

import (
	"fmt"
	"slices"
)

// rows are a database's rows: by table, by key.
type rows map[*table]map[string]row

func (rs rows) clone() rows {
	out := rows{}
	for t, m := range rs {
		c := make(map[string]row, len(m))
		for k, r := range m {
			c[k] = r.clone()
		}
		out[t] = c
	}
	return out
}

// keyOf is a row's key as a text, "" where the database has yet to make it.
func (t *table) keyOf(r row) string {
	if t.made && r[t.key[0]] == int64(0) {
		return ""
	}
	k := ""
	for _, i := range t.key {
		k += fmt.Sprintf("%v|", r[i])
	}
	return k
}

// status is what an entity is to the unit of work.
type status int

func (s status) String() string { return [...]string{"free", "new", "live", "deleting", "dead"}[s] }

func (s status) managed() bool { return s == isNew || s == live || s == deleting }

// entity is what the model knows about one pointer.
type entity struct {
	n      int
	t      *table
	p      any
	fields row // what it must hold
	status status
	snap   row           // the row as it was last seen
	chosen string        // the key under which it was added
	wrote  map[int]value // what the unit of work wrote at the insertion, before
	stream bool          // it leaves when it is clean
	loaded int           // the order of loading, 0 for added ones
}

func (e *entity) changed() bool { return e.snap != nil && !slices.Equal(e.fields, e.snap) }

// saved is what a rollback puts back.
type saved struct {
	status status
	snap   row
	loaded bool // it came later: it stays, but its row may not
}

// level is a transaction's or a savepoint's beginning.
type level struct {
	rows  rows
	saved map[*entity]saved
}

// newLevel begins a level.
func (w *world) newLevel() *level {
	l := &level{rows: w.rows.clone(), saved: map[*entity]saved{}}
	for _, e := range w.entities {
		if e.status == live || e.status == dead {
			l.saved[e] = saved{status: e.status, snap: e.snap.clone()}
		}
	}
	return l
}

// manage makes e an entity whose row exists.
func (w *world) manage(e *entity, r row) {
	w.loads++
	e.status, e.snap, e.loaded = live, r.clone(), w.loads
	e.wrote, e.stream = nil, false
	for _, l := range w.levels {
		l.saved[e] = saved{status: live, snap: e.snap.clone(), loaded: true}
	}
}

// letGo makes e unmanaged, for rollbacks, too.
func (w *world) letGo(e *entity) {
	e.status, e.snap, e.wrote, e.stream = free, nil, nil, false
	for _, l := range w.levels {
		delete(l.saved, e)
	}
}

// known adds an entity to the world.
func (w *world) known(t *table, p any) *entity {
	w.made++
	e := &entity{n: w.made, t: t, p: p, fields: read(p)}
	w.entities = append(w.entities, e)
	w.byPtr[p] = e
	return e
}

// byKey is the managed entity that Get must find.
func (w *world) byKey(t *table, key string) *entity {
	var added *entity
	for _, e := range w.entities {
		if e.t != t {
			continue
		}
		switch {
		case (e.status == live || e.status == deleting) && t.keyOf(e.snap) == key:
			return e
		case e.status == isNew && e.chosen == key && added == nil:
			added = e
		}
	}
	return added
}

// seen brings an entity up to date with its row, as a read does: what the
// program changed stays, unless all is overwritten.
func (e *entity) seen(r row, overwrite bool) {
	if e.status != live && e.status != deleting {
		return
	}
	for i, v := range r {
		if overwrite || e.fields[i] == e.snap[i] {
			e.fields[i] = v
		}
		e.snap[i] = v
	}
}

// back takes the model back to a level.
func (w *world) back(l *level) {
	w.rows = l.rows.clone()
	owner := map[*table]map[string]*entity{}
	var later []*entity
	claim := func(e *entity) bool {
		if owner[e.t] == nil {
			owner[e.t] = map[string]*entity{}
		}
		k := e.t.keyOf(e.snap)
		if owner[e.t][k] != nil {
			return false
		}
		owner[e.t][k] = e
		return true
	}
	for _, e := range w.entities {
		if e.status == free {
			continue
		}
		s, ok := l.saved[e]
		switch {
		case !ok:
			for i, v := range e.wrote {
				e.fields[i] = v
			}
			w.letGo(e)
		case s.status == dead:
		default:
			e.status, e.snap, e.fields = live, s.snap.clone(), s.snap.clone()
			if s.loaded {
				later = append(later, e)
			} else {
				claim(e)
			}
		}
	}
	slices.SortFunc(later, func(a, b *entity) int { return a.loaded - b.loaded })
	for _, e := range later {
		if !claim(e) { // the row that it was loaded from is another's again
			w.letGo(e)
		}
	}
}
