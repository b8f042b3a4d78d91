package filters_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// Delete and Purge refuse another tenant's entity by the ctx of their call, whatever
// the ctx of the flush.
func TestDeleteOfAnotherTenant(t *testing.T) {
	mall(t, func(w *world) {
		for what, remove := range map[string]func(r repo.Repository[Customer], ctx context.Context, c *Customer) error{
			"delete": func(r repo.Repository[Customer], ctx context.Context, c *Customer) error { return r.Delete(ctx, c) },
			"purge":  func(r repo.Repository[Customer], ctx context.Context, c *Customer) error { return r.Purge(ctx, c) },
		} {
			r := w.customers.Repository
			w.run(shop(w.Context(), "a"), func(ctx context.Context, tx *uow.UnitOfWork) {
				hand, err := w.customers.Get(ctx, 2)
				w.must(err)
				for _, c := range []*Customer{hand, {ID: 1, Shop: "a", Name: "aboss"}} { // managed and not
					err := remove(r, shop(ctx, "b"), c)
					var e *uow.ForeignTenantError
					if !errors.Is(err, repo.ErrForeignTenant) || !errors.As(err, &e) || e.Table != "customers" || e.Column != "shop" || e.Parameter != "shop" || e.Key == "" {
						w.Errorf("%s: %v", what, err)
					}
				}
				fresh := &Customer{Name: "new"}
				w.must(r.Add(ctx, fresh))
				if err := remove(r, ctx, fresh); err == nil || errors.Is(err, repo.ErrForeignTenant) {
					w.Error(err) // it has no row
				}
				w.must(r.Detach(ctx, fresh))
				plan, err := tx.Plan(ctx)
				w.must(err)
				eq(w, plan.String(), "")
				eq(w, errors.Is(r.Detach(ctx, &Customer{ID: 1}), uow.ErrNotManaged), true)
			})
			eq(w, w.rows("SELECT count(*) FROM customers"), "4")
			w.run(shop(w.Context(), "a"), func(ctx context.Context, tx *uow.UnitOfWork) { // what says nothing, or that it may
				for _, call := range []struct {
					ctx context.Context
					r   repo.Repository[Customer]
				}{{repo.WithParameter(ctx, "shop", nil), r}, {repo.WithoutFilter(shop(ctx, "b"), "shop"), r}, {shop(ctx, "b"), r.Unfiltered("shop")}, {shop(ctx, "b"), r.Unfiltered()}} {
					w.must(tx.Savepoint(ctx, func(context.Context) error {
						hand, err := w.customers.Get(ctx, 2)
						w.must(err)
						w.must(remove(call.r, call.ctx, hand))
						w.must(r.Add(ctx, hand)) // taken back
						return nil
					}))
				}
			})
		}
	})
}
