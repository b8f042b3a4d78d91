package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// nameForeignKey says of a violation that the database does not describe, as
// SQLite does not, which foreign key it is of. Where the model leaves several,
// the rows tell; that such a database goes on after a failed statement is what
// lets them be asked.
func (u *UnitOfWork) nameForeignKey(op Op, m *mapper, sts []*state, err error) {
	var v *dialect.ForeignKeyViolation
	if !errors.As(err, &v) || v.Table != "" {
		return
	}
	if op != Delete {
		v.Table = m.def.Name
	}
	fks := m.def.ForeignKeys
	broken := u.lacksParent
	if op == Delete {
		fks, broken = keepersOf(m.def), u.hasChild
	}
	if len(fks) == 1 {
		describe(&v.Violation, fks[0], op)
		return
	}
	for _, fk := range fks {
		if yes, err := broken(context.Background(), m, fk, sts); err != nil {
			return
		} else if yes {
			describe(&v.Violation, fk, op)
			return
		}
	}
}

// describe names a foreign key as PostgreSQL does: the columns only where a row
// lacks its parent.
func describe(v *dialect.Violation, fk *schema.ForeignKeyDef, op Op) {
	v.Table, v.Constraint = fk.Table.Name, fk.Name
	if op != Delete {
		for _, c := range fk.Columns {
			v.Columns = append(v.Columns, c.Name)
		}
	}
}

// keepersOf are the foreign keys that keep rows of a table from being deleted.
func keepersOf(def *schema.TableDef) (out []*schema.ForeignKeyDef) {
	for _, t := range def.Metadata.Tables() {
		for _, fk := range t.ForeignKeys {
			if fk.RefTable == def && keeps(fk.OnDelete) {
				out = append(out, fk)
			}
		}
	}
	return out
}

// lacksParent reports whether one of the entities refers to a row that is not
// there.
func (u *UnitOfWork) lacksParent(ctx context.Context, m *mapper, fk *schema.ForeignKeyDef, sts []*state) (bool, error) {
	parents, err := u.ms.of(u.db, fk.RefTable)
	if err != nil {
		return false, err
	}
	near := m.fieldsOf(fk.Columns)
	var values [][]driver.Value
	var wanted []string
	for _, st := range sts {
		v, ok := uniqueValue(nil, near, st.entity)
		if !ok || slices.Contains(wanted, string(v)) {
			continue
		}
		vs, err := loadAll(near, st.entity)
		if err != nil {
			return false, err
		}
		values, wanted = append(values, vs), append(wanted, string(v))
	}
	there, err := u.present(ctx, parents, parents.fieldsOf(fk.RefColumns), values)
	for _, v := range wanted {
		if err == nil && !there[v] {
			return true, nil
		}
	}
	return false, err
}

func loadAll(fs []*field.Field, e field.Ptr) ([]driver.Value, error) {
	vs := make([]driver.Value, len(fs))
	for i, f := range fs {
		var err error
		if vs[i], err = f.Load(e); err != nil {
			return nil, err
		}
	}
	return vs, nil
}

// hasChild reports whether a row refers to one of the entities' rows. One of a
// row that the same statement deletes counts: it is found where no other is.
func (u *UnitOfWork) hasChild(ctx context.Context, m *mapper, fk *schema.ForeignKeyDef, sts []*state) (bool, error) {
	children, err := u.ms.of(u.db, fk.Table)
	if err != nil {
		return false, err
	}
	there, err := u.present(ctx, children, children.fieldsOf(fk.Columns), snapshotsOf(m.fieldsOf(fk.RefColumns), sts))
	return len(there) > 0, err
}

// nameForeignKeyOf is nameForeignKey for a statement that writes rows by a
// condition.
func (u *UnitOfWork) nameForeignKeyOf(s expr.Statement, m *mapper, err error) {
	var v *dialect.ForeignKeyViolation
	if !errors.As(err, &v) || v.Table != "" {
		return
	}
	ctx := context.Background()
	switch s := s.(type) {
	case *expr.DeleteStmt:
		for _, fk := range keepersOf(m.def) {
			if yes, err := u.hasChildWhere(ctx, m, fk, s.Where); err == nil && yes {
				describe(&v.Violation, fk, Delete)
				return
			}
		}
	case *expr.UpdateStmt:
		v.Table = m.def.Name
		var set []*schema.ForeignKeyDef
		for _, fk := range m.def.ForeignKeys {
			if slices.ContainsFunc(s.Set, func(c expr.SetClause) bool {
				return slices.ContainsFunc(fk.Columns, func(d *schema.ColumnDef) bool { return d.Ref == c.Column })
			}) {
				set = append(set, fk)
			}
		}
		if len(set) == 1 { // of several, expressions may have made the value
			describe(&v.Violation, set[0], Update)
		}
	}
}

// hasChildWhere reports whether a row refers to one of those that meet a
// condition.
func (u *UnitOfWork) hasChildWhere(ctx context.Context, m *mapper, fk *schema.ForeignKeyDef, where expr.Node) (bool, error) {
	children, err := u.ms.of(u.db, fk.Table)
	if err != nil {
		return false, err
	}
	s := &expr.SelectStmt{Distinct: true, From: m.def.Source, Where: where, Limit: -1, Offset: -1, Filters: noFilters}
	for _, c := range fk.RefColumns {
		s.Columns = append(s.Columns, c.Ref)
	}
	c, err := u.compile(ctx, s)
	if err != nil {
		return false, err
	}
	var values [][]driver.Value
	if _, err := u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) error {
		values = append(values, cloneValues(vals))
		return nil
	}); err != nil {
		return false, err
	}
	there, err := u.present(ctx, children, children.fieldsOf(fk.Columns), values)
	return len(there) > 0, err
}
