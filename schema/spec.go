package schema

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// ColumnSpec describes a column by name, without a Go struct: what migrations are
// written in. Its methods change it and return it.
type ColumnSpec struct{ def *ColumnDef }

// Col describes a column that takes no NULL.
func Col(name string, t Type) *ColumnSpec {
	return &ColumnSpec{&ColumnDef{Name: name, Type: t}}
}

// SpecOf describes a column that exists; later changes of the specification do
// not change it.
func SpecOf(c *ColumnDef) *ColumnSpec {
	d := *c
	return &ColumnSpec{&d}
}

// Nullable lets the column take NULL.
func (s *ColumnSpec) Nullable() *ColumnSpec { s.def.Nullable = true; return s }

// Identity has the database make the column's values.
func (s *ColumnSpec) Identity() *ColumnSpec { s.def.Identity = true; return s }

// Default is the DEFAULT of the DDL: a constant or the result of SQL. nil takes it
// away.
func (s *ColumnSpec) Default(v any) *ColumnSpec {
	switch v := v.(type) {
	case nil:
		s.def.ServerDefault = nil
	case expr.Node:
		s.def.ServerDefault = v
	default:
		s.def.ServerDefault = &expr.ParamNode{Value: v}
	}
	return s
}

// Computed makes it a generated column of that expression; stored says that its
// values are kept in the table.
func (s *ColumnSpec) Computed(e expr.Node, stored bool) *ColumnSpec {
	s.def.Computed, s.def.Stored = e, stored
	return s
}

// Collate is the collation of the column's text.
func (s *ColumnSpec) Collate(name string) *ColumnSpec { s.def.Collation = name; return s }

// Comment is the column's comment, where the database keeps comments.
func (s *ColumnSpec) Comment(text string) *ColumnSpec { s.def.Comment = text; return s }

// Def returns the column described, which belongs to no table. It must not be
// changed.
func (s *ColumnSpec) Def() *ColumnDef { return s.def }

func (s *ColumnSpec) addTo(t *TableDef) {
	c := *s.def
	c.Table, c.Position = t, len(t.Columns)
	t.Columns = append(t.Columns, &c)
}

// SQL is text that goes into DDL as it is, for defaults, CHECKs, indexes and
// generated columns: never build it from input. other has the text of dialects
// that spell it in another way: a dialect's name and the text, in turn.
func SQL(text string, other ...string) expr.Node {
	n := &expr.TextNode{SQL: text}
	for i := 0; i+1 < len(other); i += 2 {
		if n.On == nil {
			n.On = map[string]string{}
		}
		n.On[other[i]] = other[i+1]
	}
	if len(other)%2 != 0 {
		return &expr.ErrorNode{Err: fmt.Errorf("schema: SQL takes a dialect and its text in pairs")}
	}
	return n
}

// TablePart is a part of a table in NewTable.
type TablePart interface{ addTo(*TableDef) }

type tablePart func(*TableDef)

func (f tablePart) addTo(t *TableDef) { f(t) }

// NewTable describes a table by names, without a Go struct. Constraints come
// after the columns that they name; names that no column has are left to the
// database to refuse. The table belongs to no Metadata.
func NewTable(name string, parts ...TablePart) *TableDef {
	t := &TableDef{Name: name}
	for _, p := range parts {
		if p != nil {
			p.addTo(t)
		}
	}
	t.Source = expr.NewSource(t.Schema, t.Name, "", t)
	return t
}

// InSchema puts the table into a schema of the database.
func InSchema(name string) TablePart { return tablePart(func(t *TableDef) { t.Schema = name }) }

// WithOptions is what follows the closing parenthesis of CREATE TABLE.
func WithOptions(sql string) TablePart { return tablePart(func(t *TableDef) { t.Options = sql }) }

// TableComment is the table's comment.
func TableComment(text string) TablePart {
	return tablePart(func(t *TableDef) { t.Comment = text })
}

// Key is the primary key.
func Key(columns ...string) TablePart {
	return tablePart(func(t *TableDef) {
		t.PrimaryKey = t.named(columns)
		for _, c := range t.PrimaryKey {
			c.PrimaryKey = true
		}
	})
}

// UniqueKey is a UNIQUE constraint.
func UniqueKey(name string, columns ...string) TablePart {
	return tablePart(func(t *TableDef) { t.Uniques = append(t.Uniques, &UniqueDef{name, t.named(columns)}) })
}

// CheckThat is a CHECK constraint.
func CheckThat(name string, cond expr.Node) TablePart {
	return tablePart(func(t *TableDef) { t.Checks = append(t.Checks, &CheckDef{name, cond}) })
}

// named finds columns by name; one that the table lacks is a column of that name
// alone.
func (t *TableDef) named(names []string) []*ColumnDef {
	out := make([]*ColumnDef, len(names))
	for i, n := range names {
		if out[i] = t.Column(n); out[i] == nil {
			out[i] = &ColumnDef{Table: t, Name: n}
		}
	}
	return out
}

// ForeignKeySpec describes a foreign key by names. Its methods change it and
// return it.
type ForeignKeySpec struct {
	name             string
	columns, targets []string
	schema, table    string
	onDelete         Action
	onUpdate         Action
	deferrable       bool
}

// Reference describes a foreign key from columns to the columns targets of a
// table, its own or another one.
func Reference(name string, columns []string, table string, targets []string) *ForeignKeySpec {
	return &ForeignKeySpec{name: name, columns: columns, table: table, targets: targets}
}

// Schema is the schema of the table that is pointed to.
func (s *ForeignKeySpec) Schema(name string) *ForeignKeySpec { s.schema = name; return s }

// OnDelete is what happens when the row that is pointed to is deleted.
func (s *ForeignKeySpec) OnDelete(a Action) *ForeignKeySpec { s.onDelete = a; return s }

// OnUpdate is what happens when the key that is pointed to changes.
func (s *ForeignKeySpec) OnUpdate(a Action) *ForeignKeySpec { s.onUpdate = a; return s }

// Deferrable has the constraint checked at COMMIT, where the database can.
func (s *ForeignKeySpec) Deferrable() *ForeignKeySpec { s.deferrable = true; return s }

func (s *ForeignKeySpec) addTo(t *TableDef) { t.ForeignKeys = append(t.ForeignKeys, s.Def(t)) }

// Def returns the foreign key described as one of table t.
func (s *ForeignKeySpec) Def(t *TableDef) *ForeignKeyDef {
	ref := t
	if s.table != t.Name || s.schema != t.Schema {
		ref = &TableDef{Name: s.table, Schema: s.schema}
	}
	return &ForeignKeyDef{Name: s.name, Table: t, Columns: t.named(s.columns), RefTable: ref, RefColumns: ref.named(s.targets),
		OnDelete: s.onDelete, OnUpdate: s.onUpdate, Deferrable: s.deferrable}
}

// IndexSpec describes an index by names. Its methods change it and return it.
type IndexSpec struct {
	name, method string
	parts        []indexPartSpec
	include      []string
	unique       bool
	where        expr.Node
}

type indexPartSpec struct {
	column string
	expr   expr.Node
	desc   bool
	nulls  expr.NullsOrder
	class  string
}

// IndexOn describes an index over columns.
func IndexOn(name string, columns ...string) *IndexSpec {
	s := &IndexSpec{name: name}
	for _, c := range columns {
		s.parts = append(s.parts, indexPartSpec{column: c})
	}
	return s
}

// Then adds a column to the index, in descending order and with its NULLs in
// another place than the database's own if so said.
func (s *IndexSpec) Then(column string, desc bool, nulls expr.NullsOrder) *IndexSpec {
	s.parts = append(s.parts, indexPartSpec{column: column, desc: desc, nulls: nulls})
	return s
}

// ThenBy is Then with an expression.
func (s *IndexSpec) ThenBy(e expr.Node, desc bool, nulls expr.NullsOrder) *IndexSpec {
	s.parts = append(s.parts, indexPartSpec{expr: e, desc: desc, nulls: nulls})
	return s
}

// Class gives the part that was added last an operator class, such as
// varchar_pattern_ops. It goes into DDL as it is.
func (s *IndexSpec) Class(name string) *IndexSpec {
	if n := len(s.parts); n > 0 {
		s.parts[n-1].class = name
	}
	return s
}

// Unique has the index refuse equal values.
func (s *IndexSpec) Unique() *IndexSpec { s.unique = true; return s }

// Where makes it an index of the rows that fulfil a condition.
func (s *IndexSpec) Where(cond expr.Node) *IndexSpec { s.where = cond; return s }

// Include adds columns that the index carries along.
func (s *IndexSpec) Include(columns ...string) *IndexSpec {
	s.include = append(s.include, columns...)
	return s
}

// Method is the access method, such as gin.
func (s *IndexSpec) Method(name string) *IndexSpec { s.method = name; return s }

func (s *IndexSpec) addTo(t *TableDef) { t.Indexes = append(t.Indexes, s.Def(t)) }

// Def returns the index described as one of table t.
func (s *IndexSpec) Def(t *TableDef) *IndexDef {
	x := &IndexDef{Name: s.name, Table: t, Unique: s.unique, Where: s.where, Method: s.method, Include: t.named(s.include)}
	for _, p := range s.parts {
		part := IndexPart{Expr: p.expr, Desc: p.desc, Nulls: p.nulls, Class: p.class}
		if p.expr == nil {
			part.Column = t.named([]string{p.column})[0]
		}
		x.Parts = append(x.Parts, part)
	}
	return x
}

// Clone returns a copy of the table whose columns and constraints are its own, for
// descriptions that are worked on. It belongs to no Metadata and to no entity.
func (t *TableDef) Clone() *TableDef {
	n := &TableDef{Name: t.Name, Schema: t.Schema, Comment: t.Comment, Options: t.Options, RenamedFrom: t.RenamedFrom}
	for _, c := range t.Columns {
		d := *c
		d.Table, d.Ref = n, nil
		n.Columns = append(n.Columns, &d)
	}
	cols := func(list []*ColumnDef) []*ColumnDef { return n.named(columnNames(list)) }
	n.PrimaryKey = cols(t.PrimaryKey)
	for _, u := range t.Uniques {
		n.Uniques = append(n.Uniques, &UniqueDef{u.Name, cols(u.Columns)})
	}
	for _, x := range t.Indexes {
		y := *x
		y.Table, y.Include, y.Parts = n, cols(x.Include), slices.Clone(x.Parts)
		for i, p := range y.Parts {
			if p.Column != nil {
				y.Parts[i].Column = cols([]*ColumnDef{p.Column})[0]
			}
		}
		n.Indexes = append(n.Indexes, &y)
	}
	for _, k := range t.Checks {
		d := *k
		n.Checks = append(n.Checks, &d)
	}
	for _, k := range t.ForeignKeys {
		f := *k
		f.Table, f.Columns = n, cols(k.Columns)
		if k.RefTable == t {
			f.RefTable, f.RefColumns = n, cols(k.RefColumns)
		}
		n.ForeignKeys = append(n.ForeignKeys, &f)
	}
	n.Source = expr.NewSource(n.Schema, n.Name, "", n)
	return n
}
