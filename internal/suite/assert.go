package suite

import (
	"errors"
	"iter"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
)

// violation checks that err is a unique violation of the table.
func violation(f *fix, err error, table string) *dialect.UniqueViolation {
	f.Helper()
	f.is(err, dialect.ErrUnique)
	var v *dialect.UniqueViolation
	if !errors.As(err, &v) || v.Table != table {
		f.Fatalf("error %v, want a violation on table %s, got %+v", err, table, v)
	}
	return v
}

// each is an iterator over what is given.
func each[T any](es ...T) iter.Seq[T] { return slices.Values(es) }
