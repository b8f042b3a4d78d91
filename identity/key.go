package identity

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"time"
)

type kind uint8

const (
	none kind = iota
	intKind
	textKind
	uuidKind
	bytesKind // composite keys and all others, encoded
)

// Key is the normalised key of a row within its table. The zero Key is the key
// of no row. A Key made from bytes is valid while these are unchanged; a Map
// copies what it keeps.
type Key struct {
	kind kind
	n    int64
	s    string
	u    [16]byte
	b    []byte
}

// Int is the key of one integer.
func Int(n int64) Key { return Key{kind: intKind, n: n} }

// Text is the key of one text.
func Text(s string) Key { return Key{kind: textKind, s: s} }

// UUID is the key of one sixteen-byte value.
func UUID(u [16]byte) Key { return Key{kind: uuidKind, u: u} }

// Encoded is a key whose parts were appended by AppendPart: a composite one, or
// one of another type. It refers to b.
func Encoded(b []byte) Key { return Key{kind: bytesKind, b: b} }

// IsZero reports whether the key is the key of no row.
func (k Key) IsZero() bool { return k.kind == none }

// Tags of the parts of an encoded key.
const (
	tagInt   = 'i'
	tagText  = 't'
	tagBytes = 'b'
	tagFloat = 'f'
	tagTime  = 'm'
	tagTrue  = 'y'
	tagFalse = 'n'
)

// AppendInt appends an integer part of a composite key.
func AppendInt(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, tagInt), uint64(n))
}

// AppendText appends a text part of a composite key.
func AppendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(append(b, tagText), uint32(len(s)))
	return append(b, s...)
}

// AppendBytes appends a part of bytes.
func AppendBytes(b []byte, p []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, tagBytes), uint32(len(p)))
	return append(b, p...)
}

// AppendTime appends a time as its microseconds.
func AppendTime(b []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(append(b, tagTime), uint64(t.UnixMicro()))
}

// AppendPart appends a part of any type that a key may have: integers, text,
// bytes, UUIDs, times, booleans, floats, and named types over these. ok is
// false for nil and for any other type.
func AppendPart(b []byte, v any) (_ []byte, ok bool) {
	switch v := v.(type) {
	case int64:
		return AppendInt(b, v), true
	case int:
		return AppendInt(b, int64(v)), true
	case string:
		return AppendText(b, v), true
	case []byte:
		return AppendBytes(b, v), v != nil
	case time.Time:
		return AppendTime(b, v), true
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		return AppendInt(b, rv.Int()), true
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		return AppendInt(b, int64(rv.Uint())), rv.Uint() <= math.MaxInt64
	case reflect.String:
		return AppendText(b, rv.String()), true
	case reflect.Bool:
		if rv.Bool() {
			return append(b, tagTrue), true
		}
		return append(b, tagFalse), true
	case reflect.Float32, reflect.Float64:
		return binary.BigEndian.AppendUint64(append(b, tagFloat), math.Float64bits(rv.Float())), true
	case reflect.Array:
		if rv.Len() == 16 && rv.Type().Elem().Kind() == reflect.Uint8 {
			var u [16]byte
			reflect.Copy(reflect.ValueOf(u[:]), rv)
			return AppendBytes(b, u[:]), true
		}
	}
	return b, false
}

// Of normalises a key given as parts in the key's order. ok is false for no
// parts, a nil part, or a part of a type that no key has.
func Of(parts ...any) (k Key, ok bool) {
	if len(parts) == 1 {
		switch v := parts[0].(type) {
		case int64:
			return Int(v), true
		case int:
			return Int(int64(v)), true
		case string:
			return Text(v), true
		}
		switch rv := reflect.ValueOf(parts[0]); rv.Kind() {
		case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
			return Int(rv.Int()), true
		case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
			return Int(int64(rv.Uint())), rv.Uint() <= math.MaxInt64
		case reflect.String:
			return Text(rv.String()), true
		case reflect.Array:
			if rv.Len() == 16 && rv.Type().Elem().Kind() == reflect.Uint8 {
				var u [16]byte
				reflect.Copy(reflect.ValueOf(u[:]), rv)
				return UUID(u), true
			}
		}
	}
	var b []byte
	for _, p := range parts {
		if b, ok = AppendPart(b, p); !ok {
			return Key{}, false
		}
	}
	return Encoded(b), len(parts) > 0
}

// String shows the key for messages: 7, "ann", 5/"x".
func (k Key) String() string {
	switch k.kind {
	case intKind:
		return fmt.Sprint(k.n)
	case textKind:
		return fmt.Sprintf("%q", k.s)
	case uuidKind:
		return hex.EncodeToString(k.u[:])
	case bytesKind:
		return showParts(k.b)
	}
	return "none"
}

func showParts(b []byte) string {
	out := ""
	for len(b) > 0 {
		if out != "" {
			out += "/"
		}
		tag := b[0]
		b = b[1:]
		switch tag {
		case tagInt, tagTime, tagFloat:
			n := binary.BigEndian.Uint64(b)
			b = b[8:]
			switch tag {
			case tagInt:
				out += fmt.Sprint(int64(n))
			case tagTime:
				out += time.UnixMicro(int64(n)).UTC().Format(time.RFC3339Nano)
			default:
				out += fmt.Sprint(math.Float64frombits(n))
			}
		case tagText, tagBytes:
			n := binary.BigEndian.Uint32(b)
			part := b[4 : 4+n]
			b = b[4+n:]
			if tag == tagText {
				out += fmt.Sprintf("%q", part)
			} else {
				out += hex.EncodeToString(part)
			}
		default:
			out += fmt.Sprint(tag == tagTrue)
		}
	}
	return out
}
