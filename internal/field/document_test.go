package field

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/schema"
)

func TestCanonicalDocuments(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1,"a":2.50,"a":3e2}`:     `{"a": 300, "b": 1}`,
		` [ 1 , {"x":[ ] } , { } ] `:   `[1, {"x": []}, {}]`,
		`{"aa":1,"b":2,"":3,"é":4}`:    `{"": 3, "b": 2, "aa": 1, "é": 4}`,
		`{"\u0061":1,"a":2}`:           `{"a": 2}`,
		`"\u003c\/\ud83d\ude00\u001f"`: `"</😀\u001f"`,
		`"\b\f\n\r\t\"\\\u007f"`:       `"\b\f\n\r\t\"\\` + "\x7f\"",
		`-0`:                           `0`, `-0.00`: `0.00`, `0e-3`: `0.000`, `-0e5`: `0`, `1.50e1`: `15.0`, `1.5E3`: `1500`,
		`-12.34e-3`: `-0.01234`, `0.00123e2`: `0.123`, `0.00123e4`: `12.3`, `0.5e1`: `5`, `0.05e1`: `0.5`, `100e-2`: `1.00`, `1e0`: `1`, `1e+2`: `100`, `0.0e1`: `0`, `1e-0001`: `0.1`,
		`null`: `null`, `true`: `true`, `false`: `false`,
	} {
		got, err := canonicalDocument([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
	same := []byte(`{"a": 1, "bb": [true, null]}`)
	if got, err := canonicalDocument(same); err != nil || &got[0] != &same[0] {
		t.Errorf("a canonical document was copied: %s, %v", got, err)
	}
	for _, bad := range []string{
		`"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, `"\ud800x"`, `{"\ud800":1}`, `"\u0000"`, `1e1001`, `1e-1001`, `1e99999999999999999999`, "\"\xff\"",
		strings.Repeat("[", 1002) + strings.Repeat("]", 1002), strings.Repeat("1", maxWhole+1), "0." + strings.Repeat("1", maxFraction+1),
		``, `{`, `[1`, `[1,]`, `{"a"}`, `{"a":1,}`, `01`, `1.`, `-`, `1e`, `"a`, `"\x"`, `nul`, `1 2`, "\"\n\"", `"\u12"`,
	} {
		if got, err := canonicalDocument([]byte(bad)); err == nil {
			t.Errorf("%.40s became %.40s", bad, got)
		}
	}
}

// documents are random JSON texts, with what databases change: keys that are
// equal, unsorted or escaped, numbers in every form, space.
func documents() *rapid.Generator[string] {
	keys := rapid.SampledFrom([]string{`""`, `"a"`, `"b"`, `"aa"`, `"\u0061"`, `"é"`, `"\u00e9"`, `"\""`, `"A"`, `"日本"`, `"\ud83d\ude00"`})
	number := rapid.Custom(func(t *rapid.T) string {
		s := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign") + rapid.SampledFrom([]string{"0", "1", "10", "100", "7", "123456789012345678901234567890"}).Draw(t, "whole")
		s += rapid.SampledFrom([]string{"", "", ".0", ".00", ".5", ".0050", ".10"}).Draw(t, "fraction")
		return s + rapid.SampledFrom([]string{"", "", "e0", "E+1", "e-1", "e3", "e-12", "e25", "e02"}).Draw(t, "exponent")
	})
	text := rapid.OneOf(keys, rapid.SampledFrom([]string{`"\/\b\f\n\r\t\\"`, `"<>&"`, `"\u2028\u007f"`, `"\u001f"`, `"\\u0000"`, `"\\ud800"`, `"\ufffd"`}), rapid.Custom(func(t *rapid.T) string {
		b, _ := json.Marshal(strings.ReplaceAll(strings.ToValidUTF8(rapid.String().Draw(t, "text"), ""), "\x00", ""))
		return string(b)
	}))
	var value func(depth int) *rapid.Generator[string]
	value = func(depth int) *rapid.Generator[string] {
		leaf := rapid.OneOf(number, text, rapid.SampledFrom([]string{"null", "true", "false", "{}", "[]"}))
		if depth == 0 {
			return leaf
		}
		space := rapid.SampledFrom([]string{"", "", " ", "\n\t"})
		return rapid.OneOf(leaf, rapid.Custom(func(t *rapid.T) string {
			return "[" + strings.Join(rapid.SliceOfN(value(depth-1), 0, 4).Draw(t, "elements"), space.Draw(t, "space")+",") + "]"
		}), rapid.Custom(func(t *rapid.T) string {
			var members []string
			for range rapid.IntRange(0, 5).Draw(t, "members") {
				members = append(members, space.Draw(t, "space")+keys.Draw(t, "key")+":"+space.Draw(t, "space")+value(depth-1).Draw(t, "value"))
			}
			return "{" + strings.Join(members, ",") + "}"
		}))
	}
	return value(3)
}

// Canonical form is a fixed point and means the same to encoding/json.
func TestCanonicalFormIsSettled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := documents().Draw(t, "document")
		out, err := canonicalDocument([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		again, err := canonicalDocument(out)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%s: %s became %s, %v", in, out, again, err)
		}
		var a, b any
		if err := json.Unmarshal([]byte(in), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &b); err != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("%s and %s differ: %v", in, out, err)
		}
	})
}

// Canonical form is what PostgreSQL makes of a document, byte for byte.
func TestCanonicalFormIsPostgreSQLs(t *testing.T) {
	dsn := os.Getenv("DORMER_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("DORMER_TEST_POSTGRES is not set")
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rapid.Check(t, func(t *rapid.T) {
		var in []string
		for range 20 {
			in = append(in, documents().Draw(t, "document"))
		}
		for _, s := range in {
			want := ""
			if err := db.QueryRow("SELECT $1::jsonb::text", s).Scan(&want); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
			if got, err := canonicalDocument([]byte(s)); err != nil || string(got) != want {
				t.Fatalf("%s: %s, %v, want %s", s, got, err, want)
			}
		}
	})
}

func FuzzCanonicalDocument(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":2.50,"a":3e2}`, `"\ud83d\ude00\/"`, `[-0.0e5,1e-7]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := canonicalDocument(in)
		if err != nil {
			return
		}
		if !json.Valid(in) || !json.Valid(out) {
			t.Fatalf("%q became %q", in, out)
		}
		if again, err := canonicalDocument(out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q: %q became %q, %v", in, out, again, err)
		}
	})
}

type inner struct {
	Any   any
	Raw   json.RawMessage
	Maybe json.RawMessage `json:",omitempty"`
	N     json.Number
	At    time.Time
	F     float64
	Skip  any `json:"-"`
	Deep  map[string]any
	List  []any
	Ptr   *inner
	JSON  schema.JSON[any]
	own   int
}

// What passes through a document is settled in place; the rest is not touched.
func TestSettleThrough(t *testing.T) {
	zone := time.FixedZone("x", 3600)
	at := time.Date(2024, 1, 2, 3, 4, 5, 6, zone)
	negative := 0.0
	negative = -negative
	p := &inner{Any: 1}
	v := inner{Any: map[string]int{"a": 1}, Raw: json.RawMessage(`{"b":1,"a":1e1}`), N: "1.50e1", At: at, F: negative, Skip: 7, Deep: map[string]any{"x": int8(1)}, List: []any{uint(3), at, json.Number("2")}, Ptr: p, JSON: schema.JSON[any]{V: []string{"s"}}, own: 9}
	list := v.List
	if err := settleThrough(reflect.ValueOf(&v).Elem()); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var read inner
	if err := json.Unmarshal(b, &read); err != nil {
		t.Fatal(err)
	}
	if v.own != 9 || v.Skip != 7 || v.Ptr != p || &list[0] != &v.List[0] {
		t.Errorf("what is no part of it was touched: %+v", v)
	}
	v.own, v.Skip = 0, nil
	// encoding/json indents nothing of a raw message but its space.
	read.Raw, read.Ptr.Raw = v.Raw, v.Ptr.Raw
	if !v.At.Equal(read.At) {
		t.Error(v.At)
	}
	read.At, read.Ptr.At = v.At, v.Ptr.At // each zone without a name is one of its own
	if !reflect.DeepEqual(v, read) {
		t.Errorf("%+v is read as %+v", v, read)
	}
	if string(v.Raw) != `{"a": 10, "b": 1}` || v.N != "15.0" || fmt.Sprint(v.Any) != "map[a:1]" {
		t.Errorf("%s %s %v", v.Raw, v.N, v.Any)
	}
}
