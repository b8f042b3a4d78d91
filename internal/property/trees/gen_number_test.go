package trees_test

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/expr"
)

// fits is the bound of integers that are made: half of what 64 bits hold.
const fits = 1 << 62

func (g *gen) integer(depth int) val {
	x := g.value(kInt, depth)
	out := val{k: kInt, null: x.null}
	set := func(n expr.Node, max float64, ev func(*env) any) val {
		if max > fits {
			return x
		}
		out.n, out.max, out.ev = n, max, ev
		return out
	}
	i64 := func(f func(a, b int64) int64) func(a, b any) any {
		return func(a, b any) any { return f(a.(int64), b.(int64)) }
	}
	bits := func(a, b float64) float64 { return 2*math.Max(a, b) + 2 }
	switch c := g.s.n(16); c {
	case 0, 1, 2, 3: // with a plain value
		y := g.plainVal(kInt)
		v := y.ev(nil)
		switch g.s.n(6) {
		case 0:
			return set(num[kInt].arith(opAdd, x, v), x.max+y.max, lift2(x, y, i64(func(a, b int64) int64 { return a + b })))
		case 1:
			return set(num[kInt].arith(opSub, x, v), x.max+y.max, lift2(x, y, i64(func(a, b int64) int64 { return a - b })))
		case 2:
			return set(num[kInt].arith(opMul, x, v), x.max*y.max, lift2(x, y, i64(func(a, b int64) int64 { return a * b })))
		case 3, 4:
			// Division by the value zero is an error of the build.
			w := v.(int64)
			if w == 0 {
				w = 3
			}
			y.ev = func(*env) any { return w }
			if g.s.flag() {
				return set(num[kInt].arith(opDiv, x, w), x.max, lift2(x, y, i64(func(a, b int64) int64 { return a / b })))
			}
			return set(nodeOf(expr.Mod(opt[int64](x), w)), x.max, lift2(x, y, i64(func(a, b int64) int64 { return a % b })))
		}
		switch g.s.n(3) {
		case 0:
			return set(nodeOf(expr.BitAnd(opt[int64](x), v.(int64))), bits(x.max, y.max), lift2(x, y, i64(func(a, b int64) int64 { return a & b })))
		case 1:
			return set(nodeOf(expr.BitOr(opt[int64](x), v.(int64))), bits(x.max, y.max), lift2(x, y, i64(func(a, b int64) int64 { return a | b })))
		}
		return set(nodeOf(expr.BitXor(opt[int64](x), v.(int64))), bits(x.max, y.max), lift2(x, y, i64(func(a, b int64) int64 { return a ^ b })))
	case 4, 5, 6: // with an expression
		y := g.value(kInt, depth)
		out.null = x.null || y.null
		switch g.s.n(7) {
		case 0:
			return set(num[kInt].arithTo(opAdd, x, y), x.max+y.max, lift2(x, y, i64(func(a, b int64) int64 { return a + b })))
		case 1:
			return set(num[kInt].arithTo(opSub, x, y), x.max+y.max, lift2(x, y, i64(func(a, b int64) int64 { return a - b })))
		case 2:
			return set(num[kInt].arithTo(opMul, x, y), x.max*y.max, lift2(x, y, i64(func(a, b int64) int64 { return a * b })))
		case 3, 4:
			// PostgreSQL fails at a division by zero and SQLite gives NULL: NULLIF
			// makes it NULL on both, as the documents say.
			z := val{k: kInt, n: of[kInt].nullIf(y, int64(0)), ev: nullIf(y, constant(int64(0)))}
			out.null = true
			if g.s.flag() {
				return set(num[kInt].arithTo(opDiv, x, z), x.max, lift2(x, z, i64(func(a, b int64) int64 { return a / b })))
			}
			return set(nodeOf(expr.ModTo(opt[int64](x), opt[int64](z))), x.max, lift2(x, z, i64(func(a, b int64) int64 { return a % b })))
		}
		switch g.s.n(3) {
		case 0:
			return set(nodeOf(expr.BitAndTo(opt[int64](x), opt[int64](y))), bits(x.max, y.max), lift2(x, y, i64(func(a, b int64) int64 { return a & b })))
		case 1:
			return set(nodeOf(expr.BitOrTo(opt[int64](x), opt[int64](y))), bits(x.max, y.max), lift2(x, y, i64(func(a, b int64) int64 { return a | b })))
		}
		return set(nodeOf(expr.BitXorTo(opt[int64](x), opt[int64](y))), bits(x.max, y.max), lift2(x, y, i64(func(a, b int64) int64 { return a ^ b })))
	case 7:
		if g.s.flag() {
			return set(num[kInt].abs(x), x.max, lift1(x, func(v any) any { return max(v.(int64), -v.(int64)) }))
		}
		return set(num[kInt].neg(x), x.max, lift1(x, func(v any) any { return -v.(int64) }))
	case 8:
		n := g.v.n(5)
		if g.s.flag() {
			return set(nodeOf(expr.ShiftLeft(opt[int64](x), n)), x.max*16, lift1(x, func(v any) any { return v.(int64) << n }))
		}
		return set(nodeOf(expr.ShiftRight(opt[int64](x), n*5)), x.max+1, lift1(x, func(v any) any { return v.(int64) >> (n * 5) }))
	case 9:
		return set(nodeOf(expr.BitNot(opt[int64](x))), x.max+1, lift1(x, func(v any) any { return ^v.(int64) }))
	case 10, 11:
		l := g.length(depth)
		out.null = l.null
		return set(l.n, 1e6, l.ev)
	case 12:
		if g.s.flag() { // there and back: SQLite makes 0 of text that is no number, PostgreSQL fails
			text := nodeOf(expr.CastNull[string](opt[int64](x)))
			return set(nodeOf(expr.CastNull[int64](expr.NewValue[row, string, *string](text))), x.max, x.ev)
		}
		f := g.value(kFloat, depth)
		out.null = f.null
		return set(nodeOf(expr.CastNull[int64](opt[float64](f))), f.max, lift1(f, func(v any) any { return int64(v.(float64)) }))
	case 13, 14:
		t := g.value(kTime, depth)
		out.null = t.null
		x := opt[time.Time](t)
		parts := []struct {
			n expr.Node
			f func(time.Time) int
		}{
			{nodeOf(expr.Year(x)), time.Time.Year}, {nodeOf(expr.Month(x)), func(t time.Time) int { return int(t.Month()) }}, {nodeOf(expr.Day(x)), time.Time.Day},
			{nodeOf(expr.Hour(x)), time.Time.Hour}, {nodeOf(expr.Minute(x)), time.Time.Minute}, {nodeOf(expr.Second(x)), time.Time.Second},
			{nodeOf(expr.Weekday(x)), func(t time.Time) int { return int(t.Weekday()) }},
		}
		if g.s.rarely(4) {
			day := pick(g.v, days)
			return set(nodeOf(expr.MicrosecondsSince(x, day)), 1e17, lift1(t, func(v any) any { return v.(time.Time).UnixMicro() - day.UnixMicro() }))
		}
		p := pick(g.s, parts)
		return set(p.n, 1e4, lift1(t, func(v any) any { return int64(p.f(v.(time.Time))) }))
	}
	return g.counted(depth)
}

// length is the length of a text or of bytes, or where something stands in a text.
func (g *gen) length(depth int) val {
	out := val{k: kInt, max: 1e6}
	if g.s.rarely(3) {
		y := g.value(kBytes, depth)
		out.null, out.n = y.null, nodeOf(expr.Length(opt[[]byte](y)))
		out.ev = lift1(y, func(v any) any { return int64(len(v.(blob))) })
		return out
	}
	s := g.value(kText, depth)
	out.null = s.null
	if g.s.flag() {
		out.n = nodeOf(expr.Length(opt[string](s)))
		out.ev = lift1(s, func(v any) any { return int64(utf8.RuneCountInString(v.(string))) })
		return out
	}
	part := pick(g.v, texts)
	out.n = nodeOf(expr.Position(opt[string](s), part))
	out.ev = lift1(s, func(v any) any {
		at := strings.Index(v.(string), part)
		if at < 0 {
			return int64(0)
		}
		return int64(utf8.RuneCountInString(v.(string)[:at]) + 1)
	})
	return out
}

func (g *gen) float(depth int) val {
	x := g.value(kFloat, depth)
	out := val{k: kFloat, null: x.null, scale: -1}
	set := func(n expr.Node, max float64, scale int, ev func(*env) any) val {
		if max > 1e100 {
			return x
		}
		// A float is exact as long as its bits fit; else it is rounded, the same way
		// everywhere, but a sum of such depends on the order of its rows.
		if scale >= 0 && max*math.Pow(2, float64(scale)) < 1<<40 {
			out.scale = scale
		}
		out.n, out.max, out.ev = n, max, ev
		return out
	}
	f64 := func(f func(a, b float64) float64) func(a, b any) any {
		return func(a, b any) any { return f(a.(float64), b.(float64)) }
	}
	scales := func(y val, both int) int {
		if x.scale < 0 || y.scale < 0 {
			return -1
		}
		return both
	}
	switch c := g.s.n(10); c {
	case 0, 1, 2, 3:
		var y val
		var v any
		plain := c < 2
		if plain {
			y = g.plainVal(kFloat)
			v = y.ev(nil)
		} else {
			y = g.value(kFloat, depth)
			out.null = x.null || y.null
		}
		make := func(op int) expr.Node {
			if plain {
				return num[kFloat].arith(op, x, v)
			}
			return num[kFloat].arithTo(op, x, y)
		}
		switch g.s.n(4) {
		case 0:
			return set(make(opAdd), x.max+y.max, scales(y, max(x.scale, y.scale)), lift2(x, y, f64(func(a, b float64) float64 { return a + b })))
		case 1:
			return set(make(opSub), x.max+y.max, scales(y, max(x.scale, y.scale)), lift2(x, y, f64(func(a, b float64) float64 { return a - b })))
		case 2:
			return set(make(opMul), x.max*y.max, scales(y, x.scale+y.scale), lift2(x, y, f64(func(a, b float64) float64 { return float64(a * b) })))
		}
		if y.scale < 0 { // it may be as small as an error of rounding
			return x
		}
		if plain {
			w := v.(float64)
			if w == 0 {
				w = 0.75
			}
			y.ev, v = func(*env) any { return w }, w
		} else {
			y = val{k: kFloat, scale: y.scale, n: of[kFloat].nullIf(y, 0.0), ev: nullIf(y, constant(0.0))}
			out.null = true
		}
		return set(make(opDiv), x.max*math.Pow(2, float64(y.scale)), -1, lift2(x, y, f64(func(a, b float64) float64 { return a / b })))
	case 4:
		return set(num[kFloat].neg(x), x.max, x.scale, lift1(x, func(v any) any { return -v.(float64) }))
	case 5:
		return set(num[kFloat].abs(x), x.max, x.scale, lift1(x, func(v any) any { return math.Abs(v.(float64)) }))
	case 6, 7:
		if x.scale < 0 { // near a half the databases' ways to round differ, which is documented
			return x
		}
		switch g.s.n(4) {
		case 1:
			return set(nodeOf(expr.Floor(opt[float64](x))), x.max+1, 0, lift1(x, func(v any) any { return math.Floor(v.(float64)) }))
		case 2:
			return set(nodeOf(expr.Ceil(opt[float64](x))), x.max+1, 0, lift1(x, func(v any) any { return math.Ceil(v.(float64)) }))
		case 3:
			if x.scale <= 2 { // two digits hold it whole
				return set(nodeOf(expr.RoundTo(opt[float64](x), 2+g.v.n(3))), x.max, x.scale, x.ev)
			}
		}
		return set(nodeOf(expr.Round(opt[float64](x))), x.max+1, 0, lift1(x, func(v any) any { return math.Round(v.(float64)) }))
	}
	i := g.value(kInt, depth)
	out.null = i.null
	return set(nodeOf(expr.CastNull[float64](opt[int64](i))), i.max, 0, lift1(i, func(v any) any { return float64(v.(int64)) }))
}
