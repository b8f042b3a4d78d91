package filters_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// A name that no filter has is an error of every call: a misspelt one would leave a
// filter on.
func TestUnknownFilter(t *testing.T) {
	mall(t, func(w *world) {
		refused := func(what string, err error) {
			w.Helper()
			if err == nil || !strings.Contains(err.Error(), "no table has a filter shpo") {
				w.Errorf("%s: %v", what, err)
			}
		}
		w.run(shop(w.Context(), "a"), func(ctx context.Context, tx *uow.UnitOfWork) {
			c, err := w.customers.Get(ctx, 1)
			w.must(err)
			seat, err := w.seats.Get(ctx, "a", 1)
			w.must(err)
			line := &Line{ID: 5}
			w.must(w.lines.Attach(ctx, line))
			off := w.customers.Unfiltered("shpo")
			eq(w, errors.Is(repo.Repository[Customer]{}.Unfiltered("shpo").Add(ctx, c), repo.ErrZero), true)
			refused("hit", second(off.Get(ctx, 1)))
			refused("miss", second(off.Get(ctx, 99)))
			refused("hit of two", second(w.seats.Unfiltered("shpo").Get(ctx, "a", seat.No)))
			refused("hit without filters", second(repo.NewKeyed(w.db, Lines.ID).Unfiltered("shpo").Get(ctx, 5)))
			refused("untyped get", second(off.Repository.Get(ctx, int64(1))))
			refused("add", off.Add(ctx, &Customer{Name: "x"}))
			refused("attach", off.Attach(ctx, &Customer{ID: 9}))
			refused("refresh", off.Refresh(ctx, c))
			refused("delete", off.Delete(ctx, c))
			refused("purge", off.Purge(ctx, c))
			refused("merge", second(off.Merge(ctx, &Customer{ID: 1})))
			refused("insert all", second(off.InsertAll(ctx, slices.Values([]*Customer{{Name: "x"}}))))
			refused("upsert", second(off.Upsert(slices.Values([]*Customer{{ID: 1}})).Update().Exec(ctx)))
			refused("upsert all", second(off.Upsert(slices.Values([]*Customer{{ID: 1}})).Update().All(ctx)))
			refused("upsert nothing", second(off.Upsert(nil).Update().Exec(ctx)))
			refused("find", second(off.Find(ctx)))
			refused("update", second(off.UpdateWhere(ctx, Customers.ID.Eq(1), Customers.Name.Set("x"))))
			refused("delete where", second(off.DeleteWhere(ctx, Customers.ID.Eq(1))))
			refused("selection", second(repo.SelectValue(Customers.ID).From(Customers).Unfiltered("shpo").All(ctx, tx)))
			within := repo.SelectValue(Customers.ID).From(Customers).Unfiltered("shpo")
			refused("subquery", second(w.lines.Find(ctx, repo.In(Lines.ID, within))))
			refused("insert from", second(repo.InsertFrom(ctx, off, repo.Select(func(c *Customer) repo.Columns {
				return repo.Into(repo.To(&c.Name, Lines.Text))
			}).From(Lines))))
			_, _, err = repo.SelectValue(Customers.ID).From(Customers).Unfiltered("shpo").SQL(w.db.Dialect())
			refused("text", err)
			w.must(tx.Rollback(w.Context()))
		})
	})
}
