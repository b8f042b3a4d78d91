package trees_test

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// gen makes trees: of what shape says the tape s, of which values the tape v. Nothing
// about the shape goes by a value.
type gen struct {
	s, v  *tape
	scope []*place // what can be named, the innermost last
	group *plan    // of which groups the values are, nil for none
	nest  int      // how many statements may still be within this one
	// related says whether conditions over related rows may be made: not of groups,
	// which have no row to start from.
	related bool
	named   int
	db      *engine.Engine // of which repositories are, where only their texts are asked for
	// byteOrder says that texts are ordered by their bytes.
	byteOrder bool
	aggArg    bool
	member    bool     // a SELECT of a set operation is made
	own       []*place // of the statement at hand
	// plainGroups groups by nothing that has parameters, and makes no distinct rows of
	// such: whether what is read is what is grouped by goes by their values, and so
	// does the text.
	plainGroups bool
}

// place is an occurrence of a table or of a query's rows.
type place struct {
	src    *expr.Source
	handle schema.Handle
	leaves []val
	keys   []val // that tell the rows apart
	links  []val // small numbers, to join by
	rels   []relation
	rows   func(*env) []*record
}

func lift1(x val, f func(any) any) func(*env) any {
	return func(e *env) any {
		if v := x.ev(e); v != nil {
			return f(v)
		}
		return nil
	}
}

func lift2(x, y val, f func(a, b any) any) func(*env) any {
	return func(e *env) any {
		a, b := x.ev(e), y.ev(e)
		if a == nil || b == nil {
			return nil
		}
		return f(a, b)
	}
}

func constant(v any) val { return val{ev: func(*env) any { return v }} }

// leaf is a column, a group's key, an aggregate or a plain value.
func (g *gen) leaf(k kind) val {
	var found []val
	if g.group != nil && !g.aggArg {
		if g.s.n(2) == 1 {
			if x, ok := g.aggregate(k); ok && !x.rough {
				x.n, x.agg = of[k].operand(x), false
				return x
			}
		}
		for _, x := range g.group.group {
			// A CASE of plain values takes the form of the column that it is compared
			// to, and is another expression then than the one that is grouped by.
			if _, is := x.n.(*expr.CaseNode); x.k == k && !(is && parameterized(x.n)) {
				found = append(found, x)
			}
		}
	} else {
		for i := len(g.scope) - 1; i >= 0; i-- {
			for _, x := range g.scope[i].leaves {
				if x.k == k {
					found = append(found, x)
				}
			}
		}
	}
	if len(found) == 0 {
		return g.literal(k)
	}
	return pick(g.s, found)
}

// literal is a value, as an expression of its own.
func (g *gen) literal(k kind) val {
	v, max := g.plain(k)
	x := constant(v)
	x.k, x.max, x.scale, x.n = k, max, 2, of[k].val(v)
	return x
}

// plain is a value and the bound of all that could stand in its place.
func (g *gen) plain(k kind) (any, float64) {
	switch k {
	case kInt:
		if g.s.rarely(8) {
			return pick(g.v, larges), 9e15
		}
		return pick(g.v, numbers), 1000
	case kFloat:
		return pick(g.v, floats), 1001
	case kText:
		return pick(g.v, texts), 0
	case kBool:
		return g.v.flag(), 0
	case kTime:
		return pick(g.v, days), 0
	case kBytes:
		return blob(pick(g.v, blobs)), 0
	}
	return pick(g.v, amounts), 0
}

// ordered reports whether a kind has an order that the databases agree on.
func (g *gen) ordered(k kind) bool { return k != kText || g.byteOrder }

// value makes one of at most so many levels.
func (g *gen) value(k kind, depth int) val {
	if depth <= 0 || g.s.n(3) == 0 {
		return g.leaf(k)
	}
	// A decimal of values alone has the digits that they are written with, which are
	// part of the shape.
	if k == kPrice {
		x := g.leaf(k)
		if x.col {
			v, _ := g.plain(k)
			return val{k: k, n: of[k].coalesce(x, v), decimal: true, ev: func(e *env) any {
				if w := x.ev(e); w != nil {
					return w
				}
				return v
			}}
		}
		return x
	}
	if g.s.n(4) == 0 {
		return g.general(k, depth-1)
	}
	switch k {
	case kInt:
		return g.integer(depth - 1)
	case kFloat:
		return g.float(depth - 1)
	case kText:
		return g.text(depth - 1)
	case kTime:
		return g.time(depth - 1)
	}
	return g.general(k, depth-1)
}

// general is what values of all kinds have.
func (g *gen) general(k kind, depth int) val {
	x := g.value(k, depth)
	out := val{k: k, max: x.max, scale: x.scale, null: x.null, ascii: x.ascii}
	with := func(y val) {
		out.max, out.ascii = math.Max(out.max, y.max), out.ascii && y.ascii
		if y.scale < 0 || out.scale < 0 {
			out.scale = -1
		} else {
			out.scale = max(out.scale, y.scale)
		}
	}
	plain := func() (any, val) {
		y := g.plainVal(k)
		with(y)
		return y.ev(nil), y
	}
	switch c := g.s.n(7); c {
	case 1:
		v, y := plain()
		out.n, out.null, out.ev = of[k].coalesce(x, v), false, func(e *env) any { return first(x.ev(e), y.ev(e)) }
	case 2:
		y := g.value(k, depth)
		with(y)
		out.n, out.null, out.ev = of[k].coalesceTo(x, y), x.null && y.null, func(e *env) any { return first(x.ev(e), y.ev(e)) }
	case 3:
		v, y := plain()
		out.n, out.null, out.ev = of[k].nullIf(x, v), true, nullIf(x, y)
	case 4:
		y := g.value(k, depth)
		out.n, out.null, out.ev = of[k].nullIfTo(x, y), true, nullIf(x, y)
	case 5, 6:
		if !g.ordered(k) {
			return x
		}
		greatest := g.s.flag()
		args := []val{x}
		if c == 5 {
			v, y := plain()
			args = append(args, y)
			var more []any
			for range g.s.n(3) {
				v, y := plain()
				more, args = append(more, v), append(args, y)
			}
			out.n = of[k].extreme(greatest, x, v, more)
		} else {
			y, z := g.value(k, depth), g.value(k, depth)
			with(y)
			with(z)
			args = append(args, y, z)
			out.n, out.null = of[k].extremeTo(greatest, x, y, z), x.null || y.null || z.null
		}
		out.ev = func(e *env) (best any) {
			for i, a := range args {
				v := a.ev(e)
				if v == nil {
					return nil
				}
				if i == 0 || order(v, best) > 0 == greatest && order(v, best) != 0 {
					best = v
				}
			}
			return best
		}
	default:
		return g.cases(k, depth)
	}
	return out
}

// plainVal is plain as a value that has no node.
func (g *gen) plainVal(k kind) val {
	v, max := g.plain(k)
	x := constant(v)
	x.k, x.max, x.scale = k, max, 2
	return x
}

func first(a, b any) any {
	if a != nil {
		return a
	}
	return b
}

func nullIf(x, y val) func(*env) any {
	return func(e *env) any {
		a, b := x.ev(e), y.ev(e)
		if a != nil && b != nil && order(a, b) == 0 {
			return nil
		}
		return a
	}
}

func (g *gen) cases(k kind, depth int) val {
	out := val{k: k, ascii: true}
	var conds []cond
	var thens []val
	plain := g.s.flag()
	otherwise := g.s.n(3) // none, or a value
	n := 1 + g.s.n(3)
	var plains []any
	var nodes []val
	branch := func() val {
		var y val
		if plain {
			y = g.plainVal(k)
		} else {
			y = g.value(k, depth)
		}
		out.max, out.ascii, out.null = math.Max(out.max, y.max), out.ascii && y.ascii, out.null || y.null
		if y.scale < 0 || out.scale < 0 {
			out.scale = -1
		} else {
			out.scale = max(out.scale, y.scale)
		}
		return y
	}
	for range n {
		conds = append(conds, g.cond(depth))
		y := branch()
		thens = append(thens, y)
		if plain {
			plains = append(plains, y.ev(nil))
		} else {
			nodes = append(nodes, y)
		}
	}
	var last *val
	if otherwise > 0 {
		y := branch()
		last = &y
	} else {
		out.null = true
	}
	switch {
	case plain && last == nil:
		out.n = of[k].cases(conds, plains, nil)
	case plain:
		out.n = of[k].cases(conds, plains, last.ev(nil))
	default:
		out.n = of[k].casesTo(conds, nodes, last)
	}
	if plain {
		out.ascii = false
	}
	out.ev = func(e *env) any {
		for i, c := range conds {
			if c.ev(e) == yes {
				return thens[i].ev(e)
			}
		}
		if last == nil {
			return nil
		}
		return last.ev(e)
	}
	return out
}

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

func (g *gen) text(depth int) val {
	x := g.value(kText, depth)
	out := val{k: kText, null: x.null, ascii: x.ascii}
	s := opt[string](x)
	set := func(n expr.Node, f func(string) string) val {
		out.n, out.ev = n, lift1(x, func(v any) any { return f(v.(string)) })
		return out
	}
	switch g.s.n(10) {
	case 0:
		v := pick(g.v, texts)
		out.ascii = false
		if g.s.flag() {
			return set(nodeOf(expr.Prepend(v, s)), func(s string) string { return v + s })
		}
		return set(nodeOf(expr.Concat(s, v)), func(s string) string { return s + v })
	case 1:
		y := g.value(kText, depth)
		out.null, out.ascii = x.null || y.null, x.ascii && y.ascii
		out.n, out.ev = nodeOf(expr.ConcatTo(s, expr.Result[string, *string](opt[string](y)))), lift2(x, y, func(a, b any) any { return a.(string) + b.(string) })
		return out
	case 2:
		if !x.ascii { // beyond ASCII case is the database's own, which is documented
			return x
		}
		if g.s.flag() {
			return set(nodeOf(expr.Upper(s)), strings.ToUpper)
		}
		return set(nodeOf(expr.Lower(s)), strings.ToLower)
	case 3:
		switch g.s.n(3) {
		case 0:
			return set(nodeOf(expr.Trim(s)), func(s string) string { return strings.Trim(s, " ") })
		case 1:
			return set(nodeOf(expr.TrimLeft(s)), func(s string) string { return strings.TrimLeft(s, " ") })
		}
		return set(nodeOf(expr.TrimRight(s)), func(s string) string { return strings.TrimRight(s, " ") })
	case 4, 5:
		from, length := 1+g.v.n(4), g.v.n(5)
		return set(nodeOf(expr.Substr(s, from, length)), func(s string) string {
			rs := []rune(s)
			at := min(from-1, len(rs))
			return string(rs[at:min(at+length, len(rs))])
		})
	case 6:
		was, is := pick(g.v, texts), pick(g.v, []string{"", "'", "b", `\`})
		if was == "" {
			was = "a"
		}
		return set(nodeOf(expr.Replace(s, was, is)), func(s string) string { return strings.ReplaceAll(s, was, is) })
	case 7:
		b := g.value(kBool, depth)
		out.null, out.ascii = b.null, true
		out.n, out.ev = nodeOf(expr.CastNull[string](opt[bool](b))), lift1(b, func(v any) any { return strconv.FormatBool(v.(bool)) })
		return out
	}
	i := g.value(kInt, depth)
	out.null, out.ascii = i.null, true
	out.n, out.ev = nodeOf(expr.CastNull[string](opt[int64](i))), lift1(i, func(v any) any { return strconv.FormatInt(v.(int64), 10) })
	return out
}

func (g *gen) time(depth int) val {
	x := g.value(kTime, depth)
	out := val{k: kTime, null: x.null}
	t := opt[time.Time](x)
	set := func(n expr.Node, f func(time.Time) time.Time) val {
		out.n, out.ev = n, lift1(x, func(v any) any { return f(v.(time.Time)) })
		return out
	}
	switch g.s.n(7) {
	case 0:
		by := []time.Duration{time.Microsecond, -time.Hour, 36 * time.Hour, -1500 * time.Millisecond, 999999 * time.Microsecond, 0}[g.v.n(6)]
		return set(nodeOf(expr.AddDuration(t, by)), func(t time.Time) time.Time { return t.Add(by) })
	case 1:
		n := g.v.n(100) - 50
		return set(nodeOf(expr.AddDays(t, n)), func(t time.Time) time.Time { return t.AddDate(0, 0, n) })
	case 2:
		n := g.v.n(40) - 20
		return set(nodeOf(expr.AddMonths(t, n)), func(t time.Time) time.Time {
			y, m, d := t.Date()
			month := time.Date(y, m+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
			last := month.AddDate(0, 1, -1).Day()
			return month.AddDate(0, 0, min(d, last)-1)
		})
	case 3:
		return set(nodeOf(expr.TruncYear(t)), func(t time.Time) time.Time { return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC) })
	case 4:
		return set(nodeOf(expr.TruncMonth(t)), func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) })
	case 5:
		return set(nodeOf(expr.TruncDay(t)), func(t time.Time) time.Time {
			return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		})
	}
	if g.s.flag() {
		return set(nodeOf(expr.TruncMinute(t)), func(t time.Time) time.Time { return t.Truncate(time.Minute) })
	}
	return set(nodeOf(expr.TruncHour(t)), func(t time.Time) time.Time { return t.Truncate(time.Hour) })
}
