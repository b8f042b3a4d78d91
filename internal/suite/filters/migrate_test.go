package filters_test

import (
	"testing"

	"github.com/dormer-orm/dormer/migrate"
)

// CreateAll and the migrations agree on what the tables are, partial indexes among
// live rows included.
func TestMigrationsFindNothingToDo(t *testing.T) {
	databases(t, func(w *world) {
		diff, err := migrate.Diff(w.Context(), w.db, meta)
		w.must(err)
		if !diff.Empty() {
			w.Error(diff)
		}
	})
}
