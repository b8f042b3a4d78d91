package decimals_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
)

// tree is an expression and what it is for each line: of a scale, with a bound of the
// digits that it and all within it have. A nil is an error, by division by zero.
type tree struct {
	x     expr.Value[Line, Money, *Money]
	of    func(*Line) (decimal.Decimal, bool)
	scale int
	size  int
}

func column(c expr.Scoped[Line, Money], get func(*Line) *Money, digits, scale int) tree {
	return tree{expr.Optional(c), func(l *Line) (decimal.Decimal, bool) {
		v := get(l)
		if v == nil {
			return decimal.Decimal{}, false
		}
		return decimal.RequireFromString(string(*v)), true
	}, scale, digits}
}

var leaves = []tree{
	column(Lines.Price, func(l *Line) *Money { return &l.Price }, 6, 2),
	column(Lines.Rate, func(l *Line) *Money { return &l.Rate }, 6, 4),
	column(Lines.Rest, func(l *Line) *Money { return l.Rest }, 6, 2),
	column(Lines.Small, func(l *Line) *Money { return &l.Small }, 4, 2),
	column(Lines.Whole, func(l *Line) *Money { return &l.Whole }, 4, 0),
}

func (a tree) with(b tree, f func(x, y decimal.Decimal) decimal.Decimal) func(*Line) (decimal.Decimal, bool) {
	return func(l *Line) (decimal.Decimal, bool) {
		x, ok := a.of(l)
		y, ok2 := b.of(l)
		if !ok || !ok2 {
			return decimal.Decimal{}, false
		}
		return f(x, y), true
	}
}

// amount is a text of up to so many digits, of which scale stand after the point.
func amount(r *rand.Rand, digits, scale int) Money {
	n := r.Int64N(9) - 4 // halves and the like are near zero
	if r.IntN(3) > 0 {
		n = r.Int64N(2*pow10(digits)-1) - pow10(digits) + 1
	}
	return Money(decimal.New(n, int32(-scale)).StringFixed(int32(scale)))
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// grow makes a tree of so many operations. What would not fit 64 bits is made smaller.
func grow(r *rand.Rand, depth int) tree {
	if depth == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	a := grow(r, r.IntN(depth))
	switch r.IntN(11) {
	case 0, 1:
		b := grow(r, r.IntN(depth))
		scale := max(a.scale, b.scale)
		size := max(a.size-a.scale, b.size-b.scale) + scale + 1
		if size > 18 {
			return a
		}
		if r.IntN(2) == 0 {
			return tree{expr.AddDecimalTo(a.x, b.x), a.with(b, decimal.Decimal.Add), scale, size}
		}
		return tree{expr.SubDecimalTo(a.x, b.x), a.with(b, decimal.Decimal.Sub), scale, size}
	case 2:
		b := grow(r, r.IntN(depth))
		if a.size+b.size > 18 || a.scale+b.scale > 18 {
			return a
		}
		return tree{expr.MulDecimalTo(a.x, b.x), a.with(b, decimal.Decimal.Mul), a.scale + b.scale, a.size + b.size}
	case 3:
		b := grow(r, r.IntN(depth))
		scale := r.IntN(7)
		size := a.size - a.scale + b.scale + 1 + scale
		if zeros := scale - a.scale + b.scale; size > 18 || a.size+max(zeros, 0) > 18 || b.size+max(-zeros, 0) > 18 {
			return a
		}
		// Of zero it is an error, or NULL by NullIf.
		y := expr.NullIf(b.x, "0")
		return tree{expr.DivDecimalTo(a.x, y, scale), func(l *Line) (decimal.Decimal, bool) {
			p, ok := a.of(l)
			q, ok2 := b.of(l)
			if !ok || !ok2 || q.IsZero() {
				return decimal.Decimal{}, false
			}
			return quotient(p, q, scale), true
		}, scale, size}
	case 4:
		v, scale := amount(r, 3, 2), 2
		if a.size+2 > 18 {
			return a
		}
		d := decimal.RequireFromString(string(v))
		size := max(a.size-a.scale, 1) + max(a.scale, scale) + 2
		if size > 18 {
			return a
		}
		return tree{expr.AddDecimal(a.x, v), func(l *Line) (decimal.Decimal, bool) { x, ok := a.of(l); return x.Add(d), ok }, max(a.scale, scale), size}
	case 5:
		if a.size+2 > 18 {
			return a
		}
		n := r.IntN(199) - 99
		return tree{expr.ScaleDecimal(a.x, n), func(l *Line) (decimal.Decimal, bool) {
			x, ok := a.of(l)
			return x.Mul(decimal.NewFromInt(int64(n))), ok
		}, a.scale, a.size + 2}
	case 6:
		return tree{expr.NegDecimal(a.x), func(l *Line) (decimal.Decimal, bool) { x, ok := a.of(l); return x.Neg(), ok }, a.scale, a.size}
	case 8:
		b := grow(r, r.IntN(depth))
		scale := max(a.scale, b.scale)
		size := max(a.size-a.scale, b.size-b.scale) + scale
		if size > 18 {
			return a
		}
		return tree{expr.CoalesceTo(a.x, b.x), func(l *Line) (decimal.Decimal, bool) {
			if x, ok := a.of(l); ok {
				return x, true
			}
			return b.of(l)
		}, scale, size}
	case 9:
		b := grow(r, r.IntN(depth))
		scale := max(a.scale, b.scale)
		size := max(a.size-a.scale, b.size-b.scale) + scale
		if size > 18 {
			return a
		}
		return tree{expr.LeastTo(a.x, b.x), a.with(b, func(x, y decimal.Decimal) decimal.Decimal { return decimal.Min(x, y) }), scale, size}
	case 7:
		return tree{expr.AbsDecimal(a.x), func(l *Line) (decimal.Decimal, bool) { x, ok := a.of(l); return x.Abs(), ok }, a.scale, a.size}
	}
	scale := r.IntN(7)
	size := max(a.size-a.scale, 0) + 1 + scale
	if size > 18 {
		return a
	}
	return tree{expr.RoundDecimal(a.x, scale), func(l *Line) (decimal.Decimal, bool) { x, ok := a.of(l); return x.Round(int32(scale)), ok }, scale, size}
}

// quotient rounds once, halves away from zero: by the quotient cut off and what is
// left.
func quotient(x, y decimal.Decimal, scale int) decimal.Decimal {
	q, rest := x.QuoRem(y, int32(scale))
	if rest.Abs().Mul(decimal.NewFromInt(2)).Cmp(y.Abs().Mul(decimal.New(1, int32(-scale)))) >= 0 {
		step := decimal.New(1, int32(-scale))
		if x.Sign() != y.Sign() {
			step = step.Neg()
		}
		q = q.Add(step)
	}
	return q
}

func randomLines(r *rand.Rand, n int) []Line {
	list := make([]Line, n)
	for i := range list {
		l := Line{
			Shop: []string{"a", "b", "c"}[r.IntN(3)], Price: amount(r, 6, 2), Rate: amount(r, 6, 4), Small: amount(r, 4, 2), Whole: amount(r, 4, 0),
			Big: amount(r, 12, 6), Size: decimal.New(r.Int64N(2e6)-1e6, -3), Many: r.Int64N(41) - 20,
		}
		if r.IntN(4) > 0 {
			l.Rest = ptr(amount(r, 6, 2))
		}
		list[i] = l
	}
	return list
}

// Both databases give the texts that arithmetic in Go gives, of any expression.
func TestRandomArithmetic(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		r := rand.New(rand.NewPCG(6, 18))
		list := randomLines(r, 60)
		put(t, db, list...)
		for range 400 {
			x := grow(r, 1+r.IntN(5))
			got := read(t, db, x.x)
			by := []int64{}
			limit := amount(r, 4, r.IntN(4))
			for i := range list {
				want, ok := x.of(&list[i])
				switch {
				case !ok && got[i] == nil:
				case ok && got[i] != nil && want.StringFixed(int32(x.scale)) == string(*got[i]):
				default:
					t.Fatalf("line %+v: %s, want %s (%v)", list[i], show(got[i]), want.StringFixed(int32(x.scale)), ok)
				}
				if ok && want.Cmp(decimal.RequireFromString(string(limit))) > 0 {
					by = append(by, int64(i+1))
				}
			}
			// A column alone takes no value of more digits than its own.
			if got := found(t, db, expr.RoundDecimal(x.x, x.scale).Gt(limit)); fmt.Sprint(got) != fmt.Sprint(by) {
				t.Fatalf("more than %s: %v, want %v", limit, got, by)
			}
		}
	}, Lines)
}

func show(m *Money) string {
	if m == nil {
		return "NULL"
	}
	return string(*m)
}
