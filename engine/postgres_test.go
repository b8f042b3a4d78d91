package engine_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

// postgres opens the server that DORMER_TEST_POSTGRES names, in a table of the
// test's own. The suites that always run on PostgreSQL are in integration.
func postgres(t *testing.T, opts ...engine.Option) *engine.Engine {
	t.Helper()
	url := os.Getenv("DORMER_TEST_POSTGRES")
	if url == "" {
		t.Skip("DORMER_TEST_POSTGRES is not set")
	}
	e := open(t, url, opts...)
	mustExec(t, e, "DROP TABLE IF EXISTS t")
	mustExec(t, e, "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT UNIQUE)")
	t.Cleanup(func() { mustExecLater(t, e, "DROP TABLE t") })
	return e
}

func mustExecLater(t *testing.T, e *engine.Engine, sql string) {
	if _, err := e.Exec(context.Background(), sql); err != nil {
		t.Error(err)
	}
}

func TestPostgresTransaction(t *testing.T) {
	var s seen
	e := postgres(t, engine.Observer(s.observe))
	ctx := t.Context()
	c := acquire(t, e)
	s.take()
	must(t, c.Begin(ctx, engine.TxOptions{Isolation: sql.LevelSerializable}))
	for i := range 3 {
		res, err := c.Exec(ctx, "INSERT INTO t VALUES ($1, $2)", engine.Args(int64(i), fmt.Sprint(i)))
		must(t, err)
		if res.RowsAffected != 1 {
			t.Errorf("%+v", res)
		}
	}
	must(t, c.Savepoint(ctx, "sp"))
	_, err := c.Exec(ctx, "INSERT INTO t VALUES ($1, $2)", engine.Args(9, "0"))
	var u *dialect.UniqueViolation
	if !errors.As(err, &u) || u.Table != "t" {
		t.Fatalf("Exec: %v", err)
	}
	// A statement never prepared before, in the aborted transaction.
	if _, err := c.Query(ctx, "SELECT name FROM t WHERE id = $1", engine.Args(1), nil); err == nil {
		t.Error("no error in an aborted transaction")
	}
	must(t, c.RollbackTo(ctx, "sp"))
	if got := names(t, c, "SELECT name FROM t WHERE id = $1", 1); got[0] != "1" {
		t.Errorf("rows %v", got)
	}
	must(t, c.Commit(ctx))
	want := []string{"BEGIN ISOLATION LEVEL SERIALIZABLE", "INSERT INTO t VALUES ($1, $2)", "INSERT INTO t VALUES ($1, $2)", "INSERT INTO t VALUES ($1, $2)",
		`SAVEPOINT "sp"`, "INSERT INTO t VALUES ($1, $2)", "SELECT name FROM t WHERE id = $1", `ROLLBACK TO SAVEPOINT "sp"`, "SELECT name FROM t WHERE id = $1", "COMMIT"}
	if got := s.texts(); !slices.Equal(got, want) {
		t.Errorf("observed\n%q, want\n%q", got, want)
	}
	must(t, c.Begin(ctx, engine.TxOptions{ReadOnly: true}))
	if _, err := c.Exec(ctx, "DELETE FROM t", nil); !errors.Is(err, dialect.ErrReadOnly) {
		t.Errorf("Exec: %v", err)
	}
	must(t, c.Rollback(ctx))
}

func TestPostgresKilledConnections(t *testing.T) {
	e := postgres(t)
	ctx := t.Context()
	kill := func(but int64) {
		admin := acquire(t, e)
		defer admin.Release()
		names(t, admin, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid NOT IN (pg_backend_pid(), $1) AND datname = current_database()", but)
		time.Sleep(50 * time.Millisecond)
	}
	pid := func(c *engine.Conn) int64 { return names(t, c, "SELECT pg_backend_pid()")[0].(int64) }
	// Five idle connections, all dead but the one that killed them.
	var held []*engine.Conn
	for range 5 {
		c := acquire(t, e)
		pid(c)
		held = append(held, c)
	}
	for _, c := range held {
		c.Release()
	}
	kill(0)
	for range 5 {
		c := acquire(t, e)
		must(t, c.Begin(ctx, engine.TxOptions{}))
		must(t, c.Rollback(ctx))
		held = append(held, c)
	}
	for _, c := range held {
		c.Release()
	}

	c := acquire(t, e)
	must(t, c.Begin(ctx, engine.TxOptions{}))
	pid(c)
	kill(0)
	_, err := c.Exec(ctx, "DELETE FROM t WHERE id = $1", engine.Args(1))
	if !errors.Is(err, dialect.ErrConnectionLost) || !c.Broken() {
		t.Errorf("Exec on a killed connection: %v, broken %v", err, c.Broken())
	}
	if _, err := c.Exec(ctx, "SELECT 1", nil); !errors.Is(err, engine.ErrBroken) || !errors.Is(err, dialect.ErrConnectionLost) {
		t.Errorf("Exec afterwards: %v", err)
	}
	must(t, c.Rollback(ctx))
	c.Release()
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestPostgresCancel(t *testing.T) {
	e := postgres(t)
	for _, arg := range [][]driver.NamedValue{nil, engine.Args(5.0)} {
		text := "SELECT pg_sleep(5)"
		if arg != nil {
			text = "SELECT pg_sleep($1)"
		}
		for _, inTx := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			c := acquire(t, e)
			if inTx {
				must(t, c.Begin(t.Context(), engine.TxOptions{}))
			}
			start := time.Now()
			_, err := c.Query(ctx, text, arg, func([]driver.Value) error { return nil })
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 3*time.Second {
				t.Errorf("%s in transaction %v: %v after %s", text, inTx, err, time.Since(start))
			}
			c.Release()
			cancel()
			if n := count(t, e); n != 0 {
				t.Errorf("%d rows", n)
			}
		}
	}
	if n := e.DB().Stats().InUse; n != 0 {
		t.Errorf("%d in use", n)
	}
}

func TestPostgresSchemaChanges(t *testing.T) {
	e := postgres(t)
	mustExec(t, e, "INSERT INTO t VALUES (1, 'a')")
	other := open(t, os.Getenv("DORMER_TEST_POSTGRES"))
	c := acquire(t, e)
	const text = "SELECT * FROM t WHERE id = $1"
	names(t, c, text, 1)
	mustExec(t, other, "ALTER TABLE t ADD COLUMN more TEXT") // this engine is not told
	if got := names(t, c, text, 1); got[0] != int64(1) {
		t.Errorf("rows %v", got)
	}
	must(t, c.ExecDDL(t.Context(), "ALTER TABLE t DROP COLUMN more"))
	must(t, c.Begin(t.Context(), engine.TxOptions{}))
	names(t, c, text, 1)
	must(t, c.Commit(t.Context()))
}

func TestPostgresCursorAndSandbox(t *testing.T) {
	e := postgres(t)
	ctx := t.Context()
	mustExec(t, e, "INSERT INTO t SELECT i, i FROM generate_series(1, 1000) i")
	cur, err := e.OpenCursor(ctx, "stream", "SELECT id FROM t WHERE id > $1", engine.Args(0))
	must(t, err)
	n := 0
	for more := true; more; {
		more, err = cur.Fetch(ctx, 256, func([]driver.Value) error { n++; return nil })
		must(t, err)
	}
	if n != 1000 {
		t.Errorf("%d rows", n)
	}
	cur, err = e.OpenCursor(ctx, "stream", "SELECT id FROM t", nil)
	must(t, err)
	_, err = cur.Fetch(ctx, 10, func([]driver.Value) error { return nil })
	must(t, err)
	must(t, cur.Close())

	box, err := e.Sandbox(ctx)
	must(t, err)
	mustExec(t, box, "DELETE FROM t")
	if _, err := box.Exec(ctx, "nonsense"); err == nil {
		t.Error("no error")
	}
	if _, err := box.ExecRaw(ctx, "INSERT INTO t VALUES ($1, $2), ($1, $2)", engine.Args(1, "x")); !errors.Is(err, dialect.ErrUnique) {
		t.Errorf("ExecRaw: %v", err)
	}
	if _, err := box.QueryRows(ctx, "SELECT 1 / (id - id) FROM generate_series(1, 3) AS s(id)", nil, func([]driver.Value) error { return nil }); err == nil {
		t.Error("no error")
	}
	if n := count(t, box); n != 0 {
		t.Errorf("%d rows inside", n)
	}
	st, err := box.DB().PreparexContext(ctx, "SELECT 1 / $1::int AS a")
	must(t, err)
	var one int
	if err := st.GetContext(ctx, &one, 0); err == nil {
		t.Error("no error")
	}
	must(t, st.GetContext(ctx, &one, 1))
	must(t, st.Close())
	rows, err := box.QueryContext(ctx, "SELECT count(*) FROM t")
	must(t, err)
	if types, err := rows.ColumnTypes(); err != nil || types[0].DatabaseTypeName() != "INT8" {
		t.Errorf("column types %v, %v", types, err)
	}
	must(t, rows.Close())
	c := acquire(t, box)
	must(t, c.Begin(ctx, engine.TxOptions{Isolation: sql.LevelSerializable}))
	_, err = c.Exec(ctx, "INSERT INTO t VALUES ($1, $2)", engine.Args(1, "x"))
	must(t, err)
	must(t, c.Rollback(ctx))
	c.Release()
	must(t, box.Close())
	if n := count(t, e); n != 1000 {
		t.Errorf("%d rows after Close", n)
	}
}
