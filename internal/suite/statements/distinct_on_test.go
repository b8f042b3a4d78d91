package statements_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func TestDistinctOn(t *testing.T) {
	dearest := repo.Select(func(p *pairOf) repo.Columns {
		return repo.Into(repo.To(&p.A, Authors.Name), repo.To(&p.B, Books.Title))
	}).
		From(Books).Join(Authors, expr.On(Books.AuthorID, Authors.ID)).
		DistinctOn(Books.AuthorID).OrderBy(Books.AuthorID.Asc(), Books.Price.Desc())
	library(t, func(t *testing.T, db *engine.Engine) {
		rows, err := dearest.All(t.Context(), db)
		if db.Dialect().Name() == "sqlite" {
			if lacks := (*dialect.UnsupportedError)(nil); !errors.As(err, &lacks) || lacks.Construct != "DISTINCT ON" {
				t.Fatal(err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(rows); got != "[{Ann A2} {Bob B1} {Cy C3}]" {
			t.Error(got)
		}
		// Of an expression with a value of the program's, and in a query that another reads.
		dozen := expr.Div(Books.ID, int64(3))
		titles, err := repo.SelectValue(Books.Title).From(Books).DistinctOn(dozen).OrderBy(dozen.Asc(), Books.ID.Desc()).All(t.Context(), db)
		if err != nil || fmt.Sprint(titles) != "[A2 C2 C3]" {
			t.Error(titles, err)
		}
		n, err := repo.New[Author](db).Untracked().Where(repo.In(Authors.ID, repo.SelectValue(Books.AuthorID).From(Books).DistinctOn(Books.AuthorID))).Count(t.Context())
		if err != nil || n != 3 {
			t.Error(n, err)
		}
		yes, err := repo.New[Author](db).Untracked().Where(repo.Exists[Author](repo.SelectValue(Books.Title).From(Books).DistinctOn(Books.AuthorID).Offset(3))).Count(t.Context())
		if err != nil || yes != 0 {
			t.Error("a fourth author of books", yes, err)
		}
		if _, err := dearest.Page(t.Context(), db, 2, ""); err == nil || !strings.Contains(err.Error(), "DistinctOn") {
			t.Error(err)
		}
	})
}

func TestDistinctOnWhatCannotBe(t *testing.T) {
	q := repo.SelectValue(Books.Title).From(Books)
	for want, q := range map[string]repo.Selection[string]{
		"term 1 of OrderBy": q.DistinctOn(Books.AuthorID).OrderBy(Books.Price.Asc(), Books.AuthorID.Asc()),
		"term 2 of OrderBy": q.DistinctOn(Books.AuthorID, Books.Price).OrderBy(Books.Price.Asc(), Books.ID.Asc()),
		"of nothing":        q.DistinctOn(),
		"nil expression":    q.DistinctOn(nil),
		"not in FROM":       q.DistinctOn(Authors.ID),
		"set operation":     q.Union(q).DistinctOn(Books.Title),
		"from no table":     repo.SelectValue(Books.Title).DistinctOn(Authors.ID),
	} {
		if _, _, err := q.SQL(postgres.New()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	if _, _, err := repo.SelectValue(expr.CountAll()).From(Books).DistinctOn(Books.AuthorID).SQL(postgres.New()); err == nil || !strings.Contains(err.Error(), "beside aggregates") {
		t.Error(err)
	}
	if _, _, err := q.DistinctOn(Books.AuthorID).SQL(sqlite.New()); err == nil || !strings.Contains(err.Error(), "DISTINCT ON") {
		t.Error(err)
	}
}

// The newest row of each group.
func ExampleSelection_DistinctOn() {
	text, _, err := repo.SelectValue(Books.Title).From(Books).DistinctOn(Books.AuthorID).
		OrderBy(Books.AuthorID.Asc(), Books.Out.Desc()).SQL(postgres.New())
	fmt.Println(text, err)
	// Output:
	// SELECT DISTINCT ON ("author_id") "title" FROM "books" ORDER BY "author_id", "out" DESC <nil>
}
