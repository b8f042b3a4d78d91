package upserts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// Rows whose key the database makes conflict by that key with none, and what it makes
// is nobody's who chose it: a sequence that does not know of chosen keys is an error.
func TestUpsertWithoutKeysAmongChosenKeys(t *testing.T) {
	forms := map[string]func(f *fixture, ctx context.Context, es ...*Person) (int64, error){
		"Exec": func(f *fixture, ctx context.Context, es ...*Person) (int64, error) {
			return f.persons.Upsert(each(es...)).Update().Exec(ctx)
		},
		"Keys": func(f *fixture, ctx context.Context, es ...*Person) (int64, error) {
			return f.persons.Upsert(each(es...)).On(Persons.ID).Update().Exec(ctx, repo.Keys())
		},
		"All": func(f *fixture, ctx context.Context, es ...*Person) (int64, error) {
			out, err := f.persons.Upsert(each(es...)).Update().All(ctx)
			return int64(len(out)), err
		},
		"DoNothing": func(f *fixture, ctx context.Context, es ...*Person) (int64, error) {
			return f.persons.Upsert(each(es...)).DoNothing().Exec(ctx)
		},
		"Into": func(f *fixture, ctx context.Context, es ...*Person) (int64, error) {
			out, err := repo.ReturningValue(ctx, f.persons.Upsert(each(es...)).Update(), Persons.ID)
			return int64(len(out)), err
		},
	}
	databases(t, func(f *fixture) {
		for name, form := range forms {
			made := 0
			person := func() *Person { made++; return &Person{Email: fmt.Sprint(name, made), Name: "new"} }
			last := person()
			f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.persons.Add(ctx, last) })
			const chosen = 3
			f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
				for i := range int64(chosen) {
					if err := f.persons.Add(ctx, &Person{ID: last.ID + i + 1, Email: fmt.Sprint(name, "chosen", i), Name: name}); err != nil {
						return err
					}
				}
				return nil
			})
			for i := range chosen + 1 {
				before := f.text()
				err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
					n, err := form(f, ctx, person())
					if err == nil && n != 1 {
						f.Errorf("%s: %d rows", name, n)
					}
					return err
				})
				if f.db.Dialect().Name() == "sqlite" || i == chosen {
					if err != nil {
						f.Errorf("%s: %v", name, err)
					}
					continue
				}
				if taken := (*dialect.UniqueViolation)(nil); !errors.As(err, &taken) {
					f.Errorf("%s: %v, want a unique violation", name, err)
				}
				eq(f, f.text(), before)
			}
			n, err := f.persons.Untracked().Query().Where(Persons.Name.Eq(name), Persons.ID.Gt(last.ID), Persons.ID.Le(last.ID+chosen), Persons.Version.Eq(1)).Count(f.ctx)
			f.must(err)
			eq(f, n, chosen)
		}
	})
}

// A key that is made for one row and chosen by another of the same upsert is the
// chosen row's alone.
func TestUpsertWithoutKeysBesideChosenKeys(t *testing.T) {
	databases(t, func(f *fixture) {
		err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := f.persons.Upsert(each(&Person{Email: "made", Name: "made"}, &Person{ID: 1, Email: "chosen", Name: "chosen"})).Update().Exec(ctx)
			return err
		})
		taken := (*dialect.UniqueViolation)(nil)
		switch {
		case err == nil:
			eq(f, f.text(), "chosen:chosen,-,0,new,0,v1 made:made,-,0,new,0,v1 ")
		case !errors.As(err, &taken) || f.db.Dialect().Name() == "sqlite":
			f.Error(err)
		default:
			eq(f, f.text(), "")
		}
	})
}
