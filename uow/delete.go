package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/schema"
)

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
			st.lose()
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
