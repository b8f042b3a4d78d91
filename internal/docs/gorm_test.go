package docs

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

func TestWithoutAUnit(t *testing.T) {
	f := start(t)
	ctx, db, users := f.ctx, f.db, f.users
	all, err := users.Untracked().Find(ctx)
	f.must(err)
	eq(f, len(all), 3)
	own := repo.NewKeyed(db, Users.ID, repo.OwnUnit())
	err = own.Add(ctx, &User{Name: "Dan"})
	f.must(err)
	eq(f, f.number("SELECT count(*) FROM users"), 4)
	_, err = users.Find(ctx)
	if !errors.Is(err, uow.ErrNoUnit) {
		t.Error(err)
	}
}

func TestConditionsAreValues(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		adults := users.Where(Users.Age.Ge(18))
		n, err := adults.Count(ctx)
		f.must(err)

		withMail, err := adults.Where(Users.Email.IsNotNull()).All(ctx)
		f.must(err)
		again, err := adults.Count(ctx)
		f.must(err)
		eq(f, n, 2)
		eq(f, len(withMail), 1)
		eq(f, again, 2)
		zero, err := users.Find(ctx, Users.Age.Eq(0))
		f.must(err)
		eq(f, len(zero), 0)
		return nil
	})
}

func TestFindOrAdd(t *testing.T) {
	f := start(t)
	mail := "dan@example.org"
	for range 2 {
		f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
			u, err := users.First(ctx, Users.Email.Eq(mail))
			if errors.Is(err, repo.ErrNotFound) {
				u = &User{Name: "Dan", Email: &mail}
				err = users.Add(ctx, u)
			}
			eq(f, u.Name, "Dan")
			return err
		})
	}
	eq(f, f.number("SELECT count(*) FROM users WHERE name = 'Dan'"), 1)
}

func TestUpdatesByCondition(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		n, err := users.UpdateWhere(ctx, Users.ID.Eq(7), Users.Name.Set("Bob"), Users.Age.Set(0), Users.Email.SetNull())
		eq(f, n, 1)
		return err
	})
	eq(f, f.text("SELECT name || age FROM users WHERE id = 7"), "Bob0")
}

func TestNestedTransactions(t *testing.T) {
	f := start(t)
	ctx, db, users := f.ctx, f.db, f.users
	mail := "ann@example.org"
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if err := users.Add(ctx, &User{Name: "Dan"}); err != nil {
			return err
		}
		err := tx.Savepoint(ctx, func(ctx context.Context) error {
			return users.Add(ctx, &User{Name: "Another Ann", Email: &mail})
		})
		if errors.Is(err, dialect.ErrUnique) {
			return nil
		}
		return err
	})
	f.must(err)
	eq(f, f.number("SELECT count(*) FROM users WHERE name IN ('Dan', 'Another Ann')"), 1)
}
