package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
)

// A file of any name is opened under that name and no other.
func TestDSNOpensTheFile(t *testing.T) {
	for _, name := range []string{"a.db", "a b.db", "a%20b.db", "q?x#y.db", "file:x.db", "é'\".db"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		u := &dialect.URL{Scheme: "sqlite", Path: "/" + path}
		dsn, shared, err := sqlite.New().DSN(u, "sqlite")
		if err != nil || shared {
			t.Fatal(dsn, shared, err)
		}
		db, err := sql.Open("sqlite", dsn)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range append(sqlite.New().Setup(true), "CREATE TABLE t (x)") {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %s: %v", dsn, s, err)
			}
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", dsn, err)
		}
		db.Close()
	}
}

func TestDSNErrors(t *testing.T) {
	for _, u := range []*dialect.URL{{User: "u", Host: "x"}, {Host: "x", Port: "1"}} {
		if dsn, _, err := sqlite.New().DSN(u, "sqlite"); err == nil || !strings.Contains(err.Error(), "sqlite://blog.db") {
			t.Errorf("%q, %v", dsn, err)
		}
	}
}

// Parameters that SQLite would fail on without a word of them are refused.
func TestDSNParameters(t *testing.T) {
	for query, want := range map[string]string{
		"mode=zzz":                        "parameter mode has a value that it does not take: write one of ro, rw, rwc, memory",
		"mode=":                           "parameter mode",
		"mode=rw&mode=zzz":                "parameter mode",
		"cache=big":                       "parameter cache has a value that it does not take: write one of shared, private",
		"immutable=2":                     "parameter immutable",
		"_txlock=soon":                    "parameter _txlock",
		"_pragma=foo":                     "_pragma=name(value)",
		"_pragma=":                        "_pragma=name(value)",
		"_pragma=foo()":                   "_pragma=name(value)",
		"_pragma=foo(1":                   "_pragma=name(value)",
		"_pragma=a%3B+DROP+TABLE+x(1)":    "_pragma=name(value)",
		"mode=memory":                     "",
		"mode=ro&cache=shared":            "",
		"_pragma=busy_timeout(1)":         "",
		"_pragma=main.journal_mode%3DWAL": "",
		"vfs=unix":                        "",
		"_timezone=UTC":                   "",
		"foo=1":                           `parameter "foo" is not known: there are cache, immutable, mode`,
		"_busy_timeout=1":                 "_pragma, _query_only",
		"MODE=ro":                         `parameter "MODE" is not known`,
		"_auth_pass=hidden&x=secret":      "is not known",
	} {
		u, err := dialect.ParseURL("sqlite://x.db?" + query)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = sqlite.New().DSN(u, "sqlite")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v shows a value", query, err)
		}
	}
	u, err := dialect.ParseURL("sqlite3://x.db?_busy_timeout=1&_pragma=foo(1)")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := sqlite.New().DSN(u, "sqlite3"); err == nil || !strings.Contains(err.Error(), `"_pragma" is not known`) {
		t.Error(err)
	}
	delete(u.Query, "_pragma")
	if _, _, err := sqlite.New().DSN(u, "sqlite3"); err != nil {
		t.Error(err)
	}
}

func TestBeginSQL(t *testing.T) {
	if s := sqlite.New().BeginSQL(sql.TxOptions{}); s != "BEGIN IMMEDIATE" {
		t.Error(s)
	}
	if s := sqlite.New().BeginSQL(sql.TxOptions{ReadOnly: true}); s != "BEGIN" {
		t.Error(s)
	}
}
