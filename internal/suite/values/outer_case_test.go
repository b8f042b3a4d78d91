package values_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// A column of an outer-joined table that a CASE yields is read as it is without one:
// what its condition rules out is not looked into, and the error says so, with what
// reads it.
func TestCaseOfAnOuterJoin(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group[:2]...)
		other := schema.As(Items, "other")
		type row struct {
			S    string
			Or   *string
			Null sql.Null[string]
		}
		all := func(target func(r *row) repo.Target) ([]row, error) {
			return repo.Select(func(r *row) repo.Columns { return repo.Into(target(r)) }).
				From(Items).LeftJoin(other, expr.AllOf(expr.On(other.ID, expr.Add(Items.ID, 1)))).OrderBy(Items.ID.Asc()).All(t.Context(), db)
		}
		found := expr.IsNotNull(expr.Optional(other.ID))
		guarded := expr.CaseTo(found, other.S).Else("none")
		for what, c := range map[string]struct {
			x    expr.Yields[string]
			says string
		}{
			"a column":     {other.S, "other.s is NULL where the outer join finds no row of other: read it with"},
			"a case":       {guarded, "other.s is NULL where the outer join finds no row of other, whatever the conditions of the CASE rule out: read it with"},
			"within":       {expr.Lower(guarded), "whatever the conditions of the CASE rule out"},
			"in the end":   {expr.Case(expr.Not(found), "none").ElseTo(other.S), "whatever the conditions of the CASE rule out"},
			"in its guard": {expr.ConcatTo(other.S, expr.Case(found, "x").Else("y")), "no row of other: read it with"},
		} {
			_, err := all(func(r *row) repo.Target { return repo.To(&r.S, c.x) })
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "expr.Optional into a pointer, or by ToNull into a sql.Null, or give it a value by expr.Coalesce") {
				t.Errorf("%s: %v", what, err)
			}
		}
		// Each of the remedies reads it.
		for what, target := range map[string]func(r *row) repo.Target{
			"pointer": func(r *row) repo.Target { return repo.To(&r.Or, expr.Optional(guarded)) },
			"null":    func(r *row) repo.Target { return repo.ToNull(&r.Null, expr.Optional(guarded)) },
			"value":   func(r *row) repo.Target { return repo.To(&r.S, expr.Coalesce(guarded, "?")) },
			"branch": func(r *row) repo.Target {
				return repo.To(&r.S, expr.CaseTo(found, expr.Coalesce(other.S, "?")).Else("none"))
			},
			"plain results": func(r *row) repo.Target { return repo.To(&r.S, expr.Case(found, "a").Else("none")) },
		} {
			rows, err := all(target)
			if err != nil || len(rows) != 2 {
				t.Errorf("%s: %v", what, err)
				continue
			}
			for i, r := range rows {
				got := r.S + r.Null.V
				if r.Or != nil {
					got += *r.Or
				}
				if want := []string{"a", "none"}[i]; got != want {
					t.Errorf("%s: got %s, want %s", what, got, want)
				}
			}
		}
	}, Items)
}
