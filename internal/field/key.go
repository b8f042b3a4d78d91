package field

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/identity"
)

// Value returns the address of the field's value in e, nil where it is NULL.
func (f *Field) Value(e Ptr) Ptr { return f.value(e) }

// FastKey makes the key of a row whose only key column is this one from the
// value at p, which does not escape. ok is false where it takes KeyPart.
func (f *Field) FastKey(p Ptr) (k identity.Key, ok bool) {
	switch f.op {
	case opInt64:
		return identity.Int(f.plainInt64(p)), true
	case opInt8, opInt16, opInt32, opUint8, opUint16, opUint32, opUint64:
		n, ok := f.integer(p)
		return identity.Int(n), ok
	case opString:
		return identity.Text(f.typedString(p)), true
	case opUUID:
		return identity.UUID(f.typedUUID(p)), true
	}
	return identity.Key{}, false
}

// FastKeyPart appends the value at p, which does not escape, as a part of an
// encoded key. ok is false where it takes AppendKeyPart.
func (f *Field) FastKeyPart(b []byte, p Ptr) (_ []byte, ok bool) {
	switch f.op {
	case opString:
		return identity.AppendText(b, f.typedString(p)), true
	case opUUID:
		u := f.typedUUID(p)
		return identity.AppendBytes(b, u[:]), true
	case opTime:
		return identity.AppendTime(b, f.typedTime(p)), true
	}
	if f.IsInteger() {
		n, ok := f.integer(p)
		return identity.AppendInt(b, n), ok
	}
	return b, false
}

// AppendKeyPart appends the value at p as a part of an encoded key. An error
// says that it cannot be part of a key.
func (f *Field) AppendKeyPart(b []byte, p Ptr) ([]byte, error) {
	if p == nil {
		return b, fmt.Errorf("a key part is NULL")
	}
	switch f.op {
	case opUUID:
		u := f.typedUUID(p)
		return identity.AppendBytes(b, u[:]), nil
	case opTime:
		return identity.AppendTime(b, f.typedTime(p)), nil
	}
	v, err := f.wireValue(p)
	if err != nil {
		return b, err
	}
	return f.AppendKeyValue(b, v)
}

// AppendKeyValue appends a value from the driver as a part of an encoded key.
func (f *Field) AppendKeyValue(b []byte, v driver.Value) ([]byte, error) {
	if v == nil {
		return b, fmt.Errorf("a key part is NULL")
	}
	switch {
	case f.IsInteger():
		n, err := toInteger(v)
		return identity.AppendInt(b, n), err
	case f.op == opUUID:
		u, err := toUUID(v)
		return identity.AppendBytes(b, u[:]), err
	case f.op == opTime:
		t, err := toTime(v)
		return identity.AppendTime(b, t), err
	case f.op == opBool:
		y, err := toBool(v)
		b, _ = identity.AppendPart(b, y)
		return b, err
	case f.op == opFloat32 || f.op == opFloat64:
		n, err := toFloat(v)
		b, _ = identity.AppendPart(b, n)
		return b, err
	case f.op == opBytes:
		p, _ := bytesOf(v)
		return identity.AppendBytes(b, p), nil
	}
	if s, ok := textOf(frozen(v)); ok {
		return identity.AppendText(b, s), nil
	}
	b, ok := identity.AppendPart(b, v)
	if !ok {
		return b, fmt.Errorf("%T cannot be part of a key", v)
	}
	return b, nil
}

// KeyOfValue makes the key of a row whose only key column is this one from a
// value of the driver.
func (f *Field) KeyOfValue(v driver.Value) (identity.Key, error) {
	switch {
	case f.IsInteger():
		n, ok := v.(int64)
		if !ok {
			var err error
			if n, err = toInteger(v); err != nil {
				return identity.Key{}, err
			}
		}
		return identity.Int(n), nil
	case f.op == opString:
		switch v := v.(type) {
		case string:
			return identity.Text(v), nil
		case []byte:
			return identity.Text(string(v)), nil
		}
	case f.op == opUUID:
		u, err := toUUID(v)
		return identity.UUID(u), err
	}
	b, err := f.AppendKeyValue(nil, v)
	return identity.Encoded(b), err
}

// SnapshotKey makes the key of a row whose only key column is this one from its
// snapshot.
func (f *Field) SnapshotKey(s Ptr) (identity.Key, error) {
	if f.op != opTime && f.op != opEncoded {
		if k, ok := f.FastKey(Add(s, f.snap)); ok {
			return k, nil
		}
	}
	return f.KeyOfValue(f.SnapshotValue(s))
}

// AppendSnapshotKey appends the snapshot's value as a part of an encoded key.
func (f *Field) AppendSnapshotKey(b []byte, s Ptr) ([]byte, error) {
	return f.AppendKeyValue(b, f.SnapshotValue(s))
}

// Part checks that v may stand for the column as a part of a key given at run
// time and returns it as the driver takes it. Integers of any type stand for
// any other, as named types do for their kind.
func (f *Field) Part(v any) (driver.Value, error) {
	wrong := func() error {
		return fmt.Errorf("key part %s is %s, got %T", f.Col.Name, f.Col.GoType, v)
	}
	rv := reflect.ValueOf(v)
	if !rv.IsValid() {
		return nil, wrong()
	}
	switch {
	case f.IsInteger():
		n, ok := int64(0), false
		switch rv.Kind() {
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			n, ok = rv.Int(), true
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			n, ok = int64(rv.Uint()), rv.Uint() <= 1<<63-1
		default:
			return nil, wrong()
		}
		// No row can have such a key, and PostgreSQL refuses to look for it.
		if to := reflect.Zero(f.Col.GoType); !ok || to.CanInt() && to.OverflowInt(n) || to.CanUint() && (n < 0 || to.OverflowUint(uint64(n))) {
			return nil, fmt.Errorf("key part %s: the number does not fit %s", f.Col.Name, f.Col.GoType)
		}
		return n, nil
	case f.op == opString:
		if rv.Kind() != reflect.String {
			return nil, wrong()
		}
		if strings.IndexByte(rv.String(), 0) >= 0 {
			return nil, fmt.Errorf("key part %s: the text holds a NUL, which no database keeps", f.Col.Name)
		}
		return rv.String(), nil
	case f.op == opUUID:
		if rv.Kind() == reflect.Array && rv.Len() == 16 && rv.Type().Elem().Kind() == reflect.Uint8 {
			var u [16]byte
			reflect.Copy(reflect.ValueOf(u[:]), rv)
			return uuidText(u), nil
		}
		return nil, wrong()
	case f.op == opTime:
		if t, ok := v.(time.Time); ok {
			return wireTime(f.wire, settledTime(t)), nil
		}
		return nil, wrong()
	}
	if rv.Type() != f.Col.GoType {
		return nil, wrong()
	}
	box := reflect.New(rv.Type())
	box.Elem().Set(rv)
	return f.wireValue(box.UnsafePointer())
}
