package field

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

// codec encodes values that have no typed load and store: JSON documents,
// arrays, decimals, and types with Scan and Value. p is a *V throughout.
type codec interface {
	// encode returns the value in wire form.
	encode(p any) (driver.Value, error)
	// decode stores a value in wire form, or one that was frozen.
	decode(p any, v any) error
	// same compares the frozen old form, which may be as the database wrote it,
	// with the frozen new one. normal is the form to remember.
	same(old, new any) (same bool, normal any)
	// settle stores what the column keeps of the value.
	settle(p any) error
}

func newCodec(c *schema.ColumnDef, wire schema.Wire) codec {
	base := baseCodec{c: c, wire: wire}
	switch {
	case c.Type.Kind == schema.JSONKind && !schema.IsScanner(c.GoType):
		return &jsonCodec{base}
	case c.Type.Kind == schema.ArrayKind && wire == schema.WireArray:
		return &arrayCodec{base, newElem(c)}
	case c.Type.Kind == schema.ArrayKind:
		return &jsonCodec{base} // times in it are settled by encode
	case c.Type.Kind == schema.DecimalKind:
		return &decimalCodec{base}
	}
	return &scanCodec{base}
}

// frozen is v in a form that nobody can change and that can be compared: bytes
// become frozenBytes, times their microseconds.
func frozen(v driver.Value) any {
	switch v := v.(type) {
	case []byte:
		return frozenBytes(v)
	case time.Time:
		return frozenTime(v.UnixMicro())
	}
	return v
}

type (
	frozenBytes string
	frozenTime  int64
)

func thaw(v any) driver.Value {
	switch v := v.(type) {
	case frozenBytes:
		return []byte(v)
	case frozenTime:
		return time.UnixMicro(int64(v)).UTC()
	}
	return v
}

// thawed is a snapshot's value in wire form.
func (f *Field) thawed(v any) driver.Value {
	switch v := v.(type) {
	case frozenTime:
		return wireTime(f.wire, time.UnixMicro(int64(v)).UTC())
	case frozenBytes:
		if f.wire != schema.WireBytes {
			return string(v)
		}
	}
	return thaw(v)
}

type baseCodec struct {
	c    *schema.ColumnDef
	wire schema.Wire
}

func (b *baseCodec) settle(any) error { return nil }

// normalize decodes v into a new value and encodes that again with cd.
func (b *baseCodec) normalize(cd codec, v any) (any, bool) {
	p := reflect.New(b.c.GoType).Interface()
	if err := cd.decode(p, v); err != nil {
		return nil, false
	}
	n, err := cd.encode(p)
	if err != nil {
		return nil, false
	}
	return frozen(n), true
}

func sameBy(b *baseCodec, cd codec, old, new any) (bool, any) {
	if equalFrozen(old, new) {
		return true, old
	}
	normal, ok := b.normalize(cd, old)
	return ok && equalFrozen(normal, new), new
}

// settleBy stores what comes back of the value at p when it is written and read.
func settleBy(cd codec, p any) error {
	v, err := cd.encode(p)
	if err != nil || v == nil {
		return err
	}
	return cd.decode(p, v)
}

func equalFrozen(a, b any) bool {
	if a == b {
		return true
	}
	if x, ok := a.(float64); ok {
		y, ok := b.(float64)
		return ok && math.IsNaN(x) && math.IsNaN(y)
	}
	s, ok := textOf(a)
	t, ok2 := textOf(b)
	return ok && ok2 && s == t
}

func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case frozenBytes:
		return string(v), true
	}
	return "", false
}

func bytesOf(v any) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		return []byte(v), true
	case []byte:
		return v, true
	case frozenBytes:
		return []byte(v), true
	}
	return nil, false
}

type jsonCodec struct{ baseCodec }

func (j *jsonCodec) encode(p any) (driver.Value, error) {
	if v := reflect.ValueOf(p).Elem(); !j.c.Nullable || j.c.Null != schema.NotNull {
		switch { // a nil slice or map in a column that is not NULL is stored empty
		case v.Kind() == reflect.Slice && v.IsNil():
			if v.Type() == rawJSONType {
				return "null", nil
			}
			return "[]", nil
		case v.Kind() == reflect.Map && v.IsNil():
			return "{}", nil
		}
	}
	if j.c.Type.Kind == schema.ArrayKind && j.c.GoType.Elem() == timeType {
		p = settledTimes(reflect.ValueOf(p).Elem())
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	if !isRaw(j.c.GoType) && hasEscape(b, `\ufffd`) { // a real U+FFFD is written as it is
		return nil, errNoUTF8
	}
	if !isJSON(&j.c.Type) {
		if hasEscape(b, `\u0000`) {
			return nil, errNUL
		}
		return string(b), nil
	}
	if b, err = canonicalDocument(b); err != nil {
		return nil, err
	}
	return string(b), nil
}

// isJSON reports whether the column holds documents and not, say, numbers that
// are kept as one.
func isJSON(t *schema.Type) bool {
	return t.Kind == schema.JSONKind || t.Kind == schema.ArrayKind && isJSON(t.Elem)
}

func settledTimes(v reflect.Value) []time.Time {
	ts := make([]time.Time, v.Len())
	for i := range ts {
		ts[i] = settledTime(v.Index(i).Interface().(time.Time))
	}
	return ts
}

// hasEscape reports whether a string in the document has the escape, in front of
// which stands no backslash that is itself escaped.
func hasEscape(doc []byte, escape string) bool {
	for i := 0; i+1 < len(doc); i++ {
		if doc[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(doc[i:], []byte(escape)) {
			return true
		}
		i++ // the escaped character
	}
	return false
}

// settle gives the value the form that the row has: an empty slice or map for
// nil, times of a slice in UTC with microseconds, raw messages and what stands in
// interfaces as they are read. The rest of a document stays as it is, so that
// pointers into it stay good.
func (j *jsonCodec) settle(p any) error {
	v := reflect.ValueOf(p).Elem()
	switch {
	case v.Type() == rawJSONType:
	case v.Kind() == reflect.Slice && (v.IsNil() || v.Type().Elem() == timeType), v.Kind() == reflect.Map && v.IsNil():
		return settleBy(j, p)
	}
	if isJSON(&j.c.Type) {
		return settleThrough(v)
	}
	return nil
}

func (j *jsonCodec) decode(p any, v any) error {
	b, ok := bytesOf(v)
	if !ok {
		return reason(fmt.Sprintf("%T is no JSON document", v))
	}
	e := reflect.ValueOf(p).Elem()
	e.SetZero() // Unmarshal would merge into maps and structs
	return json.Unmarshal(b, p)
}

func (j *jsonCodec) same(old, new any) (bool, any) { return sameBy(&j.baseCodec, j, old, new) }

type scanCodec struct{ baseCodec }

func (s *scanCodec) encode(p any) (v driver.Value, err error) {
	val, ok := p.(driver.Valuer)
	if !ok {
		return nil, reason(s.c.GoType.String() + " has no Value method")
	}
	v, err = val.Value()
	if err != nil {
		return nil, err
	}
	switch t := v.(type) {
	case nil, int64, float64, bool, string:
		return v, nil
	case []byte:
		if s.wire != schema.WireBytes {
			return string(t), nil
		}
		return bytes.Clone(t), nil
	case time.Time:
		return wireTime(s.wire, settledTime(t)), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

func (s *scanCodec) decode(p any, v any) error {
	sc, ok := p.(sql.Scanner)
	if !ok {
		return reason(s.c.GoType.String() + " has no Scan method")
	}
	v = thaw(v)
	switch t := v.(type) {
	case []byte:
		v = bytes.Clone(t)
	case time.Time:
		if err := checkYear(t); err != nil {
			return err
		}
	case string:
		switch s.c.Type.Kind {
		case schema.BytesKind:
			v = []byte(t)
		case schema.TimeKind:
			parsed, err := ParseTime(t)
			if err != nil {
				return err
			}
			v = parsed
		}
	case int64:
		if s.c.Type.Kind == schema.BoolKind {
			v = t != 0
		}
	}
	return sc.Scan(v)
}

func (s *scanCodec) same(old, new any) (bool, any) { return sameBy(&s.baseCodec, s, old, new) }

func setAny(t reflect.Type, p Ptr, v any) {
	reflect.NewAt(t, p).Elem().Set(reflect.ValueOf(v))
}
