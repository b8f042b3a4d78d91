package schema

import (
	"reflect"
	"time"

	"github.com/dormer-orm/dormer/expr"
)

// definition is what every column definition offers. D is the definition's own
// type, which the methods return so that calls chain in any order.
type definition[D, V any] struct {
	self D
	col  *ColumnDef
}

func begin(x expr.Any) *ColumnDef {
	ref, ok := expr.NodeOf(x).(*expr.ColumnRef)
	if !ok {
		panic(&DefineError{Table: "?", Faults: []string{"definition of something that is no bound column handle"}})
	}
	c := ref.Def.(*ColumnDef)
	c.Table.mustBeOpen(c.Name)
	if ref.Source.Alias != "" {
		c.Table.must(false, "field %s: definition through alias %s: define on the table's own handles", c.Field, ref.Source.Alias)
	}
	return c
}

// PrimaryKey makes the column the table's key, or part of it if several columns
// say so. A lone integer key is an identity: the database makes its values.
func (d *definition[D, V]) PrimaryKey() D {
	d.col.addToKey()
	return d.self
}

func (c *ColumnDef) addToKey() {
	if !c.PrimaryKey {
		c.PrimaryKey = true
		c.Table.PrimaryKey = append(c.Table.PrimaryKey, c)
	}
}

// NoIdentity says that the program gives the key's values, so that the database
// makes none.
func (d *definition[D, V]) NoIdentity() D {
	d.col.identitySaid = true
	return d.self
}

// Unique adds a UNIQUE constraint on this column.
func (d *definition[D, V]) Unique() D {
	t := d.col.Table
	t.Uniques = append(t.Uniques, &UniqueDef{Columns: []*ColumnDef{d.col}})
	return d.self
}

// Default is the value that INSERT writes where the field holds Go's zero
// value. It is no DEFAULT of the table.
func (d *definition[D, V]) Default(v V) D {
	d.col.Default = v
	return d.self
}

// DefaultFunc is called by INSERT for the value where the field holds Go's zero
// value. f must be safe for concurrent use.
func (d *definition[D, V]) DefaultFunc(f func() V) D {
	if d.col.Table.must(f != nil, "field %s: DefaultFunc of nil", d.col.Field) {
		d.col.DefaultFunc = func() any { return f() }
	}
	return d.self
}

// ServerDefault is the column's DEFAULT in the table; an INSERT leaves it to the
// database where the field holds Go's zero value, and reads it back.
func (d *definition[D, V]) ServerDefault(v expr.Valued[V]) D {
	if d.col.Table.must(v != nil, "field %s: ServerDefault of nil", d.col.Field) {
		d.col.ServerDefault = expr.NodeOf(v)
	}
	return d.self
}

// ZeroIsDefault says that Go's zero value in the field means the default.
func (d *definition[D, V]) ZeroIsDefault() D {
	d.col.Zero = ZeroTakesDefault
	return d.self
}

// KeepZero says that Go's zero value in the field is a value like any other,
// which INSERT writes although the column has a default.
func (d *definition[D, V]) KeepZero() D {
	d.col.Zero = ZeroIsKept
	return d.self
}

// OnUpdate is the value that every UPDATE of the row writes, unless the program
// changed the field itself.
func (d *definition[D, V]) OnUpdate(v expr.Valued[V]) D {
	if d.col.Table.must(v != nil, "field %s: OnUpdate of nil", d.col.Field) {
		d.col.OnUpdate = expr.NodeOf(v)
	}
	return d.self
}

// Computed makes the column GENERATED ALWAYS AS (v) STORED: the database
// computes it, and Dormer reads it back and never writes it.
func (d *definition[D, V]) Computed(v expr.Valued[V]) D {
	if d.col.Table.must(v != nil, "field %s: Computed of nil", d.col.Field) {
		d.col.Computed, d.col.Stored = expr.NodeOf(v), true
	}
	return d.self
}

// Version makes the column the optimistic lock: 1 at INSERT, counted up and
// checked by every UPDATE, checked by DELETE. A time column takes the time of
// the change instead.
func (d *definition[D, V]) Version() D {
	c := d.col
	switch c.Type.Kind {
	case Int16Kind, Int32Kind, Int64Kind, TimeKind:
		c.Table.must(!c.Nullable && !IsScanner(c.GoType), "field %s: a version column is a plain integer or time.Time, not %s", c.Field, c.fieldType())
	default:
		c.Table.must(false, "field %s: a version column is an integer or time.Time, not %s", c.Field, c.GoType)
	}
	if c.Table.must(c.Table.Version == nil || c.Table.Version == c, "field %s: the table has a version column already", c.Field) {
		c.IsVersion, c.Table.Version = true, c
	}
	return d.self
}

// References makes the column a foreign key to target.
func (d *definition[D, V]) References(target expr.ColumnOf[V]) D {
	t := d.col.Table
	if !t.must(target != nil && target.Ref() != nil, "field %s: References a handle that is not bound: define the other table first", d.col.Field) {
		return d.self
	}
	ref := target.Ref().Def.(*ColumnDef)
	t.ForeignKeys = append(t.ForeignKeys, &ForeignKeyDef{
		Table: t, Columns: []*ColumnDef{d.col}, RefTable: ref.Table, RefColumns: []*ColumnDef{ref},
	})
	return d.self
}

// OnDelete is what the column's foreign key does when the row that it points to
// is deleted.
func (d *definition[D, V]) OnDelete(a Action) D {
	if fk := d.foreignKey("OnDelete"); fk != nil {
		fk.OnDelete = a
	}
	return d.self
}

// OnKeyUpdate is what the column's foreign key does when the key that it points
// to changes.
func (d *definition[D, V]) OnKeyUpdate(a Action) D {
	if fk := d.foreignKey("OnKeyUpdate"); fk != nil {
		fk.OnUpdate = a
	}
	return d.self
}

func (d *definition[D, V]) foreignKey(method string) *ForeignKeyDef {
	fks := d.col.Table.ForeignKeys
	for i := len(fks) - 1; i >= 0; i-- {
		if len(fks[i].Columns) == 1 && fks[i].Columns[0] == d.col {
			return fks[i]
		}
	}
	d.col.Table.must(false, "field %s: %s without References before it", d.col.Field, method)
	return nil
}

// Comment gives the column a comment, where the database keeps comments.
func (d *definition[D, V]) Comment(text string) D {
	d.col.Comment = text
	return d.self
}

// Type sets the column's type as the database spells it, in place of the one
// that the dialect chooses. It goes into DDL as it is: never build it from
// input.
func (d *definition[D, V]) Type(sql string) D {
	d.col.Type.Custom = sql
	return d.self
}

// ColumnDefinition defines a column of any type.
type ColumnDefinition[T, V, R any] struct {
	definition[*ColumnDefinition[T, V, R], V]
}

// Column begins the definition of a column. It panics where the table is sealed.
func Column[T, V, R any](c expr.Typed[T, V, R]) *ColumnDefinition[T, V, R] {
	d := &ColumnDefinition[T, V, R]{}
	d.self, d.col = d, begin(c)
	return d
}

// TextDefinition defines a column of text.
type TextDefinition[T any, V expr.String, R any] struct {
	definition[*TextDefinition[T, V, R], V]
}

// Text begins the definition of a column of text. It panics where the table is
// sealed.
func Text[T any, V expr.String, R any](c expr.Typed[T, V, R]) *TextDefinition[T, V, R] {
	d := &TextDefinition[T, V, R]{}
	d.self, d.col = d, begin(c)
	return d
}

// Size limits the text to n characters, VARCHAR(n). Longer values are a
// *ValueError before any SQL, on every database.
func (d *TextDefinition[T, V, R]) Size(n int) *TextDefinition[T, V, R] {
	if d.col.Table.must(n > 0, "field %s: Size must be positive", d.col.Field) {
		d.col.Type.Size = n
	}
	return d
}

// Collation sets the column's collation as the database names it.
func (d *TextDefinition[T, V, R]) Collation(name string) *TextDefinition[T, V, R] {
	d.col.Collation = name
	return d
}

// NumberDefinition defines a column of numbers.
type NumberDefinition[T any, V expr.Number, R any] struct {
	definition[*NumberDefinition[T, V, R], V]
}

// Number begins the definition of a column of numbers. It panics where the table
// is sealed.
func Number[T any, V expr.Number, R any](c expr.Typed[T, V, R]) *NumberDefinition[T, V, R] {
	d := &NumberDefinition[T, V, R]{}
	d.self, d.col = d, begin(c)
	return d
}

// Identity has the database make the column's values.
func (d *NumberDefinition[T, V, R]) Identity() *NumberDefinition[T, V, R] {
	d.col.Identity, d.col.identitySaid = true, true
	return d
}

// Decimal begins the definition of a column of decimals with precision digits
// in all and scale digits after the point. The Go type is one with Scan and
// Value, or a named string; a float is refused. It panics where the table is
// sealed.
func Decimal[T, V, R any](c expr.Typed[T, V, R], precision, scale int) *ColumnDefinition[T, V, R] {
	d := Column(c)
	t := d.col.Table
	named := d.col.GoType.Kind() == reflect.String && d.col.GoType.PkgPath() != ""
	t.must(IsScanner(d.col.GoType) || named, "field %s: a decimal is a type with Scan and Value or a named string type, not %s", d.col.Field, d.col.GoType)
	if t.must(precision > 0 && scale >= 0 && scale <= precision, "field %s: Decimal(%d, %d): precision must be positive and scale between 0 and it", d.col.Field, precision, scale) {
		d.col.Type = Type{Kind: DecimalKind, Precision: precision, Scale: scale, Custom: d.col.Type.Custom}
	}
	return d
}

// EnumDefinition defines a column that takes one of a list of values.
type EnumDefinition[T any, V expr.String, R any] struct {
	definition[*EnumDefinition[T, V, R], V]
}

// Enum begins the definition of a column that takes one of values, in their
// order: an enumerated type where the database has them, a CHECK elsewhere. The
// type's name is table_column unless Named says otherwise. It panics where the
// table is sealed.
func Enum[T any, V expr.String, R any](c expr.Typed[T, V, R], values ...V) *EnumDefinition[T, V, R] {
	d := &EnumDefinition[T, V, R]{}
	d.self, d.col = d, begin(c)
	t := d.col.Table
	t.must(len(values) > 0, "field %s: an enum without values", d.col.Field)
	vs := make([]string, len(values))
	for i, v := range values {
		vs[i] = string(v)
		for _, w := range vs[:i] {
			t.must(w != vs[i], "field %s: enum value %q stands twice", d.col.Field, vs[i])
		}
	}
	d.col.Type = Type{Kind: EnumKind, Values: vs, EnumName: conventionName(t.Name, d.col.Name)}
	return d
}

// Named sets the enumerated type's name; columns that share a name share the
// type and must have the same values.
func (d *EnumDefinition[T, V, R]) Named(name string) *EnumDefinition[T, V, R] {
	d.col.Type.EnumName = name
	return d
}

// SoftDelete makes the column the time of deletion: rows that have one count as
// deleted.
func SoftDelete[E any](c expr.Typed[E, time.Time, *time.Time]) {
	col := begin(c)
	if col.Table.must(col.Table.SoftDelete == nil, "field %s: the table has a soft delete column already", col.Field) {
		col.Table.SoftDelete = col
	}
}
