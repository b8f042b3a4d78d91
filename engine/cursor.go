package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

// Cursor is a query whose rows are fetched in batches, with the connection
// unlocked in between. No other statement can run on its connection until it is
// closed. It is for one goroutine at a time.
type Cursor struct {
	c     *Conn
	owned bool // the cursor releases the connection
	ctx   context.Context
	sql   string
	args  []driver.NamedValue
	start time.Time

	rows driver.Rows
	once driver.Stmt
	vals []driver.Value
	n    int64
	err  error
	done bool
}

// Cursor runs a query and keeps its rows open. The caller must Close it. ctx
// governs the query until then.
func (c *Conn) Cursor(ctx context.Context, sql string, args []driver.NamedValue) (*Cursor, error) {
	cur := &Cursor{c: c, ctx: ctx, sql: sql, args: args, start: c.e.began()}
	c.call = call{op: opOpen, ctx: ctx, sql: sql, args: args, cursor: cur}
	if _, err := c.statement("query"); err != nil {
		if cur.rows != nil { // the context ended while it was opened
			c.call = call{op: opClose, cursor: cur}
			c.run()
			c.call = call{}
		}
		return nil, err
	}
	cur.vals = make([]driver.Value, len(cur.rows.Columns()))
	c.cursor = cur
	return cur, nil
}

// Fetch passes up to max rows to row and reports whether there may be more. The
// last batch closes the cursor's rows, as does an error.
func (cur *Cursor) Fetch(ctx context.Context, max int, row Row) (more bool, err error) {
	if cur.done {
		return false, cur.err
	}
	if max <= 0 {
		return false, errors.New("engine: fetch: the number of rows must be positive")
	}
	if err := ctx.Err(); err != nil {
		cur.finish(cur.c.e.fail(ctx, "fetch", cur.sql, nil))
		return false, cur.err
	}
	c := cur.c
	c.call = call{op: opFetch, ctx: ctx, sql: cur.sql, row: row, cursor: cur, max: max}
	c.run()
	k := c.call
	c.call = call{}
	cur.n += k.n
	if k.err != nil {
		err := k.err
		if !k.rowErr {
			c.breaks(err)
			err = c.e.fail(ctx, "fetch", cur.sql, withContext(cur.ctx, err))
		}
		cur.finish(err)
		return false, err
	}
	if !k.more {
		cur.finish(nil)
	}
	return k.more, cur.err
}

// fetch runs inside Raw.
func (cur *Cursor) fetch(k *call) {
	eof := cur.c.s.readRows(k, cur.rows, cur.vals)
	k.more = !eof && k.err == nil
}

// closeRows runs inside Raw.
func (cur *Cursor) closeRows() error {
	err := cur.rows.Close()
	if cur.once != nil {
		if e := cur.once.Close(); err == nil {
			err = e
		}
	}
	return err
}

// Close closes the rows, which need not have been read to their end. Closing
// twice is harmless and returns the same error.
func (cur *Cursor) Close() error {
	if !cur.done {
		cur.finish(nil)
	}
	return cur.err
}

// finish closes and observes.
func (cur *Cursor) finish(err error) {
	cur.done, cur.err = true, err
	c := cur.c
	if c.cursor == cur {
		c.cursor = nil
	}
	c.call = call{op: opClose, cursor: cur}
	c.run()
	closing := c.call.err
	c.call = call{}
	if closing != nil {
		c.breaks(closing)
		if cur.err == nil && cur.ctx.Err() == nil {
			cur.err = c.e.fail(cur.ctx, "close cursor", cur.sql, closing)
		}
	}
	cur.rows, cur.once, cur.vals = nil, nil, nil
	c.e.ended(cur.ctx, cur.start, cur.sql, cur.args, cur.n, cur.err)
	if cur.owned {
		c.Release()
	}
}

func (c *Conn) closeCursor() {
	if c.cursor != nil {
		_ = c.cursor.Close()
	}
}
