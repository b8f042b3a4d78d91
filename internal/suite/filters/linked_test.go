package filters_test

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

// The row of an entity that is deleted softly stays, and so do the links that the same
// flush makes of it; what it unlinks goes. Those of a row that goes, go with it.
func TestLinksOfTheDeleted(t *testing.T) {
	blog(t, func(w *world) {
		at := func(post string) string {
			return "SELECT tags.name FROM post_tags JOIN tags ON tags.id = post_tags.tag_id WHERE post_tags.post_id = " + post + " ORDER BY tags.name"
		}
		w.exec("INSERT INTO tags (id, name) VALUES (10, 'new')")
		eq(w, w.rows(at("1")), "go old")
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			a1, err := w.posts.Get(ctx, 1)
			w.must(err)
			fresh, err := w.tags.Get(ctx, int64(10))
			w.must(err)
			golang, err := w.tags.One(ctx, Tags.Name.Eq("go"))
			w.must(err)
			c1, err := w.posts.Get(ctx, 4)
			w.must(err)
			w.must(a1.Tags.Add(fresh))
			w.must(a1.Tags.Remove(golang))
			w.must(c1.Tags.Add(fresh))
			w.must(w.posts.Delete(ctx, a1))
			w.must(w.posts.Purge(ctx, c1))
			w.must(tx.Flush(ctx))
			w.must(w.posts.Restore(ctx, a1))
		})
		eq(w, w.rows(at("1")), "new old")
		eq(w, w.rows(at("4")), "")
		eq(w, w.rows("SELECT title FROM posts WHERE deleted_at IS NULL ORDER BY id"), "a1 b1")
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) { // from the other side, which is deleted
			a1, err := w.posts.Get(ctx, 1)
			w.must(err)
			golang, err := w.tags.One(ctx, Tags.Name.Eq("go"))
			w.must(err)
			w.must(a1.Tags.Add(golang))
			w.must(w.tags.Delete(ctx, golang))
		})
		eq(w, w.rows(at("1")), "go new old")
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) { // whose row a new one takes over
			a1, err := w.posts.Get(ctx, 1)
			w.must(err)
			fresh, err := w.tags.Get(ctx, int64(10))
			w.must(err)
			w.must(a1.Tags.Remove(fresh))
			w.must(w.tags.Delete(ctx, fresh))
			w.must(w.tags.Add(ctx, &Tag{ID: 10, Name: "heir"}))
		})
		eq(w, w.rows(at("1")), "go old")
	})
}
