package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/dialect"
)

// Conn is a connection pinned by Acquire. It is for one goroutine at a time,
// and no use after Release.
type Conn struct {
	e       *Engine
	conn    *sqlx.Conn
	tx      *sqlx.Tx
	s       *session // known from the first statement on
	wrapped bool     // opened by this engine, not by a foreign pool

	broken   bool  // state unknown: no further statement
	cause    error // what broke it, where that is known
	used     bool  // a statement got through: no other connection may take its place
	released bool
	ddl      bool // the transaction changed the schema
	cursor   *Cursor

	call call
	raw  func(any) error // inRaw, made once
	vals []driver.Value  // the row's values, used again by each query

	holder  string
	since   time.Time
	mu      sync.Mutex // guards last, which those who wait for a connection read
	last    string
	guarded bool // a read-only transaction that the dialect's guard keeps so
}

// TxOptions are the options of a transaction.
type TxOptions struct {
	Isolation sql.IsolationLevel
	ReadOnly  bool
}

// Broken reports whether the connection failed in a way that leaves its state
// unknown. Its transaction can only be rolled back, and Release discards it.
func (c *Conn) Broken() bool { return c.broken || c.s != nil && c.s.bad }

// InTx reports whether a transaction is open.
func (c *Conn) InTx() bool { return c.tx != nil }

// Tx is the open transaction for hand-written SQL through sqlx, or nil. It must
// not be committed or rolled back but by Commit and Rollback of the Conn.
func (c *Conn) Tx() *sqlx.Tx { return c.tx }

// Engine is the engine the connection was acquired from.
func (c *Conn) Engine() *Engine { return c.e }

// RowsOpen reports whether rows of hand-written SQL are still open on this
// connection. Over a foreign pool it always says no.
func (c *Conn) RowsOpen() bool { return c.s != nil && c.s.openRows.Load() > 0 }

// RowsFailed is the first error that rows of hand-written SQL have given while
// they were read or closed, since the transaction began or was rolled back to a
// savepoint, translated; nil where there was none. Such an error comes after the
// call that opened the rows. Over a foreign pool it is always nil.
func (c *Conn) RowsFailed() error {
	if c.s == nil {
		return nil
	}
	if p := c.s.rowsErr.Load(); p != nil {
		return *p
	}
	return nil
}

// forgetRows forgets what RowsFailed tells.
func (c *Conn) forgetRows() {
	if c.s != nil {
		c.s.rowsErr.Store(nil)
	}
}

// Begin begins a transaction. It outlives the end of ctx: only Commit, Rollback
// and Release end it. An isolation level that the database lacks is a
// *dialect.UnsupportedError, before any SQL. A connection that turns out to be dead is replaced.
func (c *Conn) Begin(ctx context.Context, opts TxOptions) error {
	so := sql.TxOptions{Isolation: opts.Isolation, ReadOnly: opts.ReadOnly}
	own := c.e.dialect.BeginSQL(so)
	text := own
	if text == "" {
		text = beginText(so)
	}
	if c.tx != nil {
		return &StatementError{Op: "begin", SQL: text, Err: errors.New("a transaction is already open on this connection")}
	}
	if err := c.e.checkIsolation(opts.Isolation); err != nil {
		return &StatementError{Op: "begin", SQL: text, Err: err}
	}
	if err := c.ready(ctx); err != nil {
		return &StatementError{Op: "begin", SQL: text, Err: err}
	}
	c.note(text)
	var err error
	for attempt := 0; ; attempt++ {
		c.attach()
		start := c.e.began()
		var tx *sqlx.Tx
		tx, err = c.begin(ctx, &so)
		if err == nil && own != "" && !c.wrapped {
			err = c.swapBegin(ctx, tx, own)
		}
		if !c.wrapped {
			c.seen(ctx, "begin", text, start, err)
		}
		if err == nil {
			c.tx, c.used, c.ddl = tx, true, false
			c.forgetRows()
			return c.guard(ctx, so.ReadOnly)
		}
		if !c.reconnected(ctx, attempt, err) {
			break
		}
	}
	c.breaks(err)
	return c.e.fail(ctx, "begin", text, err)
}

// checkIsolation refuses a level that the database lacks: a driver may take it
// without a word, and begin a transaction of another.
func (e *Engine) checkIsolation(level sql.IsolationLevel) error {
	if level == sql.LevelDefault || slices.Contains(e.dialect.Capabilities().Isolation, level) {
		return nil
	}
	return &dialect.UnsupportedError{Construct: "isolation level " + level.String(), Dialect: e.dialect.Name()}
}

// guard keeps a read-only transaction from writing where BEGIN does not.
func (c *Conn) guard(ctx context.Context, readOnly bool) error {
	on := c.e.dialect.Capabilities().ReadOnlyOn
	if !readOnly || on == "" || c.e.box != nil { // a sandbox writes through one connection all along
		return nil
	}
	if err := c.plain(context.WithoutCancel(ctx), on); err != nil {
		_ = c.Rollback(ctx)
		return c.e.fail(ctx, "begin", on, err)
	}
	c.guarded = true
	return nil
}

// unguard lets the connection write again. One that cannot is not given back.
func (c *Conn) unguard(ctx context.Context) {
	if !c.guarded {
		return
	}
	c.guarded = false
	if c.plain(context.WithoutCancel(ctx), c.e.dialect.Capabilities().ReadOnlyOff) != nil {
		c.broken = true
	}
}

func (c *Conn) begin(ctx context.Context, so *sql.TxOptions) (*sqlx.Tx, error) {
	if c.s != nil {
		c.s.txCtx = ctx
		defer func(s *session) { s.txCtx = nil }(c.s)
	}
	return c.conn.BeginTxx(context.WithoutCancel(ctx), so)
}

// swapBegin puts the dialect's transaction in the place of the one that a
// foreign pool's driver began.
func (c *Conn) swapBegin(ctx context.Context, tx *sqlx.Tx, own string) error {
	ctx = context.WithoutCancel(ctx)
	err := c.plain(ctx, "ROLLBACK")
	if err != nil {
		c.broken = true
	} else {
		err = c.plain(ctx, own)
	}
	if err != nil {
		_ = tx.Rollback() // database/sql must know it as ended; the database has done so
	}
	return err
}

// Commit commits. A context that has already ended leaves the transaction
// open, to be rolled back; any other error has ended it.
func (c *Conn) Commit(ctx context.Context) error {
	if c.tx == nil {
		return &StatementError{Op: "commit", SQL: "COMMIT", Err: sql.ErrTxDone}
	}
	if err := c.ready(ctx); err != nil {
		return &StatementError{Op: "commit", SQL: "COMMIT", Err: err}
	}
	start := c.e.began()
	err := c.end(ctx, (*sqlx.Tx).Commit)
	if !c.wrapped {
		c.seen(ctx, "commit", "COMMIT", start, err)
		if err != nil && !isBad(err) && c.e.dialect.BeginSQL(sql.TxOptions{}) != "" {
			_ = c.plain(context.WithoutCancel(ctx), "ROLLBACK") // SQLite keeps it open
		}
	}
	if err == nil {
		if c.ddl {
			c.e.schemaCount.Add(1)
		}
		return nil
	}
	c.breaks(err)
	return c.e.fail(context.WithoutCancel(ctx), "commit", "COMMIT", err)
}

// Rollback rolls back, whether or not ctx has ended. Without a transaction it
// does nothing, and on a connection that is gone it succeeds, since the database
// has rolled back by itself. After an error the connection is broken.
func (c *Conn) Rollback(ctx context.Context) error {
	if c.tx == nil {
		return nil
	}
	c.closeCursor()
	ctx = context.WithoutCancel(ctx)
	wasBroken := c.Broken()
	start := c.e.began()
	err := c.end(ctx, (*sqlx.Tx).Rollback)
	if !c.wrapped {
		c.seen(ctx, "rollback", "ROLLBACK", start, err)
	}
	if err == nil {
		return nil
	}
	c.broken = true
	if wasBroken || isBad(err) || c.e.lost(err) {
		return nil
	}
	return c.e.fail(ctx, "rollback", "ROLLBACK", err)
}

// end ends the transaction, telling the wrapped one under which context.
func (c *Conn) end(ctx context.Context, how func(*sqlx.Tx) error) error {
	defer c.unguard(ctx)
	if c.s != nil {
		c.s.txCtx = ctx
		defer func(s *session) { s.txCtx = nil }(c.s)
	}
	tx := c.tx
	c.tx = nil
	return how(tx)
}

// Savepoint sets a savepoint in the open transaction.
func (c *Conn) Savepoint(ctx context.Context, name string) error {
	return c.point(ctx, "savepoint", "SAVEPOINT ", name)
}

// RollbackTo undoes what came after the savepoint, which stays set. It works
// after ctx has ended.
func (c *Conn) RollbackTo(ctx context.Context, name string) error {
	c.closeCursor()
	err := c.point(context.WithoutCancel(ctx), "rollback to savepoint", "ROLLBACK TO SAVEPOINT ", name)
	if err == nil {
		c.forgetRows()
	}
	return err
}

// ReleaseSavepoint forgets a savepoint and keeps what came after it.
func (c *Conn) ReleaseSavepoint(ctx context.Context, name string) error {
	return c.point(ctx, "release savepoint", "RELEASE SAVEPOINT ", name)
}

func (c *Conn) point(ctx context.Context, op, verb, name string) error {
	text := string(c.e.dialect.AppendQuoted([]byte(verb), name))
	if c.tx == nil {
		return &StatementError{Op: op, SQL: text, Err: errors.New("no transaction is open")}
	}
	c.call = call{op: opPlain, ctx: ctx, sql: text}
	_, err := c.statement(op)
	return err
}

// Release gives the connection back to the pool; it rolls back an open
// transaction first. A connection that is broken is closed instead. Releasing
// twice is harmless.
func (c *Conn) Release() {
	if c.released {
		return
	}
	c.closeCursor()
	if c.tx != nil {
		_ = c.Rollback(context.Background())
	}
	c.released = true
	if c.s != nil && !c.wrapped {
		c.closeStmts()
	}
	if c.Broken() && (!c.e.shared || c.s != nil && c.s.bad) {
		c.discard()
	} else {
		_ = c.conn.Close() // it fails only when database/sql has discarded the connection
	}
	c.e.pool.remove(c)
}

// discard has database/sql close the connection. No transaction may be open.
func (c *Conn) discard() {
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
}

// reconnected puts another connection in the place of a dead one, if nothing
// but the failed statement was ever sent on it. The third attempt is the last.
func (c *Conn) reconnected(ctx context.Context, attempt int, err error) bool {
	if attempt == 2 || c.used || c.tx != nil || !isBad(err) || ctx.Err() != nil {
		return false
	}
	c.discard()
	return c.connect(ctx) == nil
}

// ready reports why no statement can be sent now, or nil.
func (c *Conn) ready(ctx context.Context) error {
	switch {
	case c.released:
		return ErrReleased
	case c.Broken():
		return c.brokenBy()
	case c.cursor != nil || c.RowsOpen():
		return ErrRowsOpen
	}
	return ctx.Err()
}

// breaks marks the connection broken if err says so.
func (c *Conn) breaks(err error) {
	if isBad(err) || c.e.lost(err) {
		if !c.Broken() {
			c.cause = err
		}
		c.broken = true
	}
}

// brokenBy is ErrBroken with what broke the connection.
func (c *Conn) brokenBy() error {
	cause := c.cause
	if cause == nil && c.s != nil {
		cause = c.s.cause
	}
	if cause == nil {
		return ErrBroken
	}
	return &brokenError{c.e.translate(cause)}
}

func (c *Conn) seen(ctx context.Context, op, text string, start time.Time, err error) {
	if start.IsZero() {
		return
	}
	if err != nil {
		err = c.e.fail(ctx, op, text, err)
	}
	c.e.ended(ctx, start, text, nil, 0, err)
}

func (c *Conn) note(sql string) {
	c.mu.Lock()
	c.last = sql
	c.mu.Unlock()
}

func (c *Conn) lastSQL() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// isBad reports whether a driver gave its connection up before the statement
// had any effect.
func isBad(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}
