package property

import (
	"fmt"
	"slices"
)

const (
	free     status = iota // not managed
	isNew                  // added, not flushed
	live                   // its row exists
	deleting               // its row exists and is to be deleted
	dead                   // its row was deleted in this transaction
)

// kind names a way to fail.
type kind string

const (
	uniqueKind    kind = "unique violation"
	foreignKind   kind = "foreign-key violation"
	takenKind     kind = "unique violation of the key"
	staleKind     kind = "StaleError"
	duplicateKind kind = "DuplicateError"
	deletedKind   kind = "ErrDeleted"
	unmanagedKind kind = "ErrNotManaged"
	keyKind       kind = "ErrKey"
	missingKind   kind = "ErrNotFound"
	attachedKind  kind = "ErrAttached"
	rollbackKind  kind = "ErrRollbackOnly"
	newKind       kind = "the entity is new"
	otherKind     kind = "another error"
)

// flush is what a flush must come to.
type flush struct {
	inserts, updates, deletes []*entity
	switched                  map[*entity]*entity // new entities and the deleted ones whose rows they take
	next                      rows
	must                      map[kind]bool // it fails in one of these ways, if there is any
	may                       map[kind]bool // known limits of the order of statements
}

func (f *flush) empty() bool { return len(f.inserts)+len(f.updates)+len(f.deletes) == 0 }

// pending reports whether a flush would write to the table.
func (w *world) pending(t *table) bool {
	for _, e := range w.entities {
		if e.t == t && (e.status == isNew || e.status == deleting || e.status == live && e.changed()) {
			return true
		}
	}
	return false
}

// foretell says what a flush would come to now.
func (w *world) foretell() *flush {
	f := &flush{switched: map[*entity]*entity{}, must: map[kind]bool{}, may: map[kind]bool{}, next: w.rows.clone()}
	for _, e := range w.fresh {
		switch e.status {
		case isNew:
			f.inserts = append(f.inserts, e)
		case deleting:
			f.deletes = append(f.deletes, e)
		}
	}
	for _, e := range w.entities {
		if e.status == live && e.changed() {
			f.updates = append(f.updates, e)
		}
	}
	taken := map[*entity]bool{}
	for _, e := range f.inserts {
		for _, d := range f.deletes {
			if d.t == e.t && !taken[d] && e.t.keyOf(e.fields) == d.t.keyOf(d.snap) {
				f.switched[e], taken[d] = d, true
				break
			}
		}
	}
	current := func(e *entity) row {
		r := w.rows[e.t][e.t.keyOf(e.snap)]
		if r == nil || e.t.version >= 0 && r[e.t.version] != e.snap[e.t.version] {
			return nil
		}
		return r
	}
	type write struct {
		t *table
		r row
	}
	var writes []write
	var early []write // rows that are deleted before the updates
	for _, d := range f.deletes {
		r := current(d)
		if taken[d] {
			continue
		}
		if r == nil {
			f.must[staleKind] = true
			continue
		}
		delete(f.next[d.t], d.t.keyOf(r))
		early = append(early, write{d.t, r})
	}
	change := func(t *table, r, from, to row) {
		n := r.clone()
		for i := range n {
			if from[i] != to[i] && i != t.version {
				n[i] = to[i]
			}
		}
		if t.version >= 0 {
			n[t.version] = r[t.version].(int64) + 1
		}
		delete(f.next[t], t.keyOf(r))
		writes = append(writes, write{t, n})
	}
	for _, e := range f.updates {
		if r := current(e); r == nil {
			f.must[staleKind] = true
		} else {
			change(e.t, r, e.snap, e.fields)
		}
	}
	for _, e := range f.inserts {
		d := f.switched[e]
		switch {
		case d == nil:
			n := e.fields.clone()
			if e.t.version >= 0 {
				n[e.t.version] = int64(1)
			}
			writes = append(writes, write{e.t, n})
		case !sameBut(e.fields, d.snap, e.t.version):
			if r := current(d); r == nil {
				f.must[staleKind] = true
			} else {
				change(e.t, r, d.snap, e.fields)
			}
		}
	}
	nameless := 0
	for _, x := range writes {
		k := x.t.keyOf(x.r)
		if k == "" {
			nameless++
			k = fmt.Sprintf("made %d", nameless)
		} else if f.next[x.t][k] != nil {
			f.must[takenKind], f.must[uniqueKind] = true, true // it may break both
		}
		f.next[x.t][k] = x.r
	}
	for t := range w.early {
		if f.makes(t) {
			f.may[takenKind] = true
		}
	}
	f.checkUnique(w)
	f.checkForeign(w)
	w.limits(f)
	// A row whose unique value another takes is deleted early, and with it all
	// that may refer to it: that may come before other rows are moved away.
	conflict := false
	for _, d := range early {
		for _, x := range writes {
			for _, u := range append([][]int{d.t.key}, d.t.uniques...) {
				conflict = conflict || x.t == d.t && sameIn(d.r, x.r, u)
			}
		}
	}
	for _, d := range early {
		if !conflict {
			break
		}
		w.eachReference(w.rows, d.t, d.r, func(t *table, r row) {
			if f.next[t][t.keyOf(r)] != nil {
				f.may[foreignKind] = true
			}
		})
	}
	return f
}

func sameBut(a, b row, but int) bool {
	for i := range a {
		if i != but && a[i] != b[i] {
			return false
		}
	}
	return true
}

// sameIn reports whether rows have the same values, none NULL, in columns.
func sameIn(a, b row, columns []int) bool {
	for _, i := range columns {
		if a[i] == nil || a[i] != b[i] {
			return false
		}
	}
	return true
}

func (f *flush) checkUnique(w *world) {
	for _, t := range w.tables {
		for _, u := range t.uniques {
			seen := map[string]bool{}
		rows:
			for _, r := range f.next[t] {
				k := ""
				for _, i := range u {
					if r[i] == nil {
						continue rows
					}
					k += fmt.Sprintf("%v|", r[i])
				}
				if seen[k] {
					f.must[uniqueKind] = true
				}
				seen[k] = true
			}
		}
	}
}

func (f *flush) checkForeign(w *world) {
	for _, t := range w.tables {
		for i, c := range t.columns {
			if c.refers == nil {
				continue
			}
			for _, r := range f.next[t] {
				if r[i] == nil || f.next[c.refers][fmt.Sprintf("%v|", r[i])] != nil {
					continue
				}
				// SQLite gives the key of a row that is gone to the next one.
				if f.makes(c.refers) && r[i].(int64) > -1000 {
					f.may[foreignKind] = true
				} else {
					f.must[foreignKind] = true
				}
			}
		}
	}
}

// makes reports whether the database makes keys of a table in the flush.
func (f *flush) makes(t *table) bool {
	for _, e := range f.inserts {
		if e.t == t && t.keyOf(e.fields) == "" {
			return true
		}
	}
	return false
}

// eachReference calls g for the rows that refer to r of t.
func (w *world) eachReference(rs rows, t *table, r row, g func(t *table, r row)) {
	for _, from := range w.tables {
		for i, c := range from.columns {
			if c.refers != t {
				continue
			}
			for _, x := range rs[from] {
				if x[i] == r[t.key[0]] && !(from == t && from.keyOf(x) == t.keyOf(r)) {
					g(from, x)
				}
			}
		}
	}
}

// limits notes what one flush may not do: rows that exchange their keys stand
// under others for a moment, which rows that refer to them may not allow.
func (w *world) limits(f *flush) {
	moves := map[*table]map[string]string{}
	for _, e := range f.updates {
		if from, to := e.t.keyOf(e.snap), e.t.keyOf(e.fields); from != to {
			if moves[e.t] == nil {
				moves[e.t] = map[string]string{}
			}
			moves[e.t][from] = to
		}
	}
	for _, m := range moves {
		for from := range m {
			at := from
			for range m {
				next, ok := m[at]
				if !ok {
					break
				}
				if next == from {
					f.may[foreignKind] = true
				}
				at = next
			}
		}
	}
}

// done has the model follow a flush that succeeded.
func (w *world) done(f *flush) {
	if !f.empty() {
		w.rows = f.next
		for _, t := range w.tables { // the keys that were made are known now
			for k := range w.rows[t] {
				if len(k) > 5 && k[:5] == "made " {
					delete(w.rows[t], k)
				}
			}
		}
		for _, d := range f.deletes {
			d.status = dead
		}
		for _, e := range f.updates {
			if e.t.version >= 0 {
				e.fields[e.t.version] = e.snap[e.t.version].(int64) + 1
			}
			e.snap = e.fields.clone()
		}
		for _, e := range f.inserts {
			e.wrote = map[int]value{}
			if v := e.t.version; v >= 0 {
				e.wrote[v] = e.fields[v]
				if d := f.switched[e]; d == nil {
					e.fields[v] = int64(1)
				} else {
					e.fields[v] = d.snap[v]
					if !slices.Equal(e.fields, d.snap) {
						e.fields[v] = d.snap[v].(int64) + 1
					}
				}
			}
			if e.t.keyOf(e.fields) == "" {
				e.wrote[e.t.key[0]] = int64(0)
				e.fields[e.t.key[0]] = read(e.p)[e.t.key[0]]
				k := e.t.keyOf(e.fields)
				if k == "" || w.rows[e.t][k] != nil {
					w.Fatalf("the key made for new entity %s is %q, which is none or another row's", w.name(e), k)
				}
				w.rows[e.t][k] = e.fields.clone()
			}
			e.status, e.snap = live, e.fields.clone()
		}
	}
	w.fresh = nil
	if len(w.levels) == 1 {
		w.dropStreamed()
	}
}

// dropStreamed lets the entities go that came by a stream and are clean.
func (w *world) dropStreamed() {
	for _, e := range w.entities {
		if e.stream && (e.status == dead || e.status == live && !e.changed()) {
			w.letGo(e)
		}
	}
}
