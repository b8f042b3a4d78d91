package schema

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

type (
	named      string
	namedInt   int32
	namedBytes []byte
	namedTime  = time.Time
	scanBytes  [16]byte
	grumpy     struct{}
	wrapped    struct{ sql.Null[int64] }
	onlyScan   struct{}
	ksuid      [20]byte
)

func (scanBytes) Value() (driver.Value, error) { return []byte{}, nil }
func (*scanBytes) Scan(any) error              { return nil }
func (grumpy) Value() (driver.Value, error)    { panic("empty") }
func (*grumpy) Scan(any) error                 { return nil }
func (*onlyScan) Scan(any) error               { return nil }
func (k ksuid) Value() (driver.Value, error) {
	if k == (ksuid{}) {
		return nil, nil
	}
	return string(k[:]), nil
}
func (*ksuid) Scan(any) error { return errors.New("unused") }

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		zero any
		kind Kind
	}{
		{int(0), Int64Kind}, {int8(0), Int16Kind}, {int16(0), Int16Kind}, {int32(0), Int32Kind}, {int64(0), Int64Kind},
		{uint(0), Int64Kind}, {uint8(0), Int16Kind}, {uint16(0), Int32Kind}, {uint32(0), Int64Kind}, {uint64(0), Int64Kind},
		{float32(0), Float32Kind}, {float64(0), Float64Kind}, {"", TextKind}, {false, BoolKind}, {[]byte{}, BytesKind},
		{time.Time{}, TimeKind}, {namedTime{}, TimeKind}, {time.Duration(0), Int64Kind}, {[16]byte{}, UUIDKind}, {uuid.UUID{}, UUIDKind}, {scanBytes{}, BytesKind},
		{named(""), TextKind}, {namedInt(0), Int32Kind}, {namedBytes{}, BytesKind}, {json.RawMessage{}, JSONKind}, {map[string]int{}, JSONKind},
		{JSON[int]{}, JSONKind}, {JSON[[]string]{}, JSONKind}, {JSON[any]{}, JSONKind}, {decimal.Decimal{}, TextKind}, {grumpy{}, TextKind}, {ksuid{}, TextKind},
		{sql.NullString{}, TextKind}, {sql.NullInt16{}, Int16Kind}, {sql.NullInt32{}, Int32Kind}, {sql.NullInt64{}, Int64Kind}, {sql.NullBool{}, BoolKind},
		{sql.NullByte{}, Int16Kind}, {sql.NullFloat64{}, Float64Kind}, {sql.NullTime{}, TimeKind}, {uuid.NullUUID{}, UUIDKind}, {decimal.NullDecimal{}, TextKind}, {wrapped{}, Int64Kind},
		{[]string{}, ArrayKind}, {[]int64{}, ArrayKind}, {[]named{}, ArrayKind}, {[][]byte{}, ArrayKind}, {[]time.Time{}, ArrayKind}, {[]uuid.UUID{}, ArrayKind}, {[]JSON[int]{}, ArrayKind},
	} {
		v := reflect.TypeOf(c.zero)
		value, null, typ, ok := classify(v)
		if !ok || typ.Kind != c.kind || value != v || null != NotNull {
			t.Errorf("%s is %s, %v, want %s", v, typ.Kind, ok, c.kind)
		}
		if tt, ok := TypeOf(v); !ok || !reflect.DeepEqual(tt, typ) {
			t.Errorf("TypeOf(%s) is %v", v, tt)
		}
		value, null, typ, ok = classify(reflect.PointerTo(v))
		if !ok || typ.Kind != c.kind || value != v || null != NullPointer {
			t.Errorf("*%s is %s, %v, of %s", v, typ.Kind, ok, value)
		}
	}
	for _, v := range []any{sql.Null[int]{}, sql.Null[string]{}, sql.Null[time.Time]{}, sql.Null[uuid.UUID]{}, sql.Null[JSON[int]]{}, sql.Null[[]string]{}, sql.Null[decimal.Decimal]{}} {
		rt := reflect.TypeOf(v)
		value, null, _, ok := classify(rt)
		if !ok || null != NullStruct || value != rt.Field(0).Type {
			t.Errorf("%s is %s, %v, %v", rt, value, null, ok)
		}
	}
	for _, v := range []any{struct{}{}, complex64(0), uintptr(0), make(chan int), func() {}, new(*int), []any{}, [][]int{}, []*int{}, [4]int{}, onlyScan{}, sql.Null[struct{}]{}} {
		if _, _, typ, ok := classify(reflect.TypeOf(v)); ok {
			t.Errorf("%T is a column of kind %s", v, typ.Kind)
		}
	}
	if _, ok := TypeOf(reflect.TypeFor[any]()); ok {
		t.Error("any is a column")
	}
	if e := func() Type { typ, _ := TypeOf(reflect.TypeFor[[]named]()); return typ }(); e.Elem.Kind != TextKind {
		t.Errorf("the elements of []named are %s", e.Elem.Kind)
	}
}

func TestZeroIsNull(t *testing.T) {
	for _, c := range []struct {
		v    any
		want bool
	}{{sql.NullString{}, true}, {uuid.NullUUID{}, true}, {wrapped{}, true}, {ksuid{}, true}, {uuid.UUID{}, false}, {grumpy{}, false}, {"", false}} {
		if got := zeroIsNull(reflect.TypeOf(c.v)); got != c.want {
			t.Errorf("%T: %v", c.v, got)
		}
	}
}

func TestJSONEncodesAsItsValue(t *testing.T) {
	b, err := json.Marshal(JSON[map[string]int]{V: map[string]int{"a": 1}})
	if err != nil || string(b) != `{"a":1}` {
		t.Errorf("%s, %v", b, err)
	}
	var j JSON[[]int]
	if err := json.Unmarshal([]byte(`[1,2]`), &j); err != nil || len(j.V) != 2 {
		t.Errorf("%v, %v", j, err)
	}
}
