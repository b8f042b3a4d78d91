package dialect

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of database errors, for errors.Is. The typed errors below carry the
// detail, for errors.As.
var (
	ErrUnique         = errors.New("dialect: unique constraint violated")
	ErrForeignKey     = errors.New("dialect: foreign key constraint violated")
	ErrNotNull        = errors.New("dialect: NULL in a column that must not be NULL")
	ErrCheck          = errors.New("dialect: check constraint violated")
	ErrSerialization  = errors.New("dialect: transaction could not be serialized")
	ErrDeadlock       = errors.New("dialect: deadlock")
	ErrLockTimeout    = errors.New("dialect: lock timeout")
	ErrConnectionLost = errors.New("dialect: connection lost")
	ErrUndefinedTable = errors.New("dialect: table does not exist")
	ErrValue          = errors.New("dialect: value does not fit its column")
	ErrReadOnly       = errors.New("dialect: write in a read-only transaction or database")
	ErrCanceled       = errors.New("dialect: statement cancelled")
	ErrUnsupported    = errors.New("dialect: not supported by the database")
)

// Violation is what the errors of violated constraints have in common. Table and
// Columns are bare names as the schema has them, whatever the database; what the
// database does not tell is empty. Err is the driver's error.
type Violation struct {
	Constraint string
	Table      string
	Columns    []string
	Err        error
}

// Unwrap returns the driver's error.
func (v *Violation) Unwrap() error { return v.Err }

// where names constraint, table and columns, never a value: drivers put values
// into their texts, so those are reached by Unwrap only.
func (v *Violation) where() string {
	var b strings.Builder
	if v.Constraint != "" {
		fmt.Fprintf(&b, " %s", v.Constraint)
	}
	if v.Table != "" {
		fmt.Fprintf(&b, " on table %s", v.Table)
	}
	if len(v.Columns) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(v.Columns, ", "))
	}
	return b.String()
}

// The typed errors of violated constraints. Their messages hold no values.
type (
	// UniqueViolation says that a row with the same unique values exists.
	UniqueViolation struct{ Violation }
	// ForeignKeyViolation says that a row points to none, or that the row it
	// points to was to go. SQLite tells neither constraint nor table.
	ForeignKeyViolation struct{ Violation }
	// NotNullViolation says that a column that must not be NULL was to be.
	NotNullViolation struct{ Violation }
	// CheckViolation says that a CHECK constraint was not met.
	CheckViolation struct{ Violation }
)

func (e *UniqueViolation) Error() string {
	return "dialect: unique constraint" + e.where() + " violated: a row with these values exists"
}

// Is reports whether target is ErrUnique.
func (e *UniqueViolation) Is(target error) bool { return target == ErrUnique }

func (e *ForeignKeyViolation) Error() string {
	return "dialect: foreign key constraint" + e.where() + " violated: the row pointed to does not exist, or is still pointed to"
}

// Is reports whether target is ErrForeignKey.
func (e *ForeignKeyViolation) Is(target error) bool { return target == ErrForeignKey }

func (e *NotNullViolation) Error() string {
	return "dialect: NULL in a column that must not be NULL" + e.where()
}

// Is reports whether target is ErrNotNull.
func (e *NotNullViolation) Is(target error) bool { return target == ErrNotNull }

func (e *CheckViolation) Error() string {
	return "dialect: check constraint" + e.where() + " violated"
}

// Is reports whether target is ErrCheck.
func (e *CheckViolation) Is(target error) bool { return target == ErrCheck }

// The typed errors that are not about a constraint. Err is the driver's error.
type (
	// SerializationFailure says that concurrent transactions stood in the way;
	// the transaction can be tried again. SQLite's BUSY and LOCKED are one.
	SerializationFailure struct{ Err error }
	// Deadlock says that the database broke a deadlock by ending this
	// transaction; it can be tried again.
	Deadlock struct{ Err error }
	// LockTimeout says that a lock was not had in time.
	LockTimeout struct{ Err error }
	// ConnectionLost says that the connection broke; whether the statement was
	// done is not known.
	ConnectionLost struct{ Err error }
	// UndefinedTable says that a table does not exist.
	UndefinedTable struct {
		Table string
		Err   error
	}
	// ValueRejected says that a value is too long, out of range, or malformed
	// for its column's type.
	ValueRejected struct {
		Table, Column string
		Err           error
	}
	// ReadOnlyViolation says that something read-only was to be written.
	ReadOnlyViolation struct{ Err error }
	// Canceled says that the statement was cancelled or ran out of its time.
	Canceled struct{ Err error }
)

func (e *SerializationFailure) Error() string {
	return because("dialect: transaction could not be serialized with another; try it again", e.Err)
}

// Is reports whether target is ErrSerialization.
func (e *SerializationFailure) Is(target error) bool { return target == ErrSerialization }

// Unwrap returns the driver's error.
func (e *SerializationFailure) Unwrap() error { return e.Err }

func (e *Deadlock) Error() string {
	return because("dialect: deadlock with another transaction; try it again", e.Err)
}

// Is reports whether target is ErrDeadlock.
func (e *Deadlock) Is(target error) bool { return target == ErrDeadlock }

// Unwrap returns the driver's error.
func (e *Deadlock) Unwrap() error { return e.Err }

func (e *LockTimeout) Error() string {
	return because("dialect: lock not available in time", e.Err)
}

// Is reports whether target is ErrLockTimeout.
func (e *LockTimeout) Is(target error) bool { return target == ErrLockTimeout }

// Unwrap returns the driver's error.
func (e *LockTimeout) Unwrap() error { return e.Err }

func (e *ConnectionLost) Error() string {
	return because("dialect: connection to the database lost", e.Err)
}

// Is reports whether target is ErrConnectionLost.
func (e *ConnectionLost) Is(target error) bool { return target == ErrConnectionLost }

// Unwrap returns the driver's error.
func (e *ConnectionLost) Unwrap() error { return e.Err }

func (e *UndefinedTable) Error() string {
	name := ""
	if e.Table != "" {
		name = " " + e.Table
	}
	return "dialect: table" + name + " does not exist: create it with CreateAll or a migration, or check that the URL names the right database"
}

// Is reports whether target is ErrUndefinedTable.
func (e *UndefinedTable) Is(target error) bool { return target == ErrUndefinedTable }

// Unwrap returns the driver's error.
func (e *UndefinedTable) Unwrap() error { return e.Err }

func (e *ValueRejected) Error() string {
	at := ""
	if e.Table != "" {
		at = " of table " + e.Table
	}
	if e.Column != "" {
		at = " " + e.Column + at
	}
	return "dialect: value does not fit its column" + at + ": too long, out of range, or malformed"
}

// Is reports whether target is ErrValue.
func (e *ValueRejected) Is(target error) bool { return target == ErrValue }

// Unwrap returns the driver's error.
func (e *ValueRejected) Unwrap() error { return e.Err }

func (e *ReadOnlyViolation) Error() string {
	return "dialect: write in a read-only transaction or database"
}

// Is reports whether target is ErrReadOnly.
func (e *ReadOnlyViolation) Is(target error) bool { return target == ErrReadOnly }

// Unwrap returns the driver's error.
func (e *ReadOnlyViolation) Unwrap() error { return e.Err }

func (e *Canceled) Error() string {
	return because("dialect: statement cancelled", e.Err)
}

// Is reports whether target is ErrCanceled.
func (e *Canceled) Is(target error) bool { return target == ErrCanceled }

// Unwrap returns the driver's error.
func (e *Canceled) Unwrap() error { return e.Err }

// because appends a cause whose text holds no values.
func because(what string, err error) string {
	if err == nil {
		return what
	}
	return what + ": " + err.Error()
}

// UnsupportedError says that a dialect lacks a construct. It is returned when a
// statement is built, before any SQL is sent.
type UnsupportedError struct {
	Construct string
	Dialect   string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("dialect: %s is not supported by %s", e.Construct, e.Dialect)
}

// Is reports whether target is ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }
