package engine

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
	"time"
)

// seenRows are the rows of hand-written SQL: counted while they are open and
// observed when they close.
type seenRows struct {
	driver.Rows
	types driver.Rows // the driver's, which know the columns' types
	ctx   context.Context
	s     *session
	sql   string
	args  []driver.NamedValue
	start time.Time
	n     int64
	err   error
	done  bool
}

func newSeenRows(ctx context.Context, s *session, rows driver.Rows, sql string, args []driver.NamedValue, start time.Time) *seenRows {
	s.openRows.Add(1)
	r := &seenRows{ctx: ctx, s: s, Rows: rows, types: rows, sql: sql, args: args, start: start}
	if g, ok := rows.(*guardedRows); ok {
		r.types = g.Rows
	}
	return r
}

// Next counts.
func (r *seenRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	switch err {
	case nil:
		r.n++
	case io.EOF:
	default:
		err = r.failed(err)
		r.err = err
	}
	return err
}

// failed translates an error of the rows and has the session keep it: what opened
// the rows has returned by then.
func (r *seenRows) failed(err error) error {
	r.s.note(err)
	err = r.s.e.translate(err)
	r.s.rowsErr.CompareAndSwap(nil, &err)
	return err
}

// Close closes and observes, once.
func (r *seenRows) Close() error {
	err := r.Rows.Close()
	if r.done {
		return err
	}
	r.done = true
	if err != nil {
		err = r.failed(err)
	}
	r.s.openRows.Add(-1)
	if r.err == nil {
		r.err = err
	}
	if r.start.IsZero() {
		return err
	}
	if r.err != nil {
		r.err = r.s.e.fail(r.ctx, "query", r.sql, r.err)
	}
	r.s.e.ended(r.ctx, r.start, r.sql, r.args, r.n, r.err)
	return err
}

// The rest is passed on, with what database/sql takes for granted where the
// driver says nothing.

func (r *seenRows) HasNextResultSet() bool {
	n, ok := r.types.(driver.RowsNextResultSet)
	return ok && n.HasNextResultSet()
}

func (r *seenRows) NextResultSet() error {
	if n, ok := r.types.(driver.RowsNextResultSet); ok {
		return n.NextResultSet()
	}
	return io.EOF
}

func (r *seenRows) ColumnTypeScanType(i int) reflect.Type {
	if t, ok := r.types.(driver.RowsColumnTypeScanType); ok {
		return t.ColumnTypeScanType(i)
	}
	return reflect.TypeFor[any]()
}

func (r *seenRows) ColumnTypeDatabaseTypeName(i int) string {
	if t, ok := r.types.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return t.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

func (r *seenRows) ColumnTypeLength(i int) (int64, bool) {
	if t, ok := r.types.(driver.RowsColumnTypeLength); ok {
		return t.ColumnTypeLength(i)
	}
	return 0, false
}

func (r *seenRows) ColumnTypeNullable(i int) (nullable, ok bool) {
	if t, has := r.types.(driver.RowsColumnTypeNullable); has {
		return t.ColumnTypeNullable(i)
	}
	return false, false
}

func (r *seenRows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if t, has := r.types.(driver.RowsColumnTypePrecisionScale); has {
		return t.ColumnTypePrecisionScale(i)
	}
	return 0, 0, false
}
