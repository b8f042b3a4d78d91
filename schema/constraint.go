package schema

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// columnsOf resolves the columns given to a table-wide definition; what names
// the definition.
func columnsOf[T any](what string, cols []expr.Of[T]) (*TableDef, []*ColumnDef) {
	var out []*ColumnDef
	for _, x := range cols {
		if x == nil {
			panic(&DefineError{Table: "?", Faults: []string{what + " of a nil column"}})
		}
		out = append(out, begin(x))
	}
	if len(out) == 0 {
		panic(&DefineError{Table: "?", Faults: []string{what + " without columns"}})
	}
	t := out[0].Table
	for i, c := range out {
		t.must(c.Table == t, "%s: column %s belongs to %s", what, c.Name, c.Table.Name)
		for _, d := range out[:i] {
			t.must(d != c, "%s: column %s stands twice", what, c.Name)
		}
	}
	return t, out
}

// PrimaryKey makes the columns, in this order, the table's key.
func PrimaryKey[T any](cols ...expr.Of[T]) {
	_, cs := columnsOf("PrimaryKey", cols)
	for _, c := range cs {
		c.addToKey()
	}
}

// UniqueDefinition defines a UNIQUE constraint.
type UniqueDefinition struct{ def *UniqueDef }

// Unique adds a UNIQUE constraint over the columns together.
func Unique[T any](cols ...expr.Of[T]) *UniqueDefinition {
	t, cs := columnsOf("Unique", cols)
	u := &UniqueDef{Columns: cs}
	t.Uniques = append(t.Uniques, u)
	return &UniqueDefinition{u}
}

// Name names the constraint; without it the name is uq_table_columns.
func (d *UniqueDefinition) Name(name string) *UniqueDefinition { d.def.Name = name; return d }

// IndexDefinition defines an index on a table of entity T.
type IndexDefinition[T any] struct{ def *IndexDef }

// Index adds an index over columns or expressions, in this order. For parts in
// descending order see By.
func Index[T any](parts ...expr.Of[T]) *IndexDefinition[T] {
	d := &IndexDefinition[T]{&IndexDef{}}
	for _, p := range parts {
		d.add(expr.NodeOf(p), expr.OrderTerm{})
	}
	return d
}

// IndexBy adds an index over ordered columns or expressions.
func IndexBy[T any](parts ...expr.Order[T]) *IndexDefinition[T] {
	return (&IndexDefinition[T]{&IndexDef{}}).By(parts...)
}

// By adds parts in the given order to the index.
func (d *IndexDefinition[T]) By(parts ...expr.Order[T]) *IndexDefinition[T] {
	for _, p := range parts {
		d.add(p.Term().X, p.Term())
	}
	return d
}

func (d *IndexDefinition[T]) add(n expr.Node, term expr.OrderTerm) {
	t := tableOf("Index", n)
	part := IndexPart{Desc: term.Desc, Nulls: term.Nulls}
	if ref, ok := n.(*expr.ColumnRef); ok {
		part.Column = ref.Def.(*ColumnDef)
	} else {
		part.Expr = n
	}
	if d.def.Table == nil {
		t.mustBeOpen("")
		d.def.Table = t
		t.Indexes = append(t.Indexes, d.def)
	}
	t.must(t == d.def.Table, "Index: a part belongs to %s", t.Name)
	d.def.Parts = append(d.def.Parts, part)
}

// Unique makes the index unique.
func (d *IndexDefinition[T]) Unique() *IndexDefinition[T] { d.def.Unique = true; return d }

// Where makes the index partial: it holds the rows that meet cond.
func (d *IndexDefinition[T]) Where(cond expr.Expr[T]) *IndexDefinition[T] {
	d.def.Where = expr.NodeOf(cond)
	return d
}

// Include adds columns that the index stores without ordering by them, where the
// database can.
func (d *IndexDefinition[T]) Include(cols ...expr.Of[T]) *IndexDefinition[T] {
	_, cs := columnsOf("Include", cols)
	d.def.Include = append(d.def.Include, cs...)
	return d
}

// Method sets the index's access method as the database names it.
func (d *IndexDefinition[T]) Method(name string) *IndexDefinition[T] { d.def.Method = name; return d }

// Name names the index; without it the name is ix_table_columns.
func (d *IndexDefinition[T]) Name(name string) *IndexDefinition[T] { d.def.Name = name; return d }

// Check adds a CHECK constraint of that name. The condition names at least one
// column of the table.
func Check[T any](name string, cond expr.Expr[T]) {
	n := expr.NodeOf(cond)
	t := tableOf("Check "+name, n)
	t.mustBeOpen("")
	if t.must(name != "", "Check: a check constraint needs a name, so that errors and migrations can refer to it") {
		t.Checks = append(t.Checks, &CheckDef{Name: name, Cond: n})
	}
}

// tableOf finds the table whose columns a tree names.
func tableOf(what string, n expr.Node) *TableDef {
	for _, ref := range expr.Columns(n) {
		return ref.Source.Def.(*TableDef)
	}
	panic(&DefineError{Table: "?", Faults: []string{what + ": the expression names no column of the table"}})
}

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
	c, ref := begin(column), target.Ref()
	t := c.Table
	if ref == nil {
		panic(&DefineError{Table: t.QualifiedName(), Faults: []string{"ForeignKey to a handle that is not bound"}})
	}
	rc := ref.Def.(*ColumnDef)
	fk := &ForeignKeyDef{Table: t, Columns: []*ColumnDef{c}, RefTable: rc.Table, RefColumns: []*ColumnDef{rc}}
	t.ForeignKeys = append(t.ForeignKeys, fk)
	return &ForeignKeyDefinition{fk}
}

// And adds another pair of columns to a composite foreign key. The types are
// checked when the model is sealed.
func (d *ForeignKeyDefinition) And(column, target AnyColumn) *ForeignKeyDefinition {
	d.def.Columns = append(d.def.Columns, begin(column))
	if target.Ref() != nil {
		d.def.RefColumns = append(d.def.RefColumns, target.Ref().Def.(*ColumnDef))
	}
	return d
}

// OnDelete is what happens when the row that the key points to is deleted.
func (d *ForeignKeyDefinition) OnDelete(a Action) *ForeignKeyDefinition {
	d.def.OnDelete = a
	return d
}

// OnUpdate is what happens when the key that the foreign key points to changes.
func (d *ForeignKeyDefinition) OnUpdate(a Action) *ForeignKeyDefinition {
	d.def.OnUpdate = a
	return d
}

// Deferrable has the constraint checked at COMMIT, where the database can.
func (d *ForeignKeyDefinition) Deferrable() *ForeignKeyDefinition { d.def.Deferrable = true; return d }

// Name names the constraint; without it the name is fk_table_columns.
func (d *ForeignKeyDefinition) Name(name string) *ForeignKeyDefinition { d.def.Name = name; return d }

// faults says what is wrong with a foreign key, once all tables are known.
func (fk *ForeignKeyDef) faults() (faults []string) {
	if len(fk.Columns) != len(fk.RefColumns) {
		return []string{fmt.Sprintf("foreign key %s: %d columns refer to %d", fk.Name, len(fk.Columns), len(fk.RefColumns))}
	}
	for i, c := range fk.Columns {
		r := fk.RefColumns[i]
		if c.Table != fk.Table || r.Table != fk.RefTable {
			faults = append(faults, fmt.Sprintf("foreign key %s: its columns belong to more than two tables", fk.Name))
		}
		if c.GoType != r.GoType {
			faults = append(faults, fmt.Sprintf("foreign key %s: %s is %s, but %s.%s is %s", fk.Name, c.Name, c.GoType, r.Table.Name, r.Name, r.GoType))
		}
		if fk.OnDelete == SetNull && !c.Nullable {
			faults = append(faults, fmt.Sprintf("foreign key %s: ON DELETE SET NULL, but %s cannot be NULL", fk.Name, c.Name))
		}
	}
	if len(faults) == 0 && !fk.RefTable.hasKey(fk.RefColumns) {
		faults = append(faults, fmt.Sprintf("foreign key %s: %s are neither the key of %s nor unique there", fk.Name, fmt.Sprint(columnNames(fk.RefColumns)), fk.RefTable.Name))
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
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x == y
		}
		if !found {
			return false
		}
	}
	return true
}
