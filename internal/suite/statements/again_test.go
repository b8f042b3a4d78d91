package statements_test

import (
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// What is grouped by may have values of the program's, and stand in the results, in
// windows, in HAVING and in the order as often as one likes.
func TestGroupsByExpressionsWithValues(t *testing.T) {
	type row struct {
		Class, Next, Rank int64
		Books             int64
	}
	library(t, func(t *testing.T, db *engine.Engine) {
		class := expr.Div(Books.ID, int64(3)) // 0 0 1 1 1 2
		rows, err := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.Class, class), repo.To(&r.Next, expr.Add(class, 1)),
				repo.To(&r.Rank, expr.RowNumber().Over(expr.Window().OrderBy(class.Desc()))), repo.To(&r.Books, expr.Count(Books.ID)))
		}).From(Books).Where(class.Lt(9)).GroupBy(class).Having(expr.CountAll().Gt(0), class.Ge(0)).OrderBy(expr.Neg(class).Asc(), class.Asc()).All(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(rows); got != "[{2 3 1 1} {1 2 2 3} {0 1 3 2}]" {
			t.Error(got)
		}
		twice, err := repo.Select(func(r *row) repo.Columns { return repo.Into(repo.To(&r.Class, class), repo.To(&r.Next, class)) }).
			From(Books).Distinct().OrderBy(class.Desc()).All(t.Context(), db)
		if err != nil || fmt.Sprint(twice) != "[{2 2 0 0} {1 1 0 0} {0 0 0 0}]" {
			t.Error(twice, err)
		}
		// The operand of an empty list is looked at and not written.
		n, err := repo.SelectValue(expr.CountAll()).From(Books).Where(expr.Or(class.In(), class.Ge(0))).GroupBy(class).OrderBy(class.Asc()).All(t.Context(), db)
		if err != nil || fmt.Sprint(n) != "[2 3 1]" {
			t.Error(n, err)
		}
	})
}
