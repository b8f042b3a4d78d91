package field

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

// Store puts v, a value that a driver returned, into the field of e. Every wire
// form that drivers use is taken, text for numbers and times for instance.
// Bytes are copied. rec is the record that holds e, nil where it has none; give
// nil too where e has been in the program's hands, which may have kept a pointer
// to the record's cell. A value that the field cannot hold is a
// *schema.ReadError, and leaves the field undefined.
func (f *Field) Store(e, rec Ptr, v driver.Value) error {
	if v == nil {
		if f.null != schema.NotNull {
			f.clear(e)
			return nil
		}
		if f.op == opEncoded && f.Col.Nullable {
			return f.decode(f.value(e), nil)
		}
		return f.badRead(fmt.Sprintf("NULL into a field of type %s, which cannot hold it: make it a pointer or sql.Null", f.Col.GoType), nil)
	}
	p := f.target(e, rec)
	switch f.op {
	case opInt8, opInt16, opInt32, opInt64, opUint8, opUint16, opUint32, opUint64:
		n, ok := v.(int64)
		if !ok {
			var err error
			if n, err = toInteger(v); err != nil {
				return f.mismatch(v, err)
			}
		}
		if !f.putInteger(p, n) {
			return f.badRead("the number does not fit "+f.Col.GoType.String(), nil)
		}
		return nil
	case opString:
		switch v := v.(type) {
		case string:
			f.putString(p, v)
		case []byte:
			f.putString(p, string(v))
		case int64:
			f.putString(p, strconv.FormatInt(v, 10))
		case float64:
			f.putString(p, strconv.FormatFloat(v, 'g', -1, 64))
		case bool:
			f.putString(p, strconv.FormatBool(v))
		case time.Time:
			f.putString(p, TimeText(v))
		default:
			return f.mismatch(v, nil)
		}
		return nil
	case opTime:
		t, err := toTime(v)
		if err == errYear {
			return f.badRead(string(errYear), nil)
		}
		if err != nil {
			return f.mismatch(v, err)
		}
		f.putTime(p, settledTime(t))
		return nil
	case opFloat32, opFloat64:
		n, err := toFloat(v)
		if err != nil {
			return f.mismatch(v, err)
		}
		if f.op == opFloat32 && !math.IsInf(n, 0) && math.IsInf(float64(float32(n)), 0) {
			return f.badRead("the number does not fit "+f.Col.GoType.String(), nil)
		}
		f.putFloat(p, n)
		return nil
	case opBool:
		b, err := toBool(v)
		if err != nil {
			return f.mismatch(v, err)
		}
		f.putBool(p, b)
		return nil
	case opBytes:
		switch v := v.(type) {
		case []byte:
			f.putBytes(p, append([]byte{}, v...)) // never nil, which would be another value
		case string:
			f.putBytes(p, []byte(v))
		default:
			return f.mismatch(v, nil)
		}
		return nil
	case opUUID:
		u, err := toUUID(v)
		if err != nil {
			return f.mismatch(v, err)
		}
		f.putUUID(p, u)
		return nil
	}
	return f.decode(p, v)
}

func (f *Field) decode(p Ptr, v driver.Value) error {
	if err := f.codec.decode(f.pointer(p), v); err != nil {
		return f.mismatch(v, err)
	}
	return nil
}

func (f *Field) mismatch(v driver.Value, err error) error {
	text := fmt.Sprintf("%T from the driver does not fit %s", v, f.Col.GoType)
	var why reason
	var inner *schema.ReadError
	switch {
	case errors.As(err, &inner):
		text += ": " + inner.Reason
	case errors.As(err, &why):
		text += ": " + string(why)
	}
	return f.badRead(text, err)
}

// reason is an error of this package, whose text holds no value and may stand in
// a message; those of strconv, for instance, quote what they could not read.
type reason string

func (r reason) Error() string { return string(r) }

// StoreSnapshot puts what Store just put into e into snapshot s as well. v is
// the driver's value, from which encoded columns take their snapshot.
func (f *Field) StoreSnapshot(e, s Ptr, v driver.Value) error {
	if f.op != opEncoded {
		return f.Snapshot(e, s)
	}
	if f.null != schema.NotNull {
		f.setNull(s, v != nil)
	}
	f.setSnapshot(s, frozen(v))
	return nil
}

func toInteger(v driver.Value) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case []byte:
		return strconv.ParseInt(string(v), 10, 64)
	case string:
		return strconv.ParseInt(v, 10, 64)
	case float64:
		if v != math.Trunc(v) {
			return 0, reason("the number is not whole")
		}
		if v < -1<<63 || v >= 1<<63 {
			return 0, reason("the number exceeds int64")
		}
		return int64(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	return 0, reason("no number")
}

func toFloat(v driver.Value) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	case []byte:
		return strconv.ParseFloat(string(v), 64)
	case string:
		return strconv.ParseFloat(v, 64)
	}
	return 0, reason("no number")
}

func toBool(v driver.Value) (bool, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case int64:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
	case []byte:
		if len(v) == 1 && v[0] <= 1 { // MySQL's BIT(1)
			return v[0] == 1, nil
		}
		return strconv.ParseBool(string(v))
	case string:
		return strconv.ParseBool(v)
	}
	return false, reason("no boolean")
}

// Moment is a time for Store in a place that is used again for each row, so that it
// costs no allocation.
type Moment struct{ T time.Time }

// TakesMoment reports whether Store of the field takes a *Moment: it does where the
// field is a time, and no program's code reads it.
func (f *Field) TakesMoment() bool { return f.op == opTime }

func toTime(v driver.Value) (t time.Time, err error) {
	switch v := v.(type) {
	case time.Time:
		t = v
	case *Moment:
		t = v.T
	case string:
		t, err = ParseTime(v)
	case []byte:
		t, err = ParseTime(string(v))
	default:
		err = reason("no time")
	}
	if err == nil {
		err = checkYear(t)
	}
	return t, err
}

// errYear is of times that Dormer does not write, as other programs may have done:
// their microseconds may not fit 64 bits, and SQLite's texts not order them.
const errYear = reason("the time's year has not four digits")

func checkYear(t time.Time) error {
	if s := t.Unix(); s < -62167219200 || s >= 253402300800 { // the years 0 and 10000
		return errYear
	}
	return nil
}

func toUUID(v driver.Value) ([16]byte, error) {
	switch v := v.(type) {
	case string:
		return parseUUID(v)
	case []byte:
		if len(v) == 16 {
			return [16]byte(v), nil
		}
		return parseUUID(string(v))
	}
	return [16]byte{}, reason("no UUID")
}
