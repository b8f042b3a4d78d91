package uow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/uow"
)

// Messages say what was being done, on what, what was wrong and what to do.
func TestMessages(t *testing.T) {
	cause := &dialect.UniqueViolation{Violation: dialect.Violation{Constraint: "uq", Table: "users", Columns: []string{"email"}}}
	for _, c := range []struct {
		err  error
		want []string
	}{
		{&uow.FlushError{Op: "insert", Entity: "app.User", Table: "users", Rows: 3, Keys: []string{"1", "2"}, Err: cause}, []string{"uow: flush: insert 3 app.User key 1, 2, …", "uq", "users"}},
		{&uow.FlushError{Op: "update", Entity: "app.User", Rows: 1, Keys: []string{"7"}, Err: cause}, []string{"update app.User key 7: "}},
		{&uow.FlushError{Op: "insert", Entity: "app.User", Rows: 100, At: 91, Err: cause}, []string{"uow: flush: insert app.User (the 91st of 100): "}},
		{&uow.FlushError{Op: "update", Entity: "app.User", Rows: 100, At: 12, Keys: []string{"7"}, Err: cause}, []string{"update app.User key 7 (the 12th of 100): "}},
		{&uow.StaleError{Entity: "app.User", Keys: []string{"1", "2"}, Op: "update"}, []string{"uow: update app.User key 1, 2", "RetryStale"}},
		{&uow.DuplicateError{Entity: "app.User", Key: "7"}, []string{"uow: add app.User: key 7", "Merge"}},
		{&uow.CycleError{Entities: []string{"A 1", "B 2"}}, []string{"A 1 → B 2", "nullable"}},
		{&uow.CommitUnknownError{Err: cause}, []string{"uow: commit", "unknown"}},
	} {
		for _, w := range c.want {
			if !strings.Contains(c.err.Error(), w) {
				t.Errorf("%q does not say %q", c.err, w)
			}
		}
	}
	for _, err := range []error{&uow.FlushError{Err: cause}, &uow.CommitUnknownError{Err: cause}} {
		var v *dialect.UniqueViolation
		if !errors.Is(err, dialect.ErrUnique) || !errors.As(err, &v) || v != cause {
			t.Errorf("%T does not wrap its cause", err)
		}
	}
}
