package upserts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// sum counts the prices of a shop.
type sum struct {
	Shop string
	Rows int64
}

type sumHandles struct {
	schema.Table[sum]
	Shop expr.Column[sum, string]
	Rows expr.Column[sum, int64]
}

func sorted(es []*Person) []*Person {
	slices.SortFunc(es, func(a, b *Person) int { return strings.Compare(a.Email, b.Email) })
	return es
}

func TestUpdateReturning(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			a.City = ptr("Ulm") // flushed before
			es, err := f.persons.UpdateReturning(ctx, Persons.Hits.Lt(3), Persons.Hits.SetTo(expr.Add(Persons.Hits, 10)))
			f.must(err)
			eq(f, show(sorted(es)), "a:Ann,Ulm,11,new,2,v3 b:Bob,-,12,old,1,v2 ")
			eq(f, es[0] == a, true)
			p, err := tx.Plan(ctx)
			f.must(err)
			eq(f, len(p.Changes()), 0)
			es[1].Name = "Ben" // tracked, with the row's version
			return nil
		})
		eq(f, f.text(), "a:Ann,Ulm,11,new,2,v3 b:Ben,-,12,old,2,v3 c:Cid,-,3,new,0,v1 ")
		f.undone(func(ctx context.Context, tx *uow.UnitOfWork) error {
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			es, err := f.persons.Untracked().UpdateReturning(ctx, expr.Every[Person](), Persons.Name.Set("x"))
			f.must(err)
			eq(f, len(es), 3)
			eq(f, a.Name == "Ann" && a.Version == 4 && !slices.Contains(es, a), true)
			a.Hits = 1
			f.must(tx.Flush(ctx)) // not stale
			got, err := f.persons.Get(ctx, ids[0])
			eq(f, got == a && a.Name == "x", true)
			return err
		})
		es, err := f.persons.Untracked().UpdateReturning(f.ctx, Persons.Name.Eq("nobody"), Persons.Name.Set("x"))
		f.must(err)
		eq(f, es != nil && len(es) == 0, true)
		if _, err := f.persons.UpdateReturning(f.ctx, expr.Every[Person](), Persons.Name.Set("x")); !errors.Is(err, uow.ErrNoUnit) {
			t.Errorf("got %v", err)
		}
		if _, err := f.persons.Untracked().UpdateReturning(f.ctx, expr.Expr[Person]{}, Persons.Name.Set("x")); err == nil {
			t.Error("a zero condition was taken")
		}
	})
}

func TestDeleteReturning(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		f.undone(func(ctx context.Context, tx *uow.UnitOfWork) error {
			b, err := f.persons.Get(ctx, ids[1])
			f.must(err)
			es, err := f.persons.DeleteReturning(ctx, Persons.Hits.Gt(1))
			f.must(err)
			eq(f, show(sorted(es)), "b:Bob,-,2,old,0,v1 c:Cid,-,3,new,0,v1 ")
			eq(f, es[0].ID == ids[1] && es[0] != b, true)
			if _, err := f.persons.Get(ctx, ids[1]); !errors.Is(err, repo.ErrNotFound) {
				t.Errorf("got %v", err)
			}
			if err := f.persons.Add(ctx, b); !errors.Is(err, uow.ErrDeleted) {
				t.Errorf("got %v", err)
			}
			f.must(f.persons.Add(ctx, es[0])) // it is the program's
			return nil
		})
		es, err := f.persons.Untracked().DeleteReturning(f.ctx, Persons.ID.Eq(ids[0]))
		f.must(err)
		eq(f, show(es), "a:Ann,Aix,1,new,0,v1 ")
		eq(f, f.text(), "b:Bob,-,2,old,0,v1 c:Cid,-,3,new,0,v1 ")
	})
}

// Prices stand for another table: a shop is a person's address.
func TestUpdateAndDeleteWithJoins(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			return f.prices.Add(ctx, &Price{Shop: "a", Item: "Rom", Amount: 100}, &Price{Shop: "b", Item: "Bonn", Amount: 200}, &Price{Shop: "b", Item: "Oslo", Amount: 3}, &Price{Shop: "z", Item: "Z", Amount: 1})
		})
		on := expr.On(Prices.Shop, Persons.Email)
		joined := func(set ...expr.Assign[Person]) repo.Change[Person] {
			return f.persons.Updating(set...).Join(Prices, on).Where(Prices.Amount.Ge(100))
		}
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			n, err := joined(Persons.City.SetTo(Prices.Item), Persons.Hits.SetTo(expr.Add(Persons.Hits, 5))).Exec(ctx)
			f.must(err)
			eq(f, n, 2)
			eq(f, a.Version, 2)
			got, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			eq(f, show([]*Person{got}), "a:Ann,Rom,6,new,1,v2 ")
			eq(f, got == a, true)
			es, err := joined(Persons.Name.Set("joined")).Where(Persons.Hits.Eq(7)).All(ctx)
			f.must(err)
			eq(f, show(es), "b:joined,Bonn,7,old,2,v3 ")
			return nil
		})
		// A row with several matches is written once.
		n, err := f.persons.Untracked().Updating(Persons.Hits.SetTo(expr.Add(Persons.Hits, 1))).Join(Prices, on).Exec(f.ctx)
		f.must(err)
		eq(f, n, 2)
		eq(f, f.text(), "a:Ann,Rom,7,new,2,v3 b:joined,Bonn,8,old,3,v4 c:Cid,-,3,new,0,v1 ")
		// Another occurrence of the table itself, and a second table.
		other := schema.As(Persons, "other")
		n, err = f.persons.Untracked().Updating(Persons.Name.SetTo(other.Name)).Join(other, expr.On(other.City, Persons.City)).
			Join(Prices, expr.On(Prices.Item, other.City)).Where(Persons.ID.EqTo(other.ID)).Exec(f.ctx)
		f.must(err)
		eq(f, n, 2)

		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			es, err := f.persons.Deleting().Join(Prices, on).Where(Persons.Hits.Lt(8)).All(ctx)
			f.must(err)
			eq(f, show(es), "a:Ann,Rom,7,new,3,v4 ")
			if err := f.persons.Add(ctx, a); !errors.Is(err, uow.ErrDeleted) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		n, err = f.persons.Untracked().Deleting().Join(Prices, on).Join(other, expr.On(other.Email, Prices.Shop)).Where(other.Hits.Gt(7)).Exec(f.ctx)
		f.must(err)
		eq(f, n, 1)
		eq(f, f.text(), "a:Ann,Rom,7,new,3,v4 c:Cid,-,3,new,0,v1 ")

		// Rows of a query are joined like a table's.
		sums := repo.Select(func(s *sum) repo.Columns {
			return repo.Into(repo.To(&s.Shop, Prices.Shop), repo.To(&s.Rows, expr.Count(Prices.Item)))
		}).From(Prices).GroupBy(Prices.Shop)
		for i, by := range []*sumHandles{repo.As[sumHandles](sums, "sums"), repo.CTE[sumHandles](sums, "sums")} {
			n, err = f.persons.Untracked().Updating(Persons.Hits.SetTo(expr.Cast[int](by.Rows))).Join(by, expr.On(by.Shop, Persons.Email)).Where(by.Rows.Ge(1)).Exec(f.ctx)
			f.must(err)
			eq(f, n, 1)
			eq(f, f.text(), fmt.Sprintf("a:Ann,Rom,1,new,%d,v%d c:Cid,-,3,new,0,v1 ", 4+i, 5+i))
		}
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			by := repo.CTE[sumHandles](sums, "sums")
			n, err := f.persons.Deleting().Join(by, expr.On(by.Shop, Persons.Email)).Exec(ctx)
			eq(f, n, 1)
			return err
		})

		for want, c := range map[string]repo.Change[Person]{
			"no condition: expr.Every says all rows": f.persons.Updating(Persons.Name.Set("x")),
			"no condition: expr.Every":               f.persons.Deleting(),
			"nothing is assigned":                    f.persons.Updating().Where(Persons.ID.Eq(1)),
			"Join without a condition":               f.persons.Deleting().Join(Prices, nil),
			"Join of persons, which stands there":    f.persons.Deleting().Join(Persons, Persons.ID.Eq(1)),
			"Where of a nil condition":               f.persons.Deleting().Where(nil),
			"prices is not in FROM":                  f.persons.Updating(Persons.City.SetTo(Prices.Item)).Where(Persons.ID.Eq(1)),
			"zero repository":                        repo.Repository[Person]{}.Deleting().Where(Persons.ID.Eq(1)),
		} {
			err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
				_, err := c.Exec(ctx)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("want %q, got %v", want, err)
			}
		}
	})
}
