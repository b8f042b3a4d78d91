package filters_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// Unfiltered holds for writes whose call it is: those that send their statements at
// once, and those of a unit of the repository's own. What another flush writes, its
// context says.
func TestUnfilteredWrites(t *testing.T) {
	mall(t, func(w *world) {
		bare := w.Context()
		for _, names := range [][]string{{"shop"}, nil} {
			own := repo.New[Customer](w.db, repo.OwnUnit()).Unfiltered(names...)
			c := &Customer{ID: 50, Name: "added", Shop: "c"}
			w.must(own.Add(bare, c))
			eq(w, got(own.InsertAll(bare, slices.Values([]*Customer{{ID: 51, Name: "all", Shop: "c"}}))), "1")
			eq(w, got(own.Upsert(slices.Values([]*Customer{{ID: 51, Name: "upserted", Shop: "d"}, {ID: 52, Name: "new", Shop: "c"}})).Update().Exec(bare)), "2")
			eq(w, w.rows("SELECT shop || name FROM customers WHERE id >= 50 ORDER BY id"), "cadded dupserted cnew")
			merged, err := own.Merge(bare, &Customer{ID: 52, Name: "merged", Shop: "c"})
			w.must(err)
			eq(w, merged.Name, "merged")
			from := repo.Select(func(c *Customer) repo.Columns {
				return repo.Into(repo.To(&c.ID, expr.Add(Customers.ID, 1)), repo.To(&c.Shop, Customers.Name), repo.To(&c.Name, Customers.Shop))
			}).From(Customers).Where(Customers.ID.Eq(52)).Unfiltered("shop")
			eq(w, got(repo.InsertFrom(bare, own, from)), "1")
			eq(w, w.rows("SELECT shop || name FROM customers WHERE id >= 50 ORDER BY id"), "cadded dupserted cmerged mergedc")
			w.must(own.Delete(bare, &Customer{ID: 50, Shop: "c"}))
			w.must(own.Purge(bare, &Customer{ID: 51, Shop: "d"}))
			eq(w, got(own.DeleteWhere(bare, Customers.ID.Gt(50))), "2")
			eq(w, w.rows("SELECT count(*) FROM customers"), "4")
		}
		w.run(shop(bare, "a"), func(ctx context.Context, tx *uow.UnitOfWork) { // in a unit of another's
			free := w.customers.Unfiltered("shop")
			eq(w, got(free.InsertAll(ctx, slices.Values([]*Customer{{ID: 51, Name: "all", Shop: "b"}}))), "1")
			es, err := free.Upsert(slices.Values([]*Customer{{ID: 51, Name: "upserted", Shop: "b"}})).Update().All(ctx)
			eq(w, customerNames(es, err), "upserted")
			eq(w, errors.Is(second(w.customers.InsertAll(ctx, slices.Values([]*Customer{{ID: 52, Name: "all", Shop: "b"}}))), repo.ErrForeignTenant), true)
			w.must(tx.Rollback(ctx))
		})
		// The flush does not know by which repository an entity came, and says what it goes by.
		err := uow.Run(bare, w.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			c, err := w.customers.Unfiltered("shop").Get(ctx, 1)
			w.must(err)
			c.Name = "changed"
			return nil
		})
		eq(w, errors.Is(err, repo.ErrFilter), true)
		eq(w, err.Error(), "uow: flush filters_test.Customer: filter shop of table customers: parameter shop has no value: give it one by repo.WithParameter, or turn the filter off by repo.WithoutFilter in the context of the flush")
		w.must(uow.Run(repo.WithoutFilter(bare, "shop"), w.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			c, err := w.customers.Get(ctx, 1)
			w.must(err)
			c.Name = "changed"
			return nil
		}))
		eq(w, w.rows("SELECT name FROM customers WHERE id = 1"), "changed")
	})
}
