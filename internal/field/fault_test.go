package field

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/schema"
)

// What a field cannot hold is a ReadError that names table, column and reason,
// and never the value.
func TestUnreadable(t *testing.T) {
	for _, c := range []struct {
		field string
		value any
		want  string
	}{
		{"I8", int64(300), "schema: read all.i8: the number does not fit int8"},
		{"U8", int64(-1), "does not fit uint8"},
		{"U64", int64(-1), "does not fit uint64"},
		{"I32", int64(math.MaxInt32 + 1), "does not fit int32"},
		{"PI8", int64(300), "read all.pi8: the number does not fit int8"},
		{"NI8", []byte("300"), "read all.ni8: the number does not fit int8"},
		{"Level", int64(40000), "does not fit field.level"},
		{"Int", 1.5, "float64 from the driver does not fit int: the number is not whole"},
		{"Int", 1e300, "the number exceeds int64"},
		{"Int", math.NaN(), "the number"},
		{"Int", "secret", "string from the driver does not fit int"},
		{"Int", time.Time{}, "time.Time from the driver does not fit int"},
		{"F32", 1e39, "does not fit float32"},
		{"F64", true, "bool from the driver does not fit float64"},
		{"B", int64(2), "int64 from the driver does not fit bool"},
		{"B", "secret", "string from the driver does not fit bool"},
		{"At", "secret", "string from the driver does not fit time.Time: the text is no time"},
		{"At", "2024-02-30 00:00:00", "the text is no time"},
		{"At", int64(1), "does not fit time.Time"},
		{"Raw", "secret", "does not fit [16]uint8: the text is no UUID"},
		{"UUID", []byte("short"), "the text is no UUID"},
		{"Data", int64(1), "does not fit []uint8"},
		{"S", nil, "read all.s: NULL into a field of type string, which cannot hold it: make it a pointer or sql.Null"},
		{"Data", nil, "NULL into a field"},
		{"Doc", nil, "NULL into a field"},
		{"Price", nil, "NULL into a field"},
		{"Texts", nil, "NULL into a field"},
		{"Doc", "{secret", "does not fit schema.JSON"},
		{"Doc", int64(1), "int64 is no JSON document"},
		{"Ints", "{1,NULL}", "NULL in an array of int64"},
		{"Ints", "{1,secret}", "string from the driver does not fit int64"},
		{"Ints", "{{1},{2}}", "no array literal of one dimension"},
		{"Blobs", "{xyz}", "the text is no bytea"},
		{"Price", "secret", "the text is no decimal number"},
		{"Price", "1.2345", "more than 3 digits after the point"},
		{"Amount", "123456789.00", "more than 8 digits before the point"},
		{"Amount", "NaN", "the text is no decimal number"},
		{"Point", "secret", "does not fit field.point"},
	} {
		l := layoutOf("postgres")
		err := l.field(c.field).Store(l.NewRecord(), nil, c.value)
		var re *schema.ReadError
		if !errors.As(err, &re) {
			t.Errorf("%s from %v: %v is no ReadError", c.field, c.value, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s from %v: %q, want %q in it", c.field, c.value, err, c.want)
		}
	}
}

// What a column cannot keep is a ValueError before any SQL.
func TestUnwritable(t *testing.T) {
	for _, c := range []struct {
		field  string
		change func(*all)
		want   string
	}{
		{"S", func(e *all) { e.S = strings.Repeat("é", 21) }, "schema: value for all.s: text of 21 characters is longer than the column's 20"},
		{"S", func(e *all) { e.S = "secret\x00" }, "text contains NUL"},
		{"PS", func(e *all) { e.PS = ptr("secret\xff") }, "text is not valid UTF-8"},
		{"NS", func(e *all) { e.NS = some("\x00") }, "text contains NUL"},
		{"U64", func(e *all) { e.U64 = 1 << 63 }, "uint64 exceeds the largest BIGINT"},
		{"PU64", func(e *all) { e.PU64 = ptr(uint64(math.MaxUint64)) }, "uint64 exceeds the largest BIGINT"},
		{"U", func(e *all) { e.U = math.MaxUint64 }, "uint exceeds the largest BIGINT"},
		{"Enum", func(e *all) { e.Enum = "secret" }, "text is none of the enum's values"},
		{"PEnum", func(e *all) { e.PEnum = ptr(status("")) }, "text is none of the enum's values"},
		{"At", func(e *all) { e.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "the time's year has not four digits"},
		{"At", func(e *all) { e.At = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) }, "the time's year has not four digits"},
		{"PAt", func(e *all) { e.PAt = ptr(time.Unix(math.MaxInt64/2, 0)) }, "the time's year has not four digits"},
		{"Price", func(e *all) { e.Price = decimal.New(12345, -4) }, "more than 3 digits after the point"},
		{"PPrice", func(e *all) { e.PPrice = ptr(decimal.New(1, 9)) }, "more than 9 digits before the point"},
		{"Amount", func(e *all) { e.Amount = "secret" }, "the text is no decimal number"},
		{"Amount", func(e *all) { e.Amount = "1e2000" }, "the text is no decimal number"},
		{"Doc", func(e *all) { e.Doc.V.N = make(chan int) }, "cannot encode schema.JSON"},
		{"Doc", func(e *all) { e.Doc.V.Name = "secret\x00" }, "JSON with NUL in a string"},
		{"Any", func(e *all) { e.Any.V = `\` + "\x00" }, "JSON with NUL in a string"},
		{"Texts", func(e *all) { e.Texts = []string{"secret\x00"} }, "NUL"},
		{"PTexts", func(e *all) { e.PTexts = ptr([]string{"secret\x00"}) }, "NUL"},
	} {
		for name := range wires {
			l := layoutOf(name)
			e := filled()
			c.change(e)
			_, err := l.field(c.field).Load(PtrOf(e))
			var ve *schema.ValueError
			if !errors.As(err, &ve) {
				t.Errorf("%s %s: %v is no ValueError", name, c.field, err)
				continue
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s %s: %q, want %q in it", name, c.field, err, c.want)
			}
		}
	}
}

func TestNaNWhereTheDatabaseHasNone(t *testing.T) {
	l := New(schema.DefOf(allTable), func(t *schema.Type) schema.Wire {
		if t.Kind == schema.Float64Kind {
			return schema.WireNumber
		}
		return wires["sqlite"](t)
	}, nil2)
	e := filled()
	e.F64 = math.NaN()
	if _, err := l.field("F64").Load(PtrOf(e)); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("NaN gave %v", err)
	}
	e.F64 = math.Inf(1)
	if v, err := l.field("F64").Load(PtrOf(e)); err != nil || v != math.Inf(1) {
		t.Errorf("infinity gave %v, %v", v, err)
	}
}

// The forms in which drivers hand values over, beyond those that Load gives.
func TestDriversForms(t *testing.T) {
	at := time.Date(2024, 2, 29, 1, 2, 3, 500000000, time.UTC)
	for _, c := range []struct {
		field string
		value any
		want  any
	}{
		{"Int", []byte("42"), 42}, {"Int", "42", 42}, {"Int", 42.0, 42}, {"Int", true, 1}, {"Int", -1.0 * (1 << 63), math.MinInt64},
		{"U8", int64(255), uint8(255)},
		{"F64", int64(2), 2.0}, {"F64", []byte("Infinity"), math.Inf(1)}, {"F64", "NaN", math.NaN()}, {"F32", 0.1, float32(0.1)},
		{"B", int64(1), true}, {"B", []byte{1}, true}, {"B", []byte("f"), false}, {"B", "t", true},
		{"S", []byte("x"), "x"}, {"S", int64(5), "5"}, {"S", 1.5, "1.5"}, {"S", true, "true"}, {"S", at, "2024-02-29 01:02:03.500000"},
		{"At", at.In(time.FixedZone("", 3600)), at}, {"At", "2024-02-29 01:02:03.5", at}, {"At", []byte("2024-02-29T01:02:03.5Z"), at},
		{"At", "2024-02-29 02:02:03.5+01", at}, {"At", "2024-02-29 06:32:03.5+05:30", at}, {"At", "2024-02-29 01:02:03.5 +0000 UTC", at},
		{"At", "0001-12-31 22:00:00-05 BC", time.Date(1, 1, 1, 3, 0, 0, 0, time.UTC)}, {"At", "2024-02-29 06:55:31.5+05:53:28", at},
		{"At", at.Local().String() + " m=+0.01", at}, {"At", "2024-02-29", at.Truncate(24 * time.Hour)}, {"At", "2024-02-29 01:02:03.5000009", at},
		{"Raw", []byte("000102030405060708090a0b0c0d0e0f"), [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		{"Raw", "00010203-0405-0607-0809-0A0B0C0D0E0F", [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		{"Raw", []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		{"Data", "abc", []byte("abc")}, {"Data", []byte(nil), []byte{}},
		{"Ints", "[0:1]={1,2}", []int64{1, 2}}, {"Ints", "{}", []int64{}}, {"Bools", "{t,f}", []bool{true, false}},
		{"Texts", `{a,"b\"c","\\",NULLX,"NULL"}`, []string{"a", `b"c`, `\`, "NULLX", "NULL"}},
		{"Price", int64(3), decimal.New(3000, -3)},
	} {
		l := layoutOf("postgres")
		f, rec := l.field(c.field), l.NewRecord()
		if err := f.Store(rec, rec, c.value); err != nil {
			t.Errorf("%s from %T %v: %v", c.field, c.value, c.value, err)
			continue
		}
		if got := fieldOf(As[all](rec), c.field); !equal(got, c.want) {
			t.Errorf("%s from %T %v: %#v, want %#v", c.field, c.value, c.value, got, c.want)
		}
	}
}

// NULL empties what held a value.
func TestNULL(t *testing.T) {
	l := layoutOf("sqlite")
	for _, f := range l.Fields {
		e := filled()
		p, s := PtrOf(e), l.NewSnapshot()
		err := f.Store(p, nil, nil)
		if !f.Col.Nullable {
			if err == nil {
				t.Errorf("%s takes NULL", f.Col.Field)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", f.Col.Field, err)
			continue
		}
		if err := f.StoreSnapshot(p, s, nil); err != nil {
			t.Fatal(err)
		}
		v, err := f.Load(p)
		if v != nil || err != nil || f.SnapshotValue(s) != nil {
			t.Errorf("%s: NULL reads back as %v, %v, snapshot %v", f.Col.Field, v, err, f.SnapshotValue(s))
		}
		if f.Col.Null != schema.NotNull && (!f.IsNull(p) || !f.IsZero(p)) {
			t.Errorf("%s: not NULL", f.Col.Field)
		}
		if changed, err := f.Changed(p, s); changed || err != nil {
			t.Errorf("%s: dirty: %v %v", f.Col.Field, changed, err)
		}
		if changed, err := f.Changed(PtrOf(filled()), s); !changed && f.Col.Field != "NullStr" && f.Col.Field != "NullID" || err != nil {
			t.Errorf("%s: a value against NULL is no change: %v", f.Col.Field, err)
		}
		if err := f.Restore(PtrOf(filled()), s); err != nil {
			t.Errorf("%s: restore NULL: %v", f.Col.Field, err)
		}
	}
}

func TestNilIsStoredEmpty(t *testing.T) {
	for name, want := range map[string]map[string]any{
		"sqlite":   {"Data": []byte{}, "Ints": "[]", "Map": "{}", "RawJSON": "null"},
		"postgres": {"Data": []byte{}, "Ints": "{}", "Map": "{}", "RawJSON": "null"},
	} {
		l := layoutOf(name)
		e := &all{}
		for field, want := range want {
			f := l.field(field)
			v, err := f.Load(PtrOf(e))
			if err != nil || !equal(v, want) {
				t.Errorf("%s %s: %v, %v", name, field, v, err)
			}
			if err := f.Settle(PtrOf(e)); err != nil {
				t.Fatal(err)
			}
		}
		if e.Data == nil || e.Ints == nil || e.Map == nil {
			t.Errorf("%s: not settled: %+v", name, e)
		}
	}
}
