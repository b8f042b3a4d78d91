package migrate

import (
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/schema"
)

// What a change of type may lose is marked; what is wider, or refused by the
// database, is not.
func TestWhatTypeChangesLose(t *testing.T) {
	custom := schema.CustomType
	text, num := schema.LongText(), schema.Numeric
	mood := schema.EnumType("mood", "a", "b")
	for _, c := range []struct {
		from, to schema.Type
		loses    string // a part of it, "" for nothing
	}{
		{schema.Timestamp(), custom("date"), "what the type date cannot hold"},
		{schema.Timestamp(), custom("timestamp"), "what the type timestamp cannot hold"},
		{custom("timestamp"), schema.Timestamp(), "what the type time cannot hold"},
		{custom("timestamp"), custom("date"), "what the type date cannot hold"},
		{custom("inet"), custom("cidr"), "what the type cidr cannot hold"},
		{custom("inet"), text, "what the type text cannot hold"},
		{text, custom("name"), "what the type name cannot hold"},
		{text, custom("char(3)"), "what the type char(3) cannot hold"},
		{text, custom("inet"), "what the type inet cannot hold"},
		{custom("json"), schema.Document(), "what the type json cannot hold"},
		{custom("timestamptz(3)"), custom("timestamptz(0)"), "what the type timestamptz(0) cannot hold"},
		{schema.ArrayOf(custom("inet")), schema.ArrayOf(text), "what the type text cannot hold"},
		{custom("timestamptz"), custom("timestamptz(0)"), "what the type timestamptz(0) cannot hold"},

		{custom("date"), schema.Timestamp(), ""},
		{custom("date"), custom("timestamp without time zone"), ""},
		{custom("date"), text, ""},
		{custom("date"), custom("DATE"), ""},
		{custom("numeric(5, 2)"), custom("NUMERIC(5,2)"), ""},
		{custom("timestamp"), text, ""},
		{custom("timestamp without time zone"), custom("timestamp"), ""},
		{custom("char(3)"), text, ""},
		{custom("json"), text, ""},
		{schema.Varchar(9), text, ""},
		{text, schema.Varchar(9), ""}, // too long is refused
		{schema.Varchar(9), custom("varchar(5)"), ""},
		{text, custom("citext"), ""},
		{custom("citext"), schema.Varchar(3), ""},
		{custom("character varying"), text, ""},
		{schema.Int(), custom("bigint"), ""},
		{custom("INT"), schema.BigInt(), ""},
		{custom("DATETIME"), schema.Timestamp(), ""},
		{custom("numeric(10,2)"), num(12, 4), ""},
		{schema.ArrayOf(schema.Varchar(3)), schema.ArrayOf(text), ""},
		{mood, text, ""},
		{text, mood, ""},
		{schema.UUID(), text, ""},
		{text, schema.UUID(), ""},
		{schema.Timestamp(), text, ""},
		{text, schema.Document(), ""},
		{schema.Bool(), schema.BigInt(), ""},
		{schema.Bytes(), text, ""},
		{text, schema.Bytes(), ""},

		{schema.BigInt(), schema.Bool(), "the numbers other than 0 and 1"},
		{schema.Int(), schema.Bool(), "the numbers other than 0 and 1"},
		{schema.SmallInt(), schema.Bool(), "the numbers other than 0 and 1"},
		{schema.Double(), schema.Bool(), "the numbers other than 0 and 1"},
		{schema.Real(), schema.Bool(), "the numbers other than 0 and 1"},
		{num(10, 2), schema.Bool(), "the numbers other than 0 and 1"},
		{custom("int4"), custom("boolean"), "the numbers other than 0 and 1"},

		{schema.Double(), schema.BigInt(), "the digits after the point"},
		{custom("float8"), schema.Int(), "the digits after the point"},
		{num(10, 2), schema.Int(), "the digits after the point"},
		{schema.Document(), schema.Int(), "the digits after the point"},
		{num(10, 4), num(10, 2), "the digits after the 2th behind the point"},
		{num(10, 4), custom("decimal(10, 2)"), "the digits after the 2th behind the point"},
		{text, num(10, 2), "the digits after the 2th behind the point"},
		{schema.Double(), num(0, 0), "the digits after the fifteenth"},
		{text, schema.Double(), "the digits after the fifteenth"},
		{text, schema.Real(), "the digits after the sixth"},
		{schema.Double(), schema.Real(), "the digits after the sixth"},
		{schema.BigInt(), schema.Double(), "the digits after the fifteenth"},
		{schema.ArrayOf(schema.Double()), schema.ArrayOf(schema.Real()), "the digits after the sixth"},
		{schema.ArrayOf(schema.Bytes()), schema.ArrayOf(text), "what the type text cannot hold"},
		{text, schema.Timestamp(), "the digits of a second after the sixth"},

		{schema.Int(), schema.BigInt(), ""},
		{schema.BigInt(), schema.Int(), ""}, // too great is refused
		{schema.Real(), schema.Double(), ""},
		{num(10, 2), num(12, 2), ""},
		{num(10, 2), num(0, 0), ""},
		{num(10, 2), text, ""},
		{schema.Int(), num(10, 2), ""},
		{schema.Double(), text, ""},
	} {
		o := AlterColumn{Table: Table{"", "t"}, From: &schema.ColumnDef{Name: "x", Type: c.from}, To: &schema.ColumnDef{Name: "x", Type: c.to}}
		got := o.Loses()
		if c.loses == "" && got != "" || c.loses != "" && (!strings.HasPrefix(got, c.loses) || !strings.HasSuffix(got, " of column t.x")) {
			t.Errorf("%s %s to %s %s loses %q, want %q", c.from.Kind, c.from.Custom, c.to.Kind, c.to.Custom, got, c.loses)
		}
		o.Using = schema.SQL("x")
		if got := o.Loses(); got != "" {
			t.Errorf("with Using: %q", got)
		}
	}
	same := schema.ColumnDef{Name: "x", Type: custom("whatever")}
	other := same
	other.Nullable = true
	if got := (AlterColumn{Table: Table{"", "t"}, From: &same, To: &other}).Loses(); got != "" {
		t.Errorf("the same type loses %q", got)
	}
}

// An upgrade that would take values away without a word is refused; one that
// converts them is not, and its way back brings them back.
func TestTypeChangesOfValues(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for _, c := range []struct {
			from, to    schema.Type
			value       string
			lost        bool
			is, andBack string
		}{
			{schema.BigInt(), schema.Bool(), "2", true, "", ""},
			{schema.Timestamp(), schema.CustomType("date"), "'2026-01-02 03:04:05.000000'", true, "", ""},
			{schema.LongText(), schema.Bytes(), "'ab\\x63 é'", false, "61625c78363320c3a9", "ab\\x63 é"},
			{schema.Bytes(), schema.LongText(), map[string]string{"sqlite": "x'616263'", "postgres": `'\x616263'`}[d.name], false, "abc", "616263"},
		} {
			db, ctx := d.open(t), t.Context()
			table := func(typ schema.Type) []*schema.TableDef {
				return []*schema.TableDef{schema.NewTable("t", schema.Col("id", schema.BigInt()).Identity(), schema.Col("x", typ).Nullable(), schema.Key("id"))}
			}
			alter(t, db, differences(t, db, table(c.from)).Operations)
			execAll(t, db, "INSERT INTO t (x) VALUES ("+c.value+")", "INSERT INTO t (x) VALUES (NULL)")
			diff := differences(t, db, table(c.to))
			back, _ := diff.Reverse()
			set := revised(diff.Operations, back)
			must(t, Stamp(ctx, db, set, []string{"base"}, Purge()))
			err := Upgrade(ctx, db, set, "head")
			var le *DataLossError
			if lost := errors.As(err, &le); lost != c.lost || err != nil && !lost {
				t.Errorf("%s to %s: %v", c.from.Kind, c.to.Kind, err)
			}
			if err != nil {
				continue
			}
			read := func(typ schema.Type) (s string) {
				t.Helper()
				value := "x"
				if typ.Kind == schema.BytesKind {
					value = map[string]string{"sqlite": "lower(hex(x))", "postgres": "encode(x, 'hex')"}[d.name]
				}
				must(t, db.Get(ctx, &s, "SELECT "+value+" FROM t WHERE x IS NOT NULL"))
				return s
			}
			if got := read(c.to); got != c.is {
				t.Errorf("%s to %s: %q, want %q", c.from.Kind, c.to.Kind, got, c.is)
			}
			must(t, Downgrade(ctx, db, set, "base"))
			if got := read(c.from); got != c.andBack {
				t.Errorf("%s from %s: %q, want %q", c.from.Kind, c.to.Kind, got, c.andBack)
			}
		}
	})
}
