package sqlite

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/schema"
)

// FuzzParse: no text makes the parser panic or run for ever, and its tokens lie in
// the text in order.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "CREATE TABLE t (a)", "CREATE TABLE t (a INT CHECK (a > ')'), PRIMARY KEY (a)) STRICT", "CREATE TABLE \"t", "CREATE TABLE t (a DEFAULT", "CREATE TABLE t (a INT(",
		"CREATE TABLE t (a REFERENCES b (c) ON DELETE", "CREATE UNIQUE INDEX i ON t (a, (b) DESC) WHERE x", "CREATE INDEX i ON t (", "CREATE TABLE t (a /*", "CREATE TABLE t (a AS (((", "--", "x'", "[", "1e+", ".",
		"CREATE TABLE t (a CONSTRAINT", "CREATE TABLE t (a), CHECK", "CREATE TABLE t (a DEFERRABLE INITIALLY DEFERRED)", "\x00\xff", "CREATE TABLE t (CHECK (1) CHECK (2) UNIQUE (a) FOREIGN KEY (x) REFERENCES y)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		end := 0
		for _, tok := range tokens(sql) {
			if tok.start < end || tok.end <= tok.start || tok.end > len(sql) {
				t.Fatalf("token %+v after %d of %d", tok, end, len(sql))
			}
			end = tok.end
		}
		if text, err := parseTable(sql); err == nil && text == nil {
			t.Error("neither a table nor an error")
		}
		if text, err := parseIndex(sql); err == nil && (text == nil || len(text.parts) == 0) {
			t.Error("neither an index nor an error")
		}
		_, _ = enumValues(sql, &schema.ColumnDef{Name: "a"})
	})
}

// FuzzNames: names and texts come back as they were written.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"a", `a"b`, "a'b", "a`b", "a]b", "--", "/*", "*/", "(", ")", ",", "\n", "check", "ü", " ", "E'", "DESC"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" || strings.ContainsRune(name, 0) || !utf8.ValidString(name) {
			return
		}
		n := string(Dialect{}.AppendQuoted(nil, name))
		b, err := Dialect{}.AppendLiteral(nil, name)
		if err != nil {
			t.Fatal(err)
		}
		lit := string(b)
		tick := "`" + strings.ReplaceAll(name, "`", "``") + "`"
		text, err := parseTable("CREATE TABLE " + n + " (" + n + " TEXT COLLATE " + n + " DEFAULT " + lit + " CONSTRAINT " + n + " CHECK (" + n + " <> " + lit + "), " +
			tick + " AS (" + lit + "), CONSTRAINT " + tick + " UNIQUE (" + n + "), CONSTRAINT " + n + " FOREIGN KEY (" + n + ") REFERENCES " + n + " (" + n + "), PRIMARY KEY (" + n + "))")
		if err != nil {
			t.Fatal(err)
		}
		c := text.columns[0]
		if text.name != name || len(text.columns) != 2 || c.name != name || c.typ != "TEXT" || c.collation != name || c.def != lit || text.columns[1].name != name || text.columns[1].computed != lit {
			t.Errorf("%+v %+v", text, c)
		}
		if k := text.checks[0]; k.name != name || k.cond != n+" <> "+lit {
			t.Errorf("%+v", k)
		}
		one := []string{name}
		if k := text.foreignKeys[0]; k.name != name || k.table != name || !slices.Equal(k.columns, one) || !slices.Equal(k.targets, one) {
			t.Errorf("%+v", k)
		}
		if u := text.uniques[0]; u.name != name || !slices.Equal(u.columns, one) || !slices.Equal(text.key, one) {
			t.Errorf("%+v %q", u, text.key)
		}
		x, err := parseIndex("CREATE UNIQUE INDEX " + n + " ON " + n + " (" + n + " DESC, (" + lit + "), " + tick + " COLLATE " + n + ") WHERE " + n + " = " + lit)
		if err != nil {
			t.Fatal(err)
		}
		if x.name != name || x.table != name || len(x.parts) != 3 || x.parts[0] != (partText{name: name, expr: n, desc: true}) || x.parts[2].name != name || x.parts[2].collation != name || x.where != n+" = "+lit {
			t.Errorf("%+v", x)
		}
	})
}
