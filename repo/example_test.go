package repo_test

import (
	"context"
	"errors"
	"fmt"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type Book struct {
	ID    int64
	Title string
	Pages int
}

type books struct {
	schema.Table[Book]
	ID    expr.Column[Book, int64]
	Title expr.Column[Book, string]
	Pages expr.Column[Book, int]
}

var library = schema.NewMetadata()

var Books = schema.Define("books", func(t *books) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Size(100).Unique()
}, schema.In(library))

// BookService is a domain service that embeds its repository.
type BookService struct{ repo.Keyed[Book, int64] }

func openLibrary(ctx context.Context) *engine.Engine {
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(library))
	if err != nil {
		panic(err)
	}
	if err := db.CreateAll(ctx); err != nil {
		panic(err)
	}
	own := repo.New[Book](db, repo.OwnUnit())
	if err := own.Add(ctx, &Book{Title: "Emma", Pages: 474}, &Book{Title: "Persuasion", Pages: 249}); err != nil {
		panic(err)
	}
	return db
}

func ExampleKeyed() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	service := BookService{repo.NewKeyed(db, Books.ID)}
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		b, err := service.Get(ctx, 1)
		if err != nil {
			return err
		}
		b.Pages++ // tracked
		again, err := service.Get(ctx, 1)
		fmt.Println(again == b, again.Title)
		return err
	})
	fmt.Println(err)
	_, err = service.Untracked().Get(ctx, 99)
	fmt.Println(err, errors.Is(err, repo.ErrNotFound))
	// Output:
	// true Emma
	// <nil>
	// repo: get books key 99: not found true
}

func ExampleQuery() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	all := repo.New[Book](db).Untracked()
	long := all.Where(Books.Pages.Gt(200)).OrderBy(Books.Pages.Desc())
	found, err := long.All(ctx)
	for _, b := range found {
		fmt.Println(b.Title)
	}
	n, _ := long.Where(expr.HasPrefix(Books.Title, "E")).Count(ctx) // long is not changed
	fmt.Println(n, err)
	text, args, _ := long.Limit(1).SQL(postgres.New())
	fmt.Println(text, args)
	// Output:
	// Emma
	// Persuasion
	// 1 <nil>
	// SELECT "id", "title", "pages" FROM "books" WHERE "pages" > $1 ORDER BY "pages" DESC LIMIT $2 [200 1]
}

func ExampleQuery_Stream() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	pages := 0
	for b, err := range repo.New[Book](db).Untracked().Query().Stream(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		pages += b.Pages
	}
	fmt.Println(pages)
	// Output: 723
}

func ExampleRepository_UpdateWhere() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	r := repo.New[Book](db, repo.OwnUnit())
	n, err := r.UpdateWhere(ctx, Books.Pages.Lt(300), Books.Pages.SetTo(expr.Add(Books.Pages, 10)))
	fmt.Println(n, err)
	_, err = r.DeleteWhere(ctx, expr.Expr[Book]{}) // all rows must be said: expr.Every
	fmt.Println(err != nil)
	// Output:
	// 1 <nil>
	// true
}

func ExampleRepository_InsertAll() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	r := repo.New[Book](db, repo.OwnUnit())
	n, err := r.InsertAll(ctx, func(yield func(*Book) bool) {
		for i := range 5000 {
			if !yield(&Book{Title: fmt.Sprint("Volume ", i)}) {
				return
			}
		}
	})
	total, _ := r.Count(ctx)
	fmt.Println(n, err, total)
	// Output: 5000 <nil> 5002
}

func ExampleSelect() {
	ctx := context.Background()
	db := openLibrary(ctx)
	defer db.Close()
	type shelf struct {
		Initial string
		Books   int64
		Longest *int
	}
	initial := expr.Substr(Books.Title, 1, 1)
	shelves, err := repo.Select(func(s *shelf) repo.Columns {
		return repo.Into(repo.To(&s.Initial, initial), repo.To(&s.Books, expr.CountAll()), repo.To(&s.Longest, expr.Max(Books.Pages)))
	}).From(Books).GroupBy(initial).OrderBy(initial.Asc()).All(ctx, db)
	for _, s := range shelves {
		fmt.Println(s.Initial, s.Books, *s.Longest)
	}
	fmt.Println(err)
	// Output:
	// E 1 474
	// P 1 249
	// <nil>
}
