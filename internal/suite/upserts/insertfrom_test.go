package upserts_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// copies reads persons anew, from a place like that of somebody else.
func copies() repo.Selection[Person] {
	return repo.Select(func(p *Person) repo.Columns {
		return repo.Into(repo.To(&p.Email, expr.Concat(Persons.Email, "2")), repo.To(&p.Name, Persons.Name), repo.To(&p.City, Persons.City), repo.To(&p.Hits, Persons.Hits), repo.To(&p.Changed, Persons.Changed))
	}).From(Persons)
}

func TestInsertFrom(t *testing.T) {
	databases(t, func(f *fixture) {
		f.seed()
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			f.must(f.persons.Add(ctx, &Person{Email: "d", Name: "Dan", Hits: 4})) // flushed before
			n, err := repo.InsertFrom(ctx, f.persons, copies().Where(Persons.Hits.Ge(2)).OrderBy(Persons.Hits.Desc()).Limit(2))
			eq(f, n, 2)
			return err
		})
		eq(f, f.text(), "a:Ann,Aix,1,new,0,v1 b:Bob,-,2,old,0,v1 c:Cid,-,3,new,0,v1 c2:Cid,-,3,new,0,v1 d:Dan,-,4,new,0,v1 d2:Dan,-,4,new,0,v1 ")
		es, err := f.persons.Untracked().Find(f.ctx)
		f.must(err)
		for _, e := range es {
			eq(f, e.ID > 0 && !e.Made.IsZero(), true) // the database's defaults
		}
		// Groups, and a version that is a time.
		n, err := repo.InsertFrom(f.ctx, f.prices.Untracked(), repo.Select(func(p *Price) repo.Columns {
			return repo.Into(repo.To(&p.Shop, Persons.Name), repo.To(&p.Item, expr.Lower(Persons.Name)), repo.To(&p.Amount, expr.Count(Persons.ID)))
		}).From(Persons).GroupBy(Persons.Name, expr.Lower(Persons.Name)))
		f.must(err)
		eq(f, n, 4)
		p, err := f.prices.Untracked().Get(f.ctx, "Cid", "cid")
		f.must(err)
		eq(f, p.Amount == 2 && !p.At.IsZero(), true)

		if _, err := repo.InsertFrom(f.ctx, f.persons, copies()); !errors.Is(err, uow.ErrNoUnit) {
			t.Errorf("got %v", err)
		}
		_, err = repo.InsertFrom(f.ctx, f.persons.Untracked(), copies().Where(Persons.Email.Eq("c")))
		var unique *dialect.UniqueViolation
		if !errors.As(err, &unique) || unique.Columns[0] != "email" {
			t.Errorf("got %v", err)
		}
		_, err = repo.InsertFrom(f.ctx, f.persons.Untracked(), repo.Selection[Person]{})
		if !errors.Is(err, repo.ErrZero) {
			t.Errorf("got %v", err)
		}
		_, err = repo.InsertFrom(f.ctx, f.persons.Untracked(), copies().Where(Prices.Amount.Eq(1)))
		if err == nil || !strings.Contains(err.Error(), "prices") {
			t.Errorf("got %v", err)
		}
		eq(f, strings.Count(f.text(), ":"), 6)
	})
}
