package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

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

// addSnapshot takes the values of columns in a snapshot.
func (b *batch) addSnapshot(fs []*field.Field, s field.Ptr) {
	for _, f := range fs {
		b.add(f.SnapshotValue(s))
	}
}

func (b *batch) arguments() []driver.NamedValue {
	for i, a := range b.arrays {
		b.args = append(b.args, driver.NamedValue{Ordinal: i + 1, Value: string(append(a, '}'))})
	}
	return b.args
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

// match are the columns besides the key that a row must hold to be written: its
// version, and its tenant, since a key alone may be that of another's row.
func (m *mapper) match() (fs []*field.Field) {
	if m.def.Version != nil {
		fs = append(fs, m.tracked.Fields[m.def.Version.Position])
	}
	for _, f := range m.tenants {
		if !f.Column.PrimaryKey {
			fs = append(fs, m.tracked.Fields[f.Column.Position])
		}
	}
	return fs
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

func contains(fs []*field.Field, f *field.Field) bool {
	for _, x := range fs {
		if x == f {
			return true
		}
	}
	return false
}
