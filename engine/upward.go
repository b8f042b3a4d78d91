package engine

import "github.com/jmoiron/sqlx"

// Shared reports whether all work goes through one connection, as it does for
// SQLite in memory and in a Sandbox: whoever holds it and waits for another
// waits for itself.
func (e *Engine) Shared() bool { return e.shared || e.box != nil }

// Translate turns an error of the driver's into the dialect's typed one, which
// wraps it. Errors that did not come from the driver are returned as they are.
func (e *Engine) Translate(err error) error { return e.translate(err) }

// ErrorRow is a row whose Scan returns err, for methods that cannot return it
// otherwise.
func (e *Engine) ErrorRow(err error) *sqlx.Row { return failedRow(err) }

// Engine returns e: an engine and a unit of work can both be asked for theirs.
func (e *Engine) Engine() *Engine { return e }

// Shorten cuts a statement's text for an error message.
func Shorten(sql string) string { return shorten(sql) }
