package statements_test

import (
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// Names that differ in case alone are one name to SQLite.
func TestAliasesThatDifferInCase(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		big, a, b := schema.As(Authors, "AUTHORS"), schema.As(Authors, "m"), schema.As(Authors, "M")
		for name, q := range map[string]repo.Selection[string]{
			"beside the table":  repo.SelectValue(big.Name).From(Authors).Join(big, expr.On(big.ID, Authors.MentorID)).OrderBy(Authors.ID.Asc()),
			"before the table":  repo.SelectValue(big.Name).From(big).Join(Authors, expr.On(big.ID, Authors.MentorID)).OrderBy(Authors.ID.Asc()),
			"beside each other": repo.SelectValue(b.Name).From(a).Join(b, expr.On(b.ID, a.MentorID)).OrderBy(a.ID.Asc()),
		} {
			want, err := repo.SelectValue(b.Name).From(Authors).Join(b, expr.On(b.ID, Authors.MentorID)).OrderBy(Authors.ID.Asc()).All(t.Context(), db)
			if err != nil || len(want) == 0 {
				t.Fatal(want, err)
			}
			if got, err := q.All(t.Context(), db); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, %v, want %v", name, got, err, want)
			}
		}
		n, err := repo.New[Author](db, repo.OwnUnit()).Updating(Authors.City.SetTo(big.City)).Join(big, expr.On(big.ID, Authors.MentorID)).Exec(t.Context())
		if err != nil || n == 0 {
			t.Error(n, err)
		}
	})
}
