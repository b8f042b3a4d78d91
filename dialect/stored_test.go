package dialect_test

import (
	"database/sql"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// What a value is made of without being changed says how it is stored: decimals are
// compared as numbers, and bools are true and false as text, behind Coalesce too.
func TestStoredFormsAreSeenThrough(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		for i, p := range []Price{"9.00", "10.00", "-0.50"} {
			add(t, d, db, i, map[string]any{"balance": p, "email": nil, "active": true})
		}
		for what, c := range map[string]struct {
			cond expr.Cond
			want int
		}{
			"coalesce": {expr.Coalesce(People.Balance, "0.00").Gt("9.50"), 1},
			"nullif":   {expr.NullIf(People.Balance, "9.00").Between("-1.00", "9.50"), 1},
			"case":     {expr.CaseTo(People.Active.Eq(true), People.Balance).End().Lt("10.00"), 2},
			"bool":     {expr.Cast[string](expr.Coalesce(expr.NullIf(People.Active, false), false)).Eq("true"), 3},
			"bools":    {expr.Cast[string](expr.Case(People.Active.Eq(true), true).Else(false)).Eq("true"), 3},
		} {
			if got := count(t, d, db, c.cond); got != c.want {
				t.Errorf("%s: %d rows, want %d", what, got, c.want)
			}
		}
		// An aggregate in GREATEST is one of the statement's rows, count(*) too.
		var n int
		if one(t, d, db, expr.Greatest(expr.CountAll().Value(), 2), &n); n != 3 {
			t.Errorf("the greatest of a count of 3 and 2 is %d", n)
		}
		// Of no rows there is one count.
		none := with(value(expr.CountAll()), func(s *expr.SelectStmt) { s.Where = &expr.ConstNode{} })
		if got := count(t, d, db, expr.NewExpr[Person](&expr.SubqueryNode{Kind: expr.SubqueryExists, Stmt: none})); got != 3 {
			t.Errorf("a query of a count has no row: %d rows, want 3", got)
		}
	})
}
