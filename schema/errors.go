package schema

import (
	"fmt"
	"strings"
)

// DefineError lists what is wrong with a table's definition. Define panics with
// it, since a wrong model is a mistake in the program, as a wrong regular
// expression given to regexp.MustCompile is.
type DefineError struct {
	// Table is the table's name.
	Table string
	// Faults are all the faults found, each a sentence that names the field.
	Faults []string
}

func (e *DefineError) Error() string {
	if len(e.Faults) == 1 {
		return "schema: define " + e.Table + ": " + e.Faults[0]
	}
	return fmt.Sprintf("schema: define %s: %d faults:\n\t%s", e.Table, len(e.Faults), strings.Join(e.Faults, "\n\t"))
}

// ValueError says that a value cannot be kept in a column: text longer than its
// Size, a number out of range, a decimal with too many digits. It is found
// before any SQL. The value itself stays out of the message.
type ValueError struct {
	Table, Column string
	// Reason says what the column takes and how the value differs.
	Reason string
	// Err is the cause where there is one, such as a Valuer's error.
	Err error
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("schema: value for %s.%s: %s", e.Table, e.Column, e.Reason)
}

// Unwrap returns the cause, nil where there is none.
func (e *ValueError) Unwrap() error { return e.Err }

// ReadError says that a value from the database does not fit the Go field:
// NULL into a field that cannot hold it, 300 into an int8. The value itself
// stays out of the message.
type ReadError struct {
	Table, Column string
	// Reason says what the field takes and what came.
	Reason string
	// Err is the cause where there is one, such as a Scanner's error.
	Err error
}

func (e *ReadError) Error() string {
	return fmt.Sprintf("schema: read %s.%s: %s", e.Table, e.Column, e.Reason)
}

// Unwrap returns the cause, nil where there is none.
func (e *ReadError) Unwrap() error { return e.Err }
