package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"time"
)

// conn is what database/sql gets of an engine made by Open: a driver
// connection that observes hand-written SQL and carries its session. It has
// every optional interface; where the driver lacks one it does what database/sql
// does for a connection without it.
type conn struct{ s *session }

var (
	_ driver.Pinger             = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

// Ping asks the driver; without its help a connection counts as alive.
func (c *conn) Ping(ctx context.Context) error {
	if p, ok := c.s.dc.(driver.Pinger); ok {
		return c.s.note(p.Ping(ctx))
	}
	return nil
}

// ExecContext runs hand-written SQL, unprepared as database/sql would.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s := c.s
	if s.execCtx == nil && s.exec1 == nil {
		return nil, driver.ErrSkip
	}
	start := s.e.began()
	var res driver.Result
	var err error
	if s.box != nil {
		res, err = s.box.exec(ctx, s, query, args, false)
	} else {
		res, err = s.directExec(ctx, query, args)
	}
	if err == driver.ErrSkip {
		return nil, err
	}
	if err == nil {
		err = ctx.Err() // glebarez may have left the statement out
	}
	s.handWritten(ctx, "exec", query, args, start, res, err)
	if err != nil {
		return nil, s.note(err)
	}
	return res, nil
}

// handWritten observes a statement that came through database/sql.
func (s *session) handWritten(ctx context.Context, op, query string, args []driver.NamedValue, start time.Time, res driver.Result, err error) {
	if err == nil && changesSchema(query) {
		s.e.schemaCount.Add(1)
	}
	if start.IsZero() {
		return
	}
	var n int64
	if err == nil && res != nil {
		n, _ = res.RowsAffected()
	}
	if err != nil {
		err = s.e.fail(ctx, op, query, err)
	}
	s.e.ended(ctx, start, query, args, n, err)
}

// QueryContext runs hand-written SQL that gives rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s := c.s
	if s.queryCtx == nil && s.query1 == nil {
		return nil, driver.ErrSkip
	}
	start := s.e.began()
	text := query
	// glebarez takes a comment or a line end after the semicolon for a
	// statement of its own, and gives that one's rows: none.
	if end, more := firstStatement(query); !more {
		text = query[:end]
	}
	var rows driver.Rows
	var err error
	if s.box != nil {
		rows, _, err = s.box.query(ctx, s, text, args, false)
	} else {
		rows, err = s.directQuery(ctx, text, args)
	}
	if err == driver.ErrSkip {
		return nil, err
	}
	if err != nil {
		s.handWritten(ctx, "query", query, args, start, nil, err)
		return nil, s.note(err)
	}
	return newSeenRows(ctx, s, rows, query, args, start), nil
}

// Prepare is for completeness; database/sql calls PrepareContext.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext prepares a statement of the user's own, who closes it.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	st, err := connPrepare(ctx, c.s.dc, query)
	if err != nil {
		return nil, c.s.note(err)
	}
	return newSeenStmt(c.s, st, query), nil
}

// CheckNamedValue asks the driver, or leaves the value to the next in line.
func (c *conn) CheckNamedValue(nv *driver.NamedValue) error {
	if c.s.checker == nil {
		return driver.ErrSkip
	}
	return c.s.checker.CheckNamedValue(nv)
}

// ResetSession refuses a connection that is known to be bad, or was opened
// before another one of its pool was found dead.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.s.bad || c.s.born < c.s.e.generation.Load() {
		return driver.ErrBadConn
	}
	if r, ok := c.s.dc.(driver.SessionResetter); ok && c.s.box == nil {
		return r.ResetSession(ctx)
	}
	return nil
}

// IsValid reports whether the connection may go back into the pool.
func (c *conn) IsValid() bool {
	if c.s.bad {
		return false
	}
	if v, ok := c.s.dc.(driver.Validator); ok && c.s.box == nil {
		return v.IsValid()
	}
	return true
}

// Close closes the prepared statements and the connection. That a connection
// which is gone cannot say goodbye is no error.
func (c *conn) Close() error {
	c.s.close()
	if c.s.box != nil {
		return nil // the sandbox gives it back to its parent
	}
	err := c.s.dc.Close()
	if c.s.bad || c.s.e.lost(err) {
		return nil
	}
	return err
}

// Begin is for completeness; database/sql calls BeginTx.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx begins with the dialect's statement where it has one, else through
// the driver; in a sandbox it sets a savepoint.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	s := c.s
	if err := s.e.checkIsolation(sql.IsolationLevel(opts.Isolation)); err != nil {
		return nil, err
	}
	if s.box != nil {
		return s.box.begin(ctx, s)
	}
	so := sql.TxOptions{Isolation: sql.IsolationLevel(opts.Isolation), ReadOnly: opts.ReadOnly}
	text := s.e.dialect.BeginSQL(so)
	start := s.e.began()
	var inner driver.Tx
	var err error
	own := text != ""
	if own {
		// The transaction outlives the context, the wait for its lock does not.
		wait := ctx
		if s.txCtx != nil {
			wait = s.txCtx
		}
		_, err = s.exec(wait, text, nil, false)
		if err == nil && wait.Err() != nil {
			_, _ = s.exec(ctx, "ROLLBACK", nil, false) // or nothing was begun: not every driver says
			err = wait.Err()
		}
	} else {
		text = beginText(so)
		inner, err = driverBegin(ctx, s.dc, opts)
		s.note(err)
	}
	s.seen(ctx, "begin", text, start, err)
	if err != nil {
		return nil, err
	}
	return &seenTx{s: s, ctx: ctx, inner: inner}, nil
}

// seen observes a statement of the engine's own.
func (s *session) seen(ctx context.Context, op, text string, start time.Time, err error) {
	if start.IsZero() {
		return
	}
	if err != nil {
		err = s.e.fail(ctx, op, text, err)
	}
	s.e.ended(ctx, start, text, nil, 0, err)
}

// driverBegin begins as database/sql would.
func driverBegin(ctx context.Context, dc driver.Conn, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := dc.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	if opts.Isolation != 0 {
		return nil, errors.New("the driver does not support isolation levels")
	}
	if opts.ReadOnly {
		return nil, errors.New("the driver does not support read-only transactions")
	}
	//lint:ignore SA1019 what older drivers have
	tx, err := dc.Begin()
	if err == nil && ctx.Err() != nil {
		_ = tx.Rollback()
		return nil, ctx.Err()
	}
	return tx, err
}

// beginText is how a BEGIN that the driver sends is shown to the observer.
func beginText(o sql.TxOptions) string {
	text := "BEGIN"
	if o.Isolation != sql.LevelDefault {
		text += " ISOLATION LEVEL " + strings.ToUpper(o.Isolation.String())
	}
	if o.ReadOnly {
		text += " READ ONLY"
	}
	return text
}

// seenTx ends a transaction, with plain statements where a plain statement
// began it.
type seenTx struct {
	s     *session
	ctx   context.Context
	inner driver.Tx
}

// Commit commits. A transaction that SQLite keeps open when COMMIT fails is
// rolled back, since database/sql takes it for ended.
func (t *seenTx) Commit() error {
	err := t.end("commit", "COMMIT")
	if err != nil && t.inner == nil && !t.s.bad {
		_, _ = t.s.exec(context.WithoutCancel(t.ctx), "ROLLBACK", nil, false)
	}
	return err
}

// Rollback rolls back. It is no failure if the database has already done so by
// itself, as SQLite does on some errors. A connection whose rollback failed is
// bad.
func (t *seenTx) Rollback() error {
	err := t.end("rollback", "ROLLBACK")
	if err != nil && t.inner == nil && !t.s.bad {
		ctx := context.WithoutCancel(t.ctx)
		if _, again := t.s.exec(ctx, "BEGIN", nil, false); again == nil {
			_, err = t.s.exec(ctx, "ROLLBACK", nil, false)
		}
	}
	if err != nil && !t.s.e.shared {
		t.s.bad = true
	}
	return err
}

func (t *seenTx) end(op, text string) error {
	s := t.s
	if s.bad {
		return driver.ErrBadConn
	}
	ctx := t.ctx
	if s.txCtx != nil {
		ctx = s.txCtx
	}
	ctx = context.WithoutCancel(ctx)
	start := s.e.began()
	var err error
	switch {
	case t.inner == nil:
		_, err = s.exec(ctx, text, nil, false)
	case op == "commit":
		err = s.note(t.inner.Commit())
	default:
		err = s.note(t.inner.Rollback())
	}
	s.seen(ctx, op, text, start, err)
	return err
}
