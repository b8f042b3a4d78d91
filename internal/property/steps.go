package property

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/uow"
)

// verb is a step that a run may take.
type verb struct {
	name string
	do   func(w *world) *failure
}

// everyVerb is drawn from; what stands there twice comes twice as often. The
// first ones are what failures shrink to.
func everyVerb() []verb {
	change := verb{"change", (*world).change}
	add := verb{"add", (*world).add}
	get := verb{"get", (*world).get}
	query := verb{"query", (*world).query}
	flush := verb{"flush", (*world).flush}
	remove := verb{"delete", (*world).remove}
	return []verb{
		flush, add, change, get, query, remove, add, change, get, change, remove, query, change, flush, add,
		{"swap", (*world).swap},
		{"replace", (*world).replace},
		{"attach", (*world).attach},
		{"merge", (*world).merge},
		{"refresh", (*world).refresh},
		{"detach", (*world).detach},
		{"stream", (*world).stream},
		{"update where", (*world).updateWhere},
		{"delete where", (*world).deleteWhere},
		{"behind", (*world).behind},
		{"elsewhere", (*world).elsewhere},
		{"clear", (*world).clear},
		{"savepoint", (*world).savepoint},
		{"savepoint", (*world).savepoint},
		{"commit or roll back", (*world).turn},
	}
}

// draw chooses one of several.
func draw[V any](w *world, label string, from []V) V {
	return from[w.number(len(from), label)]
}

// number draws a number below n, each as likely as the others, which rapid's own
// are not: they come near 0 most times.
func (w *world) number(n int, label string) int {
	return rapid.Custom(func(t *rapid.T) int {
		x := 0
		for range bits.Len(uint(n)) + 2 {
			x <<= 1
			if rapid.Bool().Draw(t, "bit") {
				x++
			}
		}
		return x % n
	}).Draw(w.T, label)
}

// one is true once in n times.
func (w *world) one(n int, label string) bool {
	return w.number(n, label) == n-1
}

func (w *world) table() *table { return draw(w, "table", w.tables) }

// pick chooses an entity for which ok holds, of a table or of any.
func (w *world) pick(t *table, ok func(e *entity) bool) *entity {
	var es []*entity
	for _, e := range w.entities {
		if (t == nil || e.t == t) && ok(e) {
			es = append(es, e)
		}
	}
	if len(es) == 0 {
		return nil
	}
	return es[len(es)-1-w.number(len(es), "entity")]
}

func managed(e *entity) bool { return e.status.managed() }
func isLive(e *entity) bool  { return e.status == live }

// keys are a table's keys in their order, of rows and of entities.
func (w *world) keys(t *table) (ks []row) {
	seen := map[string]bool{}
	note := func(r row) {
		if r == nil || t.keyOf(r) == "" || seen[t.keyOf(r)] {
			return
		}
		seen[t.keyOf(r)] = true
		k := row{}
		for _, i := range t.key {
			k = append(k, r[i])
		}
		ks = append(ks, k)
	}
	for _, k := range sortedKeys(w.rows[t]) {
		note(w.rows[t][k])
	}
	for _, e := range w.entities {
		if e.t == t {
			note(e.fields)
			note(e.snap)
		}
	}
	return ks
}

func sortedKeys(m map[string]row) []string {
	ks := make([]string, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}

// valueFor draws a value for a column.
func (w *world) valueFor(t *table, i int) value {
	c := t.columns[i]
	if c.null && w.one(4, "null") {
		return nil
	}
	if c.refers != nil {
		ks := w.keys(c.refers)
		if len(ks) == 0 || w.one(12, "no row") {
			return draw(w, c.name, chosen)
		}
		return draw(w, c.name, ks)[0]
	}
	return draw(w, c.name, c.values)
}

// rowFor draws a new entity's fields.
func (w *world) rowFor(t *table) row {
	r := make(row, len(t.columns))
	for i := range t.columns {
		switch {
		case i == t.version:
			r[i] = int64(0)
		case t.made && i == t.key[0] && !w.one(3, "chosen key"):
			r[i] = int64(0)
		default:
			r[i] = w.valueFor(t, i)
		}
	}
	return r
}

func (w *world) fresher(t *table) *entity {
	e := w.known(t, t.verbs.make(w.rowFor(t)))
	w.Logf("%s = %v", w.name(e), show(e.fields))
	return e
}

// step takes one step and compares. A failure is handed up.
func (w *world) step() *failure {
	*w.steps++
	v := draw(w, "verb", everyVerb())
	w.noFlush = false
	fail := v.do(w)
	if fail == nil { // after a failure they are put back first
		w.compareEntities()
		w.compareStates()
	}
	return fail
}

// compareStates checks which entities the unit of work says it manages.
func (w *world) compareStates() {
	for _, e := range w.entities {
		got, err := e.t.verbs.contains(w.tx, e.p)
		if err != nil || got != e.status.managed() {
			w.Fatalf("%s is managed: %v %v, want it to be %s", w.name(e), got, err, e.status)
		}
	}
}

func (w *world) flush() *failure {
	f := w.foretell()
	w.Logf("flush")
	if fail := w.settle("flush", f, w.tx.Flush(w.ctx)); fail != nil {
		return fail
	}
	w.compareRows()
	return nil
}

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
	err := w.quietly(func() (err error) {
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
	w.result(t, ps, reload)
	if !w.pending(t) {
		w.compareRows()
	}
	return nil
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

// where draws a condition on one column, or none.
func (w *world) where(t *table) (col int, is value) {
	col = -1
	if !w.one(6, "every row") {
		col = w.number(len(t.columns), "where")
		if col == t.version {
			col = 0
		}
		is = w.valueFor(t, col)
	}
	return col, is
}

func (w *world) updateWhere() *failure {
	t := w.table()
	f := w.foretell()
	col, is := w.where(t)
	var set int
	for set = w.number(len(t.columns), "set"); set == t.version || slices.Contains(t.key, set); {
		set = (set + 1) % len(t.columns)
	}
	to := w.valueFor(t, set)
	w.Logf("update %s set %s = %v where column %d is %v", t.name, t.columns[set].name, to, col, is)
	n, err := t.verbs.updateWhere(w.ctx, col, set, is, to)
	if len(f.must) > 0 {
		return w.settle("update where, which flushes", f, err)
	}
	if f.may[kindOf(err)] { // the flush's, or its own
		return &failure{err, false}
	}
	w.done(f)
	g := &flush{next: w.rows.clone(), must: map[kind]bool{}, may: map[kind]bool{}}
	var hit int64
	for _, r := range g.next[t] {
		if col >= 0 && r[col] != is {
			continue
		}
		hit++
		r[set] = to
		if t.version >= 0 {
			r[t.version] = r[t.version].(int64) + 1
		}
	}
	g.checkUnique(w)
	g.checkForeign(w)
	if len(g.must) > 0 {
		if !g.must[kindOf(err)] {
			w.Fatalf("update where: %v, want %v", err, keysOf(g.must))
		}
		return &failure{err, w.db.Dialect().Capabilities().ErrorAborts}
	}
	w.want("update where", err, "")
	if n != hit {
		w.Fatalf("update where says %d rows, want %d", n, hit)
	}
	w.rows = g.next
	w.expire(t)
	w.compareRows()
	return nil
}

func (w *world) expire(t *table) {
	for _, e := range w.entities {
		if e.t == t && e.status == live {
			e.expired = true
		}
	}
}

func (w *world) deleteWhere() *failure {
	t := w.table()
	f := w.foretell()
	col, is := w.where(t)
	w.Logf("delete %s where column %d is %v", t.name, col, is)
	n, err := t.verbs.deleteWhere(w.ctx, col, is)
	if len(f.must) > 0 {
		return w.settle("delete where, which flushes", f, err)
	}
	if f.may[kindOf(err)] { // the flush's, or its own
		return &failure{err, false}
	}
	w.done(f)
	g := &flush{next: w.rows.clone(), must: map[kind]bool{}, may: map[kind]bool{}}
	var hit int64
	for k, r := range g.next[t] {
		if col < 0 || r[col] == is {
			hit++
			delete(g.next[t], k)
		}
	}
	g.checkForeign(w)
	if len(g.must) > 0 {
		if !g.must[kindOf(err)] {
			w.Fatalf("delete where: %v, want %v", err, keysOf(g.must))
		}
		return &failure{err, w.db.Dialect().Capabilities().ErrorAborts}
	}
	w.want("delete where", err, "")
	if n != hit {
		w.Fatalf("delete where says %d rows, want %d", n, hit)
	}
	w.rows = g.next
	w.expire(t)
	w.compareRows()
	return nil
}

var errStop = errors.New("stop here")

// behind changes a row behind an entity's back inside a savepoint: the entity's
// change must be stale, and all must be as before afterwards.
func (w *world) behind() *failure {
	f := w.foretell()
	if len(f.must)+len(f.may) > 0 {
		return nil
	}
	gone := w.one(2, "gone")
	t := w.tables[2+w.number(2, "words or docs")]
	e := w.pick(t, func(e *entity) bool {
		return e.status == live && slices.Equal(e.fields, w.rows[t][t.keyOf(e.snap)]) && slices.Equal(e.fields, e.snap)
	})
	if e == nil || !gone && t.version < 0 {
		return nil
	}
	w.Logf("behind the back of %s, gone %v", w.name(e), gone)
	var l *level
	col := 2
	err := w.tx.Savepoint(w.ctx, func(ctx context.Context) error {
		w.done(f)
		if e.status != live { // it came by a stream and has left
			return errStop
		}
		l = w.newLevel()
		text := fmt.Sprintf("DELETE FROM %s WHERE %s = $1", t.name, t.columns[0].name)
		if !gone {
			text = "UPDATE docs SET version = version + 1 WHERE id = $1"
		}
		if _, err := w.tx.Exec(ctx, text, e.fields[0]); err != nil {
			return err
		}
		v := value("changed")
		put(e.p, col, v, false)
		if err := w.tx.Flush(ctx); err != nil {
			return err
		}
		return fmt.Errorf("the update of a row that was changed meanwhile succeeded")
	})
	if e.status != live {
		w.want("savepoint", err, otherKind)
		return nil
	}
	w.want("an update behind a change", err, staleKind)
	var stale *uow.StaleError
	errors.As(err, &stale)
	if len(stale.Keys) != 1 {
		w.Fatalf("the stale keys are %v, want one", stale.Keys)
	}
	w.back(l)
	w.compareEntities()
	w.compareRows()
	return nil
}

// elsewhere shows that another unit of work may not have what this one has.
func (w *world) elsewhere() *failure {
	e := w.pick(nil, managed)
	if e == nil {
		return nil
	}
	other := uow.New(w.db)
	defer other.Close()
	ctx := uow.With(context.Background(), other)
	w.want("add elsewhere", e.t.verbs.add(ctx, e.p), attachedKind)
	if e.t.keyOf(e.fields) != "" {
		w.want("attach elsewhere", e.t.verbs.attach(ctx, e.p), attachedKind)
	}
	return nil
}
