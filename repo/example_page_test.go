package repo_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func ExampleQuery_Page() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	shelf := repo.New[Book](db).Untracked().Query().OrderBy(Books.Pages.Desc())

	after := repo.Cursor("") // of a request: repo.Cursor(r.FormValue("after"))
	for {
		page, err := shelf.Page(ctx, 1, after)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, b := range page.Items {
			fmt.Println(b.Title, page.More)
		}
		if !page.More {
			break
		}
		after = page.Next
	}
	_, err := shelf.Page(ctx, 1, "made up")
	fmt.Println(errors.Is(err, repo.ErrCursor))
	// Output:
	// Emma true
	// Persuasion false
	// true
}

// Pages of groups: they are ordered by an aggregate, and then by what they are
// grouped by.
func ExampleSelection_Page() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	kinds := byLength().OrderBy(expr.Max(Books.Pages).Desc())

	after := repo.Cursor("")
	for {
		page, err := kinds.Page(ctx, db, 1, after)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(page.Items, page.More)
		if !page.More {
			break
		}
		after = page.Next
	}
	// Output:
	// [{long 1}] true
	// [{short 1}] false
}

// Rows of which nothing is known to tell them apart.
func ExampleSelection_UniqueBy() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	titles := repo.SelectValue(Books.Title).From(Books)
	long, short := titles.Where(Books.Pages.Gt(300)), titles.Where(Books.Pages.Le(300))
	page, err := short.UnionAll(long).UniqueBy(Books.Title).Page(ctx, db, 1, "")
	fmt.Println(page.Items, page.More, err)
	// Output: [Emma] true <nil>
}

func ExampleSortBy() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	terms, err := repo.SortBy(Books, "-pages, title", Books.Title, Books.Pages)
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := repo.New[Book](db).Untracked().Query().OrderBy(terms...).Page(ctx, 1, "")
	fmt.Println(page.Items[0].Title, err)
	_, err = repo.SortBy(Books, "secret", Books.Title, Books.Pages)
	fmt.Println(err, errors.Is(err, repo.ErrSort))
	// Output:
	// Emma <nil>
	// repo: sort: "secret" is not a column that can be sorted by true
}

func ExampleSkipLocked() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	next := repo.New[Book](db).Query().OrderBy(Books.ID.Asc()).Limit(1).ForUpdate(repo.SkipLocked())
	text, _, err := next.SQL(postgres.New())
	fmt.Println(text, err)
	// Output: SELECT "id", "title", "pages" FROM "books" ORDER BY "id" LIMIT $1 FOR UPDATE SKIP LOCKED <nil>
}

func Example_explain() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	plan, err := db.Explain(ctx, repo.New[Book](db).Where(Books.ID.Eq(1)))
	fmt.Println(plan, err)
	// Output: SEARCH books USING INTEGER PRIMARY KEY (rowid=?) <nil>
}
