package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// withoutTaken leaves out of rows that a DELETE did not match those that a
// declared cascade of the database has taken with others that were deleted:
// they are gone, and so is the row that they referred to.
func (u *UnitOfWork) withoutTaken(ctx context.Context, t *table, missing []*state) (stale []*state, err error) {
	there, err := u.present(ctx, t.m, t.m.key, snapshotsOf(t.m.key, missing))
	if err != nil {
		return nil, err
	}
	for _, st := range missing {
		v, _ := oldValue(nil, t.m.key, st.snap)
		taken := !there[string(v)]
		if taken {
			if taken, err = u.takenAlong(ctx, t, st); err != nil {
				return nil, err
			}
		}
		if taken {
			t.deleted(st)
		} else {
			stale = append(stale, st)
		}
	}
	return stale, nil
}

// takenAlong reports whether a row that is gone referred, by a foreign key that
// cascades, to one that went in this transaction, by itself or by a cascade.
func (u *UnitOfWork) takenAlong(ctx context.Context, t *table, st *state) (bool, error) {
	for _, fk := range t.m.def.ForeignKeys {
		near := t.m.fieldsOf(fk.Columns)
		v, ok := oldValue(nil, near, st.snap)
		if fk.OnDelete != schema.Cascade || !ok || !u.cascadesTo(fk.RefTable, map[*schema.TableDef]bool{}) {
			continue
		}
		parents, err := u.ms.of(u.db, fk.RefTable)
		if err != nil {
			return false, err
		}
		there, err := u.present(ctx, parents, parents.fieldsOf(fk.RefColumns), snapshotsOf(near, []*state{st}))
		if err != nil || !there[string(v)] {
			return err == nil, err
		}
	}
	return false, nil
}

// cascadesTo reports whether rows of a table have been deleted in this
// transaction, or of one from where cascades reach it.
func (u *UnitOfWork) cascadesTo(def *schema.TableDef, seen map[*schema.TableDef]bool) bool {
	if seen[def] {
		return false
	}
	seen[def] = true
	for _, t := range u.tables {
		if t != nil && t.m.def == def && t.lost {
			return true
		}
	}
	for _, fk := range def.ForeignKeys {
		if fk.OnDelete == schema.Cascade && u.cascadesTo(fk.RefTable, seen) {
			return true
		}
	}
	return false
}

// maxPresent is the number of rows that present asks for at a time.
const maxPresent = 250

// present reports which rows there are, by the values of some columns, as texts
// of oldValue.
func (u *UnitOfWork) present(ctx context.Context, m *mapper, fs []*field.Field, values [][]driver.Value) (map[string]bool, error) {
	there := map[string]bool{}
	for len(values) > 0 {
		part := values[:min(maxPresent, len(values))]
		values = values[len(part):]
		s := &expr.SelectStmt{Distinct: true, From: m.def.Source, Limit: -1, Offset: -1, Filters: noFilters}
		for _, f := range fs {
			s.Columns = append(s.Columns, f.Col.Ref)
		}
		or := &expr.LogicNode{Or: true}
		for _, vs := range part {
			and := &expr.LogicNode{}
			for i, f := range fs {
				and.Args = append(and.Args, &expr.CompareNode{Op: expr.OpEq, Left: f.Col.Ref, Right: &expr.ParamNode{Value: vs[i], Like: f.Col.Ref}})
			}
			or.Args = append(or.Args, and)
		}
		s.Where = or
		c, err := u.compile(ctx, s)
		if err != nil {
			return nil, err
		}
		if _, err := u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) (err error) {
			var b []byte
			for i, f := range fs {
				if b, err = f.AppendKeyValue(b, vals[i]); err != nil {
					return err
				}
			}
			there[string(b)] = true
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return there, nil
}

// snapshotsOf are the values of columns in rows' snapshots.
func snapshotsOf(fs []*field.Field, sts []*state) [][]driver.Value {
	out := make([][]driver.Value, len(sts))
	for i, st := range sts {
		for _, f := range fs {
			out[i] = append(out[i], f.SnapshotValue(st.snap))
		}
	}
	return out
}
