package engine

import (
	"context"
	"database/sql/driver"
	"io"
)

// Row takes the values of one row. They are valid during the call only: a
// []byte may be the driver's buffer and is copied by whoever keeps it. A Row
// runs while the driver's connection is locked, so it must not call user code,
// send a statement or block; its error ends the query and is returned as it is.
type Row = func(vals []driver.Value) error

// Result is what a statement without rows did. A field that the driver cannot
// tell is 0.
type Result struct {
	RowsAffected int64
	LastInsertID int64
}

// Query runs a query and passes each row to row. It returns how many rows row
// has accepted. Reading ends at row's first error.
func (c *Conn) Query(ctx context.Context, sql string, args []driver.NamedValue, row Row) (n int64, err error) {
	c.call = call{op: opQuery, ctx: ctx, sql: sql, args: args, row: row}
	return c.statement("query")
}

// Exec runs a statement that gives no rows.
func (c *Conn) Exec(ctx context.Context, sql string, args []driver.NamedValue) (Result, error) {
	c.call = call{op: opExec, ctx: ctx, sql: sql, args: args}
	_, err := c.statement("exec")
	res := c.call.res
	c.call = call{}
	return res, err
}

// ExecDDL runs a statement that changes the schema. It is never prepared, the
// statements prepared before are dropped, and its text may hold semicolons, as
// a trigger's body does.
func (c *Conn) ExecDDL(ctx context.Context, sql string) error {
	c.call = call{op: opPlain, ctx: ctx, sql: sql}
	_, err := c.statement("exec")
	if err == nil {
		c.schemaChanged()
	}
	return err
}

func (c *Conn) schemaChanged() {
	c.e.schemaCount.Add(1)
	c.ddl = true
}

// op is what a call does inside Raw.
type op uint8

const (
	opQuery  op = iota
	opExec      // with arguments, prepared when that pays
	opPlain     // as it stands, never prepared
	opOpen      // a cursor
	opFetch     // from a cursor
	opClose     // a cursor
	opSetUp     // a foreign connection
	opForget    // the kept statements of a foreign connection
	opAttach    // only learn to know the connection
)

// call is what is going on inside Raw: its input, and what came of it. It lives
// in the Conn so that no statement allocates a closure.
type call struct {
	op     op
	ctx    context.Context
	sql    string
	args   []driver.NamedValue
	row    Row
	cursor *Cursor
	max    int

	res    Result
	n      int64
	more   bool
	err    error
	rowErr bool // err is Row's own
}

// run is the one way to the driver. What happens inside Raw never panics out of
// it and never makes it return an error: either would have database/sql give up
// the connection while a transaction is open, which waits for itself for ever.
func (c *Conn) run() {
	if err := c.conn.Raw(c.raw); err != nil {
		c.call.err = err // the connection was closed before
	}
}

func (c *Conn) inRaw(dc any) error {
	defer func() {
		if v := recover(); v != nil {
			c.call.err, c.call.rowErr = newPanicError(v), true
			c.broken = true
		}
	}()
	if c.s == nil {
		if w, ok := dc.(*conn); ok {
			c.s, c.wrapped = w.s, true
		} else {
			c.s = newSession(c.e, dc.(driver.Conn), c.e.cfg.stmts)
		}
	}
	k := &c.call
	switch k.op {
	case opQuery:
		c.read(k)
	case opExec, opPlain:
		var res driver.Result
		if res, k.err = c.s.exec(k.ctx, k.sql, k.args, k.op == opExec); k.err == nil && res != nil {
			k.res.RowsAffected, _ = res.RowsAffected()
			k.res.LastInsertID, _ = res.LastInsertId()
			k.n = k.res.RowsAffected
		}
	case opOpen:
		k.cursor.rows, k.cursor.once, k.err = c.s.query(k.ctx, k.sql, k.args, true)
	case opFetch:
		k.cursor.fetch(k)
	case opClose:
		k.err = k.cursor.closeRows()
	case opSetUp:
		if c.e.marks.first(c.s.dc) {
			if k.err = c.s.runSetup(k.ctx, c.e.dialect.Setup(false)); k.err != nil {
				c.e.marks.forget(c.s.dc)
			}
		}
	case opForget:
		c.s.stmts.clear()
	}
	return nil
}

// read runs a query to its end.
func (c *Conn) read(k *call) {
	rows, once, err := c.s.query(k.ctx, k.sql, k.args, true)
	if err != nil {
		k.err = err
		return
	}
	defer func() {
		err := rows.Close()
		if once != nil {
			if e := once.Close(); err == nil {
				err = e
			}
		}
		if k.err == nil && err != nil {
			k.err = c.s.dropStale(k.sql, err)
		}
	}()
	c.sizeRow(len(rows.Columns()))
	var eof bool
	if eof = c.s.readRows(k, rows, c.vals); eof && k.n == 0 {
		return
	}
	clear(c.vals) // so that the last row's values can be collected
}

// sizeRow makes vals as long as a row.
func (c *Conn) sizeRow(n int) {
	if cap(c.vals) < n {
		c.vals = make([]driver.Value, n)
	}
	c.vals = c.vals[:n]
}

// checkEvery is after how many rows the context is looked at.
const checkEvery = 64

// readRows passes rows on until they end, k.max of them were read, or something
// fails. It reports whether they ended.
func (s *session) readRows(k *call, rows driver.Rows, vals []driver.Value) (eof bool) {
	for k.max == 0 || k.n < int64(k.max) {
		if k.n&(checkEvery-1) == checkEvery-1 {
			if k.err = k.ctx.Err(); k.err != nil {
				return false
			}
		}
		switch err := rows.Next(vals); err {
		case nil:
		case io.EOF:
			return true
		default:
			k.err = s.dropStale(k.sql, err)
			return false
		}
		if err := k.row(vals); err != nil {
			k.err, k.rowErr = err, true
			return false
		}
		k.n++
	}
	return false
}

// statement runs the call that was put into c.call and gives it its error.
func (c *Conn) statement(op string) (int64, error) {
	k := &c.call
	ctx, full, args := k.ctx, k.sql, k.args
	if k.op != opPlain {
		end, several := firstStatement(k.sql)
		if several {
			*k = call{}
			return 0, &StatementError{Op: op, SQL: full, Err: ErrSeveralStatements}
		}
		k.sql = k.sql[:end]
	}
	if err := c.ready(ctx); err != nil {
		*k = call{}
		return 0, &StatementError{Op: op, SQL: full, Err: err}
	}
	c.note(full)
	start := c.e.began()
	c.attempt(k)

	n, err := k.n, k.err
	if !k.rowErr {
		if err != nil {
			c.breaks(err)
		}
		err = c.e.fail(ctx, op, full, err)
	}
	c.used = true
	if k.op == opExec && err == nil && changesSchema(full) {
		c.schemaChanged()
	}
	if k.op != opOpen || err != nil { // a cursor is observed when it closes
		c.e.ended(ctx, start, full, args, n, err)
	}
	res := k.res
	*k = call{res: res}
	return n, err
}

// attempt runs the call, again where that is safe: on another connection when
// this one proves dead at its first use, and on a fresh statement when the
// prepared one no longer fits. Never inside a transaction, never after a row.
func (c *Conn) attempt(k *call) {
	input := *k
	stale := false
	for attempt := 0; ; attempt++ {
		c.run()
		if k.err == nil || k.rowErr || k.n > 0 || c.tx != nil {
			return
		}
		switch {
		case isBad(k.err):
			failed := *k
			if !c.reconnected(input.ctx, attempt, k.err) {
				*k = failed
				return
			}
		case !stale && c.e.cfg.stmts > 0 && staleStatement(k.err):
			stale = true
		default:
			return
		}
		*k = input
	}
}

// attach learns to know the connection before its first statement.
func (c *Conn) attach() {
	if c.s == nil {
		c.call = call{op: opAttach}
		c.run()
		c.call = call{}
	}
}

// plain sends a statement of the engine's own, unobserved.
func (c *Conn) plain(ctx context.Context, sql string) error {
	c.call = call{op: opPlain, ctx: ctx, sql: sql}
	c.run()
	err := c.call.err
	c.call = call{}
	return err
}

// closeStmts closes what was prepared on a foreign connection, which cannot
// keep it.
func (c *Conn) closeStmts() {
	if c.s.stmts != nil && !c.s.bad {
		c.call = call{op: opForget}
		c.run()
		c.call = call{}
	}
}
