package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/dormer-orm/dormer/dialect"
)

// ErrBroken is what a connection returns after it failed in a way that leaves
// its state unknown, together with the error that it failed by. Release discards
// it.
var ErrBroken = errors.New("engine: the connection broke earlier; roll back and begin again on another")

// ErrClosed is what an engine returns after Close, joined to the error of
// database/sql. Whoever holds a connection then keeps it until it is released.
var ErrClosed = errors.New("the engine has been closed")

// ErrReleased is what a connection returns after Release.
var ErrReleased = errors.New("engine: the connection has been released")

// ErrRowsOpen is what a connection returns while rows of an earlier statement
// are still open on it, since not every driver can run two at once.
var ErrRowsOpen = errors.New("engine: rows of an earlier query are still open on this connection; close them first")

// ErrSeveralStatements is what a text with more than one statement returns.
var ErrSeveralStatements = errors.New("engine: the text holds several statements; send them one by one")

// StatementError says which statement failed. It wraps the typed error of
// package dialect and the driver's own error. Arguments are not part of it.
type StatementError struct {
	// Op is what was being done: "query", "exec", "begin", "commit", ….
	Op string
	// SQL is the statement's text.
	SQL string
	Err error
}

// Error names operation and statement, cut after 200 bytes.
func (e *StatementError) Error() string {
	return "engine: " + e.Op + " " + shorten(e.SQL) + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *StatementError) Unwrap() error { return e.Err }

// PanicError is a panic that was caught while driver rows were open. The
// connection it happened on is broken.
type PanicError struct {
	// Value is what was passed to panic, Stack where.
	Value any
	Stack []byte
}

// Error names the panic's value.
func (e *PanicError) Error() string {
	return fmt.Sprintf("engine: panic while reading rows: %v", e.Value)
}

// Unwrap gives the panic's value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func newPanicError(v any) *PanicError { return &PanicError{Value: v, Stack: debug.Stack()} }

// brokenError joins ErrBroken to what broke the connection.
type brokenError struct{ cause error }

func (e *brokenError) Error() string   { return ErrBroken.Error() + ": " + e.cause.Error() }
func (e *brokenError) Unwrap() []error { return []error{ErrBroken, e.cause} }

// cancelled joins a context's error to what the driver made of it.
type cancelled struct{ ctx, err error }

func (c *cancelled) Error() string   { return c.ctx.Error() + " (" + c.err.Error() + ")" }
func (c *cancelled) Unwrap() []error { return []error{c.ctx, c.err} }

// withContext joins ctx's error to err; either may be nil.
func withContext(ctx context.Context, err error) error {
	cause := ctx.Err()
	switch {
	case cause == nil:
		return err
	case err == nil:
		return cause
	case errors.Is(err, cause):
		return err
	}
	return &cancelled{cause, err}
}

// translate turns a driver's error into the dialect's typed one.
func (e *Engine) translate(err error) error {
	if err == nil {
		return nil
	}
	t := e.dialect.Translate(err)
	if errors.Is(err, driver.ErrBadConn) && !errors.Is(t, dialect.ErrConnectionLost) {
		t = &dialect.ConnectionLost{Err: err}
	}
	// Not every database names the constraint; the model knows it by its columns.
	return dialect.Complete(t, e.meta.Tables())
}

// lost reports whether err says that the connection is gone.
func (e *Engine) lost(err error) bool {
	return err != nil && errors.Is(e.translate(err), dialect.ErrConnectionLost)
}

// fail is the error of a statement as it leaves the engine.
func (e *Engine) fail(ctx context.Context, op, sql string, err error) error {
	if err == nil && ctx.Err() == nil {
		return nil
	}
	var done *StatementError
	if errors.As(err, &done) {
		return err
	}
	return &StatementError{Op: op, SQL: sql, Err: withContext(ctx, e.translate(err))}
}

// sqlState is the SQLSTATE of an error whose driver reports one.
func sqlState(err error) string {
	var s interface{ SQLState() string }
	if errors.As(err, &s) {
		return s.SQLState()
	}
	return ""
}

// staleStatement reports whether err says that a prepared statement no longer
// fits the schema, or is no longer there.
func staleStatement(err error) bool {
	switch sqlState(err) {
	case "0A000", "26000":
		return true
	}
	return false
}
