package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Flush writes all changes to the database, inside the transaction: first what
// is inserted and updated, tables in foreign-key order, then what is deleted,
// in the reverse order; rows that change the same columns in one statement.
// Nothing changed sends nothing. After an error, a *FlushError or *StaleError,
// the transaction can only be rolled back, as a whole or to a savepoint.
func (u *UnitOfWork) Flush(ctx context.Context) error {
	if err := u.enter(); err != nil {
		return opError("flush", "", err)
	}
	defer u.leave()
	return u.flush(ctx)
}

func (u *UnitOfWork) flush(ctx context.Context) error {
	_, err := u.flushOnce(ctx)
	return err
}

func (u *UnitOfWork) flushOnce(ctx context.Context) (wrote bool, err error) {
	if u.flushing || u.preparing {
		return false, opError("flush", "", ErrFlushing)
	}
	if u.failed != nil {
		return false, u.rollbackOnly()
	}
	if u.opts.readOnly {
		return false, u.checkReadOnly()
	}
	w, err := u.prepare(ctx)
	if err != nil {
		u.failed = err
		return false, err
	}
	if w.empty() {
		u.dropStreamed()
		return false, nil
	}
	if err := u.checkCycles(w); err != nil {
		u.failed = err
		return false, err
	}
	if err := u.begin(ctx); err != nil {
		return false, opError("flush", "", err)
	}
	err = u.executing(ctx, w)
	if err == nil {
		for _, f := range u.events.afterFlush {
			if err = u.outside(func() error { return f(u.carry(ctx)) }); err != nil {
				break
			}
		}
	}
	if err != nil {
		u.failed = err
		return true, err
	}
	u.dropStreamed()
	return true, nil
}

// executing executes w. A panic, of a DefaultFunc or a Valuer, leaves half a
// flush behind, which must not be committed.
func (u *UnitOfWork) executing(ctx context.Context, w *work) error {
	u.flushing = true
	done := false
	defer func() {
		u.flushing = false
		if !done && u.failed == nil {
			u.failed = errors.New("a flush panicked")
		}
	}()
	err := u.execute(ctx, w)
	done = true
	return err
}

// checkReadOnly finds changes that a read-only unit must not have.
func (u *UnitOfWork) checkReadOnly() error {
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, st := range t.states {
			if st.status != persistent {
				continue
			}
			fields, err := st.changed(nil)
			if err != nil {
				return err
			}
			if len(fields) > 0 {
				return opError("flush", t.m.name, fmt.Errorf("key %s: field %s was changed: %w", st.showKey(), fields[0].Col.Field, ErrReadOnly))
			}
		}
	}
	return nil
}

func (u *UnitOfWork) execute(ctx context.Context, w *work) error {
	found := map[*tableWork]*conflicts{}
	for _, tw := range w.tables {
		c, err := u.conflictsOf(tw)
		if err != nil {
			return err
		}
		found[tw] = c
	}
	if err := u.deleteEarly(ctx, w, found); err != nil {
		return err
	}
	for _, tw := range w.tables {
		if err := u.park(ctx, tw.t.m, found[tw].parked); err != nil {
			return u.failure(Update, tw.t.m, tw.updated(), err)
		}
		// An update that takes a value of the unique columns is not put off: others
		// may wait for the one that it gives up.
		self := tw.selfReferencesOf()
		var late []*update
		if c := found[tw]; self != nil && len(c.layers) == 1 && len(c.parked) == 0 {
			c.layers[0], late = self.split(c.layers[0])
		}
		for _, layer := range found[tw].layers {
			if err := u.updateAll(ctx, &tableWork{t: tw.t, updates: layer}); err != nil {
				return err
			}
		}
		layers := [][]*state{tw.inserts}
		if len(u.waiting) > 0 {
			var err error
			if layers, err = u.layers(tw.inserts); err != nil {
				return err
			}
		}
		if self != nil && len(layers) == 1 {
			layers = self.order(tw.inserts)
		}
		for _, layer := range layers {
			if err := u.insertAll(ctx, tw, layer); err != nil {
				return err
			}
		}
		if err := u.updateAll(ctx, &tableWork{t: tw.t, updates: late}); err != nil {
			return err
		}
	}
	if err := u.updateLate(ctx, w); err != nil {
		return err
	}
	for i := len(w.tables) - 1; i >= 0; i-- {
		if err := u.deleteAll(ctx, w.tables[i]); err != nil {
			return err
		}
	}
	for _, tw := range w.tables {
		tw.t.fresh, tw.t.heirs = nil, nil
	}
	return nil
}

// failure wraps the error of one of a flush's statements.
func (u *UnitOfWork) failure(op Op, m *mapper, sts []*state, err error) error {
	var stale *StaleError
	if errors.As(err, &stale) {
		return err
	}
	var fk *dialect.ForeignKeyViolation
	if errors.As(err, &fk) && fk.Table == "" && op != Delete {
		nameForeignKey(&fk.Violation, m.def)
	}
	e := &FlushError{Op: op.String(), Entity: m.name, Table: m.def.Name, Rows: len(sts), Err: u.nameConstraint(err)}
	for _, st := range sts {
		if len(e.Keys) == 10 {
			break
		}
		if k := st.key(); !k.IsZero() {
			e.Keys = append(e.Keys, k.String())
		}
	}
	return e
}

// nameForeignKey says of a violation which SQLite does not describe that it is
// of the table written, and which one where there is no other.
func nameForeignKey(v *dialect.Violation, t *schema.TableDef) {
	v.Table = t.Name
	if len(t.ForeignKeys) == 1 {
		fk := t.ForeignKeys[0]
		v.Constraint = fk.Name
		for _, c := range fk.Columns {
			v.Columns = append(v.Columns, c.Name)
		}
	}
}

// nameConstraint adds what the model knows to a constraint violation.
func (u *UnitOfWork) nameConstraint(err error) error {
	return dialect.Complete(err, u.db.Metadata().Tables())
}

// shapeKey names a statement by its kind, rows and columns.
type shapeKey []byte

func shapeOf(kind byte, rows int) shapeKey {
	return shapeKey{kind, byte(rows), byte(rows >> 8), byte(rows >> 16)}
}

func (k shapeKey) add(fs []*field.Field) shapeKey {
	for _, f := range fs {
		k = append(k, byte(f.Col.Position), byte(f.Col.Position>>8))
	}
	return append(k, 0xff, 0xff)
}

func columnsOf(fs []*field.Field) []*schema.ColumnDef {
	if len(fs) == 0 {
		return nil
	}
	cs := make([]*schema.ColumnDef, len(fs))
	for i, f := range fs {
		cs[i] = f.Col
	}
	return cs
}

// batch gathers the arguments of one bulk statement.
type batch struct {
	columnar bool
	elems    dialect.ArrayElements
	args     []driver.NamedValue
	arrays   [][]byte
	col      int
}

// newBatch makes an empty batch. The arguments of the last one that was not
// columnar have been sent, so that their memory serves again.
func (u *UnitOfWork) newBatch(columnar bool, cols, rows int) *batch {
	d := u.db.Dialect()
	b := &batch{columnar: columnar}
	if columnar {
		b.elems = d.(dialect.ArrayElements)
		b.arrays = make([][]byte, cols)
		for i := range b.arrays {
			b.arrays[i] = append(make([]byte, 0, 16*rows), '{')
		}
	} else {
		if cap(u.args) < cols*rows {
			u.args = make([]driver.NamedValue, 0, cols*rows)
		}
		b.args = u.args[:0]
	}
	return b
}

// add takes the next value, row by row.
func (b *batch) add(v driver.Value) {
	if !b.columnar {
		b.args = append(b.args, driver.NamedValue{Ordinal: len(b.args) + 1, Value: v})
		return
	}
	a := b.arrays[b.col]
	if len(a) > 1 {
		a = append(a, ',')
	}
	b.arrays[b.col] = b.elems.AppendArrayElem(a, v)
	b.col = (b.col + 1) % len(b.arrays)
}

func (b *batch) arguments() []driver.NamedValue {
	for i, a := range b.arrays {
		b.args = append(b.args, driver.NamedValue{Ordinal: i + 1, Value: string(append(a, '}'))})
	}
	return b.args
}

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
// groups whose keys the database makes.
func (u *UnitOfWork) reserveInOrder(ctx context.Context, m *mapper, groups []*insertGroup, es []field.Ptr) error {
	if len(groups) < 2 || len(es) < 2 {
		return nil
	}
	ok, err := u.reserveKeys(ctx, m, es)
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

// insertAll writes a table's new entities.
func (u *UnitOfWork) insertAll(ctx context.Context, tw *tableWork, sts []*state) error {
	var groups []*insertGroup
	index := map[string]*insertGroup{}
	now := time.Now()
	var keyless []field.Ptr
	for _, st := range sts {
		u.resolve(st)
		g, wrote, err := tw.t.m.insertShape(st.entity, now, index, &groups)
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
	if err := u.reserveInOrder(ctx, tw.t.m, groups, keyless); err != nil {
		return u.failure(Insert, tw.t.m, sts, err)
	}
	for _, g := range groups {
		if err := u.insertRows(ctx, tw.t.m, g, statesAsRows(g.sts)); err != nil {
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
		ok, err := u.reserveKeys(ctx, m, es)
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
				return err
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

// readBack runs a statement with RETURNING and stores the values of fields into
// the entities that which finds.
func (u *UnitOfWork) readBack(ctx context.Context, text string, args []driver.NamedValue, m *mapper, fields []*field.Field, which func(vals []driver.Value) (field.Ptr, []driver.Value, error)) (int64, error) {
	var late []lateValue
	n, err := u.conn.Query(ctx, text, args, func(vals []driver.Value) error {
		e, vals, err := which(vals)
		if err != nil {
			return err
		}
		for i, f := range fields {
			v := vals[i]
			if f.Encoded() {
				if b, ok := v.([]byte); ok {
					v = append([]byte{}, b...)
				}
				late = append(late, lateValue{f: f, e: e, val: v})
				continue
			}
			if err := f.Store(e, nil, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	for _, l := range late {
		if err := l.f.Store(l.e, nil, l.val); err != nil {
			return n, err
		}
	}
	return n, nil
}

// keyOfWritten is the key of an entity whose key fields are all set.
func (m *mapper) keyOfWritten(e field.Ptr) (identity.Key, error) {
	if len(m.key) == 1 {
		if k, ok := m.key[0].FastKey(m.key[0].Value(e)); ok {
			return k, nil
		}
		v, err := m.key[0].Load(e)
		if err != nil {
			return identity.Key{}, err
		}
		return m.key[0].KeyOfValue(v)
	}
	var b []byte
	var err error
	for _, f := range m.key {
		if b, err = f.AppendKeyPart(b, f.Value(e)); err != nil {
			return identity.Key{}, m.keyError(err)
		}
	}
	return identity.Encoded(b), nil
}

// keyOfReturned is the key in the first columns of a returned row.
func (m *mapper) keyOfReturned(vals []driver.Value) (identity.Key, error) {
	if len(m.key) == 1 {
		return m.key[0].KeyOfValue(vals[0])
	}
	var b []byte
	var err error
	for i, f := range m.key {
		if b, err = f.AppendKeyValue(b, vals[i]); err != nil {
			return identity.Key{}, err
		}
	}
	return identity.Encoded(b), nil
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
				return err
			}
			args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
		}
		if len(returning) == 0 {
			res, err := u.conn.Exec(ctx, text, args)
			if err != nil {
				return err
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
			return err
		}
	}
	return nil
}

// reserveKeys gives entities keys ahead of the INSERT, so that each has its own
// by proof and not by the order in which rows come back. ok is false where the
// table's keys cannot be had so.
func (u *UnitOfWork) reserveKeys(ctx context.Context, m *mapper, es []field.Ptr) (ok bool, err error) {
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
		for i, e := range es {
			if err := f.Store(e, nil, top+int64(i)+1); err != nil {
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
		for _, f := range t.m.tracked.Fields {
			if err := f.Settle(st.entity); err != nil {
				return err
			}
		}
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
		t.ids.Put(st.key(), st)
	}
	return nil
}

// deleteAll deletes the rows of a table's entities.
func (u *UnitOfWork) deleteAll(ctx context.Context, tw *tableWork) error {
	if len(tw.deletes) == 0 {
		return nil
	}
	m, d := tw.t.m, u.db.Dialect()
	match := m.match()
	width := len(m.key) + len(match)
	most := d.MaxBulkRows(width)
	_, columnar := d.(dialect.ArrayElements)
	for rest := tw.deletes; len(rest) > 0; {
		sts := rest[:min(most, len(rest))]
		rest = rest[len(sts):]
		var text string
		var args []driver.NamedValue
		var err error
		if len(sts) == 1 {
			text, err = m.stmt(string(shapeOf('d', 1)), func() (string, error) {
				return d.DeleteOne(m.def, m.def.PrimaryKey, columnsOf(match)), nil
			})
			args = snapshotArgs(snapshotArgs(nil, m.key, sts[0].snap), match, sts[0].snap)
		} else {
			rows := len(sts)
			if columnar {
				rows = 0
			}
			text, err = m.stmt(string(shapeOf('D', rows)), func() (string, error) {
				return d.BulkDelete(m.def, m.def.PrimaryKey, columnsOf(match), len(sts)).SQL + m.returningKey(), nil
			})
			b := u.newBatch(columnar, width, len(sts))
			for _, st := range sts {
				for _, f := range m.key {
					b.add(f.SnapshotValue(st.snap))
				}
				for _, f := range match {
					b.add(f.SnapshotValue(st.snap))
				}
			}
			args = b.arguments()
		}
		if err != nil {
			return u.failure(Delete, m, sts, err)
		}
		if err := u.deleteRows(ctx, m, sts, text, args); err != nil {
			return u.failure(Delete, m, sts, err)
		}
		for _, st := range sts {
			u.log(undo{st: st, what: undoDelete, status: st.status})
			if k := st.key(); tw.t.has(k, st) {
				tw.t.ids.Delete(k)
			}
			st.status = deleted
		}
	}
	return nil
}

// deleteRows runs a DELETE of sts' rows. It finds which of them were not there.
func (u *UnitOfWork) deleteRows(ctx context.Context, m *mapper, sts []*state, text string, args []driver.NamedValue) error {
	if len(sts) == 1 {
		res, err := u.conn.Exec(ctx, text, args)
		if err == nil && res.RowsAffected != 1 {
			err = &StaleError{Entity: m.name, Op: Delete.String(), Keys: []string{sts[0].showKey()}}
		}
		return err
	}
	var found identity.Map[bool]
	n, err := u.conn.Query(ctx, text, args, func(vals []driver.Value) error {
		k, err := m.keyOfReturned(vals)
		found.Put(k, true)
		return err
	})
	if err != nil || n == int64(len(sts)) || m.deletesItself() {
		return err
	}
	stale := &StaleError{Entity: m.name, Op: Delete.String()}
	for _, st := range sts {
		if ok, _ := found.Get(st.key()); !ok {
			stale.Keys = append(stale.Keys, st.showKey())
		}
	}
	return stale
}

// returningKey is the clause that has a DELETE return the keys of its rows.
func (m *mapper) returningKey() string {
	b := []byte(" RETURNING ")
	for i, c := range m.def.PrimaryKey {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = m.dialect.AppendQuoted(b, c.Name)
	}
	return string(b)
}

// match are the columns besides the key that a row must hold to be written.
func (m *mapper) match() []*field.Field {
	if m.def.Version == nil {
		return nil
	}
	return []*field.Field{m.tracked.Fields[m.def.Version.Position]}
}

// deletesItself reports whether a DELETE's own cascades may take rows away from
// it, so that it counts fewer.
func (m *mapper) deletesItself() bool {
	for _, fk := range m.def.ForeignKeys {
		if fk.RefTable == m.def && fk.OnDelete == schema.Cascade {
			return true
		}
	}
	return false
}

// stale finds the entities whose rows an UPDATE did not match: those that are
// not there.
func (u *UnitOfWork) stale(ctx context.Context, m *mapper, sts []*state) error {
	e := &StaleError{Entity: m.name, Op: Update.String()}
	for _, st := range sts {
		found := len(sts) > 1
		if found {
			n, err := u.conn.Query(ctx, m.byKey, u.writtenKey(m, st), func([]driver.Value) error { return nil })
			if err != nil {
				return err
			}
			found = n > 0
		}
		if !found {
			e.Keys = append(e.Keys, st.showKey())
		}
	}
	return e
}

// writtenKey are the arguments of a query for the row that an update wrote.
func (u *UnitOfWork) writtenKey(m *mapper, st *state) []driver.NamedValue {
	var args []driver.NamedValue
	for _, f := range m.key {
		v, _ := f.Load(st.entity)
		args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
	}
	return args
}

// updateGroup are entities that changed the same columns.
type updateGroup struct {
	set       []*field.Field
	exprs     []expr.SetClause
	returning []*field.Field
	sts       []*state
}

// updateLate writes the foreign keys that had to wait until the rows that they
// point to were inserted.
func (u *UnitOfWork) updateLate(ctx context.Context, w *work) error {
	for _, tw := range w.tables {
		late := &tableWork{t: tw.t}
		for _, sts := range [2][]*state{tw.inserts, tw.updated()} {
			for _, st := range sts {
				if len(u.waiting[st]) == 0 {
					continue
				}
				u.resolve(st)
				fields, err := st.changed(nil)
				if err != nil {
					return err
				}
				if len(fields) > 0 {
					late.updates = append(late.updates, &update{st, fields})
				}
			}
		}
		if err := u.updateAll(ctx, late); err != nil {
			return err
		}
	}
	return nil
}

func (tw *tableWork) updated() []*state {
	sts := make([]*state, len(tw.updates))
	for i, up := range tw.updates {
		sts[i] = up.st
	}
	return sts
}

// updateAll writes a table's changed entities.
func (u *UnitOfWork) updateAll(ctx context.Context, tw *tableWork) error {
	m := tw.t.m
	var groups []*updateGroup
	index := map[string]*updateGroup{}
	for _, up := range tw.updates {
		if len(u.waiting[up.st]) > 0 {
			u.resolve(up.st)
			fields, err := up.st.changed(nil)
			if err != nil {
				return err
			}
			if up.fields = fields; len(fields) == 0 {
				continue
			}
		}
		key := string(shapeOf('u', 0).add(up.fields))
		g := index[key]
		if g == nil {
			g = m.updateShape(up.fields)
			index[key] = g
			groups = append(groups, g)
		}
		g.sts = append(g.sts, up.st)
	}
	match := m.match()
	now := time.Now()
	for _, g := range groups {
		for _, st := range g.sts {
			u.keep(st)
			if len(match) > 0 && !m.def.Version.MadeVersion {
				m.nextVersion(st, now)
			}
		}
		width := len(g.set) + len(m.key) + len(match)
		most := u.db.Dialect().MaxBulkRows(width)
		for rest := g.sts; len(rest) > 0; {
			sts := rest[:min(most, len(rest))]
			rest = rest[len(sts):]
			if err := u.updateRows(ctx, m, g, match, sts); err != nil {
				return u.failure(Update, m, sts, err)
			}
		}
		if err := u.readVersions(ctx, m, g.sts); err != nil {
			return u.failure(Update, m, g.sts, err)
		}
		if err := u.updated(tw.t, g); err != nil {
			return u.failure(Update, m, g.sts, err)
		}
	}
	return nil
}

// updateShape says what an UPDATE of these fields assigns and reads back.
func (m *mapper) updateShape(fields []*field.Field) *updateGroup {
	g := &updateGroup{set: fields}
	for _, f := range m.tracked.Fields {
		c := f.Col
		switch {
		case c.Computed != nil:
			g.returning = append(g.returning, f)
		case c.MadeVersion:
		case c.IsVersion:
			g.set = append(g.set[:len(g.set):len(g.set)], f)
		case c.OnUpdate != nil && !contains(fields, f):
			g.exprs = append(g.exprs, expr.SetClause{Column: c.Ref, Value: c.OnUpdate})
			g.returning = append(g.returning, f)
		}
	}
	return g
}

func contains(fs []*field.Field, f *field.Field) bool {
	for _, x := range fs {
		if x == f {
			return true
		}
	}
	return false
}

// nextVersion puts the version after the snapshot's into the entity.
func (m *mapper) nextVersion(st *state, now time.Time) {
	f := m.tracked.Fields[m.def.Version.Position]
	if f.Col.Type.Kind == schema.TimeKind {
		_ = f.Restore(st.entity, st.snap)
		if old := f.Time(st.entity); !now.Truncate(time.Microsecond).After(old) {
			now = old.Add(time.Microsecond)
		}
		f.SetTime(st.entity, now)
		return
	}
	if old, ok := f.SnapshotValue(st.snap).(int64); ok {
		f.SetInteger(st.entity, old+1)
	}
}

func (u *UnitOfWork) updateRows(ctx context.Context, m *mapper, g *updateGroup, match []*field.Field, sts []*state) error {
	d := u.db.Dialect()
	if len(sts) == 1 {
		st := sts[0]
		text, err := m.stmt(string(shapeOf('u', 1).add(g.set).add(g.returning)), func() (string, error) {
			return d.UpdateOne(m.def, columnsOf(g.set), g.exprs, m.def.PrimaryKey, columnsOf(match), columnsOf(g.returning))
		})
		if err != nil {
			return err
		}
		args := make([]driver.NamedValue, 0, len(g.set)+len(m.key)+len(match))
		for _, f := range g.set {
			v, err := f.Load(st.entity)
			if err != nil {
				return err
			}
			args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
		}
		args = snapshotArgs(snapshotArgs(args, m.key, st.snap), match, st.snap)
		var n int64
		if len(g.returning) > 0 {
			n, err = u.readBack(ctx, text, args, m, g.returning, func(vals []driver.Value) (field.Ptr, []driver.Value, error) { return st.entity, vals, nil })
		} else {
			var res engine.Result
			res, err = u.conn.Exec(ctx, text, args)
			n = res.RowsAffected
		}
		if err == nil && n != 1 {
			err = u.stale(ctx, m, sts)
		}
		return err
	}
	return u.updateBulk(ctx, m, g, match, sts)
}

func (u *UnitOfWork) updateBulk(ctx context.Context, m *mapper, g *updateGroup, match []*field.Field, sts []*state) error {
	d := u.db.Dialect()
	var returning []*field.Field
	// Of rows with a version, which ones were matched cannot be told afterwards:
	// another writer's may have the same version by now.
	if len(g.returning) > 0 || len(match) > 0 {
		returning = append(append(returning, m.key...), g.returning...)
	}
	_, columnar := d.(dialect.ArrayElements)
	rows := len(sts)
	if columnar {
		rows = 0
	}
	text, err := m.stmt(string(shapeOf('U', rows).add(g.set).add(returning)), func() (string, error) {
		b, err := d.BulkUpdate(m.def, columnsOf(g.set), g.exprs, m.def.PrimaryKey, columnsOf(match), len(sts), columnsOf(returning))
		return b.SQL, err
	})
	if err != nil {
		return err
	}
	b := u.newBatch(columnar, len(m.key)+len(match)+len(g.set), len(sts))
	for _, st := range sts {
		for _, f := range m.key {
			b.add(f.SnapshotValue(st.snap))
		}
		for _, f := range match {
			b.add(f.SnapshotValue(st.snap))
		}
		for _, f := range g.set {
			v, err := f.Load(st.entity)
			if err != nil {
				return err
			}
			b.add(v)
		}
	}
	if len(returning) == 0 {
		res, err := u.conn.Exec(ctx, text, b.arguments())
		if err == nil && res.RowsAffected != int64(len(sts)) {
			err = u.stale(ctx, m, sts)
		}
		return err
	}
	var unmatched identity.Map[*state]
	keys := make([]identity.Key, len(sts))
	for i, st := range sts {
		if keys[i], err = m.keyOfWritten(st.entity); err != nil {
			return err
		}
		unmatched.Put(keys[i], st)
	}
	if _, err = u.readBack(ctx, text, b.arguments(), m, g.returning, func(vals []driver.Value) (field.Ptr, []driver.Value, error) {
		k, err := m.keyOfReturned(vals)
		if err != nil {
			return nil, nil, err
		}
		st, ok := unmatched.Get(k)
		if !ok {
			return nil, nil, fmt.Errorf("the database returned a row that was not updated")
		}
		unmatched.Delete(k)
		return st.entity, vals[len(m.key):], nil
	}); err != nil || unmatched.Len() == 0 {
		return err
	}
	stale := &StaleError{Entity: m.name, Op: Update.String()}
	for i, st := range sts {
		if _, ok := unmatched.Get(keys[i]); ok {
			stale.Keys = append(stale.Keys, st.showKey())
		}
	}
	return stale
}

// updated makes the written values the snapshots', and finds entities whose key
// has changed under the new one.
func (u *UnitOfWork) updated(t *table, g *updateGroup) error {
	rekey := false
	for _, f := range g.set {
		rekey = rekey || f.Col.PrimaryKey
	}
	if rekey {
		for _, st := range g.sts {
			if k := st.key(); t.has(k, st) {
				t.ids.Delete(k)
			}
		}
	}
	for _, st := range g.sts {
		if v := t.m.def.Version; v != nil && v.MadeVersion {
			if err := t.m.tracked.Fields[v.Position].Snapshot(st.entity, st.snap); err != nil {
				return err
			}
		}
		for _, fs := range [2][]*field.Field{g.set, g.returning} {
			for _, f := range fs {
				if err := f.Settle(st.entity); err != nil {
					return err
				}
				if err := f.Snapshot(st.entity, st.snap); err != nil {
					return err
				}
			}
		}
		if rekey {
			t.ids.Put(st.key(), st)
		}
	}
	return nil
}
