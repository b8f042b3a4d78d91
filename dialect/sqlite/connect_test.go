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

func TestBeginSQL(t *testing.T) {
	if s := sqlite.New().BeginSQL(sql.TxOptions{}); s != "BEGIN IMMEDIATE" {
		t.Error(s)
	}
	if s := sqlite.New().BeginSQL(sql.TxOptions{ReadOnly: true}); s != "BEGIN" {
		t.Error(s)
	}
}
