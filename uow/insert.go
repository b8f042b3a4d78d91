package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// insertGroup are new entities whose rows are written with the same columns.
type insertGroup struct {
	cols      []*field.Field
	returning []*field.Field
	generated bool // the database makes the key
	reserved  bool // it has been asked for it
	sts       []*state
}

// reserveInOrder asks for the keys of several groups at once, so that keys grow
// in the order in which the entities were added. Entities are those of the
// groups whose keys the database makes. Taken are the keys of rows that are yet to
// be written, which must not be made.
func (u *UnitOfWork) reserveInOrder(ctx context.Context, m *mapper, groups []*insertGroup, es []field.Ptr, taken map[int64]bool) error {
	if len(taken) == 0 && (len(groups) < 2 || len(es) < 2) || len(es) == 0 {
		return nil
	}
	ok, err := u.reserveKeys(ctx, m, es, taken)
	if err != nil || !ok {
		return err
	}
	for _, g := range groups {
		if g.generated {
			g.generated, g.reserved = false, true
			g.cols = append([]*field.Field{m.key[0]}, g.cols...)
		}
	}
	return nil
}

// takesMax reports whether the database would make the keys after the greatest
// one in use, which knows nothing of rows yet to be written. Sequences go their
// own way, whatever keys programs choose.
func (u *UnitOfWork) takesMax(m *mapper) bool {
	return u.db.Dialect().Capabilities().KeyReservation == dialect.KeysByMax && len(m.key) == 1 && m.key[0].Col.Identity
}

// chosen adds the keys that the program chose for rows yet to be written.
func (m *mapper) chosen(taken map[int64]bool, es ...field.Ptr) map[int64]bool {
	for _, e := range es {
		if k, ok := m.key[0].Integer(e); ok && k > 0 {
			if taken == nil {
				taken = map[int64]bool{}
			}
			taken[k] = true
		}
	}
	return taken
}

// chosenKeys are the keys that the program chose for rows of the table, in
// inserts and in updates that come after these.
func (u *UnitOfWork) chosenKeys(tw *tableWork) (taken map[int64]bool) {
	m := tw.t.m
	if !u.takesMax(m) {
		return nil
	}
	for _, up := range tw.updates {
		if contains(up.fields, m.key[0]) {
			taken = m.chosen(taken, up.st.entity)
		}
	}
	for _, st := range tw.inserts {
		if st.status == isNew { // others are in the table
			taken = m.chosen(taken, st.entity)
		}
	}
	return taken
}

// insertAll writes a table's new entities.
func (u *UnitOfWork) insertAll(ctx context.Context, tw *tableWork, sts []*state) error {
	var groups []*insertGroup
	index := map[string]*insertGroup{}
	now := time.Now()
	var keyless []field.Ptr
	in, err := tw.t.m.tenancyOf(ctx, nil)
	if err != nil {
		return u.failure(Insert, tw.t.m, sts, err)
	}
	for _, st := range sts {
		u.resolve(st)
		given := in.fill(st.entity)
		g, wrote, err := tw.t.m.insertShape(st.entity, now, index, &groups)
		wrote = append(wrote, given...)
		if err != nil {
			return u.failure(Insert, tw.t.m, []*state{st}, err)
		}
		g.sts = append(g.sts, st)
		if g.generated {
			keyless = append(keyless, st.entity)
		}
		// A statement of another group may fail before this one's is sent.
		u.log(undo{st: st, what: undoInsert, wrote: wrote})
	}
	if err := u.reserveInOrder(ctx, tw.t.m, groups, keyless, u.chosenKeys(tw)); err != nil {
		return u.failure(Insert, tw.t.m, sts, err)
	}
	for _, g := range groups {
		if err := u.insertRows(ctx, tw.t.m, g, statesAsRows(g.sts)); err != nil {
			if _, one := faultOf(err, sts); one >= 0 {
				return u.failure(Insert, tw.t.m, sts, err) // counted in the order of Add
			}
			return u.failure(Insert, tw.t.m, g.sts, err)
		}
		if err := u.readVersions(ctx, tw.t.m, g.sts); err != nil {
			return u.failure(Insert, tw.t.m, g.sts, err)
		}
		if err := u.inserted(tw.t, g); err != nil {
			return u.failure(Insert, tw.t.m, g.sts, err)
		}
	}
	return nil
}

func statesAsRows(sts []*state) []field.Ptr {
	ps := make([]field.Ptr, len(sts))
	for i, st := range sts {
		ps[i] = st.entity
	}
	return ps
}

// insertShape applies defaults to a new entity and finds the group that its row
// is written with.
func (m *mapper) insertShape(e field.Ptr, now time.Time, index map[string]*insertGroup, groups *[]*insertGroup) (*insertGroup, []restorer, error) {
	var wrote []restorer
	var sig [128]byte
	key := sig[:0]
	for _, f := range m.tracked.Fields {
		c := f.Col
		how := byte('v')
		switch {
		case c.Computed != nil:
			how = 'r'
			wrote = append(wrote, restorer{f, f.Current(e)})
		case c.MadeVersion:
			how = 'm'
			wrote = append(wrote, restorer{f, f.Current(e)})
		case c.IsVersion:
			wrote = append(wrote, restorer{f, f.Current(e)})
			if c.Type.Kind == schema.TimeKind {
				f.SetTime(e, now)
			} else {
				f.SetInteger(e, 1)
			}
		case c.Identity && f.IsZero(e):
			how = 'g'
			wrote = append(wrote, restorer{f: f})
		case c.HasDefault() && c.Zero == schema.ZeroTakesDefault && f.IsZero(e):
			wrote = append(wrote, restorer{f: f})
			switch {
			case c.Default != nil:
				f.SetDefault(e, c.Default)
			case c.DefaultFunc != nil:
				f.SetDefault(e, c.DefaultFunc())
			default:
				how = 'r'
			}
		}
		key = append(key, how)
	}
	g := index[string(key)]
	if g == nil {
		g = &insertGroup{}
		for i, f := range m.tracked.Fields {
			switch key[i] {
			case 'v':
				g.cols = append(g.cols, f)
			case 'r':
				g.returning = append(g.returning, f)
			case 'g':
				g.generated = true
			}
		}
		index[string(key)] = g
		*groups = append(*groups, g)
	}
	return g, wrote, nil
}

// insertRows writes the rows of a group and gives the entities what the database
// made.
func (u *UnitOfWork) insertRows(ctx context.Context, m *mapper, g *insertGroup, es []field.Ptr) error {
	d := u.db.Dialect()
	if len(es) > 1 && g.generated {
		ok, err := u.reserveKeys(ctx, m, es, nil)
		if err != nil {
			return err
		}
		if !ok {
			return u.insertEach(ctx, m, g, es)
		}
		with := *g
		with.generated = false
		with.cols = append([]*field.Field{m.key[0]}, g.cols...)
		g = &with
	}
	if len(es) == 1 || len(g.cols) == 0 {
		return u.insertEach(ctx, m, g, es)
	}
	most := d.MaxBulkRows(len(g.cols))
	failing := false
	if len(es) > most { // the question is a statement more
		var err error
		if failing, err = u.insertsFailing(ctx, m); err != nil {
			return err
		}
	}
	for len(es) > 0 {
		n := min(most, len(es))
		if n == 1 {
			return u.insertEach(ctx, m, g, es)
		}
		if err := u.insertBulk(ctx, m, g, es[:n], failing); err != nil {
			return err
		}
		es = es[n:]
	}
	return nil
}

// insertsFailing reports whether the table's rows can be inserted by
// BulkInsertFailing.
func (u *UnitOfWork) insertsFailing(ctx context.Context, m *mapper) (bool, error) {
	d, ok := u.db.Dialect().(dialect.FailingInserts)
	if !ok {
		return false, nil
	}
	text := d.Failing(m.def)
	if text == "" {
		return false, nil
	}
	yes := false
	_, err := u.conn.Query(ctx, text, nil, func(vals []driver.Value) error {
		n, _ := vals[0].(int64)
		yes = n == 1
		return nil
	})
	return yes, err
}

func (u *UnitOfWork) insertBulk(ctx context.Context, m *mapper, g *insertGroup, es []field.Ptr, failing bool) error {
	d := u.db.Dialect()
	var returning []*field.Field
	if len(g.returning) > 0 { // matched to the entities by key
		returning = append(append(returning, m.key...), g.returning...)
	}
	_, columnar := d.(dialect.ArrayElements)
	rows := len(es)
	if columnar {
		rows = 0
	}
	kind, build := byte('I'), d.BulkInsert
	if failing {
		kind, build = 'F', d.(dialect.FailingInserts).BulkInsertFailing
	}
	text, err := m.stmt(string(shapeOf(kind, rows).add(g.cols).add(returning)), func() (string, error) {
		return build(m.def, columnsOf(g.cols), len(es), columnsOf(returning)).SQL, nil
	})
	if err != nil {
		return err
	}
	b := u.newBatch(columnar, len(g.cols), len(es))
	for _, e := range es {
		for _, f := range g.cols {
			v, err := f.Load(e)
			if err != nil {
				return blame(e, err)
			}
			b.add(v)
		}
	}
	if len(returning) == 0 {
		res, err := u.conn.Exec(ctx, text, b.arguments())
		if err == nil && res.RowsAffected != int64(len(es)) {
			err = fmt.Errorf("the database inserted %d of %d rows", res.RowsAffected, len(es))
		}
		return err
	}
	var byKey identity.Map[field.Ptr]
	for _, e := range es {
		k, err := m.keyOfWritten(e)
		if err != nil {
			return err
		}
		byKey.Put(k, e)
	}
	n, err := u.readBack(ctx, text, b.arguments(), m, g.returning, func(vals []driver.Value) (field.Ptr, []driver.Value, error) {
		k, err := m.keyOfReturned(vals)
		e, ok := byKey.Get(k)
		if err == nil && !ok {
			err = fmt.Errorf("the database returned a row that was not inserted")
		}
		return e, vals[len(m.key):], err
	})
	if err == nil && n != int64(len(es)) {
		err = fmt.Errorf("the database returned %d of %d inserted rows", n, len(es))
	}
	return err
}

// insertEach writes rows one by one.
func (u *UnitOfWork) insertEach(ctx context.Context, m *mapper, g *insertGroup, es []field.Ptr) error {
	d := u.db.Dialect()
	returning := g.returning
	byLast := false
	if g.generated {
		byLast = len(returning) == 0 && d.Capabilities().LastInsertID && m.key[0].IsInteger()
		if !byLast {
			returning = append([]*field.Field{m.key[0]}, returning...)
		}
	}
	text, err := m.stmt(string(shapeOf('i', 1).add(g.cols).add(returning)), func() (string, error) {
		return d.InsertOne(m.def, columnsOf(g.cols), columnsOf(returning)), nil
	})
	if err != nil {
		return err
	}
	args := make([]driver.NamedValue, len(g.cols))
	for _, e := range es {
		for i, f := range g.cols {
			v, err := f.Load(e)
			if err != nil {
				return blame(e, err)
			}
			args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
		}
		if len(returning) == 0 {
			res, err := u.conn.Exec(ctx, text, args)
			if err != nil {
				return err
			}
			if res.RowsAffected != 1 {
				return fmt.Errorf("the database inserted %d rows for one", res.RowsAffected)
			}
			if byLast {
				if err := m.key[0].Store(e, nil, res.LastInsertID); err != nil {
					return err
				}
			}
			continue
		}
		n, err := u.readBack(ctx, text, args, m, returning, func(vals []driver.Value) (field.Ptr, []driver.Value, error) { return e, vals, nil })
		if err == nil && n != 1 {
			err = fmt.Errorf("the database returned %d rows for one inserted", n)
		}
		if err != nil {
			return blame(e, err)
		}
	}
	return nil
}

// reserveKeys gives entities keys ahead of the INSERT, so that each has its own
// by proof and not by the order in which rows come back. ok is false where the
// table's keys cannot be had so. Where they come after the greatest one in use,
// those taken are passed over.
func (u *UnitOfWork) reserveKeys(ctx context.Context, m *mapper, es []field.Ptr, taken map[int64]bool) (ok bool, err error) {
	d := u.db.Dialect()
	text, ok := d.ReserveKeys(m.def)
	if !ok {
		return false, nil
	}
	f := m.key[0]
	switch d.Capabilities().KeyReservation {
	case dialect.KeysBySequence:
		keys := make([]int64, 0, len(es))
		_, err := u.conn.Query(ctx, text, named([]any{int64(len(es))}), func(vals []driver.Value) error {
			if k, isInt := vals[0].(int64); isInt {
				keys = append(keys, k)
			}
			return nil
		})
		if err != nil || len(keys) != len(es) {
			return false, err
		}
		for i, e := range es {
			if err := f.Store(e, nil, keys[i]); err != nil {
				return false, err
			}
		}
		return true, nil
	case dialect.KeysByMax:
		var top int64
		_, err := u.conn.Query(ctx, text, nil, func(vals []driver.Value) error {
			top, _ = vals[0].(int64)
			return nil
		})
		if err != nil {
			return false, err
		}
		top = max(top, 0)
		if top > 1<<62 { // leave the far end to the database
			return false, nil
		}
		for _, e := range es {
			for top++; taken[top]; top++ {
			}
			if err := f.Store(e, nil, top); err != nil {
				return false, err
			}
		}
		return true, nil
	}
	return false, nil
}

// inserted makes the entities of a group managed rows.
func (u *UnitOfWork) inserted(t *table, g *insertGroup) error {
	t.m.tracked.NewSnapshots(len(g.sts), func(i int, s field.Ptr) { g.sts[i].snap = s })
	for _, st := range g.sts {
		var wrote []restorer
		for _, f := range t.m.tracked.Fields {
			var err error
			if wrote, err = settleField(st, f, wrote); err != nil {
				return err
			}
		}
		u.settledFields(st, wrote)
		if k, ok := t.pendingKeys[st]; ok {
			if t.has(k, st) {
				t.ids.Delete(k)
			}
			delete(t.pendingKeys, st)
		}
		if err := st.takeSnapshot(); err != nil {
			return err
		}
		st.status, st.epoch, st.mark = persistent, u.epoch, u.level
		k := st.key()
		if old, taken := t.ids.Get(k); taken && old.status == persistent {
			u.vanish(old) // its row is gone, or there would be no place for this one
		}
		t.ids.Put(k, st)
	}
	return nil
}
