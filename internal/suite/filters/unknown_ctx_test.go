package filters_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// A name in WithoutFilter that no filter has is an error of what is done with the
// context.
func TestUnknownFilterOfContext(t *testing.T) {
	mall(t, func(w *world) {
		refused := func(what string, err error) {
			w.Helper()
			if err == nil || !strings.Contains(err.Error(), "WithoutFilter: no table has a filter shpo") {
				w.Errorf("%s: %v", what, err)
			}
		}
		w.run(shop(w.Context(), "a"), func(ctx context.Context, tx *uow.UnitOfWork) {
			c, err := w.customers.Get(ctx, 1)
			w.must(err)
			ctx = repo.WithoutFilter(ctx, "shpo")
			refused("hit", second(w.customers.Get(ctx, 1)))
			refused("find", second(w.customers.Find(ctx)))
			refused("untracked", second(w.customers.Untracked().Find(ctx)))
			refused("selection", second(repo.SelectValue(Customers.ID).From(Customers).All(ctx, tx)))
			refused("selection without a unit", second(repo.SelectValue(Customers.ID).From(Customers).All(ctx, w.db)))
			refused("refresh", w.customers.Refresh(ctx, c))
			refused("update", second(w.customers.UpdateWhere(ctx, Customers.ID.Eq(1), Customers.Name.Set("x"))))
			refused("load", second(c.Orders.Load(ctx)))
			refused("insert all", second(w.customers.InsertAll(ctx, slices.Values([]*Customer{{Name: "x"}}))))
			for _, err := range w.customers.Query().Stream(ctx) {
				refused("stream", err)
			}
			refused("delete where", second(w.customers.DeleteWhere(ctx, expr.Every[Customer]())))
			refused("relation", second(w.lines.Where(Lines.Post.Is(Posts.Title.Eq("x"))).All(ctx)))
			_, err = tx.Explain(ctx, w.customers.Query())
			refused("explain", err)
			w.must(tx.Rollback(w.Context()))
		})
		own := repo.New[Customer](w.db, repo.OwnUnit())
		ctx := repo.WithoutFilter(shop(w.Context(), "a"), "shpo")
		refused("upsert", second(own.Upsert(slices.Values([]*Customer{{ID: 1}})).Update().Exec(ctx)))
		refused("insert all", second(own.InsertAll(ctx, slices.Values([]*Customer{{Name: "x"}}))))
		refused("flush", own.Add(ctx, &Customer{Name: "x"}))
		eq(w, w.rows("SELECT count(*) FROM customers"), "4")
		eq(w, got(w.customers.Untracked().Count(repo.WithoutFilter(shop(w.Context(), "a"), "shop", "deleted", "level"))), "4") // of other tables
	})
}
