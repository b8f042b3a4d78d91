package trees_test

import (
	"math"
	"strconv"
	"strings"
	"time"

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
