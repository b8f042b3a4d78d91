package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// ForeignKeyDefinition defines a foreign key.
type ForeignKeyDefinition struct{ def *ForeignKeyDef }

// AnyColumn is a column handle of any entity and type.
type AnyColumn interface {
	expr.Any
	Ref() *expr.ColumnRef
}

// ForeignKey adds a foreign key from a column to target, which the other table
// has as its key or as unique. Use it in an init where tables refer to each
// other; elsewhere Column(…).References says the same.
func ForeignKey[V any](column, target expr.ColumnOf[V]) *ForeignKeyDefinition {
	c := begin(column)
	t, rc := c.Table, targetOf(c, target)
	fk := &ForeignKeyDef{Table: t, Columns: []*ColumnDef{c}, RefTable: rc.Table, RefColumns: []*ColumnDef{rc}}
	t.ForeignKeys = append(t.ForeignKeys, fk)
	return &ForeignKeyDefinition{fk}
}

// And adds another pair of columns to a composite foreign key. The types are
// checked when the model is sealed.
func (d *ForeignKeyDefinition) And(column, target AnyColumn) *ForeignKeyDefinition {
	c := begin(column)
	d.def.RefColumns = append(d.def.RefColumns, targetOf(c, target))
	d.def.Columns = append(d.def.Columns, c)
	return d
}

func targetOf(c *ColumnDef, target AnyColumn) *ColumnDef {
	if target == nil || target.Ref() == nil {
		panic(&DefineError{Table: c.Table.QualifiedName(), Faults: []string{"foreign key from " + c.Name + " to a handle that is not bound: define the other table first"}})
	}
	return target.Ref().Def.(*ColumnDef)
}

func (d *ForeignKeyDefinition) open() *ForeignKeyDef {
	d.def.Table.mustBeOpen(d.def.Columns[0].Name)
	return d.def
}

// OnDelete is what happens when the row that the key points to is deleted.
func (d *ForeignKeyDefinition) OnDelete(a Action) *ForeignKeyDefinition {
	d.open().OnDelete = a
	return d
}

// OnUpdate is what happens when the key that the foreign key points to changes.
func (d *ForeignKeyDefinition) OnUpdate(a Action) *ForeignKeyDefinition {
	d.open().OnUpdate = a
	return d
}

// Deferrable has the constraint checked at COMMIT, where the database can.
func (d *ForeignKeyDefinition) Deferrable() *ForeignKeyDefinition {
	d.open().Deferrable = true
	return d
}

// Name names the constraint; without it the name is fk_table_columns.
func (d *ForeignKeyDefinition) Name(name string) *ForeignKeyDefinition {
	d.open().Name = name
	return d
}

// faults says what is wrong with a foreign key, once all tables are known.
func (fk *ForeignKeyDef) faults() (faults []string) {
	if len(fk.Columns) != len(fk.RefColumns) {
		return []string{fmt.Sprintf("foreign key %s: %d columns refer to %d", fk.Name, len(fk.Columns), len(fk.RefColumns))}
	}
	for i, c := range fk.Columns {
		r := fk.RefColumns[i]
		if c.Table != fk.Table || r.Table != fk.RefTable {
			return []string{fmt.Sprintf("foreign key %s: its columns belong to more than two tables", fk.Name)}
		}
		if slices.Contains(fk.Columns[:i], c) || slices.Contains(fk.RefColumns[:i], r) {
			faults = append(faults, fmt.Sprintf("foreign key %s: the pair %s, %s.%s has a column that another pair has", fk.Name, c.Name, r.Table.Name, r.Name))
		}
		if c.GoType != r.GoType {
			faults = append(faults, fmt.Sprintf("foreign key %s: %s is %s, but %s.%s is %s", fk.Name, c.Name, c.GoType, r.Table.Name, r.Name, r.GoType))
		}
		if (fk.OnDelete == SetNull || fk.OnUpdate == SetNull) && !c.Nullable {
			faults = append(faults, fmt.Sprintf("foreign key %s: SET NULL, but %s cannot be NULL: make field %s a pointer or sql.Null", fk.Name, c.Name, c.Field))
		}
		if (fk.OnDelete == SetDefault || fk.OnUpdate == SetDefault) && !c.Nullable && c.ServerDefault == nil {
			faults = append(faults, fmt.Sprintf("foreign key %s: SET DEFAULT, but %s has no ServerDefault and cannot be NULL", fk.Name, c.Name))
		}
	}
	if len(faults) == 0 && !fk.RefTable.hasKey(fk.RefColumns) {
		faults = append(faults, fmt.Sprintf("foreign key %s: (%s) is neither the key of %s nor unique there", fk.Name, strings.Join(columnNames(fk.RefColumns), ", "), fk.RefTable.Name))
	}
	return faults
}

func (t *TableDef) hasKey(cols []*ColumnDef) bool {
	if sameColumns(t.PrimaryKey, cols) {
		return true
	}
	for _, u := range t.Uniques {
		if sameColumns(u.Columns, cols) {
			return true
		}
	}
	for _, ix := range t.Indexes {
		if ix.Unique && ix.Where == nil {
			var cs []*ColumnDef
			for _, p := range ix.Parts {
				cs = append(cs, p.Column)
			}
			if sameColumns(cs, cols) {
				return true
			}
		}
	}
	return false
}

// sameColumns compares sets; neither has repetitions.
func sameColumns(a, b []*ColumnDef) bool {
	if len(a) != len(b) {
		return false
	}
	return !slices.ContainsFunc(a, func(c *ColumnDef) bool { return !slices.Contains(b, c) })
}
