package property

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/uow"
)

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
	var follow []string // rows whose versions were counted up
	for _, r := range g.next[t] {
		if col >= 0 && r[col] != is {
			continue
		}
		hit++
		r[set] = to
		if t.version >= 0 {
			r[t.version] = r[t.version].(int64) + 1
			follow = append(follow, t.keyOf(r))
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
	for _, k := range follow { // unless somebody else had changed the row before
		if e := w.byKey(t, k); e != nil && e.status == live && e.snap[t.version] == w.rows[t][k][t.version] {
			v := g.next[t][k][t.version]
			e.snap[t.version], e.fields[t.version] = v, v
		}
	}
	w.rows = g.next
	w.compareRows()
	return nil
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
	var taken []string
	for k, r := range g.next[t] {
		if col < 0 || r[col] == is {
			hit++
			delete(g.next[t], k)
			taken = append(taken, k)
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
	for _, k := range taken {
		if e := w.byKey(t, k); e != nil && e.status == live {
			e.status = dead
		}
	}
	w.rows = g.next
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
		put(e.p, col, value("changed"), false)
		for _, o := range w.entities { // one statement for all
			if o.t == t && o != e && o.status == live && slices.Equal(o.fields, w.rows[t][t.keyOf(o.snap)]) {
				put(o.p, col, value("changed"), false)
			}
		}
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
