package dialect

import (
	"errors"
	"strings"
)

// The kinds of errors that a change of the schema meets, for errors.Is.
var (
	ErrTypeMismatch = errors.New("dialect: types do not go together")
	ErrDependedOn   = errors.New("dialect: other objects depend on it")
	ErrExists       = errors.New("dialect: it is there already")
	ErrRefused      = errors.New("dialect: refused")
)

// Exists says that an object cannot be made, since there is one of its name. It is
// ErrExists. Err is the driver's error.
type Exists struct{ Err error }

// Error has the database's words, which name the object.
func (e *Exists) Error() string { return because(ErrExists.Error(), e.Err) }

// Is reports whether target is ErrExists.
func (e *Exists) Is(target error) bool { return target == ErrExists }

// Unwrap returns the driver's error.
func (e *Exists) Unwrap() error { return e.Err }

// Refused is what a statement of Altering says where a change cannot be made. It is
// ErrRefused. Err is the driver's error.
type Refused struct {
	Message string
	Err     error
}

// Error is the message alone.
func (e *Refused) Error() string { return e.Message }

// Is reports whether target is ErrRefused.
func (e *Refused) Is(target error) bool { return target == ErrRefused }

// Unwrap returns the driver's error.
func (e *Refused) Unwrap() error { return e.Err }

// TypeMismatch says that the database does not convert a value's type to the one
// that is wanted. It is ErrTypeMismatch. Err is the driver's error.
type TypeMismatch struct{ Err error }

// Error has the database's words, which name the types.
func (e *TypeMismatch) Error() string { return because(ErrTypeMismatch.Error(), e.Err) }

// Is reports whether target is ErrTypeMismatch.
func (e *TypeMismatch) Is(target error) bool { return target == ErrTypeMismatch }

// Unwrap returns the driver's error.
func (e *TypeMismatch) Unwrap() error { return e.Err }

// DependedOn says that an object cannot be changed or dropped, since others, such
// as views, depend on it. It is ErrDependedOn. Err is the driver's error.
type DependedOn struct {
	// Detail names the others in the database's words, "" where it does not.
	Detail string
	Err    error
}

// Error has the database's words and, where it names them, the others.
func (e *DependedOn) Error() string {
	s := because(ErrDependedOn.Error(), e.Err)
	if e.Detail != "" {
		s += ": " + strings.ReplaceAll(e.Detail, "\n", "; ")
	}
	return s
}

// Is reports whether target is ErrDependedOn.
func (e *DependedOn) Is(target error) bool { return target == ErrDependedOn }

// Unwrap returns the driver's error.
func (e *DependedOn) Unwrap() error { return e.Err }
