package schema

import (
	"fmt"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/dormer-orm/dormer/expr"
)

// Association is the handle of a table that no struct of the program describes:
// its rows say which rows of two sides belong together. Package rel makes it for
// ManyToMany.
//
// The TableDef behind it gets its columns, foreign keys and index when the
// Metadata is sealed, since the keys that it points to may still be defined until
// then. Its Entity is a struct type made by reflection, with one exported field a
// column, so that whatever works on tables works on it; tables of different names
// have different ones. Metadata.Entity does not find the table by it.
type Association struct{ def *TableDef }

func (a *Association) tableDef() *TableDef              { return a.def }
func (a *Association) tableSource() *expr.Source        { return a.def.Source }
func (a *Association) setTable(*TableDef, *expr.Source) {}

// AssociationSide is one side of an association: a table and the names of the
// columns that hold its key, in pairs with its primary key.
type AssociationSide struct {
	Table   *TableDef
	Columns []string
}

// NewAssociation adds an association's table to m. When m is sealed, sides says
// what it associates: the table gets their columns, a primary key over all of
// them, foreign keys that cascade, and an index on the second side's columns. It
// panics with a *DefineError where the name is none or is taken, and where an
// option puts the table into another Metadata.
func NewAssociation(name string, m *Metadata, sides func() ([2]AssociationSide, error), opts ...Option) *Association {
	t := &TableDef{Name: name, Metadata: m, associates: true}
	for _, o := range opts {
		if o != nil {
			o(t)
		}
	}
	t.Source = expr.NewSource(t.Schema, name, "", t)
	if err := validName(name); err != "" {
		t.fault("table name: %s", err)
	}
	if t.Metadata != m {
		t.fault("an association belongs to the Metadata of its tables: leave schema.In out")
	}
	if len(t.faults) == 0 && !m.add(t) {
		t.fault("the Metadata has a table of that name already")
	}
	if len(t.faults) > 0 {
		panic(t.defineError())
	}
	m.OnSeal(func() error {
		s, err := sides()
		if err != nil {
			return err
		}
		return t.associate(s)
	})
	return &Association{t}
}

// associate fills the table. It may be called again after it failed.
func (t *TableDef) associate(sides [2]AssociationSide) error {
	t.faults, t.Columns, t.PrimaryKey, t.ForeignKeys, t.Indexes = nil, nil, nil, nil, nil
	var fields []reflect.StructField
	for i, side := range sides {
		if len(side.Columns) != len(side.Table.PrimaryKey) || len(side.Columns) == 0 {
			t.fault("%d columns for the key of %s, which has %d", len(side.Columns), side.Table.Name, len(side.Table.PrimaryKey))
			continue
		}
		fk := &ForeignKeyDef{Table: t, RefTable: side.Table, RefColumns: slices.Clone(side.Table.PrimaryKey), OnDelete: Cascade}
		ix := &IndexDef{Table: t}
		for j, key := range side.Table.PrimaryKey {
			name := side.Columns[j]
			if err := validName(name); err != "" {
				t.fault("column name %s", err)
			}
			if t.Column(name) != nil {
				t.fault("both sides would have a column %s", name)
			}
			c := &ColumnDef{
				Table: t, Name: name, Position: len(t.Columns), Type: key.Type, GoType: key.GoType,
				Collation: key.Collation, PrimaryKey: true, Field: fieldName(name, fields),
			}
			c.Ref = expr.NewColumnRef(t.Source, name, c)
			t.Columns = append(t.Columns, c)
			fk.Columns = append(fk.Columns, c)
			ix.Parts = append(ix.Parts, IndexPart{Column: c})
			fields = append(fields, reflect.StructField{
				Name: c.Field, Type: c.GoType,
				Tag: reflect.StructTag(fmt.Sprintf("db:%q table:%q", name, t.QualifiedName())),
			})
		}
		t.ForeignKeys = append(t.ForeignKeys, fk)
		if i == 1 {
			t.Indexes = append(t.Indexes, ix)
		}
	}
	if len(t.faults) > 0 {
		return t.defineError()
	}
	t.PrimaryKey = slices.Clone(t.Columns)
	t.Entity = reflect.StructOf(fields)
	for i, c := range t.Columns {
		c.Offset = t.Entity.Field(i).Offset
	}
	return nil
}

// fieldName is a Go name for a column's field, in the manner of user_id, UserID,
// that no other field has.
func fieldName(column string, others []reflect.StructField) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(column, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if word == "id" {
			word = "ID"
		}
		rs := []rune(word)
		rs[0] = unicode.ToUpper(rs[0])
		b.WriteString(string(rs))
	}
	name := b.String()
	taken := func(f reflect.StructField) bool { return f.Name == name }
	for n := len(others) + 1; !token.IsExported(name) || !token.IsIdentifier(name) || slices.ContainsFunc(others, taken); n++ {
		name = fmt.Sprintf("Key%d", n)
	}
	return name
}

// MustBeOpen panics with a *DefineError that names the table and what, once the
// table is sealed: definitions of the packages above come too late then.
func (t *TableDef) MustBeOpen(what string) { t.mustBeOpen(what) }
