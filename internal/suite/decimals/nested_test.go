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
	D struct {
		N int64
		V decimal.Decimal
	}
	ds struct {
		schema.Table[D]
		N expr.Column[D, int64]
		V expr.Column[D, decimal.Decimal]
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

// A recursive query computes no decimals, of which each row has more digits.
func TestRecursiveDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		r := repo.Recursive[gs]("r", pairs(Lines.Price, Lines.ID.Eq(1)), func(f *gs) repo.Selection[G] {
			return repo.Select(func(g *G) repo.Columns {
				return repo.Into(repo.To(&g.N, expr.Add(f.N, 1)), repo.To(&g.V, expr.AddDecimalTo(f.V, f.V)))
			}).From(f).Where(f.N.Lt(5))
		})
		if _, err := repo.SelectValue(r.V).From(r).All(t.Context(), db); err == nil || !strings.Contains(err.Error(), "field V: a decimal that each row computes") {
			t.Error(err)
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

// A decimal of Rows is no decimal to the database, whose texts would be compared.
func TestRowsOfDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		v := repo.Rows[ds]("v", D{1, decimal.RequireFromString("1.5")})
		for _, c := range []expr.Cond{expr.On(Lines.Size, v.V), expr.On(v.V, Lines.Size)} {
			if _, err := repo.SelectValue(Lines.ID).From(Lines).Join(v, c).All(t.Context(), db); err == nil || !strings.Contains(err.Error(), "a comparison with a decimal of column v of v, which is no decimal") {
				t.Error(err)
			}
		}
	}, Lines)
}
