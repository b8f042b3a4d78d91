package statements_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type named struct{ Title string }

type nameds struct {
	schema.Table[named]
	Title expr.Column[named, string]
}

// A set operation, and any other query in FROM, that stands in a condition or in place
// of a value names the row around it; one beside it in FROM it does not.
func TestSetOperationsNameTheOuterRow(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		theirs := repo.SelectValue(Books.Title).From(Books).Where(expr.On(Books.AuthorID, Authors.ID))
		cheap, sold := theirs.Where(Books.Price.Lt(15)), theirs.Where(expr.IsNotNull(Books.Sold))
		other := schema.As(Authors, "other")
		others := repo.SelectValue(other.Name).From(other)
		title := func(q repo.Selection[string]) repo.Selection[string] { // of rows in FROM, twice
			own := repo.As[nameds](repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, Books.Title)) }).From(Books).Where(expr.On(Books.AuthorID, Authors.ID)), "own")
			again := repo.As[nameds](repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, own.Title)) }).From(own).Where(own.Title.Ne("A1")), "again")
			return repo.SelectValue(again.Title).From(again).Where(repo.In(again.Title, q))
		}
		for what, c := range map[string]struct {
			cond expr.Expr[Author]
			want string
		}{
			"union":         {repo.Exists[Author](cheap.Union(sold)), "Ann Bob Cy "},
			"except":        {repo.NotExists[Author](cheap.Except(sold)), "Bob Cy Di "},
			"intersect":     {repo.Exists[Author](cheap.Intersect(sold)), ""},
			"limited":       {repo.Exists[Author](cheap.OrderBy(Books.ID.Asc()).Limit(1).UnionAll(sold.Limit(0))), "Ann "},
			"three":         {repo.Exists[Author](cheap.Intersect(sold).Union(theirs.Where(Books.Price.Gt(55)))), "Cy "},
			"in":            {repo.In(Authors.Name, others.Where(expr.On(other.ID, Authors.MentorID)).Union(others.Where(expr.AllOf(expr.On(other.ID, Authors.ID), other.ID.Gt(3))))), "Di "},
			"the own table": {repo.Exists[Author](others.Where(expr.On(other.MentorID, Authors.ID)).Intersect(others.Where(other.City.IsNull()))), "Ann Cy "},
			"from":          {repo.Exists[Author](title(sold)), "Ann Bob Cy "},
			"from, deeper":  {repo.Exists[Author](title(cheap.Union(sold).Except(theirs.Where(Books.ID.Eq(3))))), "Ann Cy "},
			"not":           {expr.And(expr.Not(repo.Exists[Author](cheap.Union(sold))), Authors.ID.Gt(1)), "Di "},
		} {
			for range 2 { // compiled, and known
				if got := names(t, db, c.cond); got != c.want {
					t.Errorf("%s: got %s, want %s", what, got, c.want)
				}
			}
		}

		type row struct {
			Name  string
			First *string
		}
		rows, err := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.Name, Authors.Name), repo.To(&r.First, repo.Sub(sold.Union(cheap).OrderBy(Books.Title.Asc()).Limit(1))))
		}).From(Authors).OrderBy(Authors.ID.Asc()).All(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range rows {
			first := "-"
			if r.First != nil {
				first = *r.First
			}
			got += fmt.Sprint(r.Name, first, " ")
		}
		if got != "AnnA1 BobB1 CyC3 Di- " {
			t.Error(got)
		}

		n, err := repo.New[Author](db, repo.OwnUnit()).UpdateWhere(t.Context(), repo.Exists[Author](cheap.Union(sold)), Authors.City.Set("Rom"))
		if err != nil || n != 3 {
			t.Errorf("%d, %v", n, err)
		}

		// What stands beside a query in FROM it cannot name, nor what is nowhere.
		beside := repo.As[nameds](repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, Books.Title)) }).From(Books).Where(expr.On(Books.AuthorID, Authors.ID)), "beside")
		for what, c := range map[string]struct {
			q    repo.Selection[string]
			says string
		}{
			"beside": {repo.SelectValue(beside.Title).From(Authors).Join(beside, expr.On(beside.Title, Authors.Name)), "cannot name the tables that it is joined to: JoinLateral lets it"},
			"alone":  {repo.SelectValue(beside.Title).From(beside), "authors is not in FROM"},
			"whole":  {cheap.Union(sold), "authors is not in FROM"},
			"common": {repo.SelectValue(Authors.Name).From(Authors).Where(repo.Exists[Author](repo.SelectValue(expr.Val(1)).From(
				repo.CTE[nameds](repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, Books.Title)) }).From(Books).Where(expr.On(Books.AuthorID, Authors.ID)), "common")))), "authors is not in FROM"},
		} {
			if _, err := c.q.All(t.Context(), db); err == nil || !strings.Contains(err.Error(), c.says) || errors.Unwrap(err) == nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
