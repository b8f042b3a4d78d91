package uow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/engine"
)

var _ sqlx.ExtContext = (*UnitOfWork)(nil)

// handWritten prepares the transaction for a statement that the program wrote,
// after a flush, since Dormer cannot know which tables it reads.
func (u *UnitOfWork) handWritten(ctx context.Context, op, query string, f func(tx *sqlx.Tx) error) error {
	fail := func(err error) error { return opError(op, engine.Shorten(query), err) }
	if err := u.enter(); err != nil {
		return fail(err)
	}
	defer u.leave()
	if err := engine.OneStatement(query); err != nil {
		return fail(err)
	}
	if engine.ControlsTransaction(query) {
		return fail(ErrTransactionSQL)
	}
	if u.failed != nil {
		return u.rollbackOnly()
	}
	if u.autoflushes() {
		if err := u.flush(ctx); err != nil {
			return err
		}
	}
	if err := u.begin(ctx); err != nil {
		return fail(err)
	}
	u.wrote = true // it may be anything
	if err := f(u.conn.Tx()); err != nil {
		err = u.nameConstraint(u.db.Translate(err))
		if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w (%w)", cause, err) // drivers tell only what the server said
		}
		u.broke(err)
		return fail(err)
	}
	return nil
}

// Select runs a query inside the transaction and scans its rows into dest, a
// pointer to a slice, as sqlx does; columns go to fields by Dormer's names. The
// text goes to the database as it is: placeholders are its own ($1 serves
// PostgreSQL and SQLite), see Rebind. It flushes first, as every hand-written
// statement does, and so do the others.
func (u *UnitOfWork) Select(ctx context.Context, dest any, query string, args ...any) error {
	return u.handWritten(ctx, "select", query, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, dest, query, args...)
	})
}

// Get runs a query inside the transaction and scans its first row into dest as
// sqlx does. No row is sql.ErrNoRows.
func (u *UnitOfWork) Get(ctx context.Context, dest any, query string, args ...any) error {
	return u.handWritten(ctx, "get", query, func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, dest, query, args...)
	})
}

// Exec runs a statement inside the transaction. One that begins, marks or ends a
// transaction is ErrTransactionSQL, here and in the other methods.
func (u *UnitOfWork) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return u.ExecContext(ctx, query, args...)
}

// NamedExec runs a statement with :name parameters taken from arg, a struct or a
// map, inside the transaction.
func (u *UnitOfWork) NamedExec(ctx context.Context, query string, arg any) (res sql.Result, err error) {
	err = u.handWritten(ctx, "exec", query, func(tx *sqlx.Tx) error {
		res, err = tx.NamedExecContext(ctx, query, arg)
		return err
	})
	return res, err
}

// ExecContext is Exec under the name that sqlx and database/sql use.
func (u *UnitOfWork) ExecContext(ctx context.Context, query string, args ...any) (res sql.Result, err error) {
	err = u.handWritten(ctx, "exec", query, func(tx *sqlx.Tx) error {
		res, err = tx.ExecContext(ctx, query, args...)
		return err
	})
	return res, err
}

// QueryContext runs a query inside the transaction. The rows must be closed
// before the unit of work's next statement, which is ErrRowsOpen otherwise. An
// error of theirs spoils the unit as one of the call does; over a pool that is not
// the engine's own Dormer does not learn of it.
func (u *UnitOfWork) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = u.handWritten(ctx, "query", query, func(tx *sqlx.Tx) error {
		rows, err = tx.QueryContext(ctx, query, args...)
		return err
	})
	return rows, err
}

// QueryxContext is QueryContext with sqlx's rows.
func (u *UnitOfWork) QueryxContext(ctx context.Context, query string, args ...any) (rows *sqlx.Rows, err error) {
	err = u.handWritten(ctx, "query", query, func(tx *sqlx.Tx) error {
		rows, err = tx.QueryxContext(ctx, query, args...)
		return err
	})
	return rows, err
}

// QueryRowxContext runs a query inside the transaction whose first row is read
// by the result's Scan, which also gives any error.
func (u *UnitOfWork) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	var row *sqlx.Row
	err := u.handWritten(ctx, "query", query, func(tx *sqlx.Tx) error {
		row = tx.QueryRowxContext(ctx, query, args...)
		return row.Err()
	})
	if err != nil {
		return u.Engine().ErrorRow(err)
	}
	return row
}

// DriverName is the name of the engine's database/sql driver, "" for a nil or a
// zero unit.
func (u *UnitOfWork) DriverName() string {
	if u.Engine() == nil {
		return ""
	}
	return u.db.DB().DriverName()
}

// Rebind turns the ? of a query into the database's placeholders, for text that
// has no other ?. A nil or a zero unit returns it as it is.
func (u *UnitOfWork) Rebind(query string) string {
	if u.Engine() == nil {
		return query
	}
	return u.db.DB().Rebind(query)
}

// BindNamed turns the :name parameters of a query into placeholders and returns
// their values, taken from arg.
func (u *UnitOfWork) BindNamed(query string, arg any) (string, []any, error) {
	if u.Engine() == nil {
		return "", nil, opError("bind", engine.Shorten(query), ErrZero)
	}
	return u.db.DB().BindNamed(query, arg)
}
