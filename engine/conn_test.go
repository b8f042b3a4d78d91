package engine_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

func asType[T any](err error, v *T) bool { return errors.As(err, v) }

// names reads a query's first column.
func names(t *testing.T, q interface {
	Query(context.Context, string, []driver.NamedValue, engine.Row) (int64, error)
}, sql string, args ...any) (out []any) {
	t.Helper()
	n, err := q.Query(t.Context(), sql, engine.Args(args...), func(v []driver.Value) error {
		out = append(out, v[0])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if int(n) != len(out) {
		t.Errorf("Query counted %d rows of %d", n, len(out))
	}
	return out
}

func TestTransaction(t *testing.T) {
	var s seen
	e := file(t, engine.Observer(s.observe))
	c := acquire(t, e)
	s.take()
	ctx := t.Context()
	must(t, c.Begin(ctx, engine.TxOptions{}))
	if !c.InTx() || c.Tx() == nil {
		t.Error("no transaction after Begin")
	}
	res, err := c.Exec(ctx, "INSERT INTO t (name) VALUES (?)", engine.Args("a"))
	must(t, err)
	if res.RowsAffected != 1 || res.LastInsertID != 1 {
		t.Errorf("Result %+v", res)
	}
	must(t, c.Savepoint(ctx, `s"1`))
	_, err = c.Exec(ctx, "INSERT INTO t (name) VALUES (?)", engine.Args("b"))
	must(t, err)
	must(t, c.RollbackTo(ctx, `s"1`))
	must(t, c.ReleaseSavepoint(ctx, `s"1`))
	if _, err := c.Tx().ExecContext(ctx, "INSERT INTO t (name) VALUES ('by hand')"); err != nil {
		t.Fatal(err)
	}
	must(t, c.Commit(ctx))
	if c.InTx() {
		t.Error("still in a transaction after Commit")
	}
	if got := names(t, c, "SELECT name FROM t ORDER BY id"); fmt.Sprint(got) != "[a by hand]" {
		t.Errorf("rows %v", got)
	}
	must(t, c.Begin(ctx, engine.TxOptions{ReadOnly: true}))
	must(t, c.Rollback(ctx))
	want := []string{
		"BEGIN IMMEDIATE", "INSERT INTO t (name) VALUES (?)", `SAVEPOINT "s""1"`, "INSERT INTO t (name) VALUES (?)",
		`ROLLBACK TO SAVEPOINT "s""1"`, `RELEASE SAVEPOINT "s""1"`, "INSERT INTO t (name) VALUES ('by hand')", "COMMIT",
		"SELECT name FROM t ORDER BY id", "BEGIN", "ROLLBACK",
	}
	if got := s.texts(); !slices.Equal(got, want) {
		t.Errorf("observed\n%q, want\n%q", got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestReleaseRollsBack(t *testing.T) {
	e := file(t)
	c := acquire(t, e)
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	_, err := c.Exec(t.Context(), "INSERT INTO t (name) VALUES ('a')", nil)
	must(t, err)
	c.Release()
	c.Release()
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows after Release", n)
	}
	if _, err := c.Exec(t.Context(), "SELECT 1", nil); !errors.Is(err, engine.ErrReleased) {
		t.Errorf("Exec after Release: %v", err)
	}
}

func TestFailedCommitEndsTheTransaction(t *testing.T) {
	e := open(t, "sqlite://:memory:")
	mustExec(t, e, "CREATE TABLE p (id INTEGER PRIMARY KEY)")
	mustExec(t, e, "CREATE TABLE t (id INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
	c := acquire(t, e)
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	_, err := c.Exec(t.Context(), "INSERT INTO t VALUES (5)", nil)
	must(t, err)
	if err := c.Commit(t.Context()); err == nil {
		t.Fatal("Commit succeeded with a dangling foreign key")
	}
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	must(t, c.Rollback(t.Context()))
	c.Release()
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestRollbackAfterTheDatabaseRolledBack(t *testing.T) {
	e := file(t)
	mustExec(t, e, "INSERT INTO t VALUES (1, 'a')")
	c := acquire(t, e)
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	if _, err := c.Exec(t.Context(), "INSERT OR ROLLBACK INTO t VALUES (2, 'a')", nil); err == nil {
		t.Fatal("no violation")
	}
	if err := c.Rollback(t.Context()); err != nil {
		t.Errorf("Rollback: %v", err)
	}
	if c.Broken() {
		t.Error("the connection counts as broken")
	}
}

func TestPanicInRow(t *testing.T) {
	for _, url := range []string{"sqlite://:memory:", "file"} {
		t.Run(url, func(t *testing.T) {
			e := file(t)
			if url != "file" {
				e = open(t, url)
				mustExec(t, e, "CREATE TABLE t (id INTEGER)")
			}
			c := acquire(t, e)
			must(t, c.Begin(t.Context(), engine.TxOptions{}))
			_, err := c.Exec(t.Context(), "INSERT INTO t (id) VALUES (1)", nil)
			must(t, err)
			_, err = c.Query(t.Context(), "SELECT id FROM t", nil, func([]driver.Value) error { panic("ouch") })
			var p *engine.PanicError
			if !errors.As(err, &p) || p.Value != "ouch" || !strings.Contains(string(p.Stack), "TestPanicInRow") {
				t.Fatalf("Query: %v", err)
			}
			if !c.Broken() {
				t.Error("the connection is not broken")
			}
			if _, err := c.Exec(t.Context(), "SELECT 1", nil); !errors.Is(err, engine.ErrBroken) {
				t.Errorf("Exec: %v", err)
			}
			if err := c.Commit(t.Context()); !errors.Is(err, engine.ErrBroken) {
				t.Errorf("Commit: %v", err)
			}
			done := make(chan struct{})
			go func() { c.Release(); close(done) }()
			select {
			case <-done:
			case <-time.After(10 * time.Second):
				t.Fatal("Release hangs")
			}
			if n := count(t, e); n != 0 {
				t.Errorf("%d rows", n)
			}
			if n := e.DB().Stats().InUse; n != 0 {
				t.Errorf("%d connections in use", n)
			}
		})
	}
}

func TestRowErrorComesBackAsItIs(t *testing.T) {
	e := file(t)
	mustExec(t, e, "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')")
	c := acquire(t, e)
	stop := errors.New("stop")
	n, err := c.Query(t.Context(), "SELECT id FROM t ORDER BY id", nil, func(v []driver.Value) error {
		if v[0] == int64(2) {
			return stop
		}
		return nil
	})
	if err != stop || n != 1 || c.Broken() {
		t.Errorf("n %d, err %v, broken %v", n, err, c.Broken())
	}
	if got := names(t, c, "SELECT count(*) FROM t"); fmt.Sprint(got) != "[3]" {
		t.Errorf("rows %v", got)
	}
}

func TestCancelledContext(t *testing.T) {
	e := file(t)
	mustExec(t, e, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, i FROM n")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	c := acquire(t, e)
	if _, err := c.Exec(over, "DELETE FROM t", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Exec: %v", err)
	}
	if err := c.Begin(over, engine.TxOptions{}); !errors.Is(err, context.Canceled) || c.InTx() {
		t.Errorf("Begin: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	n, err := c.Query(ctx, "SELECT id FROM t", nil, func(v []driver.Value) error {
		if v[0] == int64(10) {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 10+64 {
		t.Errorf("Query went on for %d rows: %v", n, err)
	}
	if got := names(t, c, "SELECT count(*) FROM t"); fmt.Sprint(got) != "[5000]" {
		t.Errorf("rows %v", got)
	}

	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	if err := c.Commit(over); !errors.Is(err, context.Canceled) || !c.InTx() {
		t.Errorf("Commit: %v, in transaction: %v", err, c.InTx())
	}
	must(t, c.Rollback(over))
	if _, err := e.Acquire(over, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Acquire: %v", err)
	}
	if _, err := e.Exec(over, "DELETE FROM t"); !errors.Is(err, context.Canceled) {
		t.Errorf("Exec: %v", err)
	}
}

func TestCancelWhileRunning(t *testing.T) {
	e := file(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	c := acquire(t, e)
	must(t, c.Begin(ctx, engine.TxOptions{}))
	_, err := c.Exec(ctx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 1000000000) INSERT INTO t SELECT i, i FROM n", nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Exec: %v", err)
	}
	must(t, c.Rollback(ctx))
	c.Release()
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestSeveralStatementsAreRefused(t *testing.T) {
	e := file(t)
	c := acquire(t, e)
	for _, sql := range []string{"SELECT 1; SELECT 2", "DELETE FROM t; DROP TABLE t"} {
		if _, err := c.Query(t.Context(), sql, nil, func([]driver.Value) error { return nil }); !errors.Is(err, engine.ErrSeveralStatements) {
			t.Errorf("Query %s: %v", sql, err)
		}
		if _, err := c.Exec(t.Context(), sql, nil); !errors.Is(err, engine.ErrSeveralStatements) {
			t.Errorf("Exec %s: %v", sql, err)
		}
	}
	// The driver would take what follows the semicolon for a statement.
	for _, sql := range []string{"SELECT 7;", "SELECT 7; \n", "SELECT 7 ; -- done"} {
		if got := names(t, c, sql); fmt.Sprint(got) != "[7]" {
			t.Errorf("%q gave %v", sql, got)
		}
		var n int
		if err := e.Get(t.Context(), &n, sql); err != nil || n != 7 {
			t.Errorf("Get %q gave %d, %v", sql, n, err)
		}
	}
	must(t, c.ExecDDL(t.Context(), "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET name = 'x' WHERE id = new.id; SELECT 1; END"))
}

func TestRowsOpenByHand(t *testing.T) {
	e := file(t)
	mustExec(t, e, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
	c := acquire(t, e)
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	rows, err := c.Tx().QueryxContext(t.Context(), "SELECT id FROM t")
	must(t, err)
	if !rows.Next() || !c.RowsOpen() {
		t.Fatal("RowsOpen is false while rows are open")
	}
	if _, err := c.Exec(t.Context(), "DELETE FROM t", nil); !errors.Is(err, engine.ErrRowsOpen) {
		t.Errorf("Exec: %v", err)
	}
	must(t, rows.Close())
	if c.RowsOpen() {
		t.Error("RowsOpen after Close")
	}
	_, err = c.Exec(t.Context(), "DELETE FROM t", nil)
	must(t, err)
	must(t, c.Commit(t.Context()))
}

func TestColumnTypesOfHandWrittenRows(t *testing.T) {
	e := file(t)
	rows, err := e.QueryxContext(t.Context(), "SELECT id, name FROM t")
	must(t, err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	must(t, err)
	if types[0].DatabaseTypeName() != "INTEGER" || types[1].DatabaseTypeName() != "TEXT" {
		t.Errorf("types %v %v", types[0].DatabaseTypeName(), types[1].DatabaseTypeName())
	}
}

func TestQueryContextGivesTheConnectionBack(t *testing.T) {
	e := open(t, "sqlite://:memory:", engine.PoolTimeout(5*time.Second))
	rows, err := e.QueryContext(t.Context(), "SELECT 1")
	must(t, err)
	must(t, rows.Close())
	var n int
	must(t, e.QueryRowxContext(t.Context(), "SELECT 2").Scan(&n))
	if n != 2 {
		t.Errorf("n = %d", n)
	}
	must(t, e.Get(t.Context(), &n, "SELECT 3"))
	if err := e.QueryRowxContext(t.Context(), "nonsense").Scan(&n); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("Scan: %v", err)
	}
	if err := e.Get(t.Context(), &n, "SELECT 1 WHERE false"); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("Get: %v", err)
	}
}

func TestBusyIsSerializationFailure(t *testing.T) {
	e := file(t)
	mustExec(t, e, "PRAGMA busy_timeout = 1")
	a := acquire(t, e)
	must(t, a.Begin(t.Context(), engine.TxOptions{}))
	b := acquire(t, e)
	_, err := b.Exec(t.Context(), "PRAGMA busy_timeout = 20", nil)
	must(t, err)
	err = b.Begin(t.Context(), engine.TxOptions{})
	if !errors.Is(err, dialect.ErrSerialization) || b.InTx() || b.Broken() {
		t.Fatalf("Begin: %v", err)
	}
	// SQLite waits for its lock to the end; what it says is joined to the context.
	_, err = b.Exec(t.Context(), "PRAGMA busy_timeout = 100", nil)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := b.Begin(ctx, engine.TxOptions{}); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, dialect.ErrSerialization) || b.InTx() || b.Broken() {
		t.Errorf("Begin: %v", err)
	}
	must(t, a.Commit(t.Context()))
	must(t, b.Begin(t.Context(), engine.TxOptions{}))
}

func TestArguments(t *testing.T) {
	e := file(t)
	c := acquire(t, e)
	type named string
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	text := "x"
	var none *string
	var noValuer *sql.NullString
	for _, a := range []struct{ in, want any }{
		{int64(1), int64(1)}, {1, int64(1)}, {uint8(3), int64(3)}, {"s", "s"}, {named("n"), "n"}, {[]byte("b"), []byte("b")},
		{nil, nil}, {none, nil}, {&text, "x"}, {noValuer, nil}, {sql.NullString{}, nil}, {&sql.NullString{String: "v", Valid: true}, "v"},
		{sql.Null[int64]{V: 4, Valid: true}, int64(4)}, {2.5, 2.5}, {true, int64(1)}, {at, "2026-01-02 03:04:05+00:00"},
	} {
		got := names(t, c, "SELECT ?", a.in)
		if fmt.Sprintf("%#v", got[0]) != fmt.Sprintf("%#v", a.want) {
			t.Errorf("%T %v arrived as %#v, want %#v", a.in, a.in, got[0], a.want)
		}
	}
	if got := names(t, c, "SELECT :b || :a", sql.Named("a", "1"), sql.Named("b", named("2"))); got[0] != "21" {
		t.Errorf("named arguments gave %v", got)
	}
	_, err := c.Query(t.Context(), "SELECT ?", engine.Args(struct{}{}), nil)
	if err == nil || !strings.Contains(err.Error(), "argument 1 of Go type struct {}") {
		t.Errorf("unsupported type: %v", err)
	}
}

// A level of isolation that the database lacks is refused before any SQL.
func TestIsolationLevelsThatAreLacking(t *testing.T) {
	urls := []string{"sqlite://:memory:"}
	if url := os.Getenv("DORMER_TEST_POSTGRES"); url != "" {
		urls = append(urls, url)
	}
	for _, url := range urls {
		var s seen
		e := open(t, url, engine.Observer(s.observe))
		c := acquire(t, e)
		s.take()
		for _, level := range []sql.IsolationLevel{sql.LevelWriteCommitted, sql.LevelSnapshot, sql.LevelLinearizable, 99} {
			err := c.Begin(t.Context(), engine.TxOptions{Isolation: level})
			var u *dialect.UnsupportedError
			if !errors.As(err, &u) || u.Construct != "isolation level "+level.String() || !errors.Is(err, dialect.ErrUnsupported) || c.InTx() {
				t.Errorf("%s: %s: %v", e.Dialect().Name(), level, err)
			}
		}
		if list := s.texts(); list != nil {
			t.Errorf("sent %q", list)
		}
		for _, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable} {
			if err := c.Begin(t.Context(), engine.TxOptions{Isolation: level}); err != nil {
				t.Fatal(err)
			}
			if err := c.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		c.Release()
		if _, err := e.DB().BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelSnapshot}); !errors.Is(err, dialect.ErrUnsupported) {
			t.Errorf("through the pool: %v", err)
		}
	}
}
