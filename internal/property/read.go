package property

import (
	"slices"
)

// quietly runs f without autoflush, or with it as it is drawn.
func (w *world) quietly(f func() error) error {
	w.noFlush = w.one(4, "no autoflush")
	if !w.noFlush {
		return f()
	}
	w.Logf("without autoflush:")
	return w.tx.NoAutoflush(f)
}

func (w *world) get() *failure {
	t := w.table()
	key := row{}
	for _, i := range t.key {
		key = append(key, draw(w, "key", t.columns[i].values))
	}
	if ks := w.keys(t); len(ks) > 0 && !w.one(8, "any key") {
		key = draw(w, "key", ks)
	}
	r := make(row, len(t.columns))
	for j, i := range t.key {
		r[i] = key[j]
	}
	k := t.keyOf(r)
	e := w.byKey(t, k)
	if e != nil && e.status == deleting && w.rows[t][k] == nil {
		return nil // whether it is found is left to what was read before
	}
	// An entity whose key was changed is found under its new one by a flush.
	var f *flush
	if e == nil && w.rows[t][k] == nil {
		for _, x := range w.entities {
			if x.t == t && x.status == live && t.keyOf(x.fields) == k && t.keyOf(x.snap) != k {
				f = w.foretell()
			}
		}
	}
	var p any
	err := w.quietly(func() (err error) {
		w.Logf("get %s %s", t.name, k)
		p, err = t.verbs.get(w.ctx, key)
		return err
	})
	if f != nil && !w.noFlush {
		if err == nil || len(f.must) > 0 {
			if fail := w.settle("get, which flushes", f, err); fail != nil {
				return fail
			}
		} else {
			w.done(f)
		}
		e = w.byKey(t, k)
	}
	switch {
	case e == nil && w.rows[t][k] == nil:
		w.want("get", err, missingKind)
	case e == nil:
		w.want("get", err, "")
		w.arrived(t, p, w.rows[t][k])
	case e.status == live && w.rows[t][k] == nil:
		w.want("get", err, missingKind)
		e.status = dead
	default:
		w.want("get", err, "")
		if p != e.p {
			w.Fatalf("get %s %s gives another pointer than %s", t.name, k, w.name(e))
		}
		if e.status != isNew {
			e.seen(w.rows[t][k], false)
		}
	}
	return nil
}

// arrived takes up a pointer that a read gave for a row.
func (w *world) arrived(t *table, p any, r row) *entity {
	if e := w.byPtr[p]; e != nil {
		w.Fatalf("a row of %s was given as %s, which is %s", t.name, w.name(e), e.status)
	}
	e := w.known(t, p)
	w.Logf("%s = %v, read", w.name(e), show(e.fields))
	if !slices.Equal(e.fields, r) {
		w.Fatalf("%s was read as %v, its row is %v", w.name(e), show(e.fields), show(r))
	}
	w.manage(e, r)
	return e
}

func (w *world) query() *failure {
	t := w.table()
	var f *flush
	reload := w.one(4, "reload")
	var ps []any
	clashes := false
	err := w.quietly(func() (err error) {
		if clashes = w.noFlush && w.clash(t); clashes {
			return nil // an error that leaves open how much was read
		}
		if !w.noFlush && w.pending(t) {
			f = w.foretell()
		}
		w.Logf("query %s, reload %v", t.name, reload)
		ps, err = t.verbs.all(w.ctx, reload)
		return err
	})
	if f != nil {
		if fail := w.settle("autoflush", f, err); fail != nil {
			return fail
		}
	}
	w.want("query", err, "")
	if clashes {
		return nil
	}
	w.result(t, ps, reload)
	if !w.pending(t) {
		w.compareRows()
	}
	return nil
}

// clash reports whether a row has the key of a new entity.
func (w *world) clash(t *table) bool {
	for _, e := range w.entities {
		if e.t == t && e.status == isNew && e.chosen != "" && w.rows[t][e.chosen] != nil {
			return true
		}
	}
	return false
}

// result checks the entities that a query for all gave.
func (w *world) result(t *table, ps []any, reload bool) (fresh []*entity) {
	if len(ps) != len(w.rows[t]) {
		w.Fatalf("a query gives %d entities for %d rows", len(ps), len(w.rows[t]))
	}
	seen := map[any]bool{}
	for _, p := range ps {
		if seen[p] {
			w.Fatalf("a query gives one entity twice: %v", show(read(p)))
		}
		seen[p] = true
		if w.byPtr[p] == nil {
			k := t.keyOf(read(p))
			if e := w.byKey(t, k); e != nil {
				w.Fatalf("a query gives a second pointer for %s", w.name(e))
			}
			fresh = append(fresh, w.arrived(t, p, w.rows[t][k]))
		}
	}
	for k, r := range w.rows[t] {
		e := w.byKey(t, k)
		if e == nil || !seen[e.p] {
			w.Fatalf("a query does not give the entity of key %s", k)
		}
		if e.status != isNew {
			e.seen(r, reload)
		}
	}
	return fresh
}

// stream reads all rows one by one; some are changed in the loop.
func (w *world) stream() *failure {
	t := w.table()
	var f *flush
	if w.pending(t) {
		f = w.foretell()
	}
	w.Logf("stream %s", t.name)
	var ps []any
	var fresh []*entity
	for p, err := range t.verbs.stream(w.ctx) {
		if f != nil {
			if fail := w.settle("autoflush", f, err); fail != nil {
				return fail
			}
			f = nil
		}
		w.want("stream", err, "")
		ps = append(ps, p)
		if e := w.byPtr[p]; e == nil {
			fresh = append(fresh, w.arrived(t, p, w.rows[t][t.keyOf(read(p))]))
		} else if e.status.managed() && e.status != isNew {
			e.seen(w.rows[t][t.keyOf(e.snap)], false)
		}
		if e := w.byPtr[p]; w.one(3, "change") {
			i := draw(w, "column", settable(e))
			w.set(e, i, w.valueFor(t, i))
		}
	}
	if f != nil { // there was no row to tell of it
		w.done(f)
	}
	w.result(t, ps, false)
	for _, e := range fresh {
		if e.changed() {
			e.stream = true
		} else {
			w.letGo(e)
		}
	}
	return nil
}

func (w *world) merge() *failure {
	t := w.table()
	e := w.pick(t, func(*entity) bool { return true })
	if e == nil || w.one(2, "other") {
		r := w.rowFor(t)
		if ks := w.keys(t); len(ks) > 0 && w.one(2, "known key") {
			for j, i := range t.key {
				r[i] = draw(w, "key", ks)[j]
			}
		}
		if v := t.version; v >= 0 {
			r[v] = int64(w.number(3, "version"))
		}
		e = w.known(t, t.verbs.make(r))
	}
	k := t.keyOf(e.fields)
	var dst *entity
	if k != "" {
		dst = w.byKey(t, k)
	}
	if dst != nil && dst.status == deleting && w.rows[t][k] == nil {
		return nil // as in get
	}
	if dst == nil && k != "" && w.rows[t][k] == nil {
		for _, x := range w.entities {
			if x.t == t && x.status == live && t.keyOf(x.fields) == k && t.keyOf(x.snap) != k {
				return nil // get shows the flush that this takes
			}
		}
	}
	if k == "" && w.ghost(t) {
		return nil
	}
	w.Logf("merge %s (%s) %v", w.name(e), e.status, show(e.fields))
	p, err := t.verbs.merge(w.ctx, e.p)
	if e.status == deleting || !e.status.managed() && dst != nil && dst.status == deleting {
		w.want("merge", err, deletedKind)
		if e.status != deleting {
			dst.seen(w.rows[t][k], false)
		}
		return nil
	}
	if e.status.managed() {
		w.want("merge", err, "")
		if p != e.p {
			w.Fatalf("merge of a managed entity gives another")
		}
		return nil
	}
	if dst != nil && dst.status == live && w.rows[t][k] == nil { // its row is gone
		dst.status, dst = dead, nil
	}
	if dst != nil && dst.status != isNew {
		dst.seen(w.rows[t][k], false)
	}
	if dst == nil && k != "" && w.rows[t][k] != nil {
		v := t.version
		if err == nil {
			if x := w.byPtr[p]; x != nil {
				w.Fatalf("merge gives %s, which was not managed", w.name(x))
			}
			dst = w.known(t, p)
			dst.fields = w.rows[t][k].clone()
			w.manage(dst, dst.fields)
		} else if v >= 0 && e.fields[v] != int64(0) && e.fields[v] != w.rows[t][k][v] {
			w.want("merge", err, staleKind)
			// The row was read all the same; the pointer comes by the next read.
			return w.query1(t, k)
		}
	}
	if dst == nil {
		w.want("merge", err, "")
		n := w.known(t, p)
		want := e.fields.clone()
		if t.version >= 0 {
			want[t.version] = int64(0)
		}
		if !slices.Equal(n.fields, want) {
			w.Fatalf("merge made %v of %v", show(n.fields), show(e.fields))
		}
		n.status, n.chosen = isNew, t.keyOf(n.fields)
		w.early[t] = w.early[t] || t.made && n.chosen != ""
		w.fresh = append(w.fresh, n)
		return nil
	}
	if v := t.version; v >= 0 && dst.status != isNew && e.fields[v] != int64(0) && e.fields[v] != dst.snap[v] {
		w.want("merge", err, staleKind)
		return nil
	}
	w.want("merge", err, "")
	if p != dst.p {
		w.Fatalf("merge gives another pointer than %s", w.name(dst))
	}
	for i, v := range e.fields {
		if i != t.version {
			dst.fields[i] = v
		}
	}
	return nil
}

// query1 gets the entity of a row that the unit of work knows and the model does
// not.
func (w *world) query1(t *table, k string) *failure {
	key := row{}
	for _, i := range t.key {
		key = append(key, w.rows[t][k][i])
	}
	p, err := t.verbs.get(w.ctx, key)
	w.want("get", err, "")
	w.arrived(t, p, w.rows[t][k])
	return nil
}

func (w *world) refresh() *failure {
	e := w.pick(w.table(), func(*entity) bool { return true })
	if e == nil {
		return nil
	}
	w.Logf("refresh %s (%s)", w.name(e), e.status)
	switch e.status {
	case free, isNew:
		w.want("refresh", e.t.verbs.refresh(w.ctx, e.p), unmanagedKind)
		return nil
	case dead:
		w.want("refresh", e.t.verbs.refresh(w.ctx, e.p), deletedKind)
		return nil
	}
	e.fields = e.snap.clone() // its changes are lost, those of others are flushed
	e.stream = false          // it was asked for by itself
	f := w.foretell()
	err := e.t.verbs.refresh(w.ctx, e.p)
	k := kindOf(err)
	flushed := err == nil || k == deletedKind || k == staleKind && len(f.must) == 0
	if !flushed || len(f.must) > 0 {
		return w.settle("refresh, which flushes", f, err)
	}
	w.done(f)
	switch {
	case e.status == dead:
		w.want("refresh", err, deletedKind)
	case w.rows[e.t][e.t.keyOf(e.snap)] == nil:
		w.want("refresh", err, staleKind)
	default:
		w.want("refresh", err, "")
		e.seen(w.rows[e.t][e.t.keyOf(e.snap)], true)
	}
	return nil
}
