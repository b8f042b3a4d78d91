package dialect

import (
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// ErrNoDecimal is the kind of a *NoDecimalError, for errors.Is.
var ErrNoDecimal = errors.New("dialect: no decimal")

// NoDecimalError says that what is of decimals, such as arithmetic, is asked of a value
// that is not known to be one: a text may have the same Go type. It is returned when a
// statement is built, before any SQL is sent.
type NoDecimalError struct {
	Construct string
	// Column is the column that is no decimal, and Table that of it, or of a query in
	// FROM: both are "" where it is no column.
	Table, Column string
}

func (e *NoDecimalError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("dialect: %s of what is not known to be a decimal: it is of columns that schema.Decimal declares, and of what is made of them", e.Construct)
	}
	return fmt.Sprintf("dialect: %s of column %s of %s, which is no decimal: declare it with schema.Decimal, or compute in Go", e.Construct, e.Column, e.Table)
}

// Is reports whether target is ErrNoDecimal.
func (e *NoDecimalError) Is(target error) bool { return target == ErrNoDecimal }

// noDecimal is the error that a value is no decimal.
func noDecimal(construct string, n expr.Node) error {
	e := &NoDecimalError{Construct: construct}
	if def := ColumnOf(n); def != nil {
		e.Column = def.Name
		if ref := refOf(n); ref != nil && ref.Source != nil {
			e.Table = ref.Source.Label()
		} else if def.Table != nil {
			e.Table = def.Table.Name
		}
	}
	return e
}
