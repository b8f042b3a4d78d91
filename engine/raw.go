package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"
)

var _ sqlx.ExtContext = (*Engine)(nil)

const handWritten = "hand-written SQL"

// Select runs hand-written SQL outside any unit of work and scans all rows into
// dest, a pointer to a slice, as sqlx.Select does, by Dormer's column names.
func (e *Engine) Select(ctx context.Context, dest any, query string, args ...any) error {
	return e.handWritten(ctx, "select", query, args, func(c *Conn) (int64, error) {
		return 0, c.conn.SelectContext(ctx, dest, query, args...)
	})
}

// Get is Select for one row and a pointer to a struct or a value. No row is
// sql.ErrNoRows.
func (e *Engine) Get(ctx context.Context, dest any, query string, args ...any) error {
	return e.handWritten(ctx, "get", query, args, func(c *Conn) (int64, error) {
		err := c.conn.GetContext(ctx, dest, query, args...)
		if err != nil {
			return 0, err
		}
		return 1, nil
	})
}

// Exec runs hand-written SQL that gives no rows.
func (e *Engine) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	var res sql.Result
	err := e.handWritten(ctx, "exec", query, args, func(c *Conn) (n int64, err error) {
		if res, err = c.conn.ExecContext(ctx, query, args...); err != nil {
			return 0, err
		}
		// The result belongs to the connection, which is given back now.
		var kept keptResult
		kept.id, kept.idErr = res.LastInsertId()
		kept.rows, kept.rowsErr = res.RowsAffected()
		res = kept
		return kept.rows, nil
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

type keptResult struct {
	id, rows       int64
	idErr, rowsErr error
}

func (r keptResult) LastInsertId() (int64, error) { return r.id, r.idErr }
func (r keptResult) RowsAffected() (int64, error) { return r.rows, r.rowsErr }

// NamedExec is Exec with :name parameters taken from a struct or a map.
func (e *Engine) NamedExec(ctx context.Context, query string, arg any) (sql.Result, error) {
	q, args, err := e.db.BindNamed(query, arg)
	if err != nil {
		return nil, &StatementError{Op: "exec", SQL: query, Err: err}
	}
	return e.Exec(ctx, q, args...)
}

// ExecContext is Exec, for sqlx.ExtContext.
func (e *Engine) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return e.Exec(ctx, query, args...)
}

// QueryContext runs hand-written SQL and returns its rows, which hold a
// connection until they are closed. Errors of the rows are typed as others are, but
// over a foreign pool, where they are the driver's own.
func (e *Engine) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	var rows *sql.Rows
	err := e.openRows(ctx, query, args, func(c *Conn) (err error) {
		rows, err = c.conn.QueryContext(ctx, query, args...)
		return err
	})
	return rows, err
}

// QueryxContext is QueryContext with sqlx's rows.
func (e *Engine) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	var rows *sqlx.Rows
	err := e.openRows(ctx, query, args, func(c *Conn) (err error) {
		rows, err = c.conn.QueryxContext(ctx, query, args...)
		return err
	})
	return rows, err
}

// QueryRowxContext runs hand-written SQL for one row, which holds a connection
// until it is scanned. Errors come from Scan.
func (e *Engine) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	var row *sqlx.Row
	err := e.openRows(ctx, query, args, func(c *Conn) error {
		row = c.conn.QueryRowxContext(ctx, query, args...)
		return row.Err()
	})
	if err != nil {
		return failedRow(err)
	}
	return row
}

// openRows runs a query whose rows outlive the call: closing a sql.Conn waits
// for its rows, so a goroutine gives the connection back when they are done.
func (e *Engine) openRows(ctx context.Context, query string, args []any, open func(*Conn) error) error {
	if err := OneStatement(query); err != nil {
		return &StatementError{Op: "query", SQL: query, Err: err}
	}
	for attempt := 0; ; attempt++ {
		c, err := e.Acquire(ctx, handWritten)
		if err != nil {
			return err
		}
		c.note(query)
		start := e.began()
		c.attach()
		err = open(c)
		if !c.wrapped {
			e.ended(ctx, start, query, Args(args...), 0, e.failed(ctx, "query", query, err))
		}
		if err == nil {
			c.released = true
			go func() {
				_ = c.conn.Close()
				e.pool.remove(c)
			}()
			return nil
		}
		c.breaks(err)
		c.Release()
		if attempt == 2 || !errors.Is(err, driver.ErrBadConn) || ctx.Err() != nil {
			return e.failed(ctx, "query", query, err)
		}
	}
}

// BindNamed turns :name parameters into the dialect's, taking their values from
// a struct or a map.
func (e *Engine) BindNamed(query string, arg any) (string, []any, error) {
	return e.db.BindNamed(query, arg)
}

// DriverName is the name by which sqlx chooses placeholders.
func (e *Engine) DriverName() string { return e.db.DriverName() }

// Rebind turns ? into the dialect's placeholders.
func (e *Engine) Rebind(query string) string { return e.db.Rebind(query) }

// failed is fail for calls that database/sql has already checked the context of.
func (e *Engine) failed(ctx context.Context, op, query string, err error) error {
	if err == nil {
		return nil
	}
	return e.fail(ctx, op, query, err)
}

// handWritten runs f on a connection, on another when that one proves dead.
func (e *Engine) handWritten(ctx context.Context, op, query string, args []any, f func(*Conn) (int64, error)) error {
	if err := OneStatement(query); err != nil {
		return &StatementError{Op: op, SQL: query, Err: err}
	}
	return e.withConn(ctx, handWritten, func(c *Conn) error {
		c.note(query)
		c.attach()
		var start time.Time
		if !c.wrapped {
			start = e.began()
		}
		n, err := f(c)
		err = e.failed(ctx, op, query, err)
		if !start.IsZero() {
			e.ended(ctx, start, query, Args(args...), n, err)
		}
		if err == nil && !c.wrapped && changesSchema(query) {
			e.schemaCount.Add(1)
		}
		return err
	})
}

// withConn runs f on a connection of the pool, up to three times while the
// driver says that the connection was dead before f had any effect.
func (e *Engine) withConn(ctx context.Context, holder string, f func(*Conn) error) error {
	for attempt := 0; ; attempt++ {
		c, err := e.Acquire(ctx, holder)
		if err != nil {
			return err
		}
		err = func() error {
			defer c.Release()
			err := f(c)
			c.breaks(err)
			return err
		}()
		if err == nil || attempt == 2 || !errors.Is(err, driver.ErrBadConn) || ctx.Err() != nil {
			return err
		}
	}
}

// QueryRows is Conn.Query on a connection of the pool, outside a transaction.
func (e *Engine) QueryRows(ctx context.Context, sql string, args []driver.NamedValue, row Row) (int64, error) {
	c, err := e.Acquire(ctx, "query")
	if err != nil {
		return 0, err
	}
	defer c.Release()
	return c.Query(ctx, sql, args, row)
}

// ExecRaw is Conn.Exec on a connection of the pool, outside a transaction.
func (e *Engine) ExecRaw(ctx context.Context, sql string, args []driver.NamedValue) (Result, error) {
	c, err := e.Acquire(ctx, "exec")
	if err != nil {
		return Result{}, err
	}
	defer c.Release()
	return c.Exec(ctx, sql, args)
}

// OpenCursor is Conn.Cursor on a connection of its own, which closing the
// cursor releases.
func (e *Engine) OpenCursor(ctx context.Context, holder, sql string, args []driver.NamedValue) (*Cursor, error) {
	c, err := e.Acquire(ctx, holder)
	if err != nil {
		return nil, err
	}
	cur, err := c.Cursor(ctx, sql, args)
	if err != nil {
		c.Release()
		return nil, err
	}
	cur.owned = true
	return cur, nil
}

// failedRow is a row whose Scan returns err: only a pool can make one.
func failedRow(err error) *sqlx.Row {
	db := sqlx.NewDb(sql.OpenDB(noConnector{err}), "")
	defer db.Close()
	return db.QueryRowxContext(context.Background(), "")
}

type noConnector struct{ err error }

func (c noConnector) Connect(context.Context) (driver.Conn, error) { return nil, c.err }
func (c noConnector) Driver() driver.Driver                        { return noDriver(c) }

type noDriver noConnector

func (d noDriver) Open(string) (driver.Conn, error) { return nil, d.err }
