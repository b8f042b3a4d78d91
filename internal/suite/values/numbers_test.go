package values_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

var numbers = []Item{
	{N: 7, Small: 7, M: ptr[int64](3), F: 7, G: ptr(0.5), S: "ab"},
	{N: -7, Small: -7, M: ptr[int64](-3), F: -7.5, S: ""},
	{N: 0, Small: 0, F: 0, G: ptr(-2.25), S: "größer"},
	{N: math.MaxInt64, Small: math.MaxInt32, M: ptr[int64](math.MinInt64), F: 1e15 + 0.5, S: "größer"},
	{N: math.MinInt64, Small: math.MinInt32, M: ptr[int64](1), F: -0.125, S: "日本語"},
	{N: 0x5555, Small: 0x33, M: ptr[int64](0x3333), F: 1.0 / 3, S: "b"},
}

func mapped[V, R any](p *V, f func(V) R) *R {
	if p == nil {
		return nil
	}
	return ptr(f(*p))
}

func TestBits(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, numbers...)
		for _, v := range []int64{0, 1, -1, 0x0f0f, math.MinInt64, math.MaxInt64} {
			same(t, "xor", read(t, db, expr.BitXor(Items.N, v)), each(numbers, func(i Item) int64 { return i.N ^ v }))
			same(t, "xor of NULL", read(t, db, expr.BitXor(Items.M, v)), each(numbers, func(i Item) *int64 { return mapped(i.M, func(m int64) int64 { return m ^ v }) }))
			same(t, "and", read(t, db, expr.BitAnd(Items.N, v)), each(numbers, func(i Item) int64 { return i.N & v }))
			same(t, "or", read(t, db, expr.BitOr(Items.N, v)), each(numbers, func(i Item) int64 { return i.N | v }))
		}
		same(t, "xor of a small one", read(t, db, expr.BitXor(Items.Small, -2)), each(numbers, func(i Item) int32 { return i.Small ^ -2 }))
		same(t, "xor to", read(t, db, expr.BitXorTo(expr.Optional(Items.N), Items.M)), each(numbers, func(i Item) *int64 { return mapped(i.M, func(m int64) int64 { return i.N ^ m }) }))
		same(t, "and to", read(t, db, expr.BitAndTo(Items.M, Items.M)), each(numbers, func(i Item) *int64 { return i.M }))
		same(t, "or to", read(t, db, expr.BitOrTo(Items.N, Items.ID)), func() []int64 {
			var out []int64
			for k, i := range numbers {
				out = append(out, i.N|int64(k+1))
			}
			return out
		}())
		same(t, "not", read(t, db, expr.BitNot(Items.N)), each(numbers, func(i Item) int64 { return ^i.N }))
		same(t, "not of a small one", read(t, db, expr.BitNot(Items.Small)), each(numbers, func(i Item) int32 { return ^i.Small }))
		same(t, "not of NULL", read(t, db, expr.BitNot(Items.M)), each(numbers, func(i Item) *int64 { return mapped(i.M, func(m int64) int64 { return ^m }) }))
		for _, n := range []int{0, 1, 31, 32, 62, 63} {
			same(t, "left", read(t, db, expr.ShiftLeft(Items.N, n)), each(numbers, func(i Item) int64 { return i.N << n }))
			same(t, "right", read(t, db, expr.ShiftRight(Items.N, n)), each(numbers, func(i Item) int64 { return i.N >> n }))
			same(t, "right of NULL", read(t, db, expr.ShiftRight(Items.M, n)), each(numbers, func(i Item) *int64 { return mapped(i.M, func(m int64) int64 { return m >> n }) }))
		}
		same(t, "right of a small one", read(t, db, expr.ShiftRight(Items.Small, 3)), each(numbers, func(i Item) int32 { return i.Small >> 3 }))
		same(t, "in a condition", ids(t, db, expr.BitXor(expr.BitAnd(Items.N, 0xff), 0x55).Eq(0)), []int64{6})
	}, Items)
}

// Division means the same on every database: whole numbers are cut off towards zero,
// others are not.
func TestDivision(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, numbers...)
		for _, v := range []int64{2, -2, 3, -7, 1, math.MaxInt64} {
			same(t, "int64", read(t, db, expr.Div(Items.N, v)), each(numbers, func(i Item) int64 { return i.N / v }))
			same(t, "rest", read(t, db, expr.Mod(Items.N, v)), each(numbers, func(i Item) int64 { return i.N % v }))
			same(t, "of NULL", read(t, db, expr.Div(Items.M, v)), each(numbers, func(i Item) *int64 { return mapped(i.M, func(m int64) int64 { return m / v }) }))
		}
		same(t, "int32", read(t, db, expr.Div(Items.Small, 4)), each(numbers, func(i Item) int32 { return i.Small / 4 }))
		for _, v := range []float64{2, -2, 0.3, 7, 1e10} {
			same(t, "float", read(t, db, expr.Div(Items.F, v)), each(numbers, func(i Item) float64 { return i.F / v }))
			same(t, "float of NULL", read(t, db, expr.Div(Items.G, v)), each(numbers, func(i Item) *float64 { return mapped(i.G, func(g float64) float64 { return g / v }) }))
		}
		same(t, "whole floats", ids(t, db, expr.Div(Items.F, 2).Eq(3.5)), []int64{1})
		same(t, "of a cast", read(t, db, expr.Div(expr.Cast[float64](Items.Small), 2)), each(numbers, func(i Item) float64 { return float64(i.Small) / 2 }))
		same(t, "of a product", read(t, db, expr.Mul(expr.Div(Items.Small, 2), 2)), each(numbers, func(i Item) int32 { return i.Small / 2 * 2 }))
		same(t, "by NULL where it is zero", read(t, db, expr.DivTo(expr.Optional(Items.F), expr.NullIf(Items.F, 0))), each(numbers, func(i Item) *float64 {
			if i.F == 0 {
				return nil
			}
			return ptr(1.0)
		}))
	}, Items)
}

func TestGreatestAndLeast(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, numbers...)
		same(t, "greatest", read(t, db, expr.Greatest(Items.N, 5, -3)), each(numbers, func(i Item) int64 { return max(i.N, 5, -3) }))
		same(t, "least", read(t, db, expr.Least(Items.F, 0.25)), each(numbers, func(i Item) float64 { return min(i.F, 0.25) }))
		same(t, "of NULL", read(t, db, expr.Greatest(Items.M, 2)), each(numbers, func(i Item) *int64 { return mapped(i.M, func(m int64) int64 { return max(m, 2) }) }))
		same(t, "to", read(t, db, expr.LeastTo(expr.Optional(Items.N), Items.M, expr.Optional(Items.ID))), func() []*int64 {
			var out []*int64
			for k, i := range numbers {
				out = append(out, mapped(i.M, func(m int64) int64 { return min(i.N, m, int64(k+1)) }))
			}
			return out
		}())
		same(t, "of texts", read(t, db, expr.Greatest(Items.S, "azz")), each(numbers, func(i Item) string { return max(i.S, "azz") }))
		same(t, "of times", read(t, db, expr.Least(Items.At, fill(Item{}).At.AddDate(1, 0, 0))), each(numbers, func(Item) time.Time { return fill(Item{}).At }))
		same(t, "in a condition", ids(t, db, expr.Greatest(Items.N, 8).Gt(8)), []int64{4, 6})
		same(t, "of decimals", read(t, db, expr.Greatest(Items.Price, "1.00")), each(numbers, func(Item) Price { return "1.00" }))
	}, Items)
}

func TestPositionAndCollate(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		list := append([]Item{{S: "xöx", O: ptr("aöb"), Grade: "bad"}, {S: "a%_b", O: nil}}, numbers...)
		put(t, db, list...)
		for _, part := range []string{"ö", "b", "", "%", "_b", "本", "語x", `'`, `\`} {
			pos := func(s string) int64 {
				k := strings.Index(s, part)
				if k < 0 {
					return 0
				}
				return int64(utf8.RuneCountInString(s[:k])) + 1
			}
			same(t, "position of "+part, read(t, db, expr.Position(Items.S, part)), each(list, func(i Item) int64 { return pos(i.S) }))
			same(t, "in NULL of "+part, read(t, db, expr.Position(Items.O, part)), each(list, func(i Item) *int64 { return mapped(i.O, pos) }))
		}
		same(t, "in an enum", ids(t, db, expr.Position(Items.Grade, "ad").Eq(2)), []int64{1})

		put(t, db, Item{S: "b"}, Item{S: "A"}, Item{S: "a"}, Item{S: "B"})
		binary := map[string]string{"sqlite": "BINARY", "postgres": "C"}[db.Dialect().Name()]
		same(t, "collated", ids(t, db, expr.Collate(Items.S, binary).Lt("a")), []int64{2, 4})
		if db.Dialect().Name() == "sqlite" {
			same(t, "without case", ids(t, db, expr.Collate(Items.S, "NOCASE").Eq("a")), []int64{2, 3})
		}
		if _, err := repo.New[Item](db).Untracked().Find(context.Background(), expr.Collate(Items.S, `no " such`).Lt("a")); err == nil || !strings.Contains(err.Error(), "such") {
			t.Errorf("no such collation: %v", err)
		}
	}, Items)
}
