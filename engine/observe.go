package engine

import (
	"context"
	"database/sql/driver"
	"log/slog"
	"time"
)

// Statement is what an Observer is told about a statement that has ended.
type Statement struct {
	// SQL is the text as it was sent.
	SQL string
	// Args is the number of arguments.
	Args int
	// Rows is how many rows were read, or affected where none were read.
	Rows int64
	// Start is when the statement was begun, Duration how long it took,
	// reading its rows included.
	Start    time.Time
	Duration time.Duration
	// Err is the statement's error in Dormer's terms, or nil.
	Err error
}

// watched reports whether anyone listens; without, no note is made.
func (e *Engine) watched() bool { return e.cfg.observer != nil || e.cfg.logger != nil }

// Warns reports whether Warn has somebody to tell.
func (e *Engine) Warns() bool { return e.cfg.logger != nil }

// Warn tells the Logger, if there is one, of something that is no error but that
// somebody may want to know. args are keys and values as slog takes them; they
// must hold no values of columns. It is safe for concurrent use.
func (e *Engine) Warn(msg string, args ...any) {
	if e.cfg.logger != nil {
		e.cfg.logger.Warn(msg, args...)
	}
}

// began is the start of a statement's note, the zero time when nobody listens.
func (e *Engine) began() time.Time {
	if !e.watched() {
		return time.Time{}
	}
	return time.Now()
}

// ended tells logger and observer about a statement.
func (e *Engine) ended(ctx context.Context, start time.Time, sql string, args []driver.NamedValue, rows int64, err error) {
	if start.IsZero() {
		return
	}
	st := Statement{SQL: sql, Args: len(args), Rows: rows, Start: start, Duration: time.Since(start), Err: err}
	if e.cfg.observer != nil {
		e.cfg.observer(ctx, st)
	}
	if e.cfg.logger == nil {
		return
	}
	level := slog.LevelDebug
	if err != nil {
		level = slog.LevelWarn
	}
	if !e.cfg.logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 5)
	attrs = append(attrs, slog.String("sql", sql), slog.Duration("duration", st.Duration), slog.Int64("rows", rows))
	if e.cfg.logArgs && len(args) > 0 {
		vals := make([]any, len(args))
		for i := range args {
			vals[i] = args[i].Value
		}
		attrs = append(attrs, slog.Any("args", vals))
	}
	if err != nil {
		attrs = append(attrs, slog.String("err", err.Error()))
	}
	e.cfg.logger.LogAttrs(ctx, level, "sql", attrs...)
}
