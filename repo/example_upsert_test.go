package repo_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

func ExampleRepository_Upsert() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	books := repo.New[Book](db).Untracked() // without a unit of work, each upsert is one
	rows := []*Book{{Title: "Emma", Pages: 480}, {Title: "Sanditon", Pages: 96}}
	es, err := books.Upsert(slices.Values(rows)).On(Books.Title).Update(Books.Pages).All(ctx)
	for _, b := range es {
		fmt.Println(b.Title, b.Pages)
	}
	fmt.Println(err)
	n, err := books.Upsert(slices.Values(rows)).On(Books.Title).DoNothing().Exec(ctx)
	fmt.Println(n, err)
	_, err = books.Upsert(slices.Values(rows)).On(Books.Pages).Update().Exec(ctx)
	fmt.Println(err)
	// Output:
	// Emma 480
	// Sanditon 96
	// <nil>
	// 0 <nil>
	// repo: upsert books: On(pages): nothing makes rows of books unique in these columns; there is the primary key (id), uq_books_title (title)
}

func ExampleRepository_Updating() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	books := repo.New[Book](db).Untracked()
	other := schema.As(Books, "other")
	n, err := books.Updating(Books.Pages.SetTo(expr.Add(Books.Pages, 1))).Join(other, expr.On(other.ID, Books.ID)).Where(other.Pages.Gt(300)).Exec(ctx)
	fmt.Println(n, err)
	es, err := books.DeleteReturning(ctx, Books.Pages.Gt(300))
	fmt.Println(es[0].Title, es[0].Pages, err)
	// Output:
	// 1 <nil>
	// Emma 475 <nil>
}

// What was changed is read by the statement that changes it.
func ExampleReturning() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	books := repo.New[Book](db).Untracked()
	type cut struct {
		Title string
		Pages int
	}
	rows, err := repo.Returning(ctx, books.Updating(Books.Pages.SetTo(expr.Sub(Books.Pages, 100))).Where(Books.Pages.Gt(300)),
		func(c *cut) repo.Columns {
			return repo.Into(repo.To(&c.Title, expr.Upper(Books.Title)), repo.To(&c.Pages, Books.Pages))
		})
	fmt.Println(rows, err)
	titles, err := repo.ReturningValue(ctx, books.Deleting().Where(Books.Title.Eq("Emma")), Books.Title)
	fmt.Println(titles, err)
	// Output:
	// [{EMMA 374}] <nil>
	// [Emma] <nil>
}

// The keys of rows that a query copies.
func ExampleInserting() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	sequels := repo.Inserting(repo.New[Book](db).Untracked(), repo.Select(func(b *Book) repo.Columns {
		return repo.Into(repo.To(&b.Title, expr.Concat(Books.Title, " II")), repo.To(&b.Pages, Books.Pages))
	}).From(Books))
	ids, err := repo.ReturningValue(ctx, sequels, Books.ID)
	fmt.Println(ids, err)
	// Output: [3 4] <nil>
}
