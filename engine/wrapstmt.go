package engine

import (
	"context"
	"database/sql/driver"
)

// seenStmt is a statement the user prepared through database/sql.
type seenStmt struct {
	driver.Stmt
	s   *session
	sql string
}

// seenStmtColumns is a seenStmt whose driver converts by column. It is a type
// of its own since database/sql treats statements with that interface otherwise.
type seenStmtColumns struct{ *seenStmt }

func newSeenStmt(s *session, st driver.Stmt, sql string) driver.Stmt {
	w := &seenStmt{Stmt: st, s: s, sql: sql}
	//lint:ignore SA1019 as database/sql does
	if _, ok := st.(driver.ColumnConverter); ok {
		return seenStmtColumns{w}
	}
	return w
}

// ColumnConverter asks the driver's statement.
func (w seenStmtColumns) ColumnConverter(i int) driver.ValueConverter {
	//lint:ignore SA1019 as database/sql does
	return w.Stmt.(driver.ColumnConverter).ColumnConverter(i)
}

// CheckNamedValue asks the statement, else the connection, as database/sql does.
func (w *seenStmt) CheckNamedValue(nv *driver.NamedValue) error {
	if c, ok := w.Stmt.(driver.NamedValueChecker); ok {
		return c.CheckNamedValue(nv)
	}
	if w.s.checker != nil {
		return w.s.checker.CheckNamedValue(nv)
	}
	return driver.ErrSkip
}

// ExecContext runs the statement and observes it.
func (w *seenStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	start := w.s.e.began()
	box := w.s.box
	err := box.guard(ctx, w.s)
	var res driver.Result
	if err == nil {
		res, err = stmtExec(ctx, w.Stmt, args)
		err = box.unguard(ctx, w.s, err)
	}
	w.s.handWritten(ctx, "exec", w.sql, args, start, res, err)
	return res, w.s.note(err)
}

// QueryContext runs the statement; its rows are observed when they close.
func (w *seenStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	start := w.s.e.began()
	box := w.s.box
	err := box.guard(ctx, w.s)
	var rows driver.Rows
	if err == nil {
		if rows, err = stmtQuery(ctx, w.Stmt, args); err != nil {
			err = box.unguard(ctx, w.s, err)
		} else if box != nil {
			rows = box.guardRows(ctx, w.s, rows, nil)
		}
	}
	if err != nil {
		w.s.handWritten(ctx, "query", w.sql, args, start, nil, err)
		return nil, w.s.note(err)
	}
	return newSeenRows(ctx, w.s, rows, w.sql, args, start), nil
}
