package filters_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// Filters of the program's own hold for reads and writes by condition. Writes of
// entities go by the key: they ask for no parameter, and reach rows that the filters
// hide.
func TestFiltersOfTheProgramInWrites(t *testing.T) {
	databases(t, func(w *world) {
		bare := w.Context()
		own := repo.New[Doc](w.db, repo.OwnUnit())
		w.must(own.Add(bare, &Doc{ID: 1, Level: 1, Title: "low"}, &Doc{ID: 2, Level: 5, Title: "high"}, &Doc{ID: 3, Level: 6, Title: "higher"}))
		for _, err := range []error{second(own.Untracked().Find(bare)), second(own.UpdateWhere(bare, expr.Every[Doc](), Docs.Title.Set("x"))), second(own.DeleteWhere(bare, expr.Every[Doc]()))} {
			eq(w, errors.Is(err, repo.ErrFilter), true)
		}
		eq(w, got(own.UpdateWhere(level(bare, 3), Docs.ID.Eq(2), Docs.Title.Set("x"))), "0")
		eq(w, got(own.DeleteWhere(level(bare, 3), Docs.ID.Eq(2))), "0")

		w.must(own.Add(level(bare, 3), &Doc{ID: 4, Level: 9, Title: "above"})) // cannot be read again
		w.run(level(bare, 3), func(ctx context.Context, _ *uow.UnitOfWork) {
			eq(w, errors.Is(second(w.docs.Get(ctx, 2)), repo.ErrNotFound), true)
			high := &Doc{ID: 2, Level: 5, Title: "high"}
			w.must(w.docs.Attach(ctx, high))
			high.Title = "changed"
			w.must(w.docs.Delete(ctx, &Doc{ID: 3}))
		})
		eq(w, w.rows("SELECT title FROM docs ORDER BY id"), "low changed above")
	})
}
