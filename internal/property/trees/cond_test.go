package trees_test

import (
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// cond makes a condition of at most so many levels.
func (g *gen) cond(depth int) cond {
	c := g.s.n(16)
	if depth <= 0 {
		c %= 3
	}
	k := kind(g.s.n(int(kinds)))
	switch c {
	case 0, 1, 2, 3:
		x := g.value(k, depth-1)
		switch g.s.n(6) {
		case 1:
			return g.compareTo(x, depth-1)
		case 2:
			return g.between(x)
		case 3:
			return g.in(x)
		case 4:
			not := g.s.flag()
			return cond{of[k].isNull(x, not), func(e *env) tri { return truth((x.ev(e) == nil) != not) }}
		}
		return g.compare(x)
	case 4:
		return g.compareTo(g.value(k, depth-1), depth-1)
	case 5, 14, 15:
		if g.s.rarely(4) {
			x, op, n := g.length(depth-1), g.s.n(8), pick(g.v, numbers)
			return cond{of[kInt].compare(op, x, n), func(e *env) tri { return compared(op, x.ev(e), n) }}
		}
		return g.like(g.value(kText, depth-1))
	case 6, 7:
		return g.logic(depth)
	case 8:
		x := g.cond(depth - 1)
		return cond{nodeOf(expr.Not(x.expr())), func(e *env) tri { return x.ev(e).not() }}
	case 9:
		return g.tuple(depth)
	case 10, 11:
		return g.relatedCond(depth)
	case 12:
		return g.subqueryCond(depth)
	}
	switch g.s.n(4) {
	case 0:
		return cond{nodeOf(expr.Every[row]()), func(*env) tri { return yes }}
	case 1:
		return cond{nodeOf(expr.Or[row]()), func(*env) tri { return no }}
	case 2:
		return cond{nodeOf(expr.And[row]()), func(*env) tri { return yes }}
	}
	// What a caller writes himself: a question mark for the value, and one in quotes
	// that is none.
	s := pick(g.v, texts)
	like := g.s.flag()
	if like {
		return cond{nodeOf(expr.Raw[row]("? = '?' OR 1 = 1", s)), func(*env) tri { return yes }}
	}
	return cond{nodeOf(expr.Raw[row]("'?' = ?", s)), func(*env) tri { return truth(s == "?") }}
}

func (g *gen) op(x val) int {
	if g.ordered(x.k) {
		return g.s.n(8)
	}
	return []int{opEq, opNe, opDistinct, opNotDistinct}[g.s.n(4)]
}

func (g *gen) compare(x val) cond {
	v, _ := g.plain(x.k)
	op := g.op(x)
	return cond{of[x.k].compare(op, x, v), func(e *env) tri { return compared(op, x.ev(e), v) }}
}

func (g *gen) compareTo(x val, depth int) cond {
	if x.rough {
		return g.compare(x)
	}
	y := g.value(x.k, depth)
	op := g.op(x)
	if y.rough {
		return g.compare(y)
	}
	return cond{of[x.k].compareTo(op, x, y), func(e *env) tri { return compared(op, x.ev(e), y.ev(e)) }}
}

func (g *gen) between(x val) cond {
	if !g.ordered(x.k) {
		return g.compare(x)
	}
	lo, _ := g.plain(x.k)
	hi, _ := g.plain(x.k)
	return cond{of[x.k].between(x, lo, hi), func(e *env) tri {
		v := x.ev(e)
		return and(compared(opGe, v, lo), compared(opLe, v, hi))
	}}
}

// lengths of lists: none, such as go as parameters, and such as go as an array or a
// document. That a list is empty or short is part of the shape.
func (g *gen) listLength() int {
	switch g.s.n(4) {
	case 0:
		return 3
	case 1:
		return 0
	case 2:
		return 1
	}
	return 9 + g.v.n(30)
}

func (g *gen) in(x val) cond {
	if x.k == kPrice && !x.decimal {
		return g.compare(x) // each value is compared by itself, so that there is no list
	}
	not := g.s.flag()
	var vs []any
	for range g.listLength() {
		v, _ := g.listed(x.k)
		vs = append(vs, v)
	}
	return cond{of[x.k].in(x, vs, not), func(e *env) tri { return among(x.ev(e), vs, not) }}
}

// listed is plain whose shape takes nothing from the tape, so that lists of any
// length have one.
func (g *gen) listed(k kind) (any, float64) {
	s := g.s
	g.s = &tape{}
	defer func() { g.s = s }()
	return g.plain(k)
}

func among(v any, vs []any, not bool) tri {
	in := no
	for _, w := range vs {
		in = or(in, compared(opEq, v, w))
	}
	if not {
		return in.not()
	}
	return in
}

func (g *gen) logic(depth int) cond {
	var cs []cond
	for range g.s.n(4) {
		cs = append(cs, g.cond(depth-1))
	}
	all := func(of func(...tri) tri) func(e *env) tri {
		return func(e *env) tri {
			var ts []tri
			for _, c := range cs {
				ts = append(ts, c.ev(e))
			}
			return of(ts...)
		}
	}
	anys := make([]expr.Cond, len(cs))
	for i, c := range cs {
		anys[i] = c.expr()
	}
	switch g.s.n(4) {
	case 0:
		return cond{nodeOf(expr.And(exprs(cs)...)), all(and)}
	case 1:
		return cond{nodeOf(expr.Or(exprs(cs)...)), all(or)}
	case 2:
		return cond{nodeOf(expr.AllOf(anys...)), all(and)}
	}
	return cond{nodeOf(expr.AnyOf(anys...)), all(or)}
}

// patterns of Like, the last of which match all.
var patterns = []string{"%a%", "_", `%\%%`, `50\%`, "%''%", `%\\%`, "%?%", "[a-z]%", "%'%", "日%", "%\t%", "", "%", "$1", "A%", "%b_%"}

// fragments of texts, most of which would match others as well if they were patterns.
var fragments = []string{"a", "%", "_", `\`, "_s", "%p", "'", "?", "*", "[a-z]", `\%`, "日_", "", " "}

func (g *gen) like(x val) cond {
	s := opt[string](x)
	which := g.s.n(7)
	p := pick(g.v, patterns)
	part := pick(g.v, fragments)
	is := func(n expr.Expr[row], f func(string) bool) cond {
		return cond{nodeOf(n), func(e *env) tri {
			v := x.ev(e)
			if v == nil {
				return unknown
			}
			return truth(f(v.(string)))
		}}
	}
	fold := func(s string) bool { return matches([]rune(strings.ToLower(s)), []rune(strings.ToLower(p))) }
	switch which {
	case 1:
		return is(expr.NotLike(s, p), func(s string) bool { return !matches([]rune(s), []rune(p)) })
	case 2, 3:
		if !x.ascii { // beyond ASCII what case is is up to the database, which is documented
			break
		}
		if which == 2 {
			return is(expr.NotILike(s, p), func(s string) bool { return !fold(s) })
		}
		return is(expr.ILike(s, p), fold)
	case 4:
		return is(expr.HasPrefix(s, part), func(s string) bool { return strings.HasPrefix(s, part) })
	case 5:
		return is(expr.HasSuffix(s, part), func(s string) bool { return strings.HasSuffix(s, part) })
	case 6:
		return is(expr.Contains(s, part), func(s string) bool { return strings.Contains(s, part) })
	}
	return is(expr.Like(s, p), func(s string) bool { return matches([]rune(s), []rune(p)) })
}

// matches is what Like means.
func matches(s, p []rune) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	switch {
	case p[0] == '%':
		for i := range len(s) + 1 {
			if matches(s[i:], p[1:]) {
				return true
			}
		}
		return false
	case p[0] == '_':
		return len(s) > 0 && matches(s[1:], p[1:])
	case p[0] == '\\':
		p = p[1:]
	}
	return len(s) > 0 && s[0] == p[0] && matches(s[1:], p[1:])
}

// tuple compares two values together, numbers and texts.
func (g *gen) tuple(depth int) cond {
	x, y := g.value(kInt, depth-1), g.value(kText, depth-1)
	pair := expr.Tuple2(expr.Scoped[row, int64](opt[int64](x)), expr.Scoped[row, string](opt[string](y)))
	if x.col && y.col { // of columns it is another node
		pair = expr.Tuple2(expr.Scoped[row, int64](one[int64](x)), expr.Scoped[row, string](one[string](y)))
	}
	next := func() (int64, string) { return pick(g.v, numbers), pick(g.v, texts) }
	equal := func(e *env, a int64, b string) tri {
		return and(compared(opEq, x.ev(e), a), compared(opEq, y.ev(e), b))
	}
	if g.s.flag() {
		not := g.s.flag()
		var vs []expr.PairValue[int64, string]
		n := g.listLength()
		if !x.col || !y.col { // only of columns a list goes as an array
			n = g.s.n(4)
		}
		for range n {
			a, b := next()
			vs = append(vs, pair.Of(a, b))
		}
		in := nodeOf(pair.In(vs...))
		if not {
			in = nodeOf(pair.NotIn(vs...))
		}
		return cond{in, func(e *env) tri {
			in := no
			for _, v := range vs {
				in = or(in, equal(e, v.A, v.B))
			}
			if not {
				return in.not()
			}
			return in
		}}
	}
	a, b := next()
	op := g.s.n(6)
	if !g.byteOrder {
		op %= 2
	}
	n := nodeOf([]func(int64, string) expr.Expr[row]{pair.Eq, pair.Ne, pair.Lt, pair.Le, pair.Gt, pair.Ge}[op](a, b))
	return cond{n, func(e *env) tri {
		switch op {
		case opEq:
			return equal(e, a, b)
		case opNe:
			return equal(e, a, b).not()
		}
		// The first of the two that differs decides; where that is not known,
		// nothing is.
		v := x.ev(e)
		if v == nil {
			return unknown
		}
		if order(v, a) != 0 {
			return compared(op, v, a)
		}
		return compared(op, y.ev(e), b)
	}}
}
