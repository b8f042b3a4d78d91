package filters_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

func level(ctx context.Context, n int64) context.Context {
	return repo.WithParameter(ctx, "level", n)
}

// A filter of the program's own is a condition like any other; whether an entity that
// the unit has passes it, the database says.
func TestFiltersOfTheProgram(t *testing.T) {
	databases(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			w.must(w.docs.Add(ctx, &Doc{Level: 1, Title: "low"}, &Doc{Level: 5, Title: "high"}, &Doc{Level: 1, Title: "draft", Draft: true}, &Doc{Level: 1, Title: "always", Draft: true}))
		})
		w.run(level(w.Context(), 3), func(ctx context.Context, tx *uow.UnitOfWork) {
			find := func(r repo.Repository[Doc], ctx context.Context) string {
				return docTitles(r.Query().OrderBy(Docs.ID.Asc()).All(ctx))
			}
			eq(w, find(w.docs.Repository, ctx), "low always")
			eq(w, find(w.docs.Repository, level(ctx, 9)), "low high always")
			eq(w, find(w.docs.Unfiltered("published").Repository, ctx), "low draft always")
			eq(w, find(w.docs.Unfiltered("level", "published").Repository, w.bare(ctx)), "low high draft always")
			eq(w, find(w.docs.Unfiltered().Repository, w.bare(ctx)), "low high draft always")
			eq(w, find(w.docs.Repository, repo.WithoutFilter(ctx, "published")), "low draft always")
			low, err := w.docs.Get(ctx, 1)
			w.must(err)
			for _, id := range []int64{2, 3} { // they are in the identity map
				_, err := w.docs.Get(ctx, id)
				eq(w, errors.Is(err, repo.ErrNotFound), true)
				_, err = w.docs.Unfiltered().Get(ctx, id)
				w.must(err)
			}
			_, err = w.docs.Get(level(ctx, 0), 1)
			eq(w, errors.Is(err, repo.ErrNotFound), true)
			again, err := w.docs.Get(ctx, 1)
			w.must(err)
			eq(w, again, low)
			w.must(tx.Commit(ctx))
			_, err = w.docs.Get(ctx, 2)
			eq(w, errors.Is(err, repo.ErrNotFound), true)
			high, err := w.docs.Unfiltered("level").Get(ctx, 2)
			w.must(err)
			eq(w, high.Title, "high")
			eq(w, got(w.docs.UpdateWhere(ctx, expr.Every[Doc](), Docs.Level.Set(2))), "2")
			eq(w, got(w.docs.DeleteWhere(level(ctx, 1), expr.Every[Doc]())), "0")
			eq(w, got(w.docs.DeleteWhere(ctx, expr.Or(Docs.Title.Eq("low"), Docs.Title.Eq("draft")))), "1")
			high.Level = 3 // writes by the unit go by the key
			w.must(tx.Flush(ctx))
		})
		eq(w, w.rows("SELECT title FROM docs WHERE level = 3 OR draft ORDER BY id"), "high draft always")
	})
}

// bare is a context of the same unit without parameters.
func (w *world) bare(ctx context.Context) context.Context {
	return repo.WithParameter(ctx, "level", nil)
}
