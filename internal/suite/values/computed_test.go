package values_test

import (
	"context"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// Aggregates, windows and subqueries are operands like columns.
func TestValuesOfAggregates(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		type row struct {
			N, Sum, Less, Above int64
			Mean                float64
			Size                string
			Share               float64
		}
		sum, count := expr.Sum(Items.M), expr.CountAll()
		largest := repo.SelectValue(expr.Max(Items.N)).From(Items)
		rows, err := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.N, Items.N),
				repo.To(&r.Sum, expr.Coalesce(sum.Filter(Items.S.Ne("größer")).Value(), 0)),
				repo.To(&r.Less, expr.SubTo(expr.Coalesce(sum.Value(), 0), count)),
				repo.To(&r.Above, expr.Coalesce(expr.SubTo(repo.SubNull(largest).Value(), expr.Optional(Items.N)), 0)),
				repo.To(&r.Mean, expr.RoundTo(expr.Coalesce(expr.Avg(Items.F).Value(), 0), 2)),
				repo.To(&r.Size, expr.Case(count.Value().Gt(1), "many").Else("one")),
				repo.To(&r.Share, expr.DivTo(expr.Cast[float64](count.Value()), expr.Cast[float64](expr.Coalesce(expr.Sum(count).Over(expr.Window()).Value(), 1)))))
		}).From(Items).GroupBy(Items.N).Having(expr.AnyOf(expr.Add(count.Value(), 1).Gt(3), Items.N.Gt(4))).
			OrderBy(expr.Neg(count.Value()).Asc()).All(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "a constant moved", ids(t, db, Items.At.LtTo(expr.AddDays(expr.Val(fill(Item{}).At).Value(), 1))), []int64{1, 2, 3, 4, 5})
		same(t, "now moved", ids(t, db, Items.At.GeTo(expr.AddYears(expr.Now().Value(), 1))), []int64{})
		same(t, "rows", rows, []row{{N: 2, Sum: 4, Less: 1, Above: 3, Mean: 1.83, Size: "many", Share: 0.75}, {N: 5, Less: -2, Mean: 0.25, Size: "one", Share: 0.25}})
	}, Items)
}

// Sums of whole numbers are whole, in what is made of them too; PostgreSQL's own sum
// of them is a decimal.
func TestSumsAreWhole(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...) // N is 1, 2, 2, 5, 2
		same(t, "divided", total(t, db, expr.Div(expr.Coalesce(expr.Sum(Items.N).Value(), 0), 5)), 2)
		same(t, "of products", total(t, db, expr.Div(expr.Sum(expr.MulTo(expr.Abs(Items.N), Items.N)).Value(), 5)), ptr[int64](7))
		same(t, "of distinct ones", total(t, db, expr.Div(expr.Sum(Items.N).Distinct().Filter(Items.N.Lt(5)).Value(), 2)), ptr[int64](1))
		same(t, "of cases", total(t, db, expr.Div(expr.Sum(expr.Case(Items.N.Gt(1), int64(1)).Else(0)).Value(), 3)), ptr[int64](1))
		same(t, "of documents", total(t, db, expr.Div(expr.Sum(expr.Coalesce(expr.JSON[int64](Items.Doc, "v"), 3)).Value(), 2)), ptr[int64](7))
		same(t, "over a window", read(t, db, expr.Div(expr.Sum(Items.N).Over(expr.Window()).Value(), 5))[0], ptr[int64](2))
		same(t, "of years", total(t, db, expr.Div(expr.Sum(expr.Year(Items.At)).Value(), 4)), ptr[int64](2026*5/4))
		same(t, "of fractions", total(t, db, expr.Div(expr.Sum(Items.F).Value(), 4)), ptr(6.75/4))
		type sums struct {
			schema.Table[cell[*int64]]
			V expr.Nullable[cell[*int64], int64]
		}
		inner := repo.As[sums](repo.Select(func(c *cell[*int64]) repo.Columns { return repo.Into(repo.To(&c.V, expr.Sum(Items.N))) }).From(Items), "inner")
		got, err := repo.SelectValue(expr.Div(inner.V, 5)).From(inner).One(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "of a query within", got, ptr[int64](2))
		counts := repo.SelectValue(expr.Div(expr.Sum(expr.CountAll()).Over(expr.Window()).Value(), 2)).From(Items).GroupBy(Items.N).Limit(1)
		if got, err = counts.One(context.Background(), db); err != nil {
			t.Fatal(err)
		}
		same(t, "of counts", got, ptr[int64](2))
	}, Items)
}

// NULL has a type, which a union needs.
func TestNull(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group[:2]...)
		type row struct {
			S *string
			N *int64
			F *float64
			B *bool
			T *time.Time
			G *Grade
		}
		none := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.S, expr.Null[string]()), repo.To(&r.N, expr.Null[int64]()), repo.To(&r.F, expr.Null[float64]()),
				repo.To(&r.B, expr.Null[bool]()), repo.To(&r.T, expr.Null[time.Time]()), repo.To(&r.G, expr.Null[Grade]()))
		})
		some := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.S, expr.Optional(Items.S)), repo.To(&r.N, expr.Optional(Items.N)), repo.To(&r.F, expr.Optional(Items.F)),
				repo.To(&r.B, expr.Optional(expr.Case(Items.N.Gt(1), true).Else(false))), repo.To(&r.T, expr.Optional(Items.At)), repo.To(&r.G, expr.Optional(expr.Cast[Grade](expr.Cast[string](Items.Grade)))))
		}).From(Items)
		at := fill(Item{}).At
		want := []row{{}, {ptr("b"), ptr[int64](1), ptr(1.0), ptr(false), &at, ptr(Grade("good"))}, {ptr("a"), ptr[int64](2), ptr(4.5), ptr(true), &at, ptr(Grade("good"))}}
		got, err := none.UnionAll(some).OrderBy(expr.Null[int64]().Asc().NullsFirst()).All(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "first in a union", got, want)
		if got, err = some.UnionAll(none).OrderBy(expr.Optional(Items.N).Asc().NullsFirst()).All(context.Background(), db); err != nil {
			t.Fatal(err)
		}
		same(t, "last in a union", got, want)
		same(t, "compared", ids(t, db, Items.N.EqTo(expr.Null[int64]())), []int64{})
		same(t, "coalesced", read(t, db, expr.Coalesce(expr.Null[int64](), 7)), []int64{7, 7})
	}, Items)
}
