package decimals_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

// Pages by decimals that are computed, of several columns, or of plain values go by
// their values.
func TestPagesByDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...)
		for name, c := range map[string]struct {
			order expr.Order[Line]
			want  string
		}{
			"a sum":     {expr.AddDecimalTo(Lines.Price, Lines.Rate).Asc(), "[2 3 1 4]"},
			"several":   {expr.CoalesceTo(Lines.Rest, Lines.Rate).Desc(), "[4 1 3 2]"},
			"greatest":  {expr.GreatestTo(Lines.Price, Lines.Rate).Asc(), "[2 3 1 4]"},
			"values":    {expr.Case(Lines.ID.Eq(1), Money("9")).When(Lines.ID.Eq(2), "10.5").When(Lines.ID.Eq(3), "-1.25").Else("1e1").Asc(), "[3 1 4 2]"},
			"one scale": {expr.Case(Lines.ID.Eq(1), Money("9")).When(Lines.ID.Eq(2), "100").Else("10").Desc(), "[2 3 4 1]"},
			"a column":  {Lines.Rate.Desc(), "[4 1 3 2]"},
		} {
			q := repo.New[Line](db).Query().OrderBy(c.order).Untracked()
			var got []int64
			for after := repo.Cursor(""); ; {
				page, err := q.Page(t.Context(), 1, after)
				if err != nil {
					t.Fatal(name, err)
				}
				got = append(got, keys(page.Items)...)
				if !page.More || len(got) > 4 {
					break
				}
				after = page.Next
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("%s: %v, want %s", name, got, c.want)
			}
		}
	}, Lines)
}

// Pages in the order of what is computed of decimals, beside plain values, lose no row.
func TestPagesByComputedDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		var ls []Line
		for _, s := range []Money{"2", "10.25", "-3.01", "-20", "", "9.5", "100"} {
			l := Line{Shop: "a", Price: "1", Rate: "0", Small: "0", Big: "0", Whole: "0", Size: decimal.Zero}
			if s != "" {
				l.Rest = &s
			}
			ls = append(ls, l)
		}
		put(t, db, ls...)
		ids := repo.SelectValue(Lines.ID).From(Lines)
		made := expr.AddDecimal(Lines.Rest, "0")
		for name, q := range map[string]repo.Selection[int64]{
			"a sum":  ids.GroupBy(Lines.ID).OrderBy(expr.Coalesce(expr.SumDecimal(Lines.Rest).Value(), "0").Desc()),
			"a term": ids.OrderBy(expr.Coalesce(made, "1").Desc()),
			"NULLIF": ids.OrderBy(expr.NullIf(made, "2").Asc()),
		} {
			want, err := q.All(t.Context(), db)
			if err != nil || len(want) != len(ls) {
				t.Fatal(name, want, err)
			}
			var got []int64
			for after, more := repo.Cursor(""), true; more && len(got) <= len(ls); {
				p, err := q.Page(t.Context(), db, 1, after)
				if err != nil {
					t.Fatal(name, err)
				}
				got = append(got, p.Items...)
				after, more = p.Next, p.Next != ""
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
	}, Lines)
}
