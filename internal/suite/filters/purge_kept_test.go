package filters_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Shelf keeps books, which must have a shelf.
type Shelf struct {
	ID        int64
	DeletedAt *time.Time
	Books     rel.Many[Book]
}

type shelves struct {
	schema.Table[Shelf]
	ID        expr.Column[Shelf, int64]
	DeletedAt expr.Nullable[Shelf, time.Time]
	Books     rel.ToMany[Shelf, Book]
}

type Book struct {
	ID      int64
	ShelfID int64
	Shelf   rel.One[Shelf]
}

type books struct {
	schema.Table[Book]
	ID      expr.Column[Book, int64]
	ShelfID expr.Column[Book, int64]
	Shelf   rel.ToOne[Book, Shelf]
}

var kept = schema.NewMetadata()

var Shelves = schema.Define("shelves", func(t *shelves) {
	schema.Column(t.ID).PrimaryKey()
	schema.SoftDelete(t.DeletedAt)
}, schema.In(kept))

var Books = schema.Define("books", func(t *books) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ShelfID).References(Shelves.ID)
	rel.Via(t.Shelf, t.ShelfID).BackPopulates(Shelves.Books)
}, schema.In(kept))

// Box is Shelf without a soft delete column.
type Box struct {
	ID    int64
	Items rel.Many[Item]
}

type boxes struct {
	schema.Table[Box]
	ID    expr.Column[Box, int64]
	Items rel.ToMany[Box, Item]
}

type Item struct {
	ID    int64
	BoxID int64
	Box   rel.One[Box]
}

type items struct {
	schema.Table[Item]
	ID    expr.Column[Item, int64]
	BoxID expr.Column[Item, int64]
	Box   rel.ToOne[Item, Box]
}

var Boxes = schema.Define("boxes", func(t *boxes) { schema.Column(t.ID).PrimaryKey() }, schema.In(kept))

var Items = schema.Define("items", func(t *items) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.BoxID).References(Boxes.ID)
	rel.Via(t.Box, t.BoxID).BackPopulates(Boxes.Items)
}, schema.In(kept))

// A parent whose children stay and cannot be without one is not purged, with the error
// of Delete where it has no soft delete column.
func TestPurgeOfTheKept(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		w := &world{T: t, db: db}
		shelves, books, boxes, items := repo.New[Shelf](db), repo.New[Book](db), repo.New[Box](db), repo.New[Item](db)
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			w.must(books.Add(ctx, &Book{Shelf: rel.To(&Shelf{})}))
			w.must(items.Add(ctx, &Item{Box: rel.To(&Box{})}))
		})
		for _, loaded := range []bool{true, false} {
			for name, verb := range map[string]func(ctx context.Context) error{
				"delete":         func(ctx context.Context) error { return boxes.Delete(ctx, &Box{ID: 1}) },
				"purge":          func(ctx context.Context) error { return shelves.Purge(ctx, &Shelf{ID: 1}) },
				"purge of a box": func(ctx context.Context) error { return boxes.Purge(ctx, &Box{ID: 1}) },
				"purge of one deleted": func(ctx context.Context) error {
					s, err := shelves.Get(ctx, 1)
					w.must(err)
					w.must(shelves.Delete(ctx, s))
					tx, _ := uow.From(ctx, db)
					w.must(tx.Flush(ctx))
					return shelves.Purge(ctx, s)
				},
			} {
				err := uow.Run(w.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
					if loaded {
						w.must(second(books.Get(ctx, 1)))
						w.must(second(items.Get(ctx, 1)))
					}
					return verb(ctx)
				})
				var failed *uow.FlushError
				if !errors.As(err, &failed) {
					t.Errorf("%s: %v", name, err)
					continue
				}
				switch {
				case failed.Op != "delete" || len(failed.Keys) != 1 || failed.Keys[0] != "1" || failed.Rows != 1:
					t.Errorf("%s: %+v", name, *failed)
				case !strings.Contains(err.Error(), "cannot be NULL: delete them first, or say Own() or Passive()"):
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}, Shelves, Books, Boxes, Items)
}
