package schema

import "fmt"

// With adds to a table what its handles cannot say, by name and in SQL: a CHECK
// (CheckThat), an index over expressions (IndexOn), a UNIQUE constraint
// (UniqueKey), what follows CREATE TABLE (WithOptions). Columns, keys and
// references have definitions of their own and are refused.
//
//	schema.With(t, schema.CheckThat("ck_range", schema.SQL("low < high")))
//
// Call it in Define, in a package variable or in an init. It panics with a
// *DefineError where the table was not made by Define or is sealed; in Define, what
// is wrong with a part is one of the table's faults.
func With(t Handle, parts ...TablePart) {
	def := DefOf(t)
	if def == nil {
		panic(&DefineError{Table: "?", Faults: []string{"schema.With of a table that Define did not make"}})
	}
	def.mustBeOpen("")
	for _, p := range parts {
		if p != nil {
			def.with(p)
		}
	}
}

// with adds a part to a description of its own first, to see what it is.
func (t *TableDef) with(p TablePart) {
	alone := &TableDef{Name: t.Name, Schema: t.Schema, Columns: t.Columns}
	p.addTo(alone)
	if !t.must(len(alone.Columns) == len(t.Columns) && alone.PrimaryKey == nil && alone.ForeignKeys == nil && alone.Schema == t.Schema,
		"schema.With: columns, keys and schemas are defined by the table's handles") {
		return
	}
	for _, u := range alone.Uniques {
		if t.known(u.Columns) {
			t.Uniques = append(t.Uniques, u)
		}
	}
	for _, x := range alone.Indexes {
		var cols []*ColumnDef
		for _, part := range x.Parts {
			if part.Column != nil {
				cols = append(cols, part.Column)
			}
		}
		if t.known(append(cols, x.Include...)) {
			x.Table = t
			t.Indexes = append(t.Indexes, x)
		}
	}
	for _, k := range alone.Checks {
		if t.must(k.Name != "", "schema.With: a check constraint needs a name, so that errors and migrations can refer to it") {
			t.Checks = append(t.Checks, k)
		}
	}
	if alone.Options != "" {
		t.Options = alone.Options
	}
	if alone.Comment != "" {
		t.Comment = alone.Comment
	}
}

// known reports whether all columns are the table's.
func (t *TableDef) known(cols []*ColumnDef) bool {
	for _, c := range cols {
		if !t.must(t.Column(c.Name) == c, "%s", fmt.Sprintf("schema.With: there is no column %s", c.Name)) {
			return false
		}
	}
	return true
}
