package decimals_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

// What is assigned has the column's scale, rounded as PostgreSQL does, and must fit.
func TestAssignments(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		ls := repo.New[Line](db, repo.OwnUnit())
		all := expr.Every[Line]()
		state := func() string {
			t.Helper()
			rows, err := repo.New[Line](db).Query().OrderBy(Lines.ID.Asc()).Untracked().All(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s := ""
			for _, l := range rows {
				s += fmt.Sprint(l.Price, " ", show(l.Rest), " ", l.Small, "|")
			}
			// Rows are found by their texts, so these must be those of the column.
			for _, l := range rows {
				if got := found(t, db, expr.And(Lines.Price.Eq(l.Price), Lines.Small.Eq(l.Small), Lines.ID.Eq(l.ID))); len(got) != 1 {
					t.Errorf("line %d is not found by %s and %s", l.ID, l.Price, l.Small)
				}
			}
			return s
		}
		for name, c := range map[string]struct {
			where expr.Expr[Line]
			set   []expr.Assign[Line]
			want  string
		}{
			"doubled":             {all, []expr.Assign[Line]{Lines.Small.SetTo(expr.ScaleDecimal(Lines.Small, -2))}, "10.25 3.00 0.10|-0.05 NULL -4.00|"},
			"rounded":             {all, []expr.Assign[Line]{Lines.Price.SetTo(expr.MulDecimal(Lines.Price, "1.1"))}, "11.28 3.00 -0.05|-0.06 NULL 2.00|"},
			"of another scale":    {all, []expr.Assign[Line]{Lines.Price.SetTo(Lines.Rate)}, "0.01 3.00 -0.05|-1.23 NULL 2.00|"},
			"of a smaller scale":  {all, []expr.Assign[Line]{Lines.Price.SetTo(Lines.Whole)}, "7.00 3.00 -0.05|-3.00 NULL 2.00|"},
			"of the same scale":   {all, []expr.Assign[Line]{Lines.Rest.SetTo(Lines.Small)}, "10.25 -0.05 -0.05|-0.05 2.00 2.00|"},
			"added and NULL":      {all, []expr.Assign[Line]{Lines.Rest.SetTo(expr.AddDecimal(Lines.Rest, "0.5"))}, "10.25 3.50 -0.05|-0.05 NULL 2.00|"},
			"two, of old values":  {Lines.ID.Eq(1), []expr.Assign[Line]{Lines.Price.SetTo(expr.AddDecimalTo(Lines.Price, Lines.Small)), Lines.Rest.SetTo(expr.NegDecimal(Lines.Price))}, "10.20 -10.25 -0.05|-0.05 NULL 2.00|"},
			"where it is a value": {expr.AddDecimalTo(Lines.Price, Lines.Small).Gt("10"), []expr.Assign[Line]{Lines.Price.Set("1.5")}, "1.50 3.00 -0.05|-0.05 NULL 2.00|"},
		} {
			put(t, db, four[0], four[1])
			if _, err := ls.UpdateWhere(t.Context(), c.where, c.set...); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := state(); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		for name, set := range map[string]expr.Assign[Line]{
			"too many digits":                  Lines.Small.SetTo(expr.ScaleDecimal(Lines.Small, 100)),
			"too many after rounding":          Lines.Small.SetTo(expr.AddDecimal(Lines.Small, "97.9950")),
			"too many digits below zero":       Lines.Small.SetTo(expr.SubDecimal(Lines.Small, "1000")),
			"a column of more digits":          Lines.Small.SetTo(Lines.Big),
			"a column of more digits, NULL or": Lines.Small.SetTo(expr.Coalesce(expr.Optional(Lines.Big), "0")),
		} {
			put(t, db, four[0], four[1])
			if _, err := ls.UpdateWhere(t.Context(), all, set); !errors.Is(err, dialect.ErrValue) {
				t.Errorf("%s: %v", name, err)
			}
			if got := state(); got != "10.25 3.00 -0.05|-0.05 NULL 2.00|" {
				t.Errorf("%s: %s", name, got)
			}
		}
		// RETURNING, and an entity that is in use.
		put(t, db, four[0])
		es, err := ls.UpdateReturning(t.Context(), all, Lines.Price.SetTo(expr.DivDecimal(Lines.Price, "3", 5)))
		if err != nil || len(es) != 1 || es[0].Price != "3.42" {
			t.Error(es, err)
		}
		// Of other rows of the table.
		put(t, db, four[0], four[1])
		most := repo.SelectValue(expr.Max(Lines.Small)).From(Lines)
		if _, err := ls.UpdateWhere(t.Context(), all, Lines.Rest.SetTo(expr.AddDecimal(expr.NewValue[Line, Money, *Money](expr.NodeOf(repo.SubNull(most))), "0.001"))); err != nil {
			t.Error(err)
		}
		if got := state(); got != "10.25 2.00 -0.05|-0.05 2.00 2.00|" {
			t.Error(got)
		}
	}, Lines)
}

func TestInsertsOfComputedDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four[0])
		ls := repo.New[Line](db, repo.OwnUnit())
		q := repo.Select(func(l *Line) repo.Columns {
			return repo.Into(repo.To(&l.ID, expr.Add(Lines.ID, 1)), repo.To(&l.Shop, Lines.Shop), repo.To(&l.Price, expr.MulDecimal(Lines.Price, "0.333")), repo.To(&l.Rate, Lines.Price),
				repo.To(&l.Small, Lines.Rate), repo.To(&l.Big, Lines.Big), repo.To(&l.Whole, expr.NegDecimal(Lines.Price)), repo.To(&l.Size, Lines.Size), repo.To(&l.Many, Lines.Many))
		}).From(Lines)
		if _, err := repo.InsertFrom(t.Context(), ls, q); err != nil {
			t.Fatal(err)
		}
		l, err := repo.New[Line](db).Where(Lines.Price.Eq("3.41"), Lines.Rate.Eq("10.2500"), Lines.Small.Eq("0.01"), Lines.Whole.Eq("-10")).Untracked().One(t.Context())
		if err != nil || l.ID != 2 {
			t.Error(l, err)
		}
	}, Lines)
}
