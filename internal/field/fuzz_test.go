package field

import (
	"bytes"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

func FuzzArray(f *testing.F) {
	for _, s := range []string{"", "{}", "{a,b}", `{"a\"b","\\",NULL}`, "[1:2]={1,2}", "{{1}}", `{"`, `{"\`, "{a,}", "{,}", "null"} {
		f.Add(s, s)
	}
	def := &schema.TableDef{Name: "t"}
	c := &schema.ColumnDef{Table: def, Name: "c", GoType: reflect.TypeFor[[]string](), Type: schema.Type{Kind: schema.ArrayKind, Elem: &schema.Type{Kind: schema.TextKind}}}
	codec := newCodec(c, schema.WireArray)
	f.Fuzz(func(t *testing.T, a, b string) {
		_, _ = parseArray(a) // never panics
		in := []string{a, b}
		lit, err := codec.encode(&in)
		if err != nil {
			return // NUL or no UTF-8
		}
		var out []string
		if err := codec.decode(&out, lit); err != nil || !reflect.DeepEqual(in, out) {
			t.Fatalf("%q became %q: %v", in, out, err)
		}
	})
}

func FuzzTime(f *testing.F) {
	f.Add("2024-02-29 01:02:03.500000", int64(0))
	f.Add("2024-02-30 01:02:03", int64(253402300799999999))
	f.Add("2024-02-29T01:02:03Z m=+1", int64(-62135596800000000))
	f.Fuzz(func(t *testing.T, s string, micro int64) {
		if at, ok := parseTimeText(s); ok {
			// The quick reader agrees with the standard library.
			want, err := time.Parse("2006-01-02 15:04:05.999999999", s)
			if err != nil || !at.Equal(want) {
				t.Fatalf("%q: %v, the standard library says %v, %v", s, at, want, err)
			}
		}
		_, _ = ParseTime(s)
		at := time.UnixMicro(micro).UTC()
		if at.Year() < 0 || at.Year() > 9999 {
			return
		}
		if got, err := ParseTime(TimeText(at)); err != nil || !got.Equal(at) {
			t.Fatalf("%v became %v, %v", at, got, err)
		}
	})
}

func FuzzUUID(f *testing.F) {
	f.Add("00010203-0405-0607-0809-0a0b0c0d0e0f")
	f.Add("0001020304050607-08090a0b0c0d0e0f----")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := parseUUID(s)
		if err != nil {
			return
		}
		again, err := parseUUID(uuidText(u))
		if err != nil || again != u {
			t.Fatalf("%q: %v, then %v, %v", s, u, again, err)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0", "+1.50", ".5", "5.", "1e3", "1E-3", "-12345678.90", "1e", "e1", "..", "1_0", "٣"} {
		f.Add(s)
	}
	d := &decimalCodec{baseCodec{c: &schema.ColumnDef{GoType: reflect.TypeFor[amount](), Type: schema.Type{Kind: schema.DecimalKind, Precision: 12, Scale: 3}}}}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := d.normal(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		got, ok2 := new(big.Rat).SetString(n)
		if !ok || !ok2 || want.Cmp(got) != 0 {
			t.Fatalf("%q became %q", s, n)
		}
		if again, err := d.normal(n); err != nil || again != n {
			t.Fatalf("the normal form %q of %q becomes %q, %v", n, s, again, err)
		}
	})
}

func FuzzJSONWithNUL(f *testing.F) {
	f.Add("\x00")
	f.Add(`\u0000`)
	f.Add(`\\` + "\x00")
	def := &schema.TableDef{Name: "t"}
	c := &schema.ColumnDef{Table: def, Name: "c", GoType: reflect.TypeFor[schema.JSON[string]](), Type: schema.Type{Kind: schema.JSONKind}}
	codec := newCodec(c, schema.WireJSONText)
	f.Fuzz(func(t *testing.T, s string) {
		_, err := codec.encode(&schema.JSON[string]{V: s})
		if has := bytes.IndexByte([]byte(s), 0) >= 0; has != (err != nil) {
			t.Fatalf("%q: %v", s, err)
		}
	})
}
