package values_test

import (
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type graded struct {
	Grade Grade
	Also  *Grade
	Name  string
}

type gradeds struct {
	schema.Table[graded]
	Grade expr.Column[graded, Grade]
	Also  expr.Nullable[graded, Grade]
	Name  expr.Column[graded, string]
}

// Rows of the program, which know no enum, are compared with columns of one.
func TestRowsOfEnums(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		rows := repo.Rows[gradeds]("graded", graded{Grade: "good", Name: "fine"}, graded{Grade: "bad", Also: ptr(Grade("good")), Name: "poor"})
		found := func(what string, on expr.Cond, want ...string) {
			t.Helper()
			got, err := repo.SelectValue(rows.Name).From(Items).Join(rows, on).OrderBy(Items.ID.Asc(), rows.Name.Asc()).All(t.Context(), db)
			if err != nil {
				t.Errorf("%s: %v", what, err)
				return
			}
			same(t, what, got, want)
		}
		found("on", expr.On(rows.Grade, Items.Grade), "fine", "fine", "poor", "poor", "fine")
		found("the other way round", expr.On(Items.Grade, rows.Grade), "fine", "fine", "poor", "poor", "fine")
		found("nullable", expr.On(rows.Also, Items.Grade), "poor", "poor", "poor")
		found("unequal", expr.AllOf(Items.Grade.NeTo(rows.Grade), Items.ID.Eq(1)), "poor")
		found("an expression", expr.AllOf(Items.Grade.EqTo(expr.Coalesce(rows.Also, "bad")), Items.ID.Le(2)), "poor", "poor")
		found("distinct", expr.AllOf(expr.IsNotDistinctFromTo(Items.Grade, rows.Also), Items.ID.Le(2)), "poor", "poor")
		grades := repo.SelectValue(rows.Grade).From(rows).Where(rows.Name.Eq("poor"))
		got, err := repo.SelectValue(Items.ID).From(Items).Where(repo.In(Items.Grade, grades)).OrderBy(Items.ID.Asc()).All(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "in", got, []int64{3, 4})
	}, Items)
}
