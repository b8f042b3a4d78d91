package property

import (
	"slices"
)

func (w *world) add() *failure {
	t := w.table()
	if w.one(3, "known") {
		if e := w.pick(nil, func(*entity) bool { return true }); e != nil {
			w.addOne(e)
			return nil
		}
	}
	w.addOne(w.fresher(t))
	return nil
}

// ghost reports whether the unit of work manages an entity of the table whose
// row is gone, which it has not been told. SQLite may give its key to the next
// row, which then is taken for its own.
func (w *world) ghost(t *table) bool {
	for _, e := range w.entities {
		if e.t == t && t.made && (e.status == live || e.status == deleting) && w.rows[t][t.keyOf(e.snap)] == nil {
			return true
		}
	}
	return false
}

func (w *world) addOne(e *entity) {
	if e.status == free && e.t.keyOf(e.fields) == "" && w.ghost(e.t) {
		return
	}
	if e.status == deleting && w.rows[e.t][e.t.keyOf(e.snap)] == nil {
		return // it would be taken for a row that there is not
	}
	w.Logf("add %s (%s)", w.name(e), e.status)
	want := kind("")
	switch e.status {
	case dead:
		want = deletedKind
	case deleting: // unless a new one has taken its key
		for _, o := range w.entities {
			if o.t == e.t && o.status == isNew && o.chosen != "" && o.chosen == e.t.keyOf(e.snap) {
				want = duplicateKind
			}
		}
	case free:
		if k := e.t.keyOf(e.fields); k != "" {
			for _, o := range w.entities {
				if o.t == e.t && (o.status == live && e.t.keyOf(o.snap) == k || o.status == isNew && o.chosen == k) {
					want = duplicateKind
				}
			}
		}
	}
	w.want("add", e.t.verbs.add(w.ctx, e.p), want)
	if want != "" {
		return
	}
	switch e.status {
	case free:
		if k, ok := e.fields[e.t.key[0]].(int64); ok && e.t.made && k > 0 {
			w.early[e.t] = true
		}
		e.status, e.snap, e.wrote, e.chosen, e.stream, e.loaded = isNew, nil, nil, e.t.keyOf(e.fields), false, 0
		w.fresh = append(w.fresh, e)
	case deleting:
		e.status = live
		w.unlist(e)
	}
}

func (w *world) unlist(e *entity) {
	w.fresh = slices.DeleteFunc(w.fresh, func(x *entity) bool { return x == e })
}

// attach attaches what holds its row's values, mostly.
func (w *world) attach() *failure {
	t := w.table()
	e := w.pick(t, func(e *entity) bool {
		return e.status != free || e.t.keyOf(e.fields) == "" || slices.Equal(e.fields, w.rows[t][t.keyOf(e.fields)])
	})
	if e == nil || w.one(2, "copy") {
		ks := sortedKeys(w.rows[t])
		if len(ks) == 0 {
			return nil
		}
		e = w.known(t, t.verbs.make(w.rows[t][draw(w, "row", ks)]))
	}
	w.Logf("attach %s (%s) %v", w.name(e), e.status, show(e.fields))
	want := kind("")
	k := t.keyOf(e.fields)
	switch {
	case e.status == dead:
		want = deletedKind
	case e.status != free:
	case k == "":
		want = keyKind
	case w.byKey(t, k) != nil:
		want = duplicateKind
	}
	w.want("attach", t.verbs.attach(w.ctx, e.p), want)
	if want == "" && e.status == free {
		w.manage(e, e.fields)
	}
	return nil
}

// set changes a field as a program does.
func (w *world) set(e *entity, i int, v value) {
	if slices.Contains(e.t.key, i) && e.status != free {
		moved := e.fields.clone()
		moved[i] = v
		k := e.t.keyOf(moved)
		for _, o := range w.entities { // which of the two has the row is left open
			if o != e && o.t == e.t && o.status == live && e.t.keyOf(o.snap) == k && w.rows[e.t][k] == nil {
				return
			}
		}
	}
	inPlace := w.one(2, "in place")
	w.Logf("%s.%s = %v (%s)", w.name(e), e.t.columns[i].name, v, e.status)
	put(e.p, i, v, inPlace)
	e.fields[i] = v
}

// settable lists the columns that a program may change in e: keys only in rows,
// and where nothing refers to them.
func settable(e *entity) (is []int) {
	for i := range e.t.columns {
		key := slices.Contains(e.t.key, i)
		if i == e.t.version || key && (e.t.made || e.status == isNew) {
			continue
		}
		is = append(is, i)
	}
	return is
}

func (w *world) change() *failure {
	e := w.pick(w.table(), func(*entity) bool { return true })
	if e == nil {
		return nil
	}
	for range 1 + w.number(2, "fields") {
		i := draw(w, "column", settable(e))
		w.set(e, i, w.valueFor(e.t, i))
	}
	return nil
}

// swap has the values of unique columns change places in a circle.
func (w *world) swap() *failure {
	t := w.table()
	if len(t.uniques) == 0 {
		return nil
	}
	var es []*entity
	for _, e := range w.entities {
		if e.t == t && e.status == live {
			es = append(es, e)
		}
	}
	n := min(len(es), 2+w.number(3, "circle"))
	if n < 2 {
		return nil
	}
	es = es[len(es)-n:]
	for _, i := range t.uniques[0] {
		first := es[0].fields[i]
		for j := range n - 1 {
			w.set(es[j], i, es[j+1].fields[i])
		}
		w.set(es[n-1], i, first)
	}
	return nil
}

func (w *world) remove() *failure {
	t := w.table()
	ok := func(e *entity) bool { return true }
	if !w.one(3, "any") {
		ok = managed
	}
	e := w.pick(t, ok)
	if e == nil {
		return nil
	}
	w.removeOne(e)
	return nil
}

func (w *world) removeOne(e *entity) bool {
	k := e.t.keyOf(e.fields)
	if e.status == free && k != "" && w.rows[e.t][k] != nil && !slices.Equal(w.rows[e.t][k], e.fields) {
		return false // it would be taken for what its row holds
	}
	if e.status == free && k != "" && w.rows[e.t][k] == nil && e.t.made && slices.ContainsFunc(w.fresh, func(x *entity) bool { return x.t == e.t && x.chosen == "" }) {
		return false // as for ghosts
	}
	w.Logf("delete %s (%s) %v", w.name(e), e.status, show(e.fields))
	want := kind("")
	switch {
	case e.status == dead:
		want = deletedKind
	case e.status == isNew:
		want = newKind
	case e.status != free:
	case k == "":
		want = keyKind
	case w.byKey(e.t, k) != nil:
		want = duplicateKind
	}
	w.want("delete", e.t.verbs.delete(w.ctx, e.p), want)
	if want != "" {
		return false
	}
	if e.status == free {
		w.manage(e, e.fields)
	}
	if e.status == live {
		e.status = deleting
		w.fresh = append(w.fresh, e)
	}
	return true
}

// replace deletes an entity and adds one that takes its key or unique values.
func (w *world) replace() *failure {
	t := w.table()
	e := w.pick(t, isLive)
	if e == nil || !w.removeOne(e) {
		return nil
	}
	r := w.rowFor(t)
	if len(t.uniques) == 0 || w.one(2, "key") {
		for _, i := range t.key {
			r[i] = e.snap[i]
		}
	}
	if len(t.uniques) > 0 && !w.one(3, "other values") {
		for _, i := range t.uniques[0] {
			r[i] = e.snap[i]
		}
	}
	n := w.known(t, t.verbs.make(r))
	w.Logf("%s = %v", w.name(n), show(r))
	w.addOne(n)
	return nil
}

func (w *world) detach() *failure {
	e := w.pick(w.table(), func(*entity) bool { return true })
	if e == nil {
		return nil
	}
	w.Logf("detach %s (%s)", w.name(e), e.status)
	want := kind("")
	if e.status == free {
		want = unmanagedKind
	}
	w.want("detach", e.t.verbs.detach(w.ctx, e.p), want)
	w.unlist(e)
	w.letGo(e)
	return nil
}

func (w *world) clear() *failure {
	if !w.one(3, "really") {
		return nil
	}
	w.Logf("clear")
	w.want("clear", w.tx.Clear(), "")
	for _, e := range w.entities {
		w.letGo(e)
	}
	w.fresh = nil
	return nil
}
