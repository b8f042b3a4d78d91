package schema

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/expr"
)

// ColumnDefinition defines a column of entity T. A definition asks neither whose
// column it is nor what a row yields, so that it is a ColumnDefinitionOf[V].
type ColumnDefinition[T, V, R any] = ColumnDefinitionOf[V]

// ColumnDefinitionOf defines a column of any type. In the signatures of its
// methods, as of those of the other definitions, V is the column's Go type and D
// the definition itself, so that calls chain in any order. Every method panics
// with a *DefineError once the table is sealed.
//
// Its only parameter is V since methods of generic types are compiled for every
// type argument anew: these are compiled for a type of column, not for an entity.
type ColumnDefinitionOf[V any] struct {
	definition[*ColumnDefinitionOf[V], V]
}

// Column begins the definition of a column. It panics where the table is sealed.
func Column[T, V, R any](c expr.Typed[T, V, R]) *ColumnDefinition[T, V, R] {
	d := &ColumnDefinitionOf[V]{}
	d.self, d.col = d, begin(c)
	return d
}

// TextDefinition defines a column of text. It is a
// TextDefinitionOf[V], see ColumnDefinition.
type TextDefinition[T any, V expr.String, R any] = TextDefinitionOf[V]

// TextDefinitionOf defines a column of text.
type TextDefinitionOf[V expr.String] struct {
	definition[*TextDefinitionOf[V], V]
}

// Text begins the definition of a column of text. It panics where the table is
// sealed.
func Text[T any, V expr.String, R any](c expr.Typed[T, V, R]) *TextDefinition[T, V, R] {
	d := &TextDefinitionOf[V]{}
	d.self, d.col = d, begin(c)
	return d
}

// Size limits the text to n characters, VARCHAR(n). Longer values are a
// *ValueError before any SQL, on every database.
func (d *TextDefinitionOf[V]) Size(n int) *TextDefinitionOf[V] {
	if c := d.open(); c.Table.must(n > 0, "field %s: Size must be positive", c.Field) {
		c.Type.Size = n
	}
	return d
}

// Collation sets the column's collation as the database names it.
func (d *TextDefinitionOf[V]) Collation(name string) *TextDefinitionOf[V] {
	d.open().Collation = name
	return d
}

// NumberDefinition defines a column of numbers. It is a
// NumberDefinitionOf[V], see ColumnDefinition.
type NumberDefinition[T any, V expr.Number, R any] = NumberDefinitionOf[V]

// NumberDefinitionOf defines a column of numbers.
type NumberDefinitionOf[V expr.Number] struct {
	definition[*NumberDefinitionOf[V], V]
}

// Number begins the definition of a column of numbers. It panics where the table
// is sealed.
func Number[T any, V expr.Number, R any](c expr.Typed[T, V, R]) *NumberDefinition[T, V, R] {
	d := &NumberDefinitionOf[V]{}
	d.self, d.col = d, begin(c)
	return d
}

// Identity has the database make the column's values, which are whole numbers.
func (d *NumberDefinitionOf[V]) Identity() *NumberDefinitionOf[V] {
	c := d.open()
	switch c.Type.Kind {
	case Int16Kind, Int32Kind, Int64Kind:
		c.Table.must(!c.Nullable && !IsScanner(c.GoType), "field %s: an identity is a plain integer, not %s", c.Field, c.fieldType())
	default:
		c.Table.must(false, "field %s: an identity is an integer, not %s", c.Field, c.GoType)
	}
	c.Identity, c.identitySaid = true, true
	return d
}

// Decimal begins the definition of a column of decimals with precision digits
// in all and scale digits after the point. The Go type is one with Scan and
// Value, or a named string; a float is refused. It panics where the table is
// sealed.
func Decimal[T, V, R any](c expr.Typed[T, V, R], precision, scale int) *ColumnDefinition[T, V, R] {
	d := Column(c)
	col := d.col
	t := col.Table
	ok := t.must(col.mayBeDecimal(), "field %s: a decimal is a type with Scan and Value or a named string type, not %s", col.Field, col.GoType)
	if t.must(precision > 0 && scale >= 0 && scale <= precision, "field %s: Decimal(%d, %d): precision must be positive and scale between 0 and it", col.Field, precision, scale) && ok {
		col.Type = Type{Kind: DecimalKind, Precision: precision, Scale: scale, Custom: col.Type.Custom}
	}
	return d
}

// mayBeDecimal reports whether the column's Go type is one for decimals.
func (c *ColumnDef) mayBeDecimal() bool {
	return IsScanner(c.GoType) || c.GoType.Kind() == reflect.String && c.GoType.PkgPath() != ""
}

// EnumDefinition defines a column that takes one of a list of values. It is an
// EnumDefinitionOf[V], see ColumnDefinition.
type EnumDefinition[T any, V expr.String, R any] = EnumDefinitionOf[V]

// EnumDefinitionOf defines a column that takes one of a list of values.
type EnumDefinitionOf[V expr.String] struct {
	definition[*EnumDefinitionOf[V], V]
}

// Enum begins the definition of a column that takes one of values, in their
// order: an enumerated type where the database has them, a CHECK elsewhere. The
// type's name is table_column unless Named says otherwise. It panics where the
// table is sealed.
func Enum[T any, V expr.String, R any](c expr.Typed[T, V, R], values ...V) *EnumDefinition[T, V, R] {
	d := &EnumDefinitionOf[V]{}
	d.self, d.col = d, begin(c)
	col := d.col
	t := col.Table
	t.must(len(values) > 0, "field %s: an enum without values", col.Field)
	vs := make([]string, len(values))
	for i, v := range values {
		vs[i] = string(v)
		t.must(!slices.Contains(vs[:i], vs[i]), "field %s: enum value %q stands twice", col.Field, vs[i])
		t.must(utf8.ValidString(vs[i]) && !strings.ContainsRune(vs[i], 0), "field %s: enum value %q is no text that databases keep", col.Field, vs[i])
	}
	col.Type = Type{Kind: EnumKind, Values: vs, EnumName: EnumTypeName(t.Name, col.Name), Custom: col.Type.Custom}
	return d
}

// Named sets the enumerated type's name; columns that share a name share the
// type and must have the same values.
func (d *EnumDefinitionOf[V]) Named(name string) *EnumDefinitionOf[V] {
	c := d.open()
	if err := validName(name); c.Table.must(err == "", "field %s: the enum's name %s", c.Field, err) {
		c.Type.EnumName = name
	}
	return d
}
