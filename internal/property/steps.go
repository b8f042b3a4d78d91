package property

import (
	"math/bits"
	"slices"

	"pgregory.net/rapid"
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

func isLive(e *entity) bool { return e.status == live }

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
