package field

import (
	"bytes"
	"cmp"
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/schema"
)

// Load reads the field of e in the form that travels to the driver. A value that
// the column cannot keep is a *schema.ValueError.
func (f *Field) Load(e Ptr) (driver.Value, error) {
	p := f.value(e)
	if p == nil {
		return nil, nil
	}
	return f.wireValue(p)
}

// wireValue encodes the value at p.
func (f *Field) wireValue(p Ptr) (driver.Value, error) {
	switch f.op {
	case opBool:
		b := f.typedBool(p)
		if f.wire != schema.WireInt {
			return b, nil
		}
		if b {
			return int64(1), nil
		}
		return int64(0), nil
	case opInt8, opInt16, opInt32, opInt64, opUint8, opUint16, opUint32, opUint64:
		n, ok := f.integer(p)
		if !ok {
			return nil, f.badValue(fmt.Sprintf("%s exceeds the largest BIGINT", f.Col.GoType))
		}
		return n, nil
	case opFloat32, opFloat64:
		v := f.typedFloat(p)
		if f.wire == schema.WireNumber && math.IsNaN(v) {
			return nil, f.badValue("NaN, for which this database would store NULL")
		}
		if v == 0 {
			v = 0 // SQLite keeps no negative zero
		}
		return v, nil
	case opString:
		s := f.typedString(p)
		if err := f.checkText(s); err != nil {
			return nil, err
		}
		return s, nil
	case opBytes:
		b := f.typedBytes(p)
		if b == nil {
			b = []byte{}
		}
		return b, nil
	case opTime:
		t := f.typedTime(p).UTC()
		if checkYear(t) != nil {
			return nil, f.badValue(string(errYear))
		}
		return wireTime(f.wire, settledTime(t)), nil
	case opUUID:
		u := f.typedUUID(p)
		if f.wire == schema.WireBytes {
			return u[:], nil
		}
		return uuidText(u), nil
	}
	v, err := f.codec.encode(f.pointer(p))
	if err != nil {
		return nil, f.valueError(err)
	}
	if v == nil && !f.Col.Nullable {
		return nil, f.badValue("the value encodes as NULL, which the column does not take")
	}
	if s, ok := v.(string); ok {
		if err := f.checkText(s); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// checkText refuses text that the column or a database cannot keep.
func (f *Field) checkText(s string) error {
	c := f.Col
	if err := f.checkComparable(s); err != nil {
		return err
	}
	if n := c.Type.Size; n > 0 && len(s) > n && c.Type.Kind == schema.TextKind {
		if l := utf8.RuneCountInString(s); l > n {
			return f.badValue(fmt.Sprintf("text of %d characters is longer than the column's %d", l, n))
		}
	}
	return nil
}

// plainText reports whether s is text as every database keeps it.
func plainText(s string) bool { return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) }

// checkComparable refuses text that a database would not even compare with the
// column, but end the transaction for.
func (f *Field) checkComparable(s string) error {
	c := f.Col
	if strings.IndexByte(s, 0) >= 0 {
		return f.badValue("text contains NUL, which databases do not keep in text; use []byte")
	}
	if !utf8.ValidString(s) {
		return f.badValue("text is not valid UTF-8; use []byte")
	}
	if c.Type.Kind == schema.EnumKind {
		for _, v := range c.Type.Values {
			if v == s {
				return nil
			}
		}
		return f.badValue("text is none of the enum's values")
	}
	return nil
}

// settledTime is t as databases keep it: UTC, whole microseconds, rounded down.
func settledTime(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

func wireTime(w schema.Wire, t time.Time) driver.Value {
	if w == schema.WireTimeText {
		return TimeText(t)
	}
	return t
}

// Settle stores into e the form that the column keeps of its value: times in UTC
// with microseconds, decimals to the column's scale, empty bytes, slices and maps
// for nil. It is called for a value that Load has accepted.
func (f *Field) Settle(e Ptr) error {
	p := f.value(e)
	if p == nil {
		return nil
	}
	switch f.op {
	case opTime:
		f.putTime(p, settledTime(f.typedTime(p)))
	case opFloat32, opFloat64:
		if v := f.typedFloat(p); v == 0 && math.Signbit(v) {
			f.putFloat(p, 0)
		}
	case opBytes:
		if f.typedBytes(p) == nil {
			f.putBytes(p, []byte{})
		}
	case opEncoded:
		return f.codec.settle(f.pointer(p))
	}
	return nil
}

// SetDefault stores v, a value of the field's own Go type, into e.
func (f *Field) SetDefault(e Ptr, v any) { setAny(f.Col.GoType, f.target(e, nil), v) }

// Compare orders the field of two entities, NULL first: for statements in key
// order. Encoded fields, floats and booleans count as equal.
func (f *Field) Compare(a, b Ptr) int {
	p, q := f.value(a), f.value(b)
	switch {
	case p == nil || q == nil:
		switch {
		case p != nil:
			return 1
		case q != nil:
			return -1
		}
		return 0
	case f.IsInteger():
		m, _ := f.integer(p)
		n, _ := f.integer(q)
		return cmp.Compare(m, n)
	case f.op == opUUID:
		m, n := f.typedUUID(p), f.typedUUID(q)
		return bytes.Compare(m[:], n[:])
	case f.op == opBytes:
		return bytes.Compare(f.typedBytes(p), f.typedBytes(q))
	case f.op == opString:
		return strings.Compare(f.typedString(p), f.typedString(q))
	case f.op == opTime:
		return f.typedTime(p).Compare(f.typedTime(q))
	}
	return 0
}

// Current returns the field's value as its own Go type, for putting it back with
// SetDefault; nil where it is Go's zero value.
func (f *Field) Current(e Ptr) any {
	p := f.value(e)
	if p == nil || f.isZero(p) {
		return nil
	}
	return reflect.NewAt(f.Col.GoType, p).Elem().Interface()
}

// SetInteger stores a number into an integer field; one that does not fit wraps,
// as Go's own conversion does.
func (f *Field) SetInteger(e Ptr, n int64) { f.putInteger(f.target(e, nil), n) }

// SetTime stores a time into a time field, in the form that databases keep.
func (f *Field) SetTime(e Ptr, t time.Time) { f.putTime(f.target(e, nil), settledTime(t)) }

// Time reads a time field, the zero time where it is NULL or no time in memory.
func (f *Field) Time(e Ptr) time.Time {
	if p := f.value(e); p != nil && f.op == opTime {
		return f.typedTime(p)
	}
	return time.Time{}
}

// Check reports whether the column can keep v, a value of the field's own Go
// type or nil: a *schema.ValueError says why not. Values of other types pass.
func (f *Field) Check(v any) error {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.Type() != f.Col.GoType {
		return nil
	}
	box := reflect.New(rv.Type())
	box.Elem().Set(rv)
	_, err := f.wireValue(box.UnsafePointer())
	return err
}

// Any returns the field's value as its own Go type; nil where it is NULL.
func (f *Field) Any(e Ptr) any {
	p := f.value(e)
	if p == nil {
		return nil
	}
	return reflect.NewAt(f.Col.GoType, p).Elem().Interface()
}

// UUIDValue is u in the form in which the field's values travel.
func (f *Field) UUIDValue(u [16]byte) driver.Value { return uuidText(u) }

// TimeValue is t in the form in which the field's values travel.
func (f *Field) TimeValue(t time.Time) driver.Value { return wireTime(f.wire, settledTime(t)) }
