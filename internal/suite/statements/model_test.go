// Package statements_test runs queries of several statements: subqueries, common
// table expressions, set operations, lists of rows.
package statements_test

import (
	"context"
	"testing"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var meta = schema.NewMetadata()

// Author has books, and perhaps a mentor.
type Author struct {
	ID       int64
	Name     string
	City     *string
	MentorID *int64
}

type authors struct {
	schema.Table[Author]
	ID       expr.Column[Author, int64]
	Name     expr.Column[Author, string]
	City     expr.Nullable[Author, string]
	MentorID expr.Nullable[Author, int64]
}

var Authors = schema.Define("authors", func(t *authors) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.MentorID).References(t.ID)
}, schema.In(meta))

// Book is by an author.
type Book struct {
	ID       int64
	AuthorID int64
	Title    string
	Price    float64
	Sold     *int64
	Out      time.Time
}

type books struct {
	schema.Table[Book]
	ID       expr.Column[Book, int64]
	AuthorID expr.Column[Book, int64]
	Title    expr.Column[Book, string]
	Price    expr.Column[Book, float64]
	Sold     expr.Nullable[Book, int64]
	Out      expr.Column[Book, time.Time]
}

var Books = schema.Define("books", func(t *books) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.AuthorID).References(Authors.ID)
}, schema.In(meta))

var day = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func p[V any](v V) *V { return &v }

// library calls f with a database of four authors and six books.
//
//	1 Ann (Ulm)             A1 10, A2 20 (sold 5)
//	2 Bob, taught by Ann    B1 30 (sold 7)
//	3 Cy (Bonn), by Bob     C1 40, C2 50, C3 60 (sold 1)
//	4 Di, by Cy             none
func library(t *testing.T, f func(t *testing.T, db *engine.Engine)) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		fill(t, db)
		f(t, db)
	}, Authors, Books)
}

// fill adds the authors and books of library.
func fill(t *testing.T, db *engine.Engine) {
	t.Helper()
	as, bs := repo.NewKeyed(db, Authors.ID), repo.NewKeyed(db, Books.ID)
	err := uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		if err := as.Add(ctx, &Author{ID: 1, Name: "Ann", City: p("Ulm")}, &Author{ID: 2, Name: "Bob", MentorID: p(int64(1))},
			&Author{ID: 3, Name: "Cy", City: p("Bonn"), MentorID: p(int64(2))}, &Author{ID: 4, Name: "Di", MentorID: p(int64(3))}); err != nil {
			return err
		}
		return bs.Add(ctx,
			&Book{ID: 1, AuthorID: 1, Title: "A1", Price: 10, Out: day}, &Book{ID: 2, AuthorID: 1, Title: "A2", Price: 20, Sold: p(int64(5)), Out: day},
			&Book{ID: 3, AuthorID: 2, Title: "B1", Price: 30, Sold: p(int64(7)), Out: day}, &Book{ID: 4, AuthorID: 3, Title: "C1", Price: 40, Out: day},
			&Book{ID: 5, AuthorID: 3, Title: "C2", Price: 50, Out: day}, &Book{ID: 6, AuthorID: 3, Title: "C3", Price: 60, Sold: p(int64(1)), Out: day})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// names are the authors that a query of the repository finds, in key order.
func names(t *testing.T, db *engine.Engine, cond expr.Expr[Author]) string {
	t.Helper()
	found, err := repo.New[Author](db).Untracked().Where(cond).OrderBy(Authors.ID.Asc()).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, a := range found {
		out += a.Name + " "
	}
	return out
}
