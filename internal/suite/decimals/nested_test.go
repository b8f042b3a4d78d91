package decimals_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type (
	G struct {
		N int64
		V Money
	}
	gs struct {
		schema.Table[G]
		N expr.Column[G, int64]
		V expr.Column[G, Money]
	}
)

func pairs(v expr.Yields[Money], c expr.Cond) repo.Selection[G] {
	return repo.Select(func(g *G) repo.Columns {
		return repo.Into(repo.To(&g.N, Lines.ID), repo.To(&g.V, v))
	}).From(Lines).Where(c)
}

// The decimals of several queries together have the digits of any of them, whichever
// comes first: they can be read, compared and computed with, and what may have more
// than 64 bits is looked at.
func TestSetOperationsOfSeveralPrecisions(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db,
			Line{Shop: "a", Price: "5000000000.01", Rate: "0", Small: "0", Big: "0", Whole: "0", Size: decimal.Zero},
			Line{Shop: "a", Price: "12345.67", Rate: "0", Small: "0", Big: "0", Whole: "0", Size: decimal.Zero},
			Line{Shop: "a", Price: "0", Rate: "0", Small: "2.50", Big: "0", Whole: "0", Size: decimal.Zero})
		small, price := pairs(Lines.Small, Lines.ID.Eq(3)), pairs(Lines.Price, Lines.ID.Le(2))
		for name, q := range map[string]repo.Selection[G]{
			"small first": small.UnionAll(price), "price first": price.UnionAll(small),
			"three": small.UnionAll(pairs(Lines.Small, Lines.ID.Gt(3))).UnionAll(price),
		} {
			u := repo.As[gs](q, "u")
			read := func(c expr.Cond) string {
				rows, err := repo.Select(func(g *G) repo.Columns {
					return repo.Into(repo.To(&g.N, u.N), repo.To(&g.V, u.V))
				}).From(u).Where(c).OrderBy(u.N.Asc()).All(t.Context(), db)
				return fmt.Sprint(rows, err)
			}
			if got := read(u.N.Gt(0)); got != "[{1 5000000000.01} {2 12345.67} {3 2.50}] <nil>" {
				t.Errorf("%s: %s", name, got)
			}
			if got := read(u.V.Gt("500")); got != "[{1 5000000000.01} {2 12345.67}] <nil>" {
				t.Errorf("%s: above: %s", name, got)
			}
			if got := read(u.V.Eq("12345.67")); got != "[{2 12345.67}] <nil>" {
				t.Errorf("%s: equal: %s", name, got)
			}
			square := repo.Select(func(g *G) repo.Columns {
				return repo.Into(repo.To(&g.N, u.N), repo.To(&g.V, expr.MulDecimalTo(u.V, u.V)))
			}).From(u)
			if got, err := square.Where(u.N.Gt(1)).OrderBy(u.N.Asc()).All(t.Context(), db); fmt.Sprint(got, err) != "[{2 152415567.7489} {3 6.2500}] <nil>" {
				t.Errorf("%s: squares: %v, %v", name, got, err)
			}
			got, err := square.Where(u.N.Eq(1)).All(t.Context(), db)
			if db.Dialect().Capabilities().DecimalsAreText {
				if !errors.Is(err, dialect.ErrValue) {
					t.Errorf("%s: a square of more than 64 bits: %v, %v", name, got, err)
				}
			} else if err != nil || fmt.Sprint(got) != "[{1 25000000000100000000.0001}]" {
				t.Errorf("%s: a square: %v, %v", name, got, err)
			}
		}
	}, Lines)
}

// The decimals of a recursive query have the scale of the first rows, and as many digits
// as there are; more digits after the point are refused.
func TestRecursiveDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...) // the first price is 10.25, the first rate 0.0050
		from := func(first expr.Yields[Money], next func(f *gs) expr.Yields[Money]) *gs {
			return repo.Recursive[gs]("r", pairs(first, Lines.ID.Eq(1)), func(f *gs) repo.Selection[G] {
				return repo.Select(func(g *G) repo.Columns {
					return repo.Into(repo.To(&g.N, expr.Add(f.N, 1)), repo.To(&g.V, next(f)))
				}).From(f).Where(f.N.Lt(4))
			})
		}
		double := func(f *gs) expr.Yields[Money] { return expr.AddDecimalTo(f.V, f.V) }
		for name, c := range map[string]struct {
			r    *gs
			want string
		}{
			"a sum":           {from(Lines.Price, double), "[10.25 20.50 41.00 82.00]"},
			"of a small one":  {from(Lines.Small, func(f *gs) expr.Yields[Money] { return expr.ScaleDecimal(f.V, -100) }), "[-0.05 5.00 -500.00 50000.00]"},
			"rounded":         {from(Lines.Price, func(f *gs) expr.Yields[Money] { return expr.RoundDecimal(expr.MulDecimal(f.V, "1.1"), 2) }), "[10.25 11.28 12.41 13.65]"},
			"rounded to less": {from(Lines.Price, func(f *gs) expr.Yields[Money] { return expr.RoundDecimal(f.V, 0) }), "[10.25 10.00 10.00 10.00]"},
			"a first sum":     {from(expr.AddDecimal(Lines.Price, "0.125"), double), "[10.375 20.750 41.500 83.000]"},
			"a first value":   {from(expr.Case(Lines.ID.Gt(0), Money("1.5")).Else("1"), double), "[1.5 3.0 6.0 12.0]"},
			"a choice":        {from(Lines.Price, func(f *gs) expr.Yields[Money] { return expr.CaseTo(f.N.Lt(2), f.V).Else("7") }), "[10.25 10.25 7.00 7.00]"},
			"a greatest":      {from(Lines.Price, func(f *gs) expr.Yields[Money] { return expr.Greatest(expr.SubDecimal(f.V, "2"), "5.5") }), "[10.25 8.25 6.25 5.50]"},
		} {
			got, err := repo.SelectValue(c.r.V).From(c.r).OrderBy(c.r.N.Asc()).All(t.Context(), db)
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("%s: %v, %v; want %s", name, got, err, c.want)
			}
		}
		r := from(Lines.Price, double)
		if got, err := repo.SelectValue(r.N).From(r).Where(expr.AddDecimal(r.V, "0.001").Gt("20.5009"), r.V.Lt("82")).OrderBy(r.V.Desc()).All(t.Context(), db); err != nil || fmt.Sprint(got) != "[3 2]" {
			t.Error(got, err)
		}
		if got, err := repo.SelectValue(expr.Coalesce(expr.SumDecimal(r.V).Value(), "0")).From(r).All(t.Context(), db); err != nil || fmt.Sprint(got) != "[153.75]" {
			t.Error(got, err)
		}
		large := from(Lines.Big, func(f *gs) expr.Yields[Money] { return expr.ScaleDecimal(f.V, 1000000) })
		got, err := repo.SelectValue(large.V).From(large).OrderBy(large.N.Desc()).Limit(1).All(t.Context(), db)
		if db.Dialect().Capabilities().DecimalsAreText {
			if !errors.Is(err, dialect.ErrValue) {
				t.Error(got, err)
			}
		} else if err != nil || fmt.Sprint(got) != "[100000000001000000000000.000000]" {
			t.Error(got, err)
		}
		for name, r := range map[string]*gs{
			"a product": from(Lines.Price, func(f *gs) expr.Yields[Money] { return expr.MulDecimal(f.V, "1.1") }),
			"a column": repo.Recursive[gs]("r", pairs(Lines.Price, Lines.ID.Eq(1)), func(f *gs) repo.Selection[G] {
				return repo.Select(func(g *G) repo.Columns { return repo.Into(repo.To(&g.N, expr.Add(f.N, 1)), repo.To(&g.V, Lines.Rate)) }).
					From(f).Join(Lines, expr.On(Lines.ID, f.N)).Where(f.N.Lt(4))
			}),
		} {
			if _, err := repo.SelectValue(r.V).From(r).All(t.Context(), db); err == nil || !strings.Contains(err.Error(), "field V: a decimal with more digits after the point") {
				t.Error(name, err)
			}
		}
		joined := repo.RecursiveDistinct[gs]("r", pairs(Lines.Rate, Lines.ID.Eq(1)), func(f *gs) repo.Selection[G] {
			return repo.Select(func(g *G) repo.Columns { return repo.Into(repo.To(&g.N, expr.Add(f.N, 1)), repo.To(&g.V, Lines.Price)) }).
				From(f).Join(Lines, expr.On(Lines.ID, f.N)).Where(f.N.Lt(3))
		})
		if got, err := repo.SelectValue(joined.V).From(joined).OrderBy(joined.N.Asc()).All(t.Context(), db); err != nil || fmt.Sprint(got) != "[0.0050 10.2500 -0.0500]" {
			t.Error(got, err)
		}
		plain := repo.Recursive[gs]("r", pairs(Lines.Price, Lines.ID.Eq(1)), func(f *gs) repo.Selection[G] {
			return repo.Select(func(g *G) repo.Columns {
				return repo.Into(repo.To(&g.N, expr.Add(f.N, 1)), repo.To(&g.V, f.V))
			}).From(f).Where(f.N.Lt(3))
		})
		if got, err := repo.SelectValue(expr.ScaleDecimal(plain.V, 2)).From(plain).All(t.Context(), db); err != nil || len(got) != 3 {
			t.Error(got, err)
		}
	}, Lines)
}

type (
	CashRow struct {
		N int64
		V Cash
	}
	cashRows struct {
		schema.Table[CashRow]
		N expr.Column[CashRow, int64]
		V expr.Column[CashRow, Cash]
	}
)

// Rows of a type that is not one of decimals everywhere are texts, which are compared
// with no decimal.
func TestRowsOfTexts(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		v := repo.Rows[cashRows]("v", CashRow{1, "1.5"})
		for _, c := range []expr.Cond{expr.On(Bills.Due, v.V), expr.On(v.V, Bills.Due)} {
			if _, err := repo.SelectValue(Bills.ID).From(Bills).Join(v, c).All(t.Context(), db); !errors.Is(err, dialect.ErrNoDecimal) || !strings.Contains(err.Error(), "a comparison with a decimal of column v of v, which is no decimal") {
				t.Error(err)
			}
		}
	}, Bills)
}

type (
	// Want is a row of the program's.
	Want struct {
		N    int64
		V    Money
		Some *Money
	}
	wants struct {
		schema.Table[Want]
		N    expr.Column[Want, int64]
		V    expr.Column[Want, Money]
		Some expr.Nullable[Want, Money]
	}
)

// Decimals of rows of the program's have the digits of the longest, and are what those
// of a column are.
func TestRowsOfSeveralScales(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...) // prices 10.25, -0.05, 9.00, 10000.00; rates 10.2501, -0.0500, 0.0050, 123456.7891
		rows := func() *wants {
			return repo.Rows[wants]("v", Want{1, "10.25", ptr(Money("1"))}, Want{2, "9", nil}, Want{3, "-.0500", ptr(Money("0.125"))}, Want{4, "123456.7891", nil})
		}
		v := rows()
		pairsOf := func(on expr.Cond) string {
			type pair struct{ L, N int64 }
			got, err := repo.Select(func(p *pair) repo.Columns { return repo.Into(repo.To(&p.L, Lines.ID), repo.To(&p.N, v.N)) }).
				From(Lines).Join(v, on).OrderBy(Lines.ID.Asc(), v.N.Asc()).All(t.Context(), db)
			return fmt.Sprint(got, err)
		}
		for name, c := range map[string]struct {
			on   expr.Cond
			want string
		}{
			"eq":             {expr.On(Lines.Price, v.V), "[{1 1} {2 3} {3 2}] <nil>"},
			"eq, turned":     {expr.On(v.V, Lines.Price), "[{1 1} {2 3} {3 2}] <nil>"},
			"of one scale":   {expr.On(Lines.Rate, v.V), "[{2 3} {4 4}] <nil>"},
			"gt":             {Lines.Price.GtTo(v.V), "[{1 2} {1 3} {3 3} {4 1} {4 2} {4 3}] <nil>"},
			"le of one":      {v.V.LeTo(Lines.Rate), "[{1 1} {1 2} {1 3} {2 3} {3 3} {4 1} {4 2} {4 3} {4 4}] <nil>"},
			"a sum":          {expr.AddDecimal(v.V, "0.0001").EqTo(Lines.Rate), "[{1 1}] <nil>"},
			"a null":         {expr.AllOf(expr.IsNull(v.Some), expr.On(Lines.ID, v.N)), "[{2 2} {4 4}] <nil>"},
			"values":         {expr.AllOf(v.V.Gt("10.24999999"), v.V.Lt("10.25000001"), expr.On(Lines.ID, v.N)), "[{1 1}] <nil>"},
			"in":             {expr.AllOf(v.V.In("9.000000", "-0.05", "7.7777777"), expr.On(Lines.ID, v.N)), "[{2 2} {3 3}] <nil>"},
			"a coalesce":     {expr.CoalesceTo(v.Some, v.V).EqTo(Lines.Price), "[{3 2}] <nil>"},
			"a greatest, in": {expr.AllOf(expr.GreatestTo(v.V, expr.Val(Money("9.00001"))).In("9.00001", "10.25"), expr.On(Lines.ID, v.N)), "[{1 1} {2 2} {3 3}] <nil>"},
		} {
			for range 2 {
				if got := pairsOf(c.on); got != c.want {
					t.Errorf("%s: %s, want %s", name, got, c.want)
				}
			}
		}
		read := func(q repo.Selection[Money]) string {
			got, err := q.All(t.Context(), db)
			return fmt.Sprint(got, err)
		}
		ordered := repo.SelectValue(v.V).From(v).OrderBy(v.V.Desc())
		if got := read(ordered); got != "[123456.7891 10.2500 9.0000 -0.0500] <nil>" {
			t.Error(got)
		}
		if got := read(repo.SelectValue(v.V).From(v).Union(repo.SelectValue(Lines.Rate).From(Lines)).OrderBy(v.V.Asc())); got != "[-0.0500 0.0050 9.0000 10.2500 10.2501 123456.7891] <nil>" {
			t.Error(got)
		}
		if got := read(repo.SelectValue(v.V).From(v).Except(repo.SelectValue(Lines.Rate).From(Lines)).OrderBy(v.V.Asc())); got != "[9.0000 10.2500] <nil>" {
			t.Error(got)
		}
		common := repo.CTE[gs](repo.Select(func(g *G) repo.Columns { return repo.Into(repo.To(&g.N, v.N), repo.To(&g.V, v.V)) }).From(v), "c")
		if got := read(repo.SelectValue(common.V).From(common).Join(Lines, expr.On(Lines.Price, common.V)).OrderBy(common.V.Asc())); got != "[-0.0500 9.0000 10.2500] <nil>" {
			t.Error(got)
		}
		if got := read(repo.SelectValue(expr.Coalesce(expr.SumDecimal(v.V).Value(), "0")).From(v)); got != "[123475.9891] <nil>" {
			t.Error(got)
		}
		if got := read(repo.SelectValue(expr.Coalesce(expr.Max(v.V).Value(), "0")).From(v)); got != "[123456.7891] <nil>" {
			t.Error(got)
		}
		// Their digits are part of the shape.
		for _, w := range []Want{{1, "10.250", nil}, {1, "10.2500000", nil}, {1, "1025e-2", nil}, {1, "10.25", nil}} {
			few := repo.Rows[wants]("v", w)
			if got, err := repo.SelectValue(Lines.ID).From(Lines).Join(few, expr.On(Lines.Price, few.V)).All(t.Context(), db); err != nil || fmt.Sprint(got) != "[1]" {
				t.Error(w, got, err)
			}
		}
		wide := repo.Rows[wants]("v", Want{1, "12345678901234567890.5", nil}, Want{2, "10.25", nil})
		if got := read(repo.SelectValue(wide.V).From(wide).OrderBy(wide.N.Asc())); got != "[12345678901234567890.5 10.25] <nil>" && got != "[12345678901234567890.50 10.25] <nil>" {
			t.Error(got)
		}
		bad := repo.Rows[wants]("v", Want{1, "12 Euro", nil})
		if _, err := repo.SelectValue(bad.N).From(bad).All(t.Context(), db); err == nil || !strings.Contains(err.Error(), "field V: a value in place of a decimal: the text is no decimal number") || strings.Contains(err.Error(), "Euro") {
			t.Error(err)
		}
	}, Lines)
}
