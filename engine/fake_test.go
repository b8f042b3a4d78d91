package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
)

// fake is a driver that keeps to the letter of database/sql/driver and fails on
// demand, for what a real one does too seldom: it answers every query with one
// row, the text of the statement.
type fake struct {
	mu     sync.Mutex
	log    []string                               // what was called
	fail   func(call, sql string, conn int) error // nil: nothing fails
	opened int
	closed int
	bare   bool // connections with the required methods only
}

func (f *fake) Connect(context.Context) (driver.Conn, error) {
	f.mu.Lock()
	f.opened++
	n := f.opened
	f.mu.Unlock()
	if err := f.call("open", "", n); err != nil {
		return nil, err
	}
	c := &bareConn{f, n}
	if f.bare {
		return c, nil
	}
	return &fullConn{c}, nil
}

func (f *fake) Driver() driver.Driver { return nil }

func (f *fake) call(call, sql string, conn int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, call+" "+sql)
	if call == "close" {
		f.closed++
	}
	if f.fail == nil {
		return nil
	}
	return f.fail(call, sql, conn)
}

// took returns and forgets what was called.
func (f *fake) took() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := f.log
	f.log = nil
	return log
}

func (f *fake) counts() (opened, closed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opened, f.closed
}

type bareConn struct {
	f *fake
	n int
}

func (c *bareConn) Prepare(sql string) (driver.Stmt, error) {
	if err := c.f.call("prepare", sql, c.n); err != nil {
		return nil, err
	}
	return &bareStmt{c, sql}, nil
}
func (c *bareConn) Close() error { return c.f.call("close", "", c.n) }
func (c *bareConn) Begin() (driver.Tx, error) {
	if err := c.f.call("begin", "", c.n); err != nil {
		return nil, err
	}
	return bareTx{c}, nil
}

type bareTx struct{ c *bareConn }

func (t bareTx) Commit() error   { return t.c.f.call("commit", "", t.c.n) }
func (t bareTx) Rollback() error { return t.c.f.call("rollback", "", t.c.n) }

type bareStmt struct {
	c   *bareConn
	sql string
}

func (s *bareStmt) Close() error  { return s.c.f.call("stmt close", s.sql, s.c.n) }
func (s *bareStmt) NumInput() int { return -1 }
func (s *bareStmt) Exec(args []driver.Value) (driver.Result, error) {
	if err := s.c.f.call("stmt exec", s.sql, s.c.n); err != nil {
		return nil, err
	}
	return driver.RowsAffected(1), nil
}
func (s *bareStmt) Query(args []driver.Value) (driver.Rows, error) {
	if err := s.c.f.call("stmt query", s.sql, s.c.n); err != nil {
		return nil, err
	}
	return &oneRow{text: s.sql + fmt.Sprint(args)}, nil
}

type oneRow struct {
	text string
	done bool
}

func (r *oneRow) Columns() []string { return []string{"text"} }
func (r *oneRow) Close() error      { return nil }
func (r *oneRow) Next(dest []driver.Value) error {
	if r.done {
		return io.EOF
	}
	r.done = true
	dest[0] = r.text
	return nil
}

// fullConn has every optional interface of a connection.
type fullConn struct{ *bareConn }

func (c *fullConn) Ping(context.Context) error         { return c.f.call("ping", "", c.n) }
func (c *fullConn) ResetSession(context.Context) error { return c.f.call("reset", "", c.n) }
func (c *fullConn) IsValid() bool                      { return c.f.call("valid", "", c.n) == nil }
func (c *fullConn) ExecContext(_ context.Context, sql string, _ []driver.NamedValue) (driver.Result, error) {
	if err := c.f.call("exec", sql, c.n); err != nil {
		return nil, err
	}
	return driver.RowsAffected(1), nil
}
func (c *fullConn) QueryContext(_ context.Context, sql string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.f.call("query", sql, c.n); err != nil {
		return nil, err
	}
	text := sql
	for _, a := range args {
		text += fmt.Sprintf("|%d %s %v", a.Ordinal, a.Name, a.Value)
	}
	return &oneRow{text: text}, nil
}
func (c *fullConn) PrepareContext(_ context.Context, sql string) (driver.Stmt, error) {
	st, err := c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	return &fullStmt{st.(*bareStmt)}, nil
}
func (c *fullConn) BeginTx(_ context.Context, o driver.TxOptions) (driver.Tx, error) {
	if err := c.f.call("begin tx", fmt.Sprintf("%d %v", o.Isolation, o.ReadOnly), c.n); err != nil {
		return nil, err
	}
	return bareTx{c.bareConn}, nil
}

type dropped struct{}
type doubled struct{ V int64 }

func (c *fullConn) CheckNamedValue(nv *driver.NamedValue) error {
	switch v := nv.Value.(type) {
	case dropped:
		return driver.ErrRemoveArgument
	case doubled:
		nv.Value = 2 * v.V
		return nil
	}
	return driver.ErrSkip
}

// fullStmt converts by column and takes contexts.
type fullStmt struct{ *bareStmt }

func (s *fullStmt) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	return s.Exec(nil)
}
func (s *fullStmt) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	vals := make([]driver.Value, len(args))
	for i := range args {
		vals[i] = args[i].Value
	}
	return s.Query(vals)
}
func (s *fullStmt) ColumnConverter(i int) driver.ValueConverter { return byColumn(i) }

type byColumn int

func (b byColumn) ConvertValue(v any) (driver.Value, error) {
	return fmt.Sprintf("col%d:%v", int(b), v), nil
}

// fakeDialect answers what the engine asks of a dialect.
type fakeDialect struct {
	dialect.Dialect // the rest is never called
	begin           string
}

func (fakeDialect) Name() string                             { return "fake" }
func (fakeDialect) AppendQuoted(b []byte, s string) []byte   { return append(b, s...) }
func (fakeDialect) AppendPlaceholder(b []byte, _ int) []byte { return append(b, '?') }
func (fakeDialect) Capabilities() dialect.Capabilities {
	return dialect.Capabilities{InProcess: true}
}
func (fakeDialect) Setup(bool) []string             { return nil }
func (d fakeDialect) BeginSQL(sql.TxOptions) string { return d.begin }
func (fakeDialect) Translate(err error) error       { return err }

func (f *fake) engine(t *testing.T, d fakeDialect, opts ...Option) *Engine {
	e := newEngine(d, config{stmts: defaultStmts, kept: defaultKept, overflow: defaultOverflow, limits: true, timeout: defaultTimeout}, opts)
	e.owned = true
	e.use(sql.OpenDB(&connector{e: e, inner: f}), "fake")
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if opened, closed := f.counts(); opened != closed && f.fail == nil {
			t.Errorf("%d connections opened, %d closed", opened, closed)
		}
	})
	return e
}

// stale is how PostgreSQL's drivers report a plan that no longer fits.
type stale struct{ state string }

func (s stale) Error() string    { return "cached plan must not change result type" }
func (s stale) SQLState() string { return s.state }
