package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
)

func oneText(t *testing.T, q func(Row) (int64, error)) string {
	t.Helper()
	var got string
	if n, err := q(func(v []driver.Value) error { got = v[0].(string); return nil }); err != nil || n != 1 {
		t.Fatalf("%d rows, %v", n, err)
	}
	return got
}

func TestDeadConnectionsAreReplaced(t *testing.T) {
	for dead := range 4 {
		f := &fake{}
		f.fail = func(call, _ string, conn int) error {
			if conn <= dead && (call == "query" || call == "exec" || call == "begin tx" || call == "ping") {
				return driver.ErrBadConn
			}
			return nil
		}
		for _, what := range []string{"query", "exec", "begin", "select", "ping"} {
			e := f.engine(t, fakeDialect{}, StatementCache(0))
			var err error
			ctx := t.Context()
			switch what {
			case "query":
				_, err = e.QueryRows(ctx, "q", nil, func([]driver.Value) error { return nil })
			case "exec":
				_, err = e.ExecRaw(ctx, "q", nil)
			case "begin":
				var c *Conn
				if c, err = e.Acquire(ctx, "x"); err != nil {
					t.Fatal(err)
				}
				err = c.Begin(ctx, TxOptions{})
				c.Release()
			case "select":
				var s string
				err = e.Get(ctx, &s, "q")
			case "ping":
				err = e.Ping(ctx)
			}
			opened, closed := f.counts()
			if dead <= 2 && (err != nil || opened != dead+1 || closed != dead) {
				t.Errorf("%s with %d dead: opened %d, closed %d, %v", what, dead, opened, closed, err)
			}
			if dead == 3 && (!errors.Is(err, dialect.ErrConnectionLost) || !errors.Is(err, driver.ErrBadConn) || opened != 3) {
				t.Errorf("%s with %d dead: opened %d, %v", what, dead, opened, err)
			}
			_ = e.Close()
			f.mu.Lock()
			f.opened, f.closed = 0, 0
			f.mu.Unlock()
		}
	}
}

func TestDeathInATransactionIsNotRetried(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{}, StatementCache(0))
	c, err := e.Acquire(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Begin(t.Context(), TxOptions{}); err != nil {
		t.Fatal(err)
	}
	f.fail = func(call, _ string, _ int) error {
		if call == "exec" {
			return driver.ErrBadConn
		}
		return nil
	}
	if _, err := c.Exec(t.Context(), "q", nil); !errors.Is(err, dialect.ErrConnectionLost) || !c.Broken() {
		t.Fatalf("Exec: %v, broken %v", err, c.Broken())
	}
	if err := c.Rollback(t.Context()); err != nil {
		t.Errorf("Rollback: %v", err)
	}
	c.Release()
	if opened, closed := f.counts(); opened != 1 || closed != 1 {
		t.Errorf("opened %d, closed %d", opened, closed)
	}
	if n := e.DB().Stats().OpenConnections; n != 0 {
		t.Errorf("%d connections in the pool", n)
	}
}

func TestFailedRollbackDiscards(t *testing.T) {
	f := &fake{fail: func(call, _ string, _ int) error {
		if call == "rollback" {
			return errors.New("no answer")
		}
		return nil
	}}
	e := f.engine(t, fakeDialect{})
	c, _ := e.Acquire(t.Context(), "x")
	if err := c.Begin(t.Context(), TxOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Rollback(t.Context()); err == nil || !c.Broken() {
		t.Errorf("Rollback: %v, broken %v", err, c.Broken())
	}
	c.Release()
	if _, closed := f.counts(); closed != 1 {
		t.Error("the connection went back into the pool")
	}
}

func TestOneDeathMakesOlderConnectionsSuspect(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{}, StatementCache(0))
	var held []*Conn
	for range 3 {
		c, err := e.Acquire(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	for _, c := range held {
		c.Release()
	}
	f.fail = func(call, _ string, conn int) error {
		if conn <= 3 && call == "exec" {
			return driver.ErrBadConn
		}
		return nil
	}
	f.took()
	if _, err := e.ExecRaw(t.Context(), "q", nil); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, call := range f.took() {
		if call == "exec q" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d attempts, want 2: the first death condemns the others", n)
	}
}

func TestWithoutOptionalInterfaces(t *testing.T) {
	f := &fake{bare: true}
	e := f.engine(t, fakeDialect{}, StatementCache(0))
	ctx := t.Context()
	if err := e.Ping(ctx); err != nil {
		t.Error(err)
	}
	if got := oneText(t, func(r Row) (int64, error) { return e.QueryRows(ctx, "q", Args(int8(3)), r) }); got != "q[3]" {
		t.Errorf("got %q", got)
	}
	var s string
	if err := e.Get(ctx, &s, "g", 4); err != nil || s != "g[4]" {
		t.Errorf("Get: %q, %v", s, err)
	}
	if _, err := e.Exec(ctx, "x", 4); err != nil {
		t.Error(err)
	}
	if _, err := e.ExecRaw(ctx, "x", Args(4)); err != nil {
		t.Error(err)
	}
	c, _ := e.Acquire(ctx, "x")
	defer c.Release()
	if err := c.Begin(ctx, TxOptions{ReadOnly: true}); err == nil {
		t.Error("a driver without BeginTx began read-only")
	}
	if err := c.Begin(ctx, TxOptions{}); err != nil {
		t.Error(err)
	}
	if err := c.Commit(ctx); err != nil {
		t.Error(err)
	}
	want := []string{"open ", "prepare q", "stmt query q", "stmt close q", "prepare g", "stmt query g", "stmt close g",
		"prepare x", "stmt exec x", "stmt close x", "prepare x", "stmt exec x", "stmt close x", "begin ", "commit "}
	if got := f.took(); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
}

func TestErrSkipMeansPrepare(t *testing.T) {
	f := &fake{fail: func(call, _ string, _ int) error {
		if call == "exec" || call == "query" {
			return driver.ErrSkip
		}
		return nil
	}}
	e := f.engine(t, fakeDialect{}, StatementCache(0))
	if got := oneText(t, func(r Row) (int64, error) { return e.QueryRows(t.Context(), "q", Args(int64(1)), r) }); got != "q[1]" {
		t.Errorf("got %q", got)
	}
	if _, err := e.ExecRaw(t.Context(), "x", Args(int64(1))); err != nil {
		t.Error(err)
	}
	if _, err := e.Exec(t.Context(), "h", 1); err != nil {
		t.Error(err)
	}
	got := strings.Join(f.took(), ",")
	for _, want := range []string{"prepare q,stmt query q,stmt close q", "prepare x,stmt exec x,stmt close x", "prepare h,stmt exec h,stmt close h"} {
		if !strings.Contains(got, want) {
			t.Errorf("calls %s lack %s", got, want)
		}
	}
}

func TestArgumentsGoThroughTheDriver(t *testing.T) {
	direct := (&fake{}).engine(t, fakeDialect{}, StatementCache(0))
	kept := (&fake{}).engine(t, fakeDialect{})
	args := func() []driver.NamedValue { return Args(doubled{4}, dropped{}, int8(7)) }
	if got := oneText(t, func(r Row) (int64, error) { return direct.QueryRows(t.Context(), "q", args(), r) }); got != "q|1  8|2  7" {
		t.Errorf("without a statement: %q", got)
	}
	// A statement's column converter comes after the connection's checker.
	if got := oneText(t, func(r Row) (int64, error) { return kept.QueryRows(t.Context(), "VALUES", args(), r) }); got != "VALUES[8 col1:7]" {
		t.Errorf("with a statement: %q", got)
	}
	var s string
	if err := kept.Get(t.Context(), &s, "q", doubled{4}, dropped{}, int8(7)); err != nil || s != "q|1  8|2  7" {
		t.Errorf("through database/sql: %q, %v", s, err)
	}
	st, err := kept.DB().PreparexContext(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.GetContext(t.Context(), &s, doubled{4}, int8(7)); err != nil || s != "p[8 col1:7]" {
		t.Errorf("prepared through database/sql: %q, %v", s, err)
	}
}

func TestForwarding(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{})
	ctx := t.Context()
	if err := e.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	tx, err := e.DB().BeginTxx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(ctx, "x"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	want := []string{"open ", "ping ", "valid ", "reset ", "begin tx 0 false", "exec x", "commit ", "valid "}
	if got := f.took(); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
}

func TestStatementsAreKept(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{}, StatementCache(2))
	c, err := e.Acquire(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := c.Exec(t.Context(), sql, Args(args...)); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if got := f.took(); !slices.Equal(got, want) {
			t.Errorf("%s: calls %q, want %q", what, got, want)
		}
	}
	f.took()
	run("SELECT a", 1)
	run("SELECT a", 2)
	expect("twice with arguments", "prepare SELECT a", "stmt exec SELECT a", "stmt exec SELECT a")
	run("SELECT n")
	run("SELECT n")
	run("SELECT n")
	expect("without arguments prepared the second time", "exec SELECT n", "prepare SELECT n", "stmt exec SELECT n", "stmt exec SELECT n")
	run("SELECT a", 1)
	run("SELECT b", 1)
	expect("the least recently used goes", "stmt exec SELECT a", "prepare SELECT b", "stmt close SELECT n", "stmt exec SELECT b")
	run("FETCH 1 FROM c")
	run("FETCH 1 FROM c")
	expect("never prepared", "exec FETCH 1 FROM c", "exec FETCH 1 FROM c")
	if err := c.ExecDDL(t.Context(), "CREATE x"); err != nil {
		t.Fatal(err)
	}
	f.took()
	run("SELECT a", 1)
	expect("DDL drops all", "stmt close SELECT b", "stmt close SELECT a", "prepare SELECT a", "stmt exec SELECT a")
	c.Release()
	f.took()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	expect("closed with the connection", "stmt close SELECT a", "close ")
}

func TestNoStatementsKeptWhenOff(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{}, StatementCache(0))
	for range 3 {
		if _, err := e.ExecRaw(t.Context(), "SELECT a", Args(1)); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(f.took(), ","); strings.Contains(got, "prepare") {
		t.Error(got)
	}
}

func TestStaleStatements(t *testing.T) {
	for _, state := range []string{"0A000", "26000"} {
		f := &fake{}
		e := f.engine(t, fakeDialect{})
		c, err := e.Acquire(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		run := func() error {
			_, err := c.Query(t.Context(), "SELECT q", Args(1), func([]driver.Value) error { return nil })
			return err
		}
		if err := run(); err != nil {
			t.Fatal(err)
		}
		f.took()
		once := func() func(string, string, int) error {
			failed := false
			return func(call, _ string, _ int) error {
				if call == "stmt query" && !failed {
					failed = true
					return stale{state}
				}
				return nil
			}
		}
		f.fail = once()
		if err := run(); err != nil {
			t.Errorf("%s outside a transaction: %v", state, err)
		}
		want := []string{"stmt query SELECT q", "stmt close SELECT q", "prepare SELECT q", "stmt query SELECT q"}
		if got := f.took(); !slices.Equal(got, want) {
			t.Errorf("calls %q, want %q", got, want)
		}
		if err := c.Begin(t.Context(), TxOptions{}); err != nil {
			t.Fatal(err)
		}
		f.fail = once()
		if err := run(); err == nil || sqlState(err) != state {
			t.Errorf("%s inside a transaction: %v", state, err)
		}
		if err := c.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := run(); err != nil {
			t.Errorf("after the transaction: %v", err)
		}
		f.fail = nil
		c.Release()
	}
}

func TestFailedPrepareIsNotKept(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{})
	f.fail = func(call, _ string, _ int) error {
		if call == "prepare" {
			return errors.New("transaction is aborted")
		}
		return nil
	}
	c, _ := e.Acquire(t.Context(), "x")
	defer c.Release()
	if _, err := c.Exec(t.Context(), "SELECT a", Args(1)); err == nil {
		t.Fatal("no error")
	}
	f.fail = nil
	if _, err := c.Exec(t.Context(), "SELECT a", Args(1)); err != nil {
		t.Error(err)
	}
}

func TestOwnBegin(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{begin: "BEGIN MINE"})
	c, _ := e.Acquire(t.Context(), "x")
	f.took()
	for _, end := range []func(context.Context) error{c.Commit, c.Rollback} {
		if err := c.Begin(t.Context(), TxOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := end(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Release()
	want := []string{"exec BEGIN MINE", "exec COMMIT", "exec BEGIN MINE", "exec ROLLBACK", "valid "}
	if got := f.took(); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
}

func TestSimpleArgumentsAllocateNothing(t *testing.T) {
	s := newSession(&Engine{}, &fullConn{&bareConn{&fake{}, 1}}, 0)
	args := Args(int64(1), "two", []byte("three"), 4.0, nil, true)
	if n := testing.AllocsPerRun(100, func() {
		if got, err := s.convertArgs(nil, args); err != nil || len(got) != 6 {
			t.Fatal(fmt.Sprint(got, err))
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestStatementsAllocateLittle(t *testing.T) {
	f := &fake{}
	e := f.engine(t, fakeDialect{})
	c, err := e.Acquire(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	c.attach()
	c.s.execCtx, c.s.stmts = quiet{}, nil // the fake's own calls allocate
	args := Args(int64(1), "two")
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		if _, err := c.Exec(ctx, "UPDATE t SET a = ? WHERE b = ?", args); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a statement beyond the driver's", n)
	}
}

type quiet struct{}

func (quiet) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return quiet{}, nil
}
func (quiet) LastInsertId() (int64, error) { return 1, nil }
func (quiet) RowsAffected() (int64, error) { return 1, nil }
