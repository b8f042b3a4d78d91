package engine_test

import (
	"database/sql/driver"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
)

func TestSandbox(t *testing.T) {
	var s seen
	e := file(t, engine.Observer(s.observe))
	mustExec(t, e, "INSERT INTO t VALUES (1, 'kept')")
	box, err := e.Sandbox(t.Context())
	must(t, err)
	defer box.Close()
	ctx := t.Context()
	s.take()

	c := acquire(t, box)
	must(t, c.Begin(ctx, engine.TxOptions{ReadOnly: true}))
	_, err = c.Exec(ctx, "INSERT INTO t VALUES (?, ?)", engine.Args(2, "b"))
	must(t, err)
	must(t, c.Savepoint(ctx, "sp"))
	_, err = c.Exec(ctx, "INSERT INTO t VALUES (?, ?)", engine.Args(3, "c"))
	must(t, err)
	must(t, c.RollbackTo(ctx, "sp"))
	must(t, c.Commit(ctx))
	must(t, c.Begin(ctx, engine.TxOptions{}))
	_, err = c.Tx().ExecContext(ctx, "DELETE FROM t")
	must(t, err)
	must(t, c.Rollback(ctx))
	c.Release()
	want := []string{
		"SAVEPOINT dormer_sandbox_1", "INSERT INTO t VALUES (?, ?)", `SAVEPOINT "sp"`, "INSERT INTO t VALUES (?, ?)", `ROLLBACK TO SAVEPOINT "sp"`,
		"RELEASE SAVEPOINT dormer_sandbox_1", "SAVEPOINT dormer_sandbox_2", "DELETE FROM t", "ROLLBACK TO SAVEPOINT dormer_sandbox_2", "RELEASE SAVEPOINT dormer_sandbox_2",
	}
	if got := s.texts(); !slices.Equal(got, want) {
		t.Errorf("observed\n%q, want\n%q", got, want)
	}
	if n := count(t, box); n != 2 {
		t.Errorf("%d rows inside", n)
	}
	if n := count(t, e); n != 1 {
		t.Errorf("%d rows outside while the sandbox is open", n)
	}

	// Outside a transaction a statement that fails leaves nothing, and the sandbox usable.
	_, err = box.Exec(ctx, "INSERT INTO t VALUES (9, 'x'), (1, 'y')")
	if err == nil {
		t.Error("no violation")
	}
	if _, err := box.QueryRows(ctx, "SELECT id FROM t", nil, func([]driver.Value) error { return errors.New("no") }); err == nil {
		t.Error("no error")
	}
	mustExec(t, box, "CREATE TABLE only_inside (id INTEGER)")
	mustExec(t, box, "INSERT INTO t VALUES (10, 'z')")
	if n := count(t, box); n != 3 {
		t.Errorf("%d rows inside", n)
	}
	type key struct{}
	if box.Value(key{}, func() any { return 1 }) != e.Value(key{}, func() any { return 2 }) {
		t.Error("Value is not shared with the parent")
	}

	must(t, box.Close())
	must(t, box.Close())
	if n := count(t, e); n != 1 {
		t.Errorf("%d rows after Close", n)
	}
	var n int
	if err := e.Get(ctx, &n, "SELECT count(*) FROM only_inside"); err == nil {
		t.Error("the table outlived the sandbox")
	}
	if n := e.DB().Stats().InUse; n != 0 {
		t.Errorf("%d connections in use", n)
	}
}

func TestSandboxWaitsItsTurn(t *testing.T) {
	e := file(t, engine.PoolTimeout(30*time.Millisecond))
	box, err := e.Sandbox(t.Context())
	must(t, err)
	c, err := box.Acquire(t.Context(), "unit of work")
	must(t, err)
	_, err = box.Acquire(t.Context(), "late")
	var p *engine.PoolTimeoutError
	if !errors.As(err, &p) || p.Kept != 1 || p.Overflow != 0 || len(p.Holders) != 1 || p.Holders[0].Name != "unit of work" {
		t.Errorf("Acquire: %v", err)
	}
	if err := box.Close(); !errors.As(err, &p) {
		t.Errorf("Close under a running unit: %v", err)
	}
	c.Release()
	must(t, box.Close())
}

func TestSandboxInASandbox(t *testing.T) {
	e := file(t)
	outer, err := e.Sandbox(t.Context())
	must(t, err)
	mustExec(t, outer, "INSERT INTO t VALUES (1, 'a')")
	inner, err := outer.Sandbox(t.Context())
	must(t, err)
	mustExec(t, inner, "INSERT INTO t VALUES (2, 'b')")
	if n := count(t, inner); n != 2 {
		t.Errorf("%d rows", n)
	}
	must(t, inner.Close())
	if n := count(t, outer); n != 1 {
		t.Errorf("%d rows", n)
	}
	must(t, outer.Close())
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestSandboxOfMemory(t *testing.T) {
	e := open(t, "sqlite://:memory:")
	mustExec(t, e, "CREATE TABLE t (id INTEGER)")
	box, err := e.Sandbox(t.Context())
	must(t, err)
	mustExec(t, box, "INSERT INTO t VALUES (1)")
	must(t, box.Close())
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
}
