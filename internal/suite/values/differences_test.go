package values_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

// What docs/differences.md says of a division by a column that is zero.
func TestDivisionByAColumnOfZero(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, Item{N: 0})
		v, err := repo.SelectValue(expr.NullIf(expr.DivTo(Items.ID, Items.N), 99)).From(Items).One(t.Context(), db)
		if db.Dialect().Name() == "sqlite" {
			if err != nil || v != nil {
				t.Errorf("%v, %v instead of NULL", v, err)
			}
			return
		}
		if !errors.Is(err, dialect.ErrValue) {
			t.Errorf("%v, %v", v, err)
		}
		nullable := expr.NullIf(Items.ID, 99)
		if v, err := repo.SelectValue(expr.DivTo(nullable, expr.NullIf(Items.N, 0))).From(Items).One(t.Context(), db); err != nil || v != nil {
			t.Errorf("%v, %v instead of NULL", v, err)
		}
	}, Items)
}

// A query of several rows in place of a value.
func TestSubqueryOfSeveralRows(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, Item{N: 1}, Item{N: 1})
		_, err := repo.SelectValue(repo.Sub(repo.SelectValue(Items.N).From(Items))).One(t.Context(), db)
		if (err == nil) != (db.Dialect().Name() == "sqlite") {
			t.Error(err)
		}
	}, Items)
}

// Times as text.
func TestCastOfTimeToText(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, Item{At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
		got := read(t, db, expr.Cast[string](Items.At))[0]
		if !strings.HasPrefix(got, "2026-01-0") || strings.HasSuffix(got, ".000000") != (db.Dialect().Name() == "sqlite") {
			t.Error(got)
		}
	}, Items)
}
