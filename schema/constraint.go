package schema

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// columnsOf resolves the columns given to a table-wide definition; what names
// the definition.
//
//go:noinline
func columnsOf[T any](what string, cols []expr.Of[T]) (*TableDef, []*ColumnDef) {
	nodes := make([]expr.Node, len(cols))
	for i, x := range cols {
		nodes[i] = expr.NodeOf(x)
	}
	return columnsBehind(what, nodes)
}

func columnsBehind(what string, nodes []expr.Node) (*TableDef, []*ColumnDef) {
	var out []*ColumnDef
	for _, n := range nodes {
		if n == nil {
			panic(&DefineError{Table: "?", Faults: []string{what + " of a nil column"}})
		}
		out = append(out, beginAt(n))
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

// PrimaryKey makes the columns, in this order, the table's key. Columns that
// were made part of the key before follow after them.
func PrimaryKey[T any](cols ...expr.Of[T]) {
	t, cs := columnsOf("PrimaryKey", cols)
	t.leadKey(cs)
}

// leadKey puts columns first in the key.
func (t *TableDef) leadKey(cs []*ColumnDef) {
	before := t.PrimaryKey
	t.PrimaryKey = nil
	for _, c := range append(cs, before...) {
		if slices.Contains(t.PrimaryKey, c) {
			continue
		}
		c.PrimaryKey = false
		c.addToKey()
	}
}

// UniqueDefinition defines a UNIQUE constraint.
type UniqueDefinition struct {
	table *TableDef
	def   *UniqueDef
}

// Unique adds a UNIQUE constraint over the columns together.
func Unique[T any](cols ...expr.Of[T]) *UniqueDefinition {
	t, cs := columnsOf("Unique", cols)
	return t.unique(cs)
}

func (t *TableDef) unique(cs []*ColumnDef) *UniqueDefinition {
	u := &UniqueDef{Columns: cs}
	t.Uniques = append(t.Uniques, u)
	return &UniqueDefinition{t, u}
}

// Name names the constraint; without it the name is uq_table_columns.
func (d *UniqueDefinition) Name(name string) *UniqueDefinition {
	d.table.mustBeOpen("")
	d.def.Name = name
	return d
}

// IndexDefinition defines an index on a table of entity T.
type IndexDefinition[T any] struct{ def *IndexDef }

// Index adds an index over columns or expressions, in this order. For parts in
// descending order see By.
func Index[T any](parts ...expr.Of[T]) *IndexDefinition[T] {
	d := &IndexDefinition[T]{&IndexDef{}}
	for _, p := range parts {
		if p == nil {
			panic(&DefineError{Table: "?", Faults: []string{"Index of a nil column"}})
		}
		d.def.add(expr.NodeOf(p), expr.OrderTerm{})
	}
	d.def.begun()
	return d
}

// IndexBy adds an index over ordered columns or expressions.
func IndexBy[T any](parts ...expr.Order[T]) *IndexDefinition[T] {
	d := &IndexDefinition[T]{&IndexDef{}}
	for _, p := range parts {
		d.def.add(p.Term().X, p.Term())
	}
	d.def.begun()
	return d
}

// By adds parts in the given order to the index.
func (d *IndexDefinition[T]) By(parts ...expr.Order[T]) *IndexDefinition[T] {
	d.def.open()
	for _, p := range parts {
		d.def.add(p.Term().X, p.Term())
	}
	return d
}

// Unique makes the index unique.
func (d *IndexDefinition[T]) Unique() *IndexDefinition[T] {
	d.def.open().Unique = true
	return d
}

// Where makes the index partial: it holds the rows that meet cond.
func (d *IndexDefinition[T]) Where(cond expr.Expr[T]) *IndexDefinition[T] {
	def := d.def.open()
	def.Table.must(tableOf("Index", expr.NodeOf(cond)) == def.Table, "Index: its Where belongs to another table")
	def.Where = expr.NodeOf(cond)
	return d
}

// Include adds columns that the index stores without ordering by them, where the
// database can.
func (d *IndexDefinition[T]) Include(cols ...expr.Of[T]) *IndexDefinition[T] {
	t, cs := columnsOf("Include", cols)
	t.must(t == d.def.Table, "Index: an included column belongs to another table")
	d.def.Include = append(d.def.Include, cs...)
	return d
}

// Method sets the index's access method as the database names it.
func (d *IndexDefinition[T]) Method(name string) *IndexDefinition[T] {
	d.def.open().Method = name
	return d
}

// Name names the index; without it the name is ix_table_columns.
func (d *IndexDefinition[T]) Name(name string) *IndexDefinition[T] {
	d.def.open().Name = name
	return d
}

// Check adds a CHECK constraint of that name. The condition names at least one
// column of the table.
func Check[T any](name string, cond expr.Expr[T]) {
	n := expr.NodeOf(cond)
	t := tableOf("Check "+name, n)
	for _, ref := range expr.Columns(n) {
		t.must(ref.Source.Def == any(t), "Check %s: column %s belongs to another table", name, ref.Name)
	}
	t.mustBeOpen("")
	if t.must(name != "", "Check: a check constraint needs a name, so that errors and migrations can refer to it") {
		t.Checks = append(t.Checks, &CheckDef{Name: name, Cond: n})
	}
}

// tableOf finds the table whose columns a tree names.
func tableOf(what string, n expr.Node) *TableDef {
	for _, ref := range expr.Columns(n) {
		t := ref.Source.Def.(*TableDef)
		t.must(ref.Source.Alias == "", "%s: column %s is of alias %s: define on the table's own handles", what, ref.Name, ref.Source.Alias)
		return t
	}
	panic(&DefineError{Table: "?", Faults: []string{what + ": the expression names no column of the table"}})
}

func (d *IndexDef) begun() {
	if d.Table == nil {
		panic(&DefineError{Table: "?", Faults: []string{"Index without columns"}})
	}
}

// open returns the index, and panics where its table has been sealed since the
// definition began.
func (d *IndexDef) open() *IndexDef {
	d.Table.mustBeOpen("")
	return d
}

func (d *IndexDef) add(n expr.Node, term expr.OrderTerm) {
	t := tableOf("Index", n)
	part := IndexPart{Desc: term.Desc, Nulls: term.Nulls}
	if ref, ok := n.(*expr.ColumnRef); ok {
		part.Column = ref.Def.(*ColumnDef)
	} else {
		part.Expr = n
	}
	if d.Table == nil {
		name := ""
		if part.Column != nil {
			name = part.Column.Name
		}
		t.mustBeOpen(name)
		d.Table = t
		t.Indexes = append(t.Indexes, d)
	}
	t.must(t == d.Table, "Index: a part belongs to %s", t.Name)
	d.Parts = append(d.Parts, part)
}
