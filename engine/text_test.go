package engine

import (
	"strings"
	"testing"
)

func TestFirstStatement(t *testing.T) {
	for _, c := range []struct {
		sql  string
		more bool
	}{
		{"SELECT 1", false}, {"SELECT 1;", false}, {"SELECT 1; -- ; end\n ;", false}, {"SELECT 1; /* a; /* b; */ */ ", false},
		{"SELECT 1; SELECT 2", true}, {"SELECT ';'", false}, {"SELECT ';''; '; x", true}, {`SELECT ";""; "`, false},
		{"SELECT `;`", false}, {`SELECT E'\';'`, false}, {`SELECT '\'; x`, true}, {"SELECT $$;$$", false},
		{"SELECT $a$ ; $$ ; $a$", false}, {"SELECT $a$;$a$; x", true}, {"SELECT $1; SELECT $2", true}, {"SELECT a$b; x", true},
		{"-- c;\nSELECT 1", false}, {"/* ; */ SELECT 1; x", true}, {"SELECT 'open ; ", false}, {"SELECT 1 - 2; x", true},
		{"", false}, {";", false}, {";;", false}, {";x", true}, {"SELECT someE'x\\'; y", true},
	} {
		end, more := firstStatement(c.sql)
		if more != c.more {
			t.Errorf("%q: several = %v", c.sql, more)
		}
		if end < len(c.sql) && c.sql[end] != ';' {
			t.Errorf("%q: ends at %q", c.sql, c.sql[end:])
		}
	}
}

func FuzzFirstStatement(f *testing.F) {
	f.Add("SELECT ';' -- ;\n; SELECT $a$ ; $a$ /* ; */")
	f.Fuzz(func(t *testing.T, sql string) {
		end, more := firstStatement(sql)
		if end < 0 || end > len(sql) {
			t.Fatalf("end %d of %d", end, len(sql))
		}
		if more && !strings.Contains(sql, ";") {
			t.Fatal("several statements without a semicolon")
		}
		if e, m := firstStatement(sql[:end]); m || e != end {
			t.Fatalf("the first statement %q is not one statement", sql[:end])
		}
		firstWord(sql)
	})
}

func TestShorten(t *testing.T) {
	if got := shorten(strings.Repeat("é", 300)); len(got) > 205 || !strings.HasSuffix(got, "é…") {
		t.Errorf("%q", got)
	}
}

func TestChangesSchema(t *testing.T) {
	for sql, want := range map[string]bool{
		"CREATE TABLE t": true, " -- x\n alter table t": true, "/* */drop table t": true,
		"SELECT 1": false, "creates": false, "": false, "(SELECT 1)": false,
	} {
		if changesSchema(sql) != want {
			t.Errorf("%q: %v", sql, !want)
		}
	}
}

func TestControlsTransaction(t *testing.T) {
	for text, want := range map[string]bool{
		"COMMIT": true, "/* /* */ COMMIT": true, "/* a /* b */ c */ COMMIT": true, "-- a\rCOMMIT": true, "start /**/ transaction": true,
		"": false, "--": false, "/*": false, "SELECT 1": false, "PREPARE p AS SELECT 1": false, "COMMITS": false, "SET TRANSACTION READ ONLY": false,
		"-- COMMIT\nSELECT 1": false, "\"COMMIT\"": false,
	} {
		if got := ControlsTransaction(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
