package field

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/schema"
)

var nil2 = reflect.TypeFor[struct{}]()

func fieldOf(e *all, name string) any { return reflect.ValueOf(e).Elem().FieldByName(name).Interface() }

func TestZero(t *testing.T) {
	l := layoutOf("sqlite")
	for _, f := range l.Fields {
		e := &all{}
		if !f.IsZero(PtrOf(e)) {
			t.Errorf("%s of a new entity is not zero", f.Col.Field)
		}
		*e = *filled()
		if f.IsZero(PtrOf(e)) && f.Col.Field != "NullStr" && f.Col.Field != "NullID" {
			t.Errorf("%s of a filled entity is zero", f.Col.Field)
		}
		f.SetZero(PtrOf(e))
		if !f.IsZero(PtrOf(e)) || !reflect.ValueOf(fieldOf(e, f.Col.Field)).IsZero() {
			t.Errorf("%s after SetZero: %v", f.Col.Field, fieldOf(e, f.Col.Field))
		}
	}
	// A pointer to the zero value is a value.
	if e := (&all{PInt: ptr(0)}); l.field("PInt").IsZero(PtrOf(e)) {
		t.Error("a pointer to 0 counts as zero")
	}
	if e := (&all{Price: decimal.New(0, -2)}); !l.field("Price").IsZero(PtrOf(e)) {
		t.Error("a decimal 0.00 does not count as zero")
	}
}

func TestSetDefault(t *testing.T) {
	l, e := layoutOf("sqlite"), &all{}
	l.field("PStatus").SetDefault(PtrOf(e), status("x"))
	l.field("NInt").SetDefault(PtrOf(e), 5)
	l.field("S").SetDefault(PtrOf(e), "s")
	l.field("Doc").SetDefault(PtrOf(e), schema.JSON[doc]{V: doc{Name: "d"}})
	if *e.PStatus != "x" || e.NInt != some(5) || e.S != "s" || e.Doc.V.Name != "d" {
		t.Errorf("%+v", e)
	}
}

func TestTypedReads(t *testing.T) {
	l, e := layoutOf("sqlite"), filled()
	p := PtrOf(e)
	if n, ok := l.field("PI8").Integer(p); n != 1 || !ok || !l.field("PI8").IsInteger() {
		t.Error("Integer of *int8", n, ok)
	}
	if n, ok := l.field("S").Integer(p); ok {
		t.Error("Integer of a string", n)
	}
	e.U64 = 1 << 63
	if _, ok := l.field("U64").Integer(p); ok {
		t.Error("Integer beyond int64")
	}
	if l.field("PS").Text(p) != "p" || l.field("ID").Text(p) != "" || !l.field("Status").IsString() {
		t.Error("Text")
	}
	if l.field("PUUID").UUID(p) != [16]byte{5} || l.field("ID").UUID(p) != [16]byte{} || !l.field("Key").IsUUID() {
		t.Error("UUID")
	}
	e.PS, e.PUUID, e.PI8 = nil, nil, nil
	if _, ok := l.field("PI8").Integer(p); ok || l.field("PS").Text(p) != "" || l.field("PUUID").UUID(p) != [16]byte{} {
		t.Error("typed reads of NULL")
	}
}

func TestCompare(t *testing.T) {
	l := layoutOf("sqlite")
	a, b := filled(), filled()
	b.ID, b.S, b.At, b.UUID, b.Data, b.PInt = 2, "u", a.At.Add(1), uuid.UUID{3}, []byte{1, 3}, nil
	for field, want := range map[string]int{"ID": -1, "S": -1, "At": -1, "UUID": -1, "Data": -1, "PInt": 1, "I8": 0, "F64": 0} {
		f := l.field(field)
		if got := f.Compare(PtrOf(a), PtrOf(b)); got != want {
			t.Errorf("%s: %d, want %d", field, got, want)
		}
		if got := f.Compare(PtrOf(b), PtrOf(a)); got != -want {
			t.Errorf("%s turned round: %d, want %d", field, got, -want)
		}
	}
}

type onlyValuer struct{ s string }

func (v onlyValuer) Value() (driver.Value, error) { return v.s, nil }

// Values in expressions travel in the form of the column that they stand beside.
func TestEncode(t *testing.T) {
	at := time.Date(2024, 2, 29, 1, 2, 3, 500000999, time.FixedZone("", 3600))
	def := schema.DefOf(allTable)
	for _, c := range []struct {
		column string
		value  any
		sqlite any
		pg     any
	}{
		{"id", 5, int64(5), int64(5)},
		{"", int8(5), int64(5), int64(5)},
		{"", uint64(5), int64(5), int64(5)},
		{"", level(5), int64(5), int64(5)},
		{"", time.Second, int64(time.Second), int64(time.Second)},
		{"", nil, nil, nil},
		{"", (*string)(nil), nil, nil},
		{"", ptr("x"), "x", "x"},
		{"", true, int64(1), true},
		{"", float32(1.5), 1.5, 1.5},
		{"s", strings.Repeat("x", 30), strings.Repeat("x", 30), strings.Repeat("x", 30)}, // longer than the column: unequal, not wrong
		{"enum", status("open"), "open", "open"},
		{"", at, "2024-02-29 00:02:03.500000", time.Date(2024, 2, 29, 0, 2, 3, 500000000, time.UTC)},
		{"at", &at, "2024-02-29 00:02:03.500000", time.Date(2024, 2, 29, 0, 2, 3, 500000000, time.UTC)},
		{"", uuid.UUID{1}, "01000000-0000-0000-0000-000000000000", "01000000-0000-0000-0000-000000000000"},
		{"price", decimal.New(15, -1), "1.500", "1.500"},
		{"price", "1.5", "1.500", "1.500"},
		{"", decimal.New(15, -1), "1.5", "1.5"},
		{"ints", []int64{1, 2}, "[1,2]", "{1,2}"},
		{"", []string{`a"b`}, `["a\"b"]`, `{"a\"b"}`},
		{"doc", schema.JSON[doc]{V: doc{Name: "n"}}, `{"N": null, "Name": "n"}`, `{"N": null, "Name": "n"}`},
		{"", point{1, 2}, "1,2", "1,2"},
		{"", sql.NullString{}, nil, nil},
		{"", sql.NullString{String: "x", Valid: true}, "x", "x"},
		{"", some(7), int64(7), int64(7)},
		{"", blob("x"), []byte("x"), []byte("x")},
		{"", onlyValuer{"x"}, onlyValuer{"x"}, onlyValuer{"x"}},
		{"", &onlyValuer{"x"}, onlyValuer{"x"}, onlyValuer{"x"}},
	} {
		for name, want := range map[string]any{"sqlite": c.sqlite, "postgres": c.pg} {
			var col *schema.ColumnDef
			if c.column != "" {
				col = def.Column(c.column)
			}
			got, err := Encode(wires[name], col, c.value)
			if err != nil || !equal(got, want) {
				t.Errorf("%s: %T beside %q: %#v, %v; want %#v", name, c.value, c.column, got, err, want)
			}
		}
	}
	for _, c := range []struct {
		column string
		value  any
	}{
		{"", uint64(1 << 63)}, {"", "a\x00"}, {"s", "a\x00"}, {"s", "\xff"}, {"", status("\x00")}, {"enum", status("unknown")}, {"enum", "unknown"}, {"price", "x"},
	} {
		_, err := Encode(wires["sqlite"], def.Column(c.column), c.value)
		var ve *schema.ValueError
		if !errors.As(err, &ve) {
			t.Errorf("%T beside %q: %v is no ValueError", c.value, c.column, err)
		}
	}
}
