package filters_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Client belongs to a tenant, has a version and is deleted softly.
type Client struct {
	ID        int64
	Shop      string
	Name      string
	Version   int64
	DeletedAt *time.Time
}

type clients struct {
	schema.Table[Client]
	ID        expr.Column[Client, int64]
	Shop      expr.Column[Client, string]
	Name      expr.Column[Client, string]
	Version   expr.Column[Client, int64]
	DeletedAt expr.Nullable[Client, time.Time]
}

var Clients = schema.Define("clients", func(t *clients) {
	schema.Column(t.ID).PrimaryKey()
	schema.Tenant(t.Shop, "shop")
	schema.Column(t.Version).Version()
	schema.SoftDelete(t.DeletedAt)
}, schema.In(schema.NewMetadata()))

// Merge and Restore take an entity that names no tenant for one of the ctx's, whose
// rows alone they find.
func TestZeroTenant(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		cs, w := repo.New[Client](db), &world{T: t, db: db}
		for _, name := range []string{"a", "b"} {
			w.run(shop(w.Context(), name), func(ctx context.Context, tx *uow.UnitOfWork) {
				gone := &Client{Name: name + "gone"}
				w.must(cs.Add(ctx, &Client{Name: name + "live"}, gone))
				w.must(tx.Flush(ctx))
				w.must(cs.Delete(ctx, gone))
			})
		}
		all := "SELECT id || shop || ':' || name || version FROM clients WHERE deleted_at IS NULL ORDER BY id"
		eq(w, w.rows(all), "1a:alive1 3b:blive1")

		in := func(ctx context.Context, f func(ctx context.Context, tx *uow.UnitOfWork) error) error {
			return uow.Run(ctx, db, f)
		}
		a := shop(w.Context(), "a")
		given := &Client{ID: 1, Name: "merged", Version: 1}
		w.must(in(a, func(ctx context.Context, _ *uow.UnitOfWork) error {
			c, err := cs.Merge(ctx, given)
			w.must(err)
			eq(w, c.Shop, "a")
			return nil
		}))
		eq(w, given.Shop, "") // it is the program's
		eq(w, w.rows(all), "1a:merged2 3b:blive1")

		var stale *uow.StaleError
		eq(w, errors.As(in(a, func(ctx context.Context, _ *uow.UnitOfWork) error {
			return second(cs.Merge(ctx, &Client{ID: 1, Name: "late", Version: 1}))
		}), &stale), true)
		eq(w, errors.Is(in(a, func(ctx context.Context, _ *uow.UnitOfWork) error { // of b's row
			return second(cs.Merge(ctx, &Client{ID: 3, Name: "stolen", Version: 1}))
		}), dialect.ErrUnique), true)

		back := &Client{ID: 2, Name: "back", Version: 2}
		foreign := &Client{ID: 4, Name: "stolen", Version: 2}
		w.must(in(a, func(ctx context.Context, _ *uow.UnitOfWork) error {
			w.must(cs.Restore(ctx, back))
			eq(w, back.Shop, "a")
			eq(w, errors.As(cs.Restore(ctx, foreign), &stale), true)
			eq(w, foreign.Shop, "")
			eq(w, errors.Is(cs.Restore(shop(ctx, "b"), back), nil), true) // it is managed
			return nil
		}))
		eq(w, w.rows(all), "1a:merged2 2a:agone3 3b:blive1")

		// Without a tenant, or with the filter off, nothing is presumed.
		none := &Client{ID: 4, Name: "none", Version: 2}
		eq(w, errors.Is(in(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) error { return cs.Restore(ctx, none) }), repo.ErrFilter), true)
		eq(w, none.Shop, "")
		err := in(a, func(ctx context.Context, _ *uow.UnitOfWork) error { return cs.Unfiltered("shop").Restore(ctx, none) })
		eq(w, errors.Is(err, repo.ErrForeignTenant), true)
		eq(w, none.Shop, "")
		eq(w, w.rows(all), "1a:merged2 2a:agone3 3b:blive1")

		// What else is written without a tenant is told so.
		for what, f := range map[string]func(ctx context.Context, c *Client) error{
			"delete": func(ctx context.Context, c *Client) error { return cs.Delete(ctx, c) },
			"change": func(ctx context.Context, c *Client) error {
				w.must(cs.Attach(ctx, c))
				c.Name = "x"
				return nil
			},
		} {
			err := in(a, func(ctx context.Context, _ *uow.UnitOfWork) error { return f(ctx, &Client{ID: 1, Version: 2}) })
			var e *uow.ForeignTenantError
			if !errors.As(err, &e) || !e.Zero || !strings.Contains(err.Error(), "uow: filters_test.Client key 1: the field of column clients.shop is zero, which only INSERT fills with parameter shop of the context: read the entity") {
				w.Errorf("%s: %v", what, err)
			}
		}
	}, Clients)
}

// Where the tenant is in the key, it is part of what the row is looked for by.
func TestZeroTenantOfAKey(t *testing.T) {
	mall(t, func(w *world) {
		w.run(shop(w.Context(), "b"), func(ctx context.Context, tx *uow.UnitOfWork) {
			s, err := w.seats.Merge(ctx, &Seat{No: 1, Note: "merged"})
			w.must(err)
			again, err := w.seats.Merge(ctx, &Seat{No: 1, Note: "again"})
			w.must(err)
			eq(w, again, s)
			fresh, err := w.seats.Merge(ctx, &Seat{No: 2, Note: "first"})
			w.must(err)
			twice, err := w.seats.Merge(ctx, &Seat{No: 2, Note: "fresh"})
			w.must(err)
			eq(w, twice, fresh)
		})
		eq(w, w.rows("SELECT shop || no || note FROM seats ORDER BY shop, no"), "a1a b1again b2fresh")
	})
}
