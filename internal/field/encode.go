package field

import (
	"database/sql/driver"
	"reflect"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

// Encode returns v, a value in an expression, in the form that travels to the
// driver: the stored form of column c, or of v's own type where c is nil. wire
// says in which form types travel. A value that Dormer does not know is returned
// as it is, for the driver to convert. A value that cannot be encoded is a
// *schema.ValueError; one that the column could not keep, such as text longer
// than its Size, may be compared with it all the same. Field.Check is
// for values that are assigned.
func Encode(wire func(*schema.Type) schema.Wire, c *schema.ColumnDef, v any) (any, error) {
	switch t := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if c == nil || c.Type.Kind != schema.DecimalKind {
			return v, nil
		}
	case int:
		if c == nil || c.Type.Kind != schema.DecimalKind {
			return asInt64(v, t), nil
		}
	case float64:
		return v, nil
	case time.Time:
		return wireTime(wire(&schema.Type{Kind: schema.TimeKind}), settledTime(t)), nil
	case string:
		if c == nil || c.Type.Kind == schema.TextKind || c.Type.Kind == schema.EnumKind {
			if c != nil && c.Type.Kind == schema.EnumKind || !plainText(t) {
				if err := (&Field{Col: exprColumn(c, t)}).checkComparable(t); err != nil {
					return nil, err
				}
			}
			return v, nil
		}
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			return nil, nil
		}
		if _, ok := v.(driver.Valuer); ok && !schema.IsScanner(rv.Type().Elem()) {
			return v, nil
		}
		return Encode(wire, c, rv.Elem().Interface())
	}
	if !schema.IsScanner(rv.Type()) {
		if _, ok := v.(driver.Valuer); ok {
			return v, nil // the driver's side calls Value
		}
		if rv.CanInt() && (c == nil || c.Type.Kind != schema.DecimalKind) {
			return rv.Int(), nil
		}
	}
	f := fieldFor(wire, c, rv.Type())
	if f == nil {
		return v, nil
	}
	box := reflect.New(rv.Type())
	box.Elem().Set(rv)
	return f.wireValueLoose(box.UnsafePointer())
}

// wireValueLoose encodes without refusing what the column could not keep:
// comparing a VARCHAR(3) with a longer text is no error.
func (f *Field) wireValueLoose(p Ptr) (any, error) {
	if f.op == opString {
		s := f.typedString(p)
		return s, f.checkComparable(s)
	}
	if f.op == opFloat32 || f.op == opFloat64 {
		return f.typedFloat(p), nil
	}
	return f.wireValue(p)
}

// fieldFor makes a field for a value of type t compared with column c.
func fieldFor(wire func(*schema.Type) schema.Wire, c *schema.ColumnDef, t reflect.Type) *Field {
	if c != nil && c.Type.Kind == schema.DecimalKind && (t.Kind() == reflect.String && !schema.IsScanner(t)) {
		d := *c // a plain text beside a column of decimals
		d.GoType, d.Null, d.Nullable = t, schema.NotNull, true
		return newField(&d, wire(&c.Type))
	}
	if c != nil && c.GoType == t {
		d := *c
		d.Null, d.Nullable, d.Offset = schema.NotNull, true, 0
		return newField(&d, wire(&c.Type))
	}
	typ, ok := schema.TypeOf(t)
	if !ok {
		return nil
	}
	d := &schema.ColumnDef{Table: expression, Name: t.String(), Type: typ, GoType: t, Nullable: true}
	return newField(d, wire(&typ))
}

// expression stands for the table in errors about values beside no column.
var expression = &schema.TableDef{Name: "expression"}

func exprColumn(c *schema.ColumnDef, v any) *schema.ColumnDef {
	if c != nil {
		return c
	}
	return &schema.ColumnDef{Table: expression, Name: reflect.TypeOf(v).String()}
}
