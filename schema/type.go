package schema

import (
	"encoding/json"
	"reflect"
)

// Kind is what a column holds, whatever the database calls it.
type Kind uint8

// The kinds of columns.
const (
	InvalidKind Kind = iota
	BoolKind
	Int16Kind
	Int32Kind
	Int64Kind
	Float32Kind
	Float64Kind
	TextKind
	BytesKind
	TimeKind
	UUIDKind
	JSONKind
	DecimalKind
	EnumKind
	ArrayKind
)

var kindNames = [...]string{
	"invalid", "bool", "int16", "int32", "int64", "float32", "float64", "text",
	"bytes", "time", "uuid", "json", "decimal", "enum", "array",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// Type is a column's type without regard to a database: what models, DDL and
// the migration tools share. The zero Type is invalid.
type Type struct {
	Kind Kind
	// Size is the greatest length of text in characters, 0 for no limit.
	Size int
	// Precision and Scale are a decimal's digits in all and after the point.
	Precision, Scale int
	// EnumName is the name of an enum's type where the database has one.
	EnumName string
	// Values are an enum's values in order.
	Values []string
	// Elem is the type of an array's elements.
	Elem *Type
	// Custom is the type as the database spells it, in place of what the
	// dialect would choose.
	Custom string
}

// NullForm is how a Go field holds NULL.
type NullForm uint8

// How a field holds NULL: not at all, as a nil pointer, or as sql.Null[V].
const (
	NotNull NullForm = iota
	NullPointer
	NullStruct
)

// Wire is the form in which a column's values travel to and from a driver.
type Wire uint8

// The wire forms. Each is one of the types of driver.Value.
const (
	WireInt      Wire = iota // int64
	WireFloat                // float64
	WireBool                 // bool
	WireText                 // string
	WireBytes                // []byte
	WireTime                 // time.Time in UTC
	WireTimeText             // string, 2006-01-02 15:04:05.000000 in UTC
	WireUUIDText             // string, 8-4-4-4-12 lower-case hexadecimal
	WireJSONText             // string, a JSON document
	WireArray                // string, PostgreSQL's array literal
	WireNumber               // float64 that is a number: NaN is refused, as SQLite would store NULL
)

// JSON is a column that holds a V as a JSON document. It encodes as V does, by
// encoding/json: a number read into an interface becomes a float64 and is exact
// only up to 2^53, so give V a struct, int64 or json.Number where greater ones
// occur, or map json.RawMessage. A nil V is the document null, which is not NULL;
// use *JSON[V] or sql.Null[JSON[V]] for a column that may be NULL.
type JSON[V any] struct{ V V }

func (JSON[V]) isJSON() reflect.Type { return reflect.TypeFor[V]() }

// MarshalJSON encodes the value as V does.
func (j JSON[V]) MarshalJSON() ([]byte, error) { return json.Marshal(j.V) }

// UnmarshalJSON decodes the value as V does.
func (j *JSON[V]) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &j.V) }
