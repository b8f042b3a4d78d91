package values_test

import (
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

// PostgreSQL orders the values of an enum as they were declared, SQLite as texts.
func TestEnumsInOrder(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, Item{ID: 1, Grade: "bad"}, Item{ID: 2, Grade: "good"})
		grades, err := repo.SelectValue(Items.Grade).From(Items).OrderBy(Items.Grade.Asc()).All(t.Context(), db)
		want := "[bad good]"
		if db.Dialect().Name() == "postgres" {
			want = "[good bad]"
		}
		if err != nil || fmt.Sprint(grades) != want {
			t.Errorf("%v, %v; want %s", grades, err, want)
		}
	}, Items)
}
