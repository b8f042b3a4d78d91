package schema

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

var (
	timeType      = reflect.TypeFor[time.Time]()
	scannerType   = reflect.TypeFor[sql.Scanner]()
	valuerType    = reflect.TypeFor[driver.Valuer]()
	containerType = reflect.TypeFor[RelationContainer]()
	jsonType      = reflect.TypeFor[interface{ isJSON() reflect.Type }]()
	rawJSONType   = reflect.TypeFor[json.RawMessage]()
)

// classify says how a field of Go type t is kept: the value's type without what
// makes it nullable, how it holds NULL, and the column's type. ok is false for
// a type that no column can hold.
func classify(t reflect.Type) (value reflect.Type, null NullForm, typ Type, ok bool) {
	value = t
	switch {
	case t.Kind() == reflect.Pointer:
		value, null = t.Elem(), NullPointer
	case isSQLNull(t):
		value, null = t.Field(0).Type, NullStruct
	}
	typ, ok = typeOf(value)
	return value, null, typ, ok
}

func isSQLNull(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null[")
}

// IsScanner reports whether the type keeps itself by sql.Scanner and
// driver.Valuer.
func IsScanner(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(scannerType) && (t.Implements(valuerType) || reflect.PointerTo(t).Implements(valuerType))
}

func typeOf(t reflect.Type) (Type, bool) {
	switch {
	case t == rawJSONType || t.Kind() == reflect.Struct && t.Implements(jsonType):
		return Type{Kind: JSONKind}, true
	case t == timeType:
		return Type{Kind: TimeKind}, true
	case IsScanner(t):
		return probe(t), true
	}
	switch t.Kind() {
	case reflect.Bool:
		return Type{Kind: BoolKind}, true
	case reflect.Int8, reflect.Int16, reflect.Uint8:
		return Type{Kind: Int16Kind}, true
	case reflect.Int32, reflect.Uint16:
		return Type{Kind: Int32Kind}, true
	case reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint, reflect.Uint64:
		return Type{Kind: Int64Kind}, true
	case reflect.Float32:
		return Type{Kind: Float32Kind}, true
	case reflect.Float64:
		return Type{Kind: Float64Kind}, true
	case reflect.String:
		return Type{Kind: TextKind}, true
	case reflect.Array:
		if t.Len() == 16 && t.Elem().Kind() == reflect.Uint8 {
			return Type{Kind: UUIDKind}, true
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return Type{Kind: BytesKind}, true
		}
		elem, ok := typeOf(t.Elem())
		if !ok || elem.Kind == ArrayKind {
			return Type{}, false
		}
		return Type{Kind: ArrayKind, Elem: &elem}, true
	case reflect.Map:
		return Type{Kind: JSONKind}, true
	}
	return Type{}, false
}

// probe finds the column type of a Scanner/Valuer by what its zero value turns
// into, or, where that is NULL, by what it turns into once its Valid is set, as
// sql.NullString and uuid.NullUUID have it. What cannot be told so is text.
func probe(t reflect.Type) Type {
	if k, ok := sqlNulls[t]; ok {
		return Type{Kind: k}
	}
	typ := Type{Kind: TextKind}
	p := reflect.New(t)
	val, ok := valueOf(p)
	if ok && val == nil && t.Kind() == reflect.Struct {
		if f, has := t.FieldByName("Valid"); has && f.Type.Kind() == reflect.Bool {
			if valid, err := p.Elem().FieldByIndexErr(f.Index); err == nil && valid.CanSet() {
				valid.SetBool(true)
				val, _ = valueOf(p)
			}
		}
	}
	switch val := val.(type) {
	case int64:
		typ.Kind = Int64Kind
	case float64:
		typ.Kind = Float64Kind
	case bool:
		typ.Kind = BoolKind
	case []byte:
		typ.Kind = BytesKind
	case time.Time:
		typ.Kind = TimeKind
	case string:
		if val == "00000000-0000-0000-0000-000000000000" && (t.Kind() == reflect.Struct || t.Kind() == reflect.Array && t.Len() == 16) {
			typ.Kind = UUIDKind
		}
	}
	return typ
}

// valueOf is what the Valuer at p says; ok is false for one that dislikes its
// value, by an error or a panic.
func valueOf(p reflect.Value) (val driver.Value, ok bool) {
	defer func() {
		if recover() != nil {
			val, ok = nil, false
		}
	}()
	v, is := p.Interface().(driver.Valuer)
	if !is {
		return nil, false
	}
	val, err := v.Value()
	return val, err == nil
}

var sqlNulls = map[reflect.Type]Kind{
	reflect.TypeFor[sql.NullBool]():    BoolKind,
	reflect.TypeFor[sql.NullByte]():    Int16Kind,
	reflect.TypeFor[sql.NullInt16]():   Int16Kind,
	reflect.TypeFor[sql.NullInt32]():   Int32Kind,
	reflect.TypeFor[sql.NullInt64]():   Int64Kind,
	reflect.TypeFor[sql.NullFloat64](): Float64Kind,
	reflect.TypeFor[sql.NullString]():  TextKind,
	reflect.TypeFor[sql.NullTime]():    TimeKind,
}

// zeroIsNull reports whether a Scanner/Valuer's zero value is NULL, as that of
// sql.NullString is: such a column is nullable by itself.
func zeroIsNull(t reflect.Type) bool {
	if !IsScanner(t) {
		return false
	}
	val, ok := valueOf(reflect.New(t))
	return ok && val == nil
}

// TypeOf is the column type that values of a Go type have by default. ok is
// false for a type that no column can hold.
func TypeOf(t reflect.Type) (typ Type, ok bool) { return typeOf(t) }
