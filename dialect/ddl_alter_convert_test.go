package dialect_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// A value that a column has when its type changes comes through on every database,
// or the change fails: never does it become another one without a word.
func TestTypeChangeConvertsOrFails(t *testing.T) {
	num := schema.Numeric
	open := map[string]*sql.DB{}
	for _, d := range dialects {
		if db := opened(t, d); db != nil {
			open[d.Name()] = db
			run(t, db, map[string]string{"sqlite": "PRAGMA foreign_keys = OFF", "postgres": "SET timezone = 'UTC'"}[d.Name()])
		}
	}
	for i, c := range []struct {
		from, to schema.Type
		value    string // as SQL, or hex and bytes
		want     string // as text, "!" for an error, "sqlite|postgres" where they differ
	}{
		{schema.LongText(), schema.BigInt(), "'42'", "42"},
		{schema.LongText(), schema.BigInt(), "' 007 '", "7"},
		{schema.LongText(), schema.BigInt(), "'abc'", "!"},
		{schema.LongText(), schema.BigInt(), "''", "!"},
		{schema.LongText(), schema.BigInt(), "'12abc'", "!"},
		{schema.LongText(), schema.BigInt(), "'5.5'", "!"},
		{schema.LongText(), schema.BigInt(), "'99999999999999999999'", "!"},
		{schema.LongText(), schema.BigInt(), "'9223372036854775807'", "9223372036854775807"},
		{schema.LongText(), schema.BigInt(), "'9223372036854775808'", "!"},
		{schema.LongText(), schema.BigInt(), "NULL", "NULL"},
		{schema.LongText(), schema.Int(), "'3000000000'", "!"},
		{schema.LongText(), schema.SmallInt(), "'-32768'", "-32768"},
		{schema.BigInt(), schema.Int(), "3000000000", "!"},
		{schema.BigInt(), schema.Int(), "-2147483648", "-2147483648"},
		{schema.Int(), schema.BigInt(), "7", "7"},
		{schema.Int(), schema.SmallInt(), "40000", "!"},
		{schema.Int(), schema.LongText(), "7", "7"},
		{schema.Int(), schema.Varchar(1), "77", "!"},
		{schema.LongText(), schema.Varchar(3), "'äöü'", "äöü"},
		{schema.LongText(), schema.Varchar(3), "'äöüx'", "!"},
		{schema.Varchar(10), schema.Varchar(3), "'abcd'", "!"},
		{schema.Varchar(3), schema.Varchar(10), "'abc'", "abc"},
		{schema.Varchar(3), schema.CustomType("varchar(2)"), "'abc'", "abc|!"},
		{schema.Bool(), schema.LongText(), "TRUE", "true"},
		{schema.Bool(), schema.LongText(), "FALSE", "false"},
		{schema.LongText(), schema.Bool(), "'off'", "0|false"},
		{schema.LongText(), schema.Bool(), "'T'", "1|true"},
		{schema.LongText(), schema.Bool(), "'maybe'", "!"},
		{schema.Bool(), schema.BigInt(), "TRUE", "1"},
		{schema.BigInt(), schema.Bool(), "0", "0|false"},
		{schema.BigInt(), schema.Bool(), "5", "1|true"},
		{schema.LongText(), schema.Double(), "'1.5'", "1.5"},
		{schema.LongText(), schema.Double(), "'1e3'", "1000.0|1000"},
		{schema.LongText(), schema.Double(), "'x'", "!"},
		{schema.BigInt(), schema.Double(), "3", "3.0|3"},
		{schema.Double(), schema.BigInt(), "5.0", "5"},
		{schema.Double(), schema.BigInt(), "5.7", "!|6"},
		{schema.LongText(), num(10, 2), "'1.5'", "1.50"},
		{schema.LongText(), num(10, 2), "'-12'", "-12.00"},
		{schema.LongText(), num(10, 2), "'x'", "!"},
		{schema.LongText(), num(10, 2), "'.'", "!"},
		{schema.LongText(), num(4, 2), "'123.45'", "!"},
		{schema.LongText(), num(10, 2), "'1.505'", "!|1.51"},
		{schema.LongText(), num(10, 2), "'.5'", "0.50"},
		{schema.LongText(), num(10, 2), "'-007.5'", "-7.50"},
		{schema.LongText(), num(10, 2), "'-0.00'", "0.00"},
		{schema.LongText(), num(10, 0), "'000'", "0"},
		{schema.LongText(), num(10, 2), "'--5'", "!"},
		{schema.LongText(), num(10, 2), "''", "!"},
		{schema.LongText(), num(2, 2), "'0.99'", "0.99"},
		{schema.LongText(), num(2, 2), "'1'", "!"},
		{schema.LongText(), num(22, 2), "'99999999999999999999.99'", "99999999999999999999.99"},
		{schema.LongText(), num(21, 2), "'99999999999999999999.99'", "!"},
		{num(9, 2), num(4, 2), "'99.99'", "99.99"},
		{num(9, 2), num(4, 2), "'100.00'", "!"},
		{schema.Int(), num(10, 2), "7", "7.00"},
		{schema.Int(), num(10, 0), "7", "7"},
		{schema.Double(), num(10, 2), "1.125", "1.13"},
		{num(10, 2), num(12, 4), "'1.50'", "1.5000"},
		{num(10, 4), num(10, 2), "'1.5000'", "1.50"},
		{num(10, 2), num(10, 0), "'7.00'", "7"},
		{num(10, 2), schema.BigInt(), "'7.00'", "7"},
		{num(10, 2), schema.LongText(), "'7.10'", "7.10"},
		{num(10, 2), schema.Double(), "'7.10'", "7.1"},
		{schema.LongText(), schema.Timestamp(), "'2026-01-02 03:04:05.123456'", "2026-01-02 03:04:05.123456|2026-01-02 03:04:05.123456+00"},
		{schema.LongText(), schema.Timestamp(), "'2026-01-02'", "2026-01-02 00:00:00.000000|2026-01-02 00:00:00+00"},
		{schema.LongText(), schema.Timestamp(), "'2026-13-02'", "!"},
		{schema.LongText(), schema.Timestamp(), "'12'", "!"},
		{schema.LongText(), schema.UUID(), "'6BA7B810-9DAD-11D1-80B4-00C04FD430C8'", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
		{schema.LongText(), schema.UUID(), "'6BA7B810'", "!"},
		{schema.UUID(), schema.LongText(), "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
		{schema.LongText(), schema.Document(), `'{"a":1}'`, `{"a":1}|{"a": 1}`},
		{schema.LongText(), schema.Document(), `'{a'`, "!"},
		{schema.EnumType("", "a", "b"), schema.LongText(), "'a'", "a"},
		{schema.LongText(), schema.EnumType("", "a", "b"), "'b'", "b"},
		{schema.LongText(), schema.EnumType("", "a", "b"), "'c'", "!"},
		{schema.EnumType("", "a", "b"), schema.EnumType("", "b", "c"), "'b'", "b"},
		{schema.EnumType("", "a", "b"), schema.EnumType("", "b", "c"), "'a'", "!"},
		{schema.Bytes(), schema.LongText(), "hex 616263", "abc"},
		{schema.Bytes(), schema.LongText(), "hex ", ""},
		{schema.Bytes(), schema.LongText(), "NULL", "NULL"},
		{schema.Bytes(), schema.LongText(), "hex c3a4e282acf09f9880f48fbfbfed9fbfee808061", "ä€😀\U0010ffff\ud7ff\ue000a"},
		{schema.Bytes(), schema.LongText(), "hex 610062", "!"},
		{schema.Bytes(), schema.LongText(), "hex ff", "!"},
		{schema.Bytes(), schema.LongText(), "hex 6180", "!"},
		{schema.Bytes(), schema.LongText(), "hex c3", "!"},
		{schema.Bytes(), schema.LongText(), "hex c328", "!"},
		{schema.Bytes(), schema.LongText(), "hex c0af", "!"},
		{schema.Bytes(), schema.LongText(), "hex e08080", "!"},
		{schema.Bytes(), schema.LongText(), "hex eda080", "!"},
		{schema.Bytes(), schema.LongText(), "hex f4908080", "!"},
		{schema.Bytes(), schema.LongText(), "hex c3a4f5808080", "!"},
		{schema.Bytes(), schema.LongText(), "hex 61" + strings.Repeat("e282ac", 5000), "a" + strings.Repeat("€", 5000)},
		{schema.Bytes(), schema.LongText(), "hex 61" + strings.Repeat("e282ac", 5000) + "e282", "!"},
		{schema.Bytes(), schema.LongText(), "hex 61" + strings.Repeat("e282ac", 50000), "a" + strings.Repeat("€", 50000)},
		{schema.Bytes(), schema.LongText(), "hex 6161" + strings.Repeat("c3a461", 30000) + "f09f9880", "aa" + strings.Repeat("äa", 30000) + "😀"},
		{schema.Bytes(), schema.LongText(), "hex " + strings.Repeat("61", 1<<15-2) + "f09f9880", strings.Repeat("a", 1<<15-2) + "😀"},
		{schema.Bytes(), schema.LongText(), "hex " + strings.Repeat("61", 1<<15-2) + "f09f98", "!"},
		{schema.Bytes(), schema.LongText(), "hex " + strings.Repeat("e282ac", 50000) + "80", "!"},
		{schema.Bytes(), schema.LongText(), "hex " + strings.Repeat("e282ac", 20000) + "c0" + strings.Repeat("e282ac", 20000), "!"},
		{schema.Bytes(), schema.Varchar(3), "hex c3a4c3b6c3bc", "äöü"},
		{schema.CustomType("char(3)"), schema.Bytes(), `'a\x'`, `a\x|\x615c78`},
		{schema.Bytes(), schema.Varchar(2), "hex 616263", "!"},
		{schema.Bytes(), schema.CustomType("varchar(5)"), "hex 616263", "abc"},
		{schema.Bytes(), schema.CustomType("char(3)"), "hex 616263", "abc"},
		{schema.Bytes(), schema.EnumType("", "a", "b"), "hex 61", "a"},
		{schema.Bytes(), schema.EnumType("", "a", "b"), "hex 63", "!"},
		{schema.LongText(), schema.Bytes(), `'a\x63'`, `a\x63|\x615c783633`},
		{schema.Varchar(5), schema.Bytes(), "'ä'", `ä|\xc3a4`},
		{schema.EnumType("", "a", "b"), schema.Bytes(), "'a'", `a|\x61`},
		{schema.Double(), schema.LongText(), "0.1", "0.1"},
		{schema.Double(), schema.LongText(), "0.30000000000000004", "0.30000000000000004"},
		{schema.LongText(), schema.Timestamp(), "'2026-01-02 03:04:05.123'", "2026-01-02 03:04:05.123000|2026-01-02 03:04:05.123+00"},
		{schema.LongText(), schema.Timestamp(), "'2026-01-02 03:04:05.1234'", "!|2026-01-02 03:04:05.1234+00"},
		{schema.LongText(), schema.Timestamp(), "'2026-01-02T03:04:05.123456Z'", "!|2026-01-02 03:04:05.123456+00"},
	} {
		for _, d := range dialects {
			db := open[d.Name()]
			if db == nil {
				continue
			}
			run(t, db, "DROP TABLE IF EXISTS conv")
			run(t, db, "DROP TABLE IF EXISTS dormer_new_conv")
			want := c.want
			if lite, pg, two := strings.Cut(c.want, "|"); two {
				want = map[string]string{"sqlite": lite, "postgres": pg}[d.Name()]
			}
			name := fmt.Sprintf("%s: %d: %s to %s of %.60s", d.Name(), i, c.from.Kind, c.to.Kind, c.value)
			from := schema.NewTable("conv", schema.Col("id", schema.BigInt()).Identity(), schema.Col("x", c.from).Nullable(), schema.Key("id"))
			to := schema.NewTable("conv", schema.Col("id", schema.BigInt()).Identity(), schema.Col("x", c.to).Nullable(), schema.Key("id"))
			for _, s := range rendered(t, d, schema.CreateTable{Table: from}) {
				run(t, db, s)
			}
			value := c.value
			if h, ok := strings.CutPrefix(value, "hex "); ok {
				value = map[string]string{"sqlite": "x'" + h + "'", "postgres": `'\x` + h + "'"}[d.Name()]
			}
			run(t, db, "INSERT INTO conv (x) VALUES ("+value+")")
			var op schema.DDL = schema.AlterColumn{From: from.Columns[1], To: to.Columns[1]}
			if !d.Capabilities().AlterTable {
				s, err := d.Conversion(from.Columns[1], to.Columns[1])
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if s == "" {
					s = `"x"`
				}
				op = schema.RebuildTable{From: from, To: to, Copy: []expr.Node{schema.SQL("id"), schema.SQL(s)}}
			}
			var err error
			for _, s := range rendered(t, d, op) {
				if _, err = db.Exec(s); err != nil {
					break
				}
			}
			got := "!"
			if err == nil {
				if err := db.QueryRow("SELECT coalesce(CAST(x AS TEXT), 'NULL') FROM conv").Scan(&got); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
			}
			if got != want {
				t.Errorf("%s: got %s, want %s: %v", name, got, want, err)
			}
			if err != nil && d.Name() == "sqlite" && !strings.Contains(err.Error(), "column conv.x") && !strings.Contains(err.Error(), "ck_conv_x") {
				t.Errorf("%s: %v does not name the column", name, err)
			}
		}
	}
}

// There is no conversion that nobody has thought of.
func TestConversionThatIsNone(t *testing.T) {
	from := schema.NewTable("conv", schema.Col("x", schema.Timestamp()))
	to := schema.NewTable("conv", schema.Col("x", schema.Int()))
	if s, err := dialects[0].Conversion(from.Columns[0], to.Columns[0]); err == nil || !strings.Contains(err.Error(), "Using") {
		t.Errorf("%q, %v", s, err)
	}
}
