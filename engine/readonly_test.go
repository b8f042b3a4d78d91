package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

func TestReadOnlyFileIsRead(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "r.db")
	raw, err := engine.Open("sqlite:///" + path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(ctx, "PRAGMA journal_mode = DELETE"); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(ctx, "CREATE TABLE a (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	raw.Close()
	db, err := engine.Open("sqlite:///" + path + "?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.Get(ctx, &n, "SELECT count(*) FROM a"); err != nil {
		t.Error(err)
	}
	if _, err := db.Exec(ctx, "INSERT INTO a VALUES (1)"); !errors.Is(err, dialect.ErrReadOnly) {
		t.Errorf("a write: %v", err)
	}
}

func TestMissingFolderIsNamed(t *testing.T) {
	db, err := engine.Open("sqlite:///" + filepath.Join(t.TempDir(), "no", "such", "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(context.Background()); err == nil || strings.Contains(err.Error(), "memory") || !strings.Contains(err.Error(), "cannot open the database file") {
		t.Errorf("got %v", err)
	}
}
