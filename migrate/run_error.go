package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

var (
	// ErrDenied: the database's user may not do what the migration does.
	ErrDenied = errors.New("migrate: permission denied")
	// ErrIrreversible: a revision says no way back.
	ErrIrreversible = errors.New("migrate: the revision has no downgrade")
)

// LockError says that another migrator, or on SQLite any other writer, did not
// finish in time. It wraps the context's error where that ended the wait.
type LockError struct {
	Waited time.Duration
	// Holders say who has the lock, as far as the database knows.
	Holders []string
	Err     error
}

// Error says who is waited for and what to do.
func (e *LockError) Error() string {
	who := "another program that writes to the database"
	if len(e.Holders) > 0 {
		who = "another migrator: " + strings.Join(e.Holders, "; ")
	}
	why := ""
	if e.Err != nil {
		why = ": " + e.Err.Error()
	}
	return fmt.Sprintf("migrate: waited %s for the migration lock, which is held by %s%s: let it finish, end it, or wait longer with LockTimeout (--lock-timeout); nothing was changed",
		e.Waited.Round(time.Millisecond), who, why)
}

// Unwrap returns the context's error, or nil.
func (e *LockError) Unwrap() error { return e.Err }

// Is reports whether target is dialect.ErrLockTimeout.
func (e *LockError) Is(target error) bool { return target == dialect.ErrLockTimeout }

// DataLossError says that an upgrade would take data away for good.
type DataLossError struct {
	Revision, File string
	// Loses is what would be lost.
	Loses string
}

// Error names what would be lost and the option that allows it.
func (e *DataLossError) Error() string {
	return fmt.Sprintf("migrate: upgrade of revision %s (file %s) would lose %s: save what is needed, and allow the loss with AllowDataLoss (--allow-data-loss)", e.Revision, e.File, e.Loses)
}

// StepError says which revision failed, where, and what is left of the run.
type StepError struct {
	Revision, Message, File string
	Down                    bool
	// Operation is the failed operation's number in the revision, from 1, 0 where
	// several became one statement or it was none of them; About describes it.
	Operation int
	About     string
	// SQL is the failed statement, "" where it was no statement.
	SQL string
	// Applied are the revisions before it that this run has done for good.
	Applied []string
	// Kept is the number of operations of the failed revision that are done for
	// good. The next run goes on behind them.
	Kept int
	Err  error
	hint string
}

// Error names revision, file, operation, statement, cause and what is left.
func (e *StepError) Error() string {
	var b strings.Builder
	b.WriteString("migrate: ")
	if e.Down {
		b.WriteString("downgrade")
	} else {
		b.WriteString("upgrade")
	}
	fmt.Fprintf(&b, " of revision %s", e.Revision)
	if e.Message != "" {
		fmt.Fprintf(&b, " (%s)", e.Message)
	}
	fmt.Fprintf(&b, " in file %s", e.File)
	if e.Operation > 0 {
		fmt.Fprintf(&b, ", operation %d", e.Operation)
		if e.About != "" {
			fmt.Fprintf(&b, " (%s)", e.About)
		}
	} else if e.About != "" {
		fmt.Fprintf(&b, ", operation: %s", e.About)
	}
	// The cause names its statement.
	fmt.Fprintf(&b, ": %v", e.cause())
	if e.hint != "" {
		b.WriteString(": " + e.hint)
	}
	switch {
	case e.Kept > 0:
		fmt.Fprintf(&b, "; the first %d operations of the revision are done, and the next run goes on behind them", e.Kept)
	case len(e.Applied) > 0:
		b.WriteString("; it was rolled back")
	default:
		b.WriteString("; all was rolled back")
	}
	if len(e.Applied) > 0 {
		fmt.Fprintf(&b, "; %s before it stay", strings.Join(e.Applied, ", "))
	}
	return b.String()
}

// cause leaves out a statement that nobody has written and that says nothing of what
// is wrong: one that looks whether a change can be made, or makes views again.
func (e *StepError) cause() error {
	var se *engine.StatementError
	if !errors.As(e.Err, &se) {
		return e.Err
	}
	if errors.Is(se, dialect.ErrRefused) || strings.HasPrefix(se.SQL, "DO ") && e.About != about(Exec{}) {
		return se.Err
	}
	return e.Err
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Is reports whether target is ErrDenied and the cause a missing permission.
func (e *StepError) Is(target error) bool { return target == ErrDenied && e.hint == hintDenied }

const (
	hintDenied   = "the database's user lacks a permission: run migrations as the owner of the tables, who may create tables in the schema"
	hintReadOnly = "the database is read-only: see that the URL names the primary server, and that the file and its folder may be written"
)

// accessError is a failure outside any revision's statements.
type accessError struct {
	what, hint string
	err        error
}

func (e *accessError) Error() string {
	s := "migrate: " + e.what + ": " + e.err.Error()
	if e.hint != "" {
		s += ": " + e.hint
	}
	return s
}

func (e *accessError) Unwrap() error { return e.err }

func (e *accessError) Is(target error) bool { return target == ErrDenied && e.hint == hintDenied }

// hint is what to do about an error that is about access.
func hint(d dialect.Dialect, err error) string {
	switch {
	case errors.Is(err, dialect.ErrReadOnly):
		return hintReadOnly
	case d.Denied(err):
		return hintDenied
	}
	return ""
}

// failed explains an error of the database that no revision has made.
func failed(d dialect.Dialect, what string, err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "migrate: ") {
		return err
	}
	return &accessError{what, hint(d, err), err}
}

// pause waits, or says that ctx has ended.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
