package filters_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// Restore of an entity that no unit has read writes the row, whatever time of deletion
// the entity holds, and is stale where there is no such deleted row.
func TestRestoreOfUnmanaged(t *testing.T) {
	blog(t, func(w *world) {
		own := repo.New[User](w.db, repo.OwnUnit())
		at := time.Now()
		stale := func(u *User, op string) {
			w.Helper()
			var e *uow.StaleError
			if err := own.Restore(w.Context(), u); !errors.As(err, &e) || e.Op != op {
				w.Errorf("%+v: %v", u, err)
			}
		}
		stale(&User{ID: 2, Name: "bob", Version: 7}, "update") // as a Delete checks the version
		stale(&User{ID: 99, Name: "zoe", Version: 1}, "restore")
		stale(&User{ID: 99, Name: "zoe", Version: 1, DeletedAt: &at}, "restore")
		stale(&User{ID: 1, Name: "ann", Version: 1}, "restore") // is not deleted
		stale(&User{ID: 1, Name: "ann", Version: 1, DeletedAt: &at}, "restore")
		eq(w, w.rows(live), "ann cy")
		eq(w, w.rows("SELECT version FROM users ORDER BY id"), "1 1 1")

		bob := &User{ID: 2, Name: "bob", Version: 1}
		w.must(own.Restore(w.Context(), bob))
		eq(w, bob.Version, 2)
		eq(w, w.rows(live), "ann bob cy")
		w.must(own.Delete(w.Context(), bob))
		w.must(own.Restore(w.Context(), bob)) // holds its time
		eq(w, bob.DeletedAt, nil)
		eq(w, w.rows(live), "ann bob cy")

		posts := repo.New[Post](w.db, repo.OwnUnit()) // without a version
		w.must(posts.Restore(w.Context(), &Post{ID: 2, Title: "a2", UserID: 1}, &Post{ID: 3, Title: "b1", UserID: 2}))
		eq(w, w.rows("SELECT title FROM posts WHERE deleted_at IS NULL ORDER BY id"), "a1 a2 b1 c1")
	})
	databases(t, func(w *world) {
		ctx := w.Context()
		w.must(uow.Run(ctx, w.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			gone := &User{ID: 9, Version: 1}
			var e *uow.StaleError
			eq(w, errors.As(w.users.Restore(ctx, gone), &e), true)
			eq(w, errors.Is(w.users.Detach(ctx, gone), uow.ErrNotManaged), true) // it was let go of
			return nil
		}))
	})
}
