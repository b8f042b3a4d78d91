package repo

import (
	"database/sql"
	"errors"
	"fmt"
)

var (
	// ErrNotFound: there is no such row. It is sql.ErrNoRows, too.
	ErrNotFound error = notFound{}
	// ErrMultiple: there is more than the one row asked for.
	ErrMultiple = errors.New("more than one row")
	// ErrZero: a Repository, Keyed or Query that New did not make was used.
	ErrZero = errors.New("repo: zero repository or query: make it with repo.New or repo.NewKeyed, or repo.Select")
)

type notFound struct{}

func (notFound) Error() string        { return "not found" }
func (notFound) Is(target error) bool { return target == sql.ErrNoRows }

func missing(op, table string, key ...any) error {
	if len(key) == 0 {
		return fmt.Errorf("repo: %s %s: %w", op, table, ErrNotFound)
	}
	return fmt.Errorf("repo: %s %s key %s: %w", op, table, showKey(key), ErrNotFound)
}

func showKey(key []any) string {
	s := ""
	for i, k := range key {
		if i > 0 {
			s += "/"
		}
		s += fmt.Sprint(k)
	}
	return s
}
