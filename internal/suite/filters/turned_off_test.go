package filters_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Without names WithoutFilter turns all filters off, as Unfiltered does: of reads, of
// hits and of flushes.
func TestContextWithoutFilters(t *testing.T) {
	mall(t, func(w *world) {
		bare := repo.WithoutFilter(w.Context())
		eq(w, got(w.customers.Untracked().Count(bare)), "4")
		w.run(bare, func(ctx context.Context, tx *uow.UnitOfWork) {
			eq(w, got(repo.SelectValue(expr.Count(Customers.ID)).From(Customers).All(ctx, tx)), "[4]")
			c, err := w.customers.Get(ctx, 1)
			w.must(err)
			c.Name = "changed"
			w.must(w.customers.Add(ctx, &Customer{ID: 50, Shop: "c", Name: "added"}))
		})
		eq(w, w.rows("SELECT name FROM customers WHERE id IN (1, 50) ORDER BY id"), "changed added")
		eq(w, got(w.customers.Untracked().Count(repo.WithParameter(bare, "shop", "a"))), "5") // a parameter turns none on
		_, err := w.customers.Untracked().Count(w.Context())
		eq(w, errors.Is(err, repo.ErrFilter), true)
	})
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			bob, err := w.users.WithDeleted().Get(ctx, 2)
			w.must(err)
			_, err = w.users.Get(ctx, 2)
			eq(w, errors.Is(err, repo.ErrNotFound), true)
			hit, err := w.users.Get(repo.WithoutFilter(ctx), 2)
			eq(w, hit == bob && err == nil, true)
		})
	})
}

// What turns the filter of deleted rows off does not have a deletion write their times
// anew, whoever turns it off.
func TestDeletionLeavesTheDeleted(t *testing.T) {
	blog(t, func(w *world) {
		before := w.rows("SELECT cast(deleted_at AS varchar(30)) FROM users WHERE id = 2")
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			bob := Users.Name.Eq("bob")
			for _, off := range []context.Context{repo.WithoutFilter(ctx, expr.FilterDeleted), repo.WithoutFilter(ctx)} {
				eq(w, got(w.users.DeleteWhere(off, bob)), "0")
				eq(w, got(w.users.Deleting().Where(bob).Exec(off)), "0")
				eq(w, got(w.users.DeleteWhere(off, expr.And(bob, Users.Posts.Any(Posts.Title.Eq("b1"))))), "0")
			}
			eq(w, got(w.users.Unfiltered().DeleteWhere(ctx, bob)), "0")
			eq(w, got(w.users.WithDeleted().Deleting().Where(bob).Exec(ctx)), "0")
			// Of what its condition asks about the filter is off.
			off := repo.WithoutFilter(ctx, expr.FilterDeleted)
			eq(w, got(w.users.DeleteWhere(off, Users.Posts.Any(Posts.Title.Eq("a2")))), "1")
			w.must(tx.Rollback(ctx))
		})
		eq(w, w.rows("SELECT cast(deleted_at AS varchar(30)) FROM users WHERE id = 2"), before)
		if strings.HasPrefix(w.db.Dialect().Name(), "postgres") {
			w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) { // the query around turns it off
				gone := repo.Changing[goneUsers]("gone", w.users.Deleting().Where(Users.ID.Ge(2)), func(u *goneUser) repo.Columns {
					return repo.Into(repo.To(&u.Name, Users.Name))
				})
				eq(w, got(repo.SelectValue(gone.Name).From(gone).WithDeleted().All(ctx, tx)), "[cy]")
				w.must(tx.Rollback(ctx))
			})
		}
	})
}

type goneUser struct{ Name string }

type goneUsers struct {
	schema.Table[goneUser]
	Name expr.Column[goneUser, string]
}

// OnlyDeleted holds whatever else is turned off, in either order.
func TestOnlyDeletedUnfiltered(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			w.must(second(w.users.Get(ctx, 1)))
			for what, r := range map[string]repo.Keyed[User, int64]{"before": w.users.Unfiltered().OnlyDeleted(), "after": w.users.OnlyDeleted().Unfiltered(), "both": w.users.WithDeleted().OnlyDeleted()} {
				eq(w, what+userNames(r.Find(ctx)), what+"bob")
				eq(w, what+got(r.Untracked().Count(ctx)), what+"1")
				_, err := r.Get(ctx, 1)
				eq(w, errors.Is(err, repo.ErrNotFound), true)
				w.must(second(r.Get(ctx, 2)))
				us, err := r.Query().With(Users.Posts).All(ctx)
				w.must(err)
				ps, _ := us[0].Posts.Loaded()
				eq(w, what+postTitles(ps, nil), what+"b1")
				eq(w, what+got(r.UpdateWhere(ctx, expr.Every[User](), Users.DeletedBy.Set("x"))), what+"1")
				_, err = r.DeleteWhere(ctx, expr.Every[User]())
				eq(w, err != nil && strings.Contains(err.Error(), "OnlyDeleted"), true)
			}
			eq(w, userNames(w.users.OnlyDeleted().Find(repo.WithoutFilter(ctx))), "bob")
			eq(w, got(w.users.Unfiltered().OnlyDeleted().PurgeWhere(ctx, Users.Posts.Any(Posts.Title.Eq("none")))), "0")
			eq(w, got(w.users.Unfiltered().OnlyDeleted().UpdateWhere(ctx, Users.Posts.Any(Posts.Title.Eq("b1")), Users.DeletedBy.Set("y"))), "1")
		})
	})
}
