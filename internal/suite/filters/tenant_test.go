package filters_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func shop(ctx context.Context, name string) context.Context {
	return repo.WithParameter(ctx, "shop", name)
}

// mall is a database of shops a and b. Each has customers boss and hand, whose boss is
// the other, an order of 1 or 2 with a label. An order of b's refers to a customer and
// a label of a, as no program should have it, and so does one of a's to those of b.
func mall(t *testing.T, f func(w *world)) {
	databases(t, func(w *world) {
		for i, name := range []string{"a", "b"} {
			w.run(shop(w.Context(), name), func(ctx context.Context, _ *uow.UnitOfWork) {
				boss := &Customer{Name: name + "boss"}
				order := &Order{Sum: int64(i + 1), Customer: rel.To(boss)}
				w.must(w.orders.Add(ctx, order))
				w.must(w.customers.Add(ctx, &Customer{Name: name + "hand", Boss: rel.To(boss)}))
				w.must(order.Labels.Add(&Label{Name: name + "label"}))
				w.must(w.seats.Add(ctx, &Seat{No: 1, Note: name}))
			})
		}
		w.run(repo.WithoutFilter(w.Context(), "shop"), func(ctx context.Context, _ *uow.UnitOfWork) {
			for _, c := range [][2]string{{"a", "b"}, {"b", "a"}} {
				other, err := w.customers.One(ctx, Customers.Name.Eq(c[1]+"boss"))
				w.must(err)
				label, err := w.labels.One(ctx, Labels.Shop.Eq(c[1]))
				w.must(err)
				crossed := &Order{Shop: c[0], Sum: 10, Customer: rel.To(other)}
				w.must(w.orders.Add(ctx, crossed))
				w.must(crossed.Labels.Add(label))
			}
		})
		f(w)
	})
}

// Two tenants see nothing of each other by any way.
func TestTenantsDoNotSeeEachOther(t *testing.T) {
	mall(t, func(w *world) {
		for _, me := range []string{"a", "b"} {
			ctx := shop(w.Context(), me)
			sum := map[string]string{"a": "1 10", "b": "2 10"}[me]
			mine, foreign := map[string]int64{"a": 1, "b": 3}[me], map[string]int64{"a": 3, "b": 1}[me]
			w.run(ctx, func(ctx context.Context, tx *uow.UnitOfWork) {
				bySum, byName := Orders.Sum.Asc(), Customers.Name.Asc()
				eq(w, customerNames(w.customers.Query().OrderBy(byName).All(ctx)), me+"boss "+me+"hand")
				eq(w, customerNames(w.customers.Untracked().Query().OrderBy(byName).All(ctx)), me+"boss "+me+"hand")
				eq(w, got(w.customers.Count(ctx)), "2")
				eq(w, got(w.customers.Exists(ctx, Customers.ID.Eq(foreign))), "false")
				for _, err := range []error{second(w.customers.Get(ctx, foreign)), second(w.customers.Untracked().Get(ctx, foreign)), second(w.customers.One(ctx, Customers.ID.Eq(foreign)))} {
					eq(w, errors.Is(err, repo.ErrNotFound), true)
				}
				os, err := w.orders.Query().OrderBy(bySum).ForUpdate().All(ctx)
				eq(w, orderSums(os, err), sum)
				for i, want := range []string{me + "boss", ""} { // the second one's is the other's
					c, err := os[i].Customer.Load(ctx)
					w.must(err)
					if c == nil {
						c = &Customer{}
					}
					eq(w, c.Name, want)
				}
				eq(w, labelNames(os[0].Labels.Load(ctx)), me+"label")
				eq(w, labelNames(os[1].Labels.Load(ctx)), "")
				eq(w, got(os[1].Labels.Count(ctx)), "0")
				boss, err := w.customers.Get(ctx, mine)
				w.must(err)
				eq(w, orderSums(boss.Orders.Load(ctx)), sum[:1])
				eq(w, customerNames(boss.Staff.Load(ctx)), me+"hand")
				eq(w, got(boss.Orders.Count(ctx)), "1")
				for o, err := range boss.Orders.Stream(ctx) {
					w.must(err)
					eq(w, o.Shop, me)
				}
				label, err := w.labels.One(ctx)
				w.must(err)
				eq(w, orderSums(label.Orders.Load(ctx)), sum[:1])
				for _, q := range []repo.Query[Order]{w.orders.Query(), w.orders.Query().Untracked(), w.orders.Query().OrderBy(bySum)} {
					for o, err := range q.Stream(ctx) {
						w.must(err)
						eq(w, o.Shop, me)
					}
				}
				page, err := w.orders.Query().OrderBy(bySum).Page(ctx, 1, "")
				w.must(err)
				page, err = w.orders.Query().OrderBy(bySum).Page(ctx, 5, page.Next)
				w.must(err)
				eq(w, orderSums(page.Items, nil), "10")
			})
			for _, path := range []rel.Path[Order]{Orders.Customer, Orders.Customer.Join()} {
				w.run(ctx, func(ctx context.Context, tx *uow.UnitOfWork) {
					os, err := w.orders.Query().With(path, Orders.Labels).OrderBy(Orders.Sum.Asc()).All(ctx)
					w.must(err)
					c, _ := os[0].Customer.Loaded()
					eq(w, c.Name, me+"boss")
					c, loaded := os[1].Customer.Loaded()
					eq(w, c == nil && loaded, true)
					ls, _ := os[1].Labels.Loaded()
					eq(w, labelNames(ls, nil), "")
				})
			}
			w.run(ctx, func(ctx context.Context, tx *uow.UnitOfWork) {
				eq(w, customerNames(w.customers.Where(Customers.Orders.Any(Orders.Sum.Eq(10))).All(ctx)), "")
				eq(w, customerNames(w.customers.Where(Customers.Orders.Any(Orders.Sum.Lt(10))).All(ctx)), me+"boss")
				eq(w, orderSums(w.orders.Where(Orders.Customer.Is(Customers.Name.Ne("x"))).All(ctx)), sum[:1])
				eq(w, orderSums(w.orders.Where(Orders.Labels.None()).All(ctx)), "10")
				eq(w, got(w.customers.UpdateWhere(ctx, Customers.ID.Eq(foreign), Customers.Name.Set("x"))), "0")
				eq(w, got(w.customers.UpdateWhere(ctx, Customers.Orders.Any(Orders.Sum.Eq(10)), Customers.Name.Set("x"))), "0")
				eq(w, got(w.seats.UpdateWhere(ctx, expr.Every[Seat](), Seats.Note.Set(me+me))), "1")
				eq(w, got(w.orders.DeleteWhere(ctx, Orders.CustomerID.Eq(foreign).And(Orders.Sum.Lt(10)))), "0")
			})
			boss := schema.As(Customers, "boss")
			on := expr.On(Orders.CustomerID, Customers.ID)
			own := expr.On(Customers.BossID, boss.ID)
			shops := func(q repo.Selection[*string]) string {
				w.Helper()
				all, err := q.All(ctx, w.db)
				w.must(err)
				var out []string
				for _, s := range all {
					if s == nil {
						out = append(out, "-")
					} else {
						out = append(out, *s)
					}
				}
				slices.Sort(out)
				return fmt.Sprint(out)
			}
			of := func(x expr.Yields[*string]) repo.Selection[*string] { return repo.SelectValue(x) }
			customer, order := expr.Optional(Customers.Shop), expr.Optional(Orders.Shop)
			eq(w, shops(of(customer).From(Orders).Join(Customers, on)), "["+me+"]")
			eq(w, shops(of(customer).From(Orders).LeftJoin(Customers, on)), "[- "+me+"]")
			eq(w, shops(of(customer).From(Orders).RightJoin(Customers, on)), "["+me+" "+me+"]")
			eq(w, shops(of(order).From(Orders).RightJoin(Customers, on)), "[- "+me+"]")
			eq(w, shops(of(customer).From(Orders).FullJoin(Customers, on)), "[- "+me+" "+me+"]")
			eq(w, shops(of(order).From(Orders).FullJoin(Customers, on)), "[- "+me+" "+me+"]")
			eq(w, shops(of(customer).From(Orders).CrossJoin(Customers)), "["+me+" "+me+" "+me+" "+me+"]")
			eq(w, shops(of(expr.Optional(boss.Shop)).From(Customers).LeftJoin(boss, own)), "[- "+me+"]")
			eq(w, shops(of(expr.Optional(boss.Shop)).From(Customers).RightJoin(boss, own)), "["+me+" "+me+"]")
			type held struct{ Shop *string }
			type handles struct {
				schema.Table[held]
				Shop expr.Nullable[held, string]
			}
			inner := repo.Select(func(h *held) repo.Columns { return repo.Into(repo.To(&h.Shop, customer)) }).From(Orders).RightJoin(Customers, on)
			sub := repo.As[handles](inner, "sub")
			eq(w, shops(of(sub.Shop).From(sub)), "["+me+" "+me+"]")
			cte := repo.CTE[handles](inner, "cte")
			eq(w, shops(of(cte.Shop).From(cte)), "["+me+" "+me+"]")
			union := of(order).From(Orders).UnionAll(of(customer).From(Customers))
			eq(w, shops(union), "["+me+" "+me+" "+me+" "+me+"]")
			w.run(ctx, func(ctx context.Context, tx *uow.UnitOfWork) {
				theirs := repo.SelectValue(Orders.CustomerID).From(Orders).Where(Orders.Sum.Eq(10))
				eq(w, customerNames(w.customers.Where(repo.In(Customers.ID, theirs)).All(ctx)), "")
				eq(w, customerNames(w.customers.Where(repo.Exists[Customer](repo.SelectValue(Orders.ID).From(Orders).Where(on, Orders.Sum.Eq(10)))).All(ctx)), "")
				eq(w, customerNames(w.customers.Where(repo.NotExists[Customer](repo.SelectValue(Orders.ID).From(Orders).Where(on))).All(ctx)), me+"hand")
			})
		}
		eq(w, w.rows("SELECT note FROM seats ORDER BY shop"), "aa bb")
		eq(w, w.rows("SELECT count(*) FROM orders"), "4")
	})
}

// second drops what was read.
func second[V any](_ V, err error) error { return err }

// What one tenant's call has read another's does not find in the same unit.
func TestTenantsInOneUnit(t *testing.T) {
	mall(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			a, b := shop(ctx, "a"), shop(ctx, "b")
			boss, err := w.customers.Get(a, 1)
			w.must(err)
			eq(w, errors.Is(second(w.customers.Get(b, 1)), repo.ErrNotFound), true)
			eq(w, errors.Is(second(w.customers.Get(ctx, 1)), repo.ErrFilter), true)
			crossed, err := w.orders.One(b, Orders.Sum.Eq(10))
			w.must(err)
			c, err := crossed.Customer.Load(b) // it is in the identity map
			w.must(err)
			eq(w, c, nil)
			w.must(tx.Commit(ctx))
			eq(w, errors.Is(second(w.customers.Get(b, 1)), repo.ErrNotFound), true)
			again, err := w.customers.Get(a, 1)
			w.must(err)
			eq(w, again, boss)
			var stale *uow.StaleError
			eq(w, errors.As(w.customers.Refresh(b, boss), &stale), true)
			w.must(w.customers.Refresh(a, boss))
			all, err := w.customers.Unfiltered("shop").Count(ctx)
			w.must(err)
			eq(w, all, 4)
			c3, err := w.customers.Unfiltered("shop").Get(ctx, 3)
			w.must(err)
			eq(w, c3.Shop, "b")
			seat, err := w.seats.Get(a, "a", 1)
			w.must(err)
			eq(w, seat.Note, "a")
			eq(w, errors.Is(second(w.seats.Get(a, "b", 1)), repo.ErrNotFound), true)
			eq(w, errors.Is(second(w.seats.Get(b, "a", 1)), repo.ErrNotFound), true)
		})
	})
}

// Without the parameter nothing is read or written, and nothing is sent.
func TestAbsentParameter(t *testing.T) {
	mall(t, func(w *world) {
		for _, ctx := range []context.Context{w.Context(), repo.WithParameter(w.Context(), "shop", nil), repo.WithParameter(w.Context(), "shop", 5)} {
			check := func(what string, err error) {
				w.Helper()
				var e *dialect.FilterError
				if !errors.Is(err, repo.ErrFilter) || !errors.As(err, &e) || e.Filter != "shop" || e.Parameter != "shop" || e.Table == "" {
					w.Errorf("%s: %v", what, err)
				}
			}
			try := func(what string, f func(ctx context.Context, tx *uow.UnitOfWork) error) {
				w.Helper()
				check(what, uow.Run(ctx, w.db, f))
			}
			try("find", func(ctx context.Context, _ *uow.UnitOfWork) error { return second(w.customers.Find(ctx)) })
			try("get", func(ctx context.Context, _ *uow.UnitOfWork) error { return second(w.customers.Get(ctx, 1)) })
			try("count", func(ctx context.Context, _ *uow.UnitOfWork) error { return second(w.customers.Count(ctx)) })
			try("page", func(ctx context.Context, _ *uow.UnitOfWork) error {
				return second(w.customers.Query().Page(ctx, 1, ""))
			})
			try("stream", func(ctx context.Context, _ *uow.UnitOfWork) error {
				for _, err := range w.customers.Query().Stream(ctx) {
					return err
				}
				return nil
			})
			try("any", func(ctx context.Context, _ *uow.UnitOfWork) error {
				return second(w.customers.Unfiltered("deleted").Find(ctx, Customers.Orders.Any()))
			})
			try("update", func(ctx context.Context, _ *uow.UnitOfWork) error {
				return second(w.customers.UpdateWhere(ctx, expr.Every[Customer](), Customers.Name.Set("x")))
			})
			try("delete", func(ctx context.Context, _ *uow.UnitOfWork) error {
				return second(w.orders.DeleteWhere(ctx, expr.Every[Order]()))
			})
			try("add", func(ctx context.Context, _ *uow.UnitOfWork) error { return w.customers.Add(ctx, &Customer{Name: "x"}) })
			try("add of a chosen one", func(ctx context.Context, _ *uow.UnitOfWork) error {
				return w.customers.Add(ctx, &Customer{Name: "x", Shop: "a"})
			})
			try("change", func(ctx context.Context, _ *uow.UnitOfWork) error {
				c, err := w.customers.Get(shop(ctx, "a"), 1)
				w.must(err)
				c.Name = "x"
				return nil
			})
			try("load", func(ctx context.Context, _ *uow.UnitOfWork) error {
				c, err := w.customers.Get(shop(ctx, "a"), 1)
				w.must(err)
				return second(c.Orders.Load(ctx))
			})
			try("insert all", func(ctx context.Context, _ *uow.UnitOfWork) error {
				return second(w.customers.InsertAll(ctx, slices.Values([]*Customer{{Name: "x"}})))
			})
			check("untracked", second(w.customers.Untracked().Find(ctx)))
			check("selection", second(repo.SelectValue(Customers.Name).From(Customers).All(ctx, w.db)))
			check("subquery", second(repo.SelectValue(expr.CountAll()).From(Posts).Where(repo.Exists[Post](repo.SelectValue(Orders.ID).From(Orders))).All(ctx, w.db)))
		}
		_, _, err := w.customers.Query().SQL(w.db.Dialect())
		eq(w, err.Error(), "repo: query customers: dialect: compile: filter shop of table customers: parameter shop has no value: give it one by repo.WithParameter, or turn the filter off by Unfiltered")
		eq(w, w.rows("SELECT name FROM customers ORDER BY id"), "aboss ahand bboss bhand")
	})
}

// INSERT fills the tenant, and no row of another's is written.
func TestTenantOfWrites(t *testing.T) {
	mall(t, func(w *world) {
		foreign := func(what string, f func(ctx context.Context, tx *uow.UnitOfWork) error) {
			w.Helper()
			err := uow.Run(shop(w.Context(), "a"), w.db, f)
			var e *uow.ForeignTenantError
			if !errors.Is(err, repo.ErrForeignTenant) || !errors.As(err, &e) || e.Column != "shop" || e.Parameter != "shop" {
				w.Errorf("%s: %v", what, err)
			}
		}
		w.run(shop(w.Context(), "a"), func(ctx context.Context, tx *uow.UnitOfWork) {
			c := &Customer{Name: "new"}
			same := &Customer{Name: "same", Shop: "a"}
			err := tx.Savepoint(ctx, func(ctx context.Context) error {
				w.must(w.customers.Add(ctx, c, same))
				w.must(tx.Flush(ctx))
				eq(w, c.Shop, "a")
				return context.Canceled
			})
			eq(w, errors.Is(err, context.Canceled), true)
			eq(w, c.Shop, "") // as it was added
			w.must(w.customers.Add(ctx, c, same))
			eq(w, got(w.customers.InsertAll(ctx, slices.Values([]*Customer{{Name: "all"}}))), "1")
			w.must(w.seats.Add(ctx, &Seat{No: 2}))
			w.must(tx.Flush(ctx))
			s, err := w.seats.Get(ctx, "a", 2)
			w.must(err)
			eq(w, s.Shop, "a")
		})
		eq(w, w.rows("SELECT name FROM customers WHERE shop = 'a' ORDER BY name"), "aboss ahand all new same")
		foreign("add", func(ctx context.Context, _ *uow.UnitOfWork) error {
			return w.customers.Add(ctx, &Customer{Name: "x", Shop: "b"})
		})
		foreign("insert all", func(ctx context.Context, _ *uow.UnitOfWork) error {
			return second(w.customers.InsertAll(ctx, slices.Values([]*Customer{{Name: "x", Shop: "b"}})))
		})
		foreign("given away", func(ctx context.Context, _ *uow.UnitOfWork) error {
			c, err := w.customers.Get(ctx, 1)
			w.must(err)
			c.Shop = "b"
			return nil
		})
		foreign("change of another's", func(ctx context.Context, _ *uow.UnitOfWork) error {
			c, err := w.customers.Unfiltered("shop").Get(ctx, 3)
			w.must(err)
			c.Name = "x"
			return nil
		})
		foreign("taken", func(ctx context.Context, _ *uow.UnitOfWork) error {
			c, err := w.customers.Unfiltered("shop").Get(ctx, 3)
			w.must(err)
			c.Shop = "a"
			return nil
		})
		foreign("delete", func(ctx context.Context, _ *uow.UnitOfWork) error {
			c, err := w.customers.Unfiltered("shop").Get(ctx, 4)
			w.must(err)
			return w.customers.Delete(ctx, c)
		})
		// Who says that another's row is his own does not reach it.
		for _, forge := range []func(ctx context.Context, c *Customer) error{
			func(ctx context.Context, c *Customer) error {
				w.must(w.customers.Attach(ctx, c))
				c.Name = "stolen"
				return nil
			},
			func(ctx context.Context, c *Customer) error { return w.customers.Delete(ctx, c) },
		} {
			err := uow.Run(shop(w.Context(), "a"), w.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				return forge(ctx, &Customer{ID: 4, Shop: "a", Name: "x"})
			})
			var stale *uow.StaleError
			if !errors.As(err, &stale) {
				w.Error(err)
			}
		}
		w.run(shop(w.Context(), "a"), func(ctx context.Context, tx *uow.UnitOfWork) { // nor reads it so
			forged := &Customer{ID: 4, Shop: "a", Name: "x"}
			w.must(w.customers.Attach(ctx, forged))
			w.must(tx.Commit(ctx))
			eq(w, errors.Is(second(w.customers.Get(ctx, 4)), repo.ErrNotFound), true)
			eq(w, forged.Name, "x")
		})
		err := uow.Run(shop(w.Context(), "a"), w.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			return second(w.customers.Merge(ctx, &Customer{ID: 4, Name: "merged"}))
		})
		eq(w, errors.Is(err, dialect.ErrUnique), true)
		w.run(shop(w.Context(), "a"), func(ctx context.Context, tx *uow.UnitOfWork) {
			_, err := w.customers.UpdateWhere(ctx, Customers.ID.Eq(2), Customers.Shop.Set("b"))
			eq(w, err.Error(), "repo: update customers: column shop says whose a row is and is not assigned: Unfiltered says that rows change hands")
			eq(w, got(w.customers.Unfiltered("shop").UpdateWhere(ctx, Customers.ID.Eq(2), Customers.Shop.Set("b"))), "1")
		})
		eq(w, w.rows("SELECT name FROM customers WHERE shop = 'b' ORDER BY id"), "ahand bboss bhand")
	})
}
