package field

import (
	"reflect"

	"github.com/dormer-orm/dormer/schema"
)

type op uint8

// How a value lies in memory. Named types have the op of their kind.
const (
	opEncoded op = iota
	opBool
	opInt8
	opInt16
	opInt32
	opInt64
	opUint8
	opUint16
	opUint32
	opUint64
	opFloat32
	opFloat64
	opString
	opBytes
	opTime
	opUUID
)

// Field moves one column's values. It is immutable and safe for concurrent use;
// the entities and snapshots given to it are not.
type Field struct {
	Col   *schema.ColumnDef
	op    op
	null  schema.NullForm
	wire  schema.Wire
	off   uintptr // of the field in the entity
	valid uintptr // of sql.Null's Valid in the field
	snap  uintptr // of the value in the snapshot
	set   uintptr // of the snapshot's not-NULL mark
	cell  uintptr // of the nullable pointer's cell in the record, 0 for none
	codec codec   // of an encoded field
}

func newField(c *schema.ColumnDef, wire schema.Wire) *Field {
	f := &Field{Col: c, null: c.Null, wire: wire, off: c.Offset, op: opOf(c.GoType, &c.Type)}
	if f.null == schema.NullStruct {
		f.valid = reflect.StructOf([]reflect.StructField{
			{Name: "V", Type: c.GoType}, {Name: "Valid", Type: reflect.TypeFor[bool]()},
		}).Field(1).Offset
	}
	if f.op == opEncoded {
		f.codec = newCodec(c, wire)
	}
	return f
}

func opOf(t reflect.Type, typ *schema.Type) op {
	if t == timeType {
		return opTime
	}
	switch typ.Kind {
	case schema.JSONKind, schema.ArrayKind, schema.DecimalKind:
		return opEncoded
	case schema.UUIDKind:
		if t.Kind() == reflect.Array {
			return opUUID
		}
	}
	if schema.IsScanner(t) {
		return opEncoded
	}
	switch t.Kind() {
	case reflect.Bool:
		return opBool
	case reflect.Int8:
		return opInt8
	case reflect.Int16:
		return opInt16
	case reflect.Int32:
		return opInt32
	case reflect.Int, reflect.Int64:
		if t.Size() == 4 {
			return opInt32
		}
		return opInt64
	case reflect.Uint8:
		return opUint8
	case reflect.Uint16:
		return opUint16
	case reflect.Uint32:
		return opUint32
	case reflect.Uint, reflect.Uint64:
		if t.Size() == 4 {
			return opUint32
		}
		return opUint64
	case reflect.Float32:
		return opFloat32
	case reflect.Float64:
		return opFloat64
	case reflect.String:
		return opString
	case reflect.Slice:
		return opBytes
	}
	return opEncoded
}

// snapType is the type of the value in a snapshot.
func (f *Field) snapType() reflect.Type {
	switch f.op {
	case opTime:
		return reflect.TypeFor[int64]()
	case opEncoded:
		return reflect.TypeFor[any]()
	}
	return f.Col.GoType
}

// pointer returns the *V at p as an interface, for codecs.
func (f *Field) pointer(p Ptr) any { return reflect.NewAt(f.Col.GoType, p).Interface() }

func newValue(t reflect.Type) Ptr { return reflect.New(t).UnsafePointer() }

func zeroValue(t reflect.Type, p Ptr) { reflect.NewAt(t, p).Elem().SetZero() }

// isZeroValue asks the type first: a decimal 0 has more than one form in memory.
func isZeroValue(t reflect.Type, p Ptr) bool {
	v := reflect.NewAt(t, p)
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return v.Elem().IsZero()
}

// IsNull reports whether the field of e is NULL.
func (f *Field) IsNull(e Ptr) bool { return f.value(e) == nil }

// IsZero reports whether the field of e holds Go's zero value: nil where it is
// nullable.
func (f *Field) IsZero(e Ptr) bool {
	p := f.value(e)
	if p == nil {
		return true
	}
	return f.null == schema.NotNull && f.isZero(p)
}

// SetZero stores Go's zero value, NULL where the field is nullable.
func (f *Field) SetZero(e Ptr) {
	if f.null != schema.NotNull {
		f.clear(e)
		return
	}
	f.zero(f.value(e))
}

// Integer reads an integer field. ok is false where the field is of another
// kind, is NULL or exceeds int64.
func (f *Field) Integer(e Ptr) (n int64, ok bool) {
	if p := f.value(e); p != nil {
		return f.integer(p)
	}
	return 0, false
}

// IsInteger reports whether the field holds an integer in memory.
func (f *Field) IsInteger() bool { return f.op >= opInt8 && f.op <= opUint64 }

// IsString reports whether the field holds a string in memory.
func (f *Field) IsString() bool { return f.op == opString }

// Text reads a string field, "" where it is NULL or no string in memory.
func (f *Field) Text(e Ptr) string {
	if p := f.value(e); p != nil && f.op == opString {
		return f.typedString(p)
	}
	return ""
}

// IsUUID reports whether the field holds sixteen bytes.
func (f *Field) IsUUID() bool { return f.op == opUUID }

// UUID reads a UUID field, zero where it is NULL or no UUID in memory.
func (f *Field) UUID(e Ptr) [16]byte {
	if p := f.value(e); p != nil && f.op == opUUID {
		return f.typedUUID(p)
	}
	return [16]byte{}
}

// Wire is the form in which the column's values travel.
func (f *Field) Wire() schema.Wire { return f.wire }

// Encoded reports whether the field is kept in encoded form: JSON, arrays,
// decimals, types with Scan and Value.
func (f *Field) Encoded() bool { return f.op == opEncoded }

func (f *Field) valueError(err error) error {
	if e, ok := err.(*schema.ValueError); ok {
		return e
	}
	return &schema.ValueError{Table: f.Col.Table.QualifiedName(), Column: f.Col.Name, Reason: "cannot encode " + f.Col.GoType.String() + ": " + err.Error(), Err: err}
}

func (f *Field) badValue(reason string) error {
	return &schema.ValueError{Table: f.Col.Table.QualifiedName(), Column: f.Col.Name, Reason: reason}
}

func (f *Field) badRead(reason string, err error) error {
	return &schema.ReadError{Table: f.Col.Table.QualifiedName(), Column: f.Col.Name, Reason: reason, Err: err}
}
