package repo_test

import (
	"context"
	"fmt"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// Length is a kind of books.
type Length struct {
	Kind  string
	Books int64
}

type lengths struct {
	schema.Table[Length]
	Kind  expr.Column[Length, string]
	Books expr.Column[Length, int64]
}

// byLength counts the long and the short books.
func byLength() repo.Selection[Length] {
	kind := expr.Case(Books.Pages.Gt(300), "long").Else("short")
	return repo.Select(func(l *Length) repo.Columns {
		return repo.Into(repo.To(&l.Kind, kind), repo.To(&l.Books, expr.Count(Books.ID)))
	}).From(Books).GroupBy(kind)
}

// A query that another one reads from has typed handles.
func ExampleAs() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	kinds := repo.As[lengths](byLength(), "kinds")
	names, err := repo.SelectValue(kinds.Kind).From(kinds).Where(kinds.Books.Ge(1)).OrderBy(kinds.Kind.Asc()).All(ctx, db)
	fmt.Println(names, err)
	// Output: [long short] <nil>
}

// Numbers made by a query that goes on from what it has found.
func ExampleRecursive() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	one := repo.Select(func(l *Length) repo.Columns {
		return repo.Into(repo.To(&l.Kind, expr.Val("n")), repo.To(&l.Books, expr.Val(int64(1))))
	})
	numbers := repo.Recursive[lengths]("numbers", one, func(n *lengths) repo.Selection[Length] {
		return repo.Select(func(l *Length) repo.Columns {
			return repo.Into(repo.To(&l.Kind, n.Kind), repo.To(&l.Books, expr.Mul(n.Books, 2)))
		}).From(n).Where(n.Books.Lt(20))
	})
	fmt.Println(repo.SelectValue(numbers.Books).From(numbers).OrderBy(numbers.Books.Asc()).All(ctx, db))
	// Output: [1 2 4 8 16 32] <nil>
}

// Rows of two queries, in one order.
func ExampleSelection_Union() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	titles := repo.SelectValue(Books.Title).From(Books)
	long, short := titles.Where(Books.Pages.Gt(300)), titles.Where(Books.Pages.Le(300))
	fmt.Println(short.Union(long).OrderBy(Books.Title.Asc()).All(ctx, db))
	// Output: [Emma Persuasion] <nil>
}

// The outer row is named by the table's own handles, the inner one by an alias.
func ExampleExists() {
	longer := schema.As(Books, "longer")
	q := repo.SelectValue(longer.ID).From(longer).Where(longer.Pages.GtTo(Books.Pages))
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	found, err := repo.New[Book](db).Untracked().Find(ctx, repo.Exists[Book](q))
	fmt.Println(len(found), found[0].Title, err)
	sql, _, _ := repo.SelectValue(Books.Title).From(Books).Where(repo.NotExists[Book](q)).SQL(sqlite.New())
	fmt.Println(sql)
	// Output:
	// 1 Persuasion <nil>
	// SELECT +"books"."title" FROM "books" WHERE NOT EXISTS (SELECT 1 FROM "books" AS "longer" WHERE "longer"."pages" > "books"."pages")
}

// Rows that the program has are joined like a table.
func ExampleRows() {
	type wanted struct {
		Title string
		Why   string
	}
	type handles struct {
		schema.Table[wanted]
		Title expr.Column[wanted, string]
		Why   expr.Column[wanted, string]
	}
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	list := repo.Rows[handles]("wanted", wanted{"Emma", "for Ann"}, wanted{"Ulysses", "for Bob"})
	fmt.Println(repo.SelectValue(list.Why).From(list).Join(Books, expr.On(Books.Title, list.Title)).All(ctx, db))
	// Output: [for Ann] <nil>
}

// An entity beside values.
func ExampleToEntity() {
	type ranked struct {
		Book *Book
		Rank int64
	}
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	rank := expr.RowNumber().Over(expr.Window().OrderBy(Books.Pages.Desc()))
	for r, err := range repo.Select(func(r *ranked) repo.Columns {
		return repo.Into(repo.ToEntity(&r.Book, Books), repo.To(&r.Rank, rank))
	}).From(Books).OrderBy(Books.Title.Desc()).Stream(ctx, db) {
		fmt.Println(r.Book.Title, r.Rank, err)
	}
	// Output:
	// Persuasion 2 <nil>
	// Emma 1 <nil>
}

// Rows move within one statement: what is deleted is what another query reads.
func ExampleChanging() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	books := repo.New[Book](db)
	gone := repo.Changing[lengths]("gone", books.Deleting().Where(Books.Pages.Lt(300)), func(l *Length) repo.Columns {
		return repo.Into(repo.To(&l.Kind, Books.Title), repo.To(&l.Books, Books.ID))
	})
	text, args, err := repo.SelectValue(gone.Kind).From(gone).SQL(postgres.New())
	fmt.Println(text, args, err)
	_, err = repo.InsertFrom(ctx, books.Untracked(), repo.Select(func(b *Book) repo.Columns {
		return repo.Into(repo.To(&b.Title, gone.Kind))
	}).From(gone))
	fmt.Println(err)
	// Output:
	// WITH "gone" ("kind", "books") AS (DELETE FROM "books" WHERE "pages" < $1 RETURNING "title" AS "kind", "id" AS "books") SELECT "kind" FROM "gone" [300] <nil>
	// uow: insert from repo_test.Book: dialect: compile: dialect: a common table expression that writes is not supported by sqlite
}
