package filters_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

func TestDeleteMarksRows(t *testing.T) {
	blog(t, func(w *world) {
		before := time.Now().UTC().Add(-time.Second)
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			ann, err := w.users.Get(ctx, 1)
			w.must(err)
			ann.OnDelete = func(u *User) { u.DeletedBy = "root" }
			w.must(w.users.Delete(ctx, ann))
			plan, err := tx.Plan(ctx)
			w.must(err)
			eq(w, plan.String(), "delete users key 1 (deleted_at)\ndelete posts key 1 (deleted_at): cascade of filters_test.User.Posts\ndelete lines key 1: cascade of filters_test.Post.Lines\n")
			w.must(tx.Flush(ctx))
			if ann.DeletedAt == nil || ann.DeletedAt.Before(before) || ann.DeletedAt.Nanosecond()%1000 != 0 || ann.Version != 2 {
				w.Errorf("%v, version %d", ann.DeletedAt, ann.Version)
			}
			w.must(w.users.Delete(ctx, ann)) // does nothing
			eq(w, errors.Is(w.users.Add(ctx, ann), uow.ErrDeleted), true)
		})
		eq(w, w.rows(live), "cy")
		eq(w, w.rows("SELECT deleted_by FROM users WHERE version = 2"), "root")
		// What the user owned is deleted, softly where it can be; the rest stays.
		eq(w, w.rows("SELECT title FROM posts WHERE deleted_at IS NULL ORDER BY id"), "b1 c1")
		eq(w, w.rows("SELECT text FROM lines ORDER BY id"), "l2")
		eq(w, w.rows("SELECT user_id FROM notes"), "1")
	})
}

// A version is checked, the rollback of a deletion is complete.
func TestDeleteAndRollback(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			ann, err := w.users.Get(ctx, 1)
			w.must(err)
			fresh := &User{Name: "new"}
			w.must(w.users.Add(ctx, fresh))
			failed := errors.New("no")
			err = tx.Savepoint(ctx, func(ctx context.Context) error {
				w.must(tx.Flush(ctx))
				w.must(w.users.Delete(ctx, ann, fresh))
				w.must(tx.Flush(ctx))
				eq(w, got(w.users.OnlyDeleted().Count(ctx)), "3")
				return failed
			})
			eq(w, errors.Is(err, failed), true)
			if ann.DeletedAt != nil || ann.Version != 1 || fresh.DeletedAt != nil {
				w.Errorf("%+v %+v", ann, fresh)
			}
			again, err := w.users.Get(ctx, 1)
			w.must(err)
			eq(w, again, ann)
			w.must(tx.Flush(ctx))
			eq(w, got(w.users.OnlyDeleted().Count(ctx)), "1")
			w.must(w.users.Delete(ctx, ann))
			w.must(tx.Flush(ctx))
			w.must(tx.Rollback(ctx))
			if ann.DeletedAt != nil || ann.Version != 1 {
				w.Errorf("%+v", ann)
			}
		})
		eq(w, w.rows(live), "ann cy")
		w.exec("UPDATE users SET version = 7 WHERE id = 1")
		var stale *uow.StaleError
		err := uow.Run(w.Context(), w.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			return w.users.Delete(ctx, &User{ID: 1, Name: "ann", Version: 1})
		})
		if !errors.As(err, &stale) || stale.Op != "delete" {
			w.Error(err)
		}
		eq(w, w.rows(live), "ann cy")
	})
}

func TestPurge(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			ann, err := w.users.Get(ctx, 1)
			w.must(err)
			bob, err := w.users.WithDeleted().Get(ctx, 2)
			w.must(err)
			a1, err := w.posts.Get(ctx, 1)
			w.must(err)
			w.must(w.posts.Delete(ctx, a1)) // softly, but its author's row is to go
			w.must(w.users.Purge(ctx, ann, bob))
			w.must(tx.Flush(ctx))
			_, err = w.users.WithDeleted().Get(ctx, 1)
			eq(w, errors.Is(err, repo.ErrNotFound), true)
			eq(w, errors.Is(w.users.Restore(ctx, ann), uow.ErrDeleted), true)
		})
		eq(w, w.rows("SELECT name FROM users"), "cy")
		eq(w, w.rows("SELECT title FROM posts"), "c1")
		eq(w, w.rows("SELECT text FROM lines"), "")
		eq(w, w.rows("SELECT count(*) FROM notes WHERE user_id IS NULL"), "1")
		eq(w, w.rows("SELECT count(*) FROM post_tags"), "0")
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) { // what was taken back is no purge any more
			cy, err := w.users.Get(ctx, 3)
			w.must(err)
			w.must(w.users.Purge(ctx, cy))
			w.must(w.users.Add(ctx, cy))
			w.must(w.users.Delete(ctx, cy))
		})
		eq(w, w.rows("SELECT name FROM users WHERE deleted_at IS NOT NULL"), "cy")
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) { // deleted in this unit
			u := &User{Name: "dee"}
			w.must(w.users.Add(ctx, u))
			w.must(tx.Flush(ctx))
			w.must(w.users.Delete(ctx, u))
			w.must(tx.Flush(ctx))
			w.must(w.users.Purge(ctx, u))
		})
		eq(w, w.rows("SELECT name FROM users"), "cy")
	})
}

func TestRestore(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			bob, err := w.users.WithDeleted().Get(ctx, 2)
			w.must(err)
			ann, err := w.users.Get(ctx, 1)
			w.must(err)
			cy, err := w.users.Get(ctx, 3)
			w.must(err)
			w.must(w.users.Delete(ctx, ann, cy))
			w.must(w.users.Restore(ctx, ann)) // not flushed
			w.must(tx.Flush(ctx))
			eq(w, got(w.users.Count(ctx)), "1")
			w.must(w.users.Restore(ctx, bob, cy))
			eq(w, userNames(w.users.Query().OrderBy(Users.ID.Asc()).All(ctx)), "ann bob cy")
			eq(w, bob.Version, 2)
			eq(w, cy.Version, 3)
			eq(w, w.lines.Restore(ctx, &Line{ID: 1}).Error(), "uow: restore filters_test.Line: table lines has no soft delete column: name one with schema.SoftDelete")
		})
		eq(w, w.rows(live), "ann bob cy")
		eq(w, w.rows("SELECT title FROM posts WHERE deleted_at IS NULL ORDER BY id"), "a1 b1") // c1 stays deleted
	})
}

func TestDeleteWhereAndPurgeWhere(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			cy, err := w.users.Get(ctx, 3)
			w.must(err)
			eq(w, got(w.users.UpdateWhere(ctx, expr.Every[User](), Users.DeletedBy.Set("x"))), "2")
			eq(w, got(w.users.DeleteWhere(ctx, expr.Or(Users.Name.Eq("cy"), Users.Name.Eq("bob")))), "1")
			eq(w, cy.Version, 3)
			_, err = w.users.Get(ctx, 3)
			eq(w, errors.Is(err, repo.ErrNotFound), true)
			eq(w, got(w.users.OnlyDeleted().UpdateWhere(ctx, Users.Name.Eq("bob"), Users.DeletedBy.Set("y"))), "1")
			eq(w, got(w.users.WithDeleted().UpdateWhere(ctx, expr.Every[User](), Users.DeletedBy.Set("z"))), "3")
			eq(w, got(w.users.DeleteWhere(ctx, Users.Posts.Any(Posts.Title.Eq("a2")))), "0") // whose post is deleted
			eq(w, got(w.users.UpdateWhere(ctx, Users.Posts.Any(Posts.Title.Eq("a2")), Users.DeletedBy.Set("y"))), "0")
			eq(w, got(w.users.WithDeleted().DeleteWhere(ctx, Users.Name.Eq("bob"))), "0")
			_, err = w.users.OnlyDeleted().DeleteWhere(ctx, expr.Every[User]())
			eq(w, err != nil, true)
			_, err = w.users.DeleteWhere(ctx, expr.Expr[User]{})
			eq(w, err != nil, true)
			_, err = w.users.DeleteWhere(ctx, expr.And[User]())
			eq(w, err != nil, true)
		})
		eq(w, w.rows(live), "ann")
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			eq(w, got(w.posts.DeleteWhere(ctx, expr.Every[Post]())), "3")
			eq(w, got(w.lines.DeleteWhere(ctx, expr.Every[Line]())), "2")
			eq(w, got(w.posts.OnlyDeleted().PurgeWhere(ctx, Posts.Title.Eq("a2"))), "1")
			eq(w, got(w.posts.PurgeWhere(ctx, expr.Every[Post]())), "3")
			eq(w, got(w.users.PurgeWhere(ctx, Users.DeletedAt.IsNotNull())), "2")
		})
		eq(w, w.rows("SELECT name FROM users"), "ann")
		eq(w, w.rows("SELECT count(*) FROM posts"), "0")
	})
}
