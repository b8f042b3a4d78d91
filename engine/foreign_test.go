package engine_test

import (
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/engine"
)

// foreign makes an engine over a pool that database/sql opened.
func foreign(t *testing.T, opts ...engine.Option) (*engine.Engine, *sqlx.DB) {
	t.Helper()
	pool, err := sqlx.Open("sqlite", filepath.Join(t.TempDir(), "foreign.db"))
	must(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	e := engine.New(open(t, "sqlite://:memory:").Dialect(), pool, opts...)
	mustExec(t, e, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
	return e, pool
}

func TestForeignPool(t *testing.T) {
	var s seen
	e, pool := foreign(t, engine.Observer(s.observe), engine.StatementCache(5))
	ctx := t.Context()
	s.take()
	c := acquire(t, e)
	must(t, c.Begin(ctx, engine.TxOptions{}))
	for i := range 3 {
		_, err := c.Exec(ctx, "INSERT INTO t VALUES (?, ?)", engine.Args(i, fmt.Sprint(i)))
		must(t, err)
	}
	must(t, c.Savepoint(ctx, "sp"))
	must(t, c.RollbackTo(ctx, "sp"))
	must(t, c.Commit(ctx))
	must(t, c.Begin(ctx, engine.TxOptions{ReadOnly: true}))
	if got := names(t, c, "SELECT count(*) FROM t"); got[0] != int64(3) {
		t.Errorf("count %v", got)
	}
	must(t, c.Rollback(ctx))
	c.Release()
	mustExec(t, e, "DELETE FROM t WHERE id = ?", 1)
	want := []string{
		"BEGIN IMMEDIATE", "INSERT INTO t VALUES (?, ?)", "INSERT INTO t VALUES (?, ?)", "INSERT INTO t VALUES (?, ?)", `SAVEPOINT "sp"`,
		`ROLLBACK TO SAVEPOINT "sp"`, "COMMIT", "BEGIN", "SELECT count(*) FROM t", "ROLLBACK", "DELETE FROM t WHERE id = ?",
	}
	if got := s.texts(); !slices.Equal(got, want) {
		t.Errorf("observed\n%q, want\n%q", got, want)
	}
	must(t, e.Close())
	if err := pool.Ping(); err != nil {
		t.Errorf("Close closed a pool that is not the engine's: %v", err)
	}
}

func TestForeignPoolIsImmediate(t *testing.T) {
	e, pool := foreign(t)
	c := acquire(t, e)
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	// BEGIN IMMEDIATE holds the write lock already.
	other, err := pool.Connx(t.Context())
	must(t, err)
	defer other.Close()
	_, err = other.ExecContext(t.Context(), "PRAGMA busy_timeout = 1")
	must(t, err)
	if _, err := other.ExecContext(t.Context(), "INSERT INTO t VALUES (1, 'a')"); err == nil {
		t.Error("another connection could write")
	}
}

func TestForeignConnectionsAreSetUp(t *testing.T) {
	e, pool := foreign(t)
	pool.SetMaxIdleConns(1)
	for range 3 {
		c := acquire(t, e)
		if got := names(t, c, "PRAGMA foreign_keys"); got[0] != int64(1) {
			t.Errorf("foreign_keys = %v", got)
		}
		// Once only: what the user sets later stays.
		_, err := c.Exec(t.Context(), "PRAGMA busy_timeout = 77", nil)
		must(t, err)
		c.Release()
		c = acquire(t, e)
		if got := names(t, c, "PRAGMA busy_timeout"); got[0] != int64(77) {
			t.Errorf("busy_timeout = %v: the connection was set up again", got)
		}
		c.Release()
		pool.SetMaxIdleConns(0) // closes it
		pool.SetMaxIdleConns(1)
		runtime.GC()
	}
}

func TestForeignPoolPanicAndFailures(t *testing.T) {
	e, _ := foreign(t)
	c := acquire(t, e)
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	_, err := c.Exec(t.Context(), "INSERT INTO t VALUES (1, 'a')", nil)
	must(t, err)
	if _, err := c.Query(t.Context(), "SELECT id FROM t", nil, func([]driver.Value) error { panic("ouch") }); err == nil {
		t.Error("no error")
	}
	c.Release()
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
	_, err = e.Exec(t.Context(), "INSERT INTO t VALUES (1, 'a'), (2, 'a')")
	isUnique(t, "Exec", err)
	box, err := e.Sandbox(t.Context())
	must(t, err)
	mustExec(t, box, "INSERT INTO t VALUES (1, 'a')")
	must(t, box.Close())
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
}
