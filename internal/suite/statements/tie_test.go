package statements_test

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// A condition that only names two tables does not tie them.
func TestJoinsThatTieNothing(t *testing.T) {
	on := expr.On(Books.AuthorID, Authors.ID)
	for name, c := range map[string]struct {
		cond expr.Cond
		ties bool
	}{
		"one table":                {Books.ID.Gt(0), false},
		"each by itself":           {expr.AllOf(Books.ID.Gt(0), Authors.ID.Gt(0)), false},
		"or else":                  {expr.AnyOf(on, Authors.ID.Gt(0)), false},
		"or each":                  {expr.AnyOf(Books.ID.Gt(0), Authors.ID.Gt(0)), false},
		"by equality":              {on, true},
		"by equality and more":     {expr.AllOf(Books.ID.Gt(0), on), true},
		"by one of two":            {expr.AnyOf(on, expr.AllOf(Books.ID.Gt(3), Books.ID.GtTo(Authors.ID))), true},
		"by inequality":            {Books.ID.GtTo(Authors.ID), true},
		"by an expression of both": {expr.SubTo(Books.ID, Authors.ID).Eq(1), true},
		"by hand-written SQL":      {expr.Raw[Book](`books.author_id = authors.id`), true},
		"by a subquery":            {repo.Exists[Book](repo.SelectValue(Authors.ID).From(Authors).Where(on)), true},
	} {
		_, _, err := repo.SelectValue(Books.Title).From(Authors).Join(Books, c.cond).SQL(postgres.New())
		if (err == nil) != c.ties || err != nil && !strings.Contains(err.Error(), "tie books") {
			t.Errorf("%s: %v", name, err)
		}
	}
	one := repo.As[onlyTitles](repo.Select(func(r *title) repo.Columns { return repo.Into(repo.To(&r.Title, Books.Title)) }).From(Books).Limit(1), "one")
	if _, _, err := repo.SelectValue(one.Title).From(Authors).JoinLateral(one, nil).SQL(postgres.New()); err == nil || !strings.Contains(err.Error(), "tie one") {
		t.Error("a lateral join that names nothing before it:", err)
	}
	if _, _, err := repo.SelectValue(one.Title).From(Authors).JoinLateral(one, expr.Every[title]()).SQL(postgres.New()); err != nil {
		t.Error("a lateral join that is meant for every row:", err)
	}
}

type title struct{ Title string }

type onlyTitles struct {
	schema.Table[title]
	Title expr.Column[title, string]
}

// A row is not written because there is some row in another table.
func TestChangesByJoinsThatTieNothing(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		as, bs := repo.New[Author](db, repo.OwnUnit()), repo.New[Book](db, repo.OwnUnit())
		mentor := expr.On(Authors.MentorID, Books.AuthorID)
		for name, c := range map[string]repo.Change[Book]{
			"of a row of its own":     bs.Deleting().Join(Authors, Authors.ID.Eq(1)),
			"and a condition of each": bs.Deleting().Join(Authors, Authors.ID.Eq(1)).Where(Books.ID.Gt(0)),
			"or else":                 bs.Updating(Books.Title.Set("x")).Join(Authors, expr.AnyOf(mentor, Authors.ID.Gt(0))),
		} {
			if n, err := c.Exec(t.Context()); err == nil || !strings.Contains(err.Error(), "ties authors") {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		on := expr.On(Books.AuthorID, Authors.ID)
		for name, c := range map[string]repo.Change[Book]{
			"UPDATE":       bs.Updating(Books.Title.Set("x")).Join(Authors, on).Where(expr.And[Book]()),
			"DELETE":       bs.Deleting().Join(Authors, on).Where(expr.And[Book]()),
			"or of none":   bs.Deleting().Join(Authors, on).Where(expr.Or[Book](), Books.ID.Gt(0)),
			"further down": bs.Deleting().Join(Authors, on).Where(expr.Or(expr.And[Book](), Books.ID.Gt(0))),
			"in the join":  bs.Deleting().Join(Authors, expr.AllOf(on, expr.And[Author]())),
		} {
			if n, err := c.Exec(t.Context()); err == nil || !strings.Contains(err.Error(), "of nothing") {
				t.Errorf("a condition of nothing, %s: %d, %v", name, n, err)
			}
		}
		if n, err := bs.Count(t.Context()); err != nil || n != 6 {
			t.Fatal(n, err)
		}
		if n, err := bs.Deleting().Join(Authors, Authors.Name.Eq("Ann")).Where(expr.On(Books.AuthorID, Authors.ID)).Exec(t.Context()); err != nil || n != 2 {
			t.Error("tied by Where:", n, err)
		}
		if n, err := as.Updating(Authors.City.Set("x")).Join(Books, mentor).Where(Books.Price.Gt(35)).Exec(t.Context()); err != nil || n != 1 {
			t.Error("tied by Join:", n, err)
		}
	})
}
