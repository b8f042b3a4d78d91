package statements_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// An aggregate of the rows of a statement around stands wherever that statement may
// have one, whatever the clause of the subquery is.
func TestAggregatesOfTheStatementAround(t *testing.T) {
	other := schema.As(Authors, "other")
	books := expr.Count(Books.ID) // by Ann 2, by Bob 1, by Cy 3
	exists := func(q repo.Selection[int64]) expr.Expr[Author] { return repo.Exists[Author](q) }
	others := repo.SelectValue(other.ID).From(other)
	by := func(having ...expr.Cond) repo.Selection[int64] {
		return repo.SelectValue(Books.AuthorID).From(Books).GroupBy(Books.AuthorID).Having(having...).OrderBy(Books.AuthorID.Asc())
	}
	sub := func(q repo.Selection[int64]) expr.Yields[int64] { return expr.Coalesce(repo.Sub(q).Value(), -1) }
	value := func(x expr.Yields[int64]) repo.Selection[int64] {
		return repo.SelectValue(x).From(Books).GroupBy(Books.AuthorID).OrderBy(Books.AuthorID.Asc())
	}
	names := repo.SelectValue(other.Name).From(other)
	library(t, func(t *testing.T, db *engine.Engine) {
		for name, c := range map[string]struct {
			q    repo.Selection[int64]
			want string
		}{
			"EXISTS":            {by(exists(others.Where(expr.AllOf(other.ID.EqTo(books), other.City.IsNotNull())))), "[2 3]"},
			"NOT EXISTS":        {by(repo.NotExists[Author](others.Where(other.ID.EqTo(books), other.City.IsNotNull()))), "[1]"},
			"two deep":          {by(exists(others.Where(exists(repo.SelectValue(Authors.ID).From(Authors).Where(Authors.ID.EqTo(books), other.City.IsNotNull(), Authors.ID.GtTo(other.ID)))))), "[1 3]"},
			"two in one":        {by(exists(others.Where(other.ID.EqTo(expr.SubTo(expr.Max(Books.ID).Value(), expr.Min(Books.ID))), expr.On(other.ID, expr.Min(Books.AuthorID))))), "[1]"},
			"distinct, filter":  {by(exists(others.Where(other.ID.EqTo(books.Filter(Books.Price.Gt(15))), other.ID.EqTo(books.Distinct().Filter(Books.Price.Gt(15)))))), "[1 2 3]"},
			"IN":                {by(exists(others.Where(books.In(2, 3), other.ID.Eq(1)))), "[1 3]"},
			"IN of nothing":     {by(exists(others.Where(books.In()))), "[]"},
			"NOT IN of nothing": {by(exists(others.Where(books.NotIn()))), "[1 2 3]"},
			"a join":            {by(exists(others.Join(Authors, expr.AllOf(expr.On(Authors.ID, other.MentorID), Authors.ID.EqTo(books))))), "[1 2 3]"},
			"a group":           {by(exists(repo.SelectValue(expr.CountAll()).From(other).GroupBy(expr.AddTo(other.ID, books)).Having(expr.CountAll().Gt(0), expr.On(expr.Max(other.ID), books)))), "[1 2 3]"},
			"HAVING":            {by(exists(repo.SelectValue(expr.CountAll()).From(other).GroupBy(other.City).Having(expr.CountAll().GeTo(books)))), "[1 2]"},
			"a value":           {value(sub(repo.SelectValue(expr.Coalesce(expr.Max(other.ID).Value(), 0)).From(other).Where(other.ID.LtTo(books)))), "[1 0 2]"},
			"a plain value":     {value(sub(others.Where(other.ID.EqTo(books)))), "[2 1 3]"},
			"within another":    {value(sub(repo.SelectValue(expr.Coalesce(expr.Sum(other.ID).Filter(other.ID.LtTo(books)).Value(), 0)).From(other))), "[1 0 3]"},
			"ORDER BY":          {repo.SelectValue(Books.AuthorID).From(Books).GroupBy(Books.AuthorID).OrderBy(repo.Sub(others.Where(other.ID.EqTo(books))).Desc()), "[3 1 2]"},
			"without groups":    {repo.SelectValue(sub(others.Where(other.ID.EqTo(expr.SubTo(expr.Max(Books.ID).Value(), expr.Max(Books.AuthorID)))))).From(Books), "[3]"},
			"none of its own":   {value(sub(repo.SelectValue(books).From(other).Where(other.ID.Eq(1)))), "[2 1 3]"},
			"beside a column":   {value(sub(repo.SelectValue(expr.AddTo(other.ID, books)).From(other).Where(other.ID.Eq(4)))), "[6 5 7]"},
			"an inner order":    {value(sub(others.OrderBy(expr.AddTo(other.ID, books).Desc()).Limit(1))), "[4 4 4]"},
			"a constant":        {value(sub(repo.SelectValue(expr.Val(int64(5))).From(other).Where(other.ID.Gt(9)).OrderBy(books.Desc()))), "[-1 -1 -1]"},
			"a set operation":   {by(exists(others.Where(other.ID.EqTo(books)).Intersect(others.Where(other.City.IsNull())))), "[1]"},
			"a query in FROM": {by(exists(func() repo.Selection[int64] {
				f := repo.As[nameds](repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, other.Name)) }).From(other).Where(other.ID.EqTo(books)), "f")
				return repo.SelectValue(expr.Val(int64(1))).From(f).Where(f.Title.Ne("Bob"))
			}())), "[2 3]"},
		} {
			for range 2 { // compiled, and known
				if got, err := c.q.All(t.Context(), db); err != nil || fmt.Sprint(got) != c.want {
					t.Errorf("%s: %v, %v, want %s", name, got, err, c.want)
				}
			}
		}
		inner := func(c ...expr.Cond) expr.Cond { return exists(others.Where(c...)) }
		for name, c := range map[string]struct {
			q    expr.Cond
			says string
		}{
			"of both":              {inner(expr.Count(expr.AddTo(other.ID, Books.AuthorID)).Gt(1)), "the aggregate count in WHERE"},
			"of no columns":        {inner(expr.CountAll().Gt(1)), "the aggregate count in WHERE"},
			"of its own":           {inner(expr.Count(other.ID).Gt(1)), "the aggregate count in WHERE"},
			"of the row in a list": {repo.In(expr.Coalesce(expr.Max(expr.AddTo(Books.ID, expr.Count(Books.ID))).Value(), 0), others), "the aggregate count in an aggregate"},
		} {
			if got, err := by(c.q).All(t.Context(), db); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		// The statement around may have none in its own WHERE.
		where := repo.SelectValue(Books.AuthorID).From(Books).Where(inner(other.ID.EqTo(books)))
		if got, err := where.GroupBy(Books.AuthorID).All(t.Context(), db); err == nil || !strings.Contains(err.Error(), "the aggregate count of a query's rows in WHERE") {
			t.Error(got, err)
		}
		if got, err := names.Where(repo.In(other.Name, repo.SelectValue(expr.Coalesce(expr.Max(other.Name).Value(), "")).From(Books))).All(t.Context(), db); err == nil || !strings.Contains(err.Error(), "the aggregate max of a query's rows in WHERE") {
			t.Error(got, err)
		}
	})
}
