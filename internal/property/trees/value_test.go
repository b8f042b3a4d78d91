package trees_test

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// kind is what a value is. Trees are made without Go's types, which the compile-fail
// tests look after: the generator keeps to kinds, and row stands for any entity.
type kind int

const (
	kInt kind = iota
	kFloat
	kText
	kBool
	kTime
	kBytes
	kPrice
	kinds
)

type row struct{}

// blob is a []byte that can be compared.
type blob string

// record is a row in memory: nil is NULL, the others are int64, float64, string, bool,
// time.Time, blob and Price.
type record struct {
	vals []any
	id   int64
}

// env is the rows at hand: of a chain of sources, the innermost first; and, of a group
// or a window, those that belong to it.
type env struct {
	up    *env
	src   *expr.Source
	rec   *record // nil where an outer join found none
	group []*env  // of a grouped query, its members, the first of which up is
	all   []*env  // the rows of the query, for windows
	at    int     // the place among them
}

func (e *env) find(src *expr.Source) *record {
	for ; e != nil; e = e.up {
		if e.src == src {
			return e.rec
		}
	}
	panic("a column of a source that is not in scope")
}

// val is an expression and, apart from SQL, what it means.
type val struct {
	k    kind
	n    expr.Node
	null bool
	ev   func(*env) any
	// max bounds the absolute value of a number. What would go beyond 64 bits is
	// not made: PostgreSQL fails and SQLite goes on as a float, which is documented
	// and tested as a difference.
	max float64
	// scale is the number of binary digits after the point of a float that is exact,
	// -1 of one that may be rounded.
	scale int
	// ascii is set on text whose case the databases agree on.
	ascii bool
	col   bool // a column and nothing else
	// decimal is set on decimals of a column. Others have the digits that they are
	// written with.
	decimal bool
	agg     bool // an aggregate
	// rough is a mean, which of whole numbers is a decimal fraction on PostgreSQL and
	// a binary one on SQLite: it is read and compared to plain values, which it equals
	// only if it is exact, and not calculated with.
	rough bool
}

// The typed views of a value.
func one[V any](x val) expr.Value[row, V, V]  { return expr.NewValue[row, V, V](x.n) }
func opt[V any](x val) expr.Value[row, V, *V] { return expr.NewValue[row, V, *V](x.n) }

// cond is a condition and what it means.
type cond struct {
	n  expr.Node
	ev func(*env) tri
}

func (c cond) expr() expr.Expr[row] { return expr.NewExpr[row](c.n) }

func exprs(cs []cond) []expr.Expr[row] {
	out := make([]expr.Expr[row], len(cs))
	for i, c := range cs {
		out[i] = c.expr()
	}
	return out
}

func nodeOf(x expr.Any) expr.Node { return expr.NodeOf(x) }

// tri is a truth value of SQL.
type tri int8

const (
	no tri = iota - 1
	unknown
	yes
)

func truth(b bool) tri {
	if b {
		return yes
	}
	return no
}

func (t tri) not() tri { return -t }

func and(ts ...tri) tri {
	out := yes
	for _, t := range ts {
		out = min(out, t)
	}
	return out
}

func or(ts ...tri) tri {
	out := no
	for _, t := range ts {
		out = max(out, t)
	}
	return out
}

// order compares two values of one kind that are not NULL.
func order(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case string:
		return cmp.Compare(a, b.(string))
	case blob:
		return cmp.Compare(a, b.(blob))
	case bool:
		return cmp.Compare(number(a), number(b.(bool)))
	case time.Time:
		return a.Compare(b.(time.Time))
	case Price:
		x, _ := strconv.ParseFloat(string(a), 64)
		y, _ := strconv.ParseFloat(string(b.(Price)), 64)
		return cmp.Compare(x, y)
	}
	panic(fmt.Sprintf("a value of type %T", a))
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// orderNull puts NULL before all.
func orderNull(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return order(a, b)
}

// The comparisons, in the order of expr.CompareOp.
const (
	opEq = iota
	opNe
	opLt
	opLe
	opGt
	opGe
	opDistinct
	opNotDistinct
)

func compared(op int, a, b any) tri {
	switch {
	case op == opDistinct:
		return truth(orderNull(a, b) != 0)
	case op == opNotDistinct:
		return truth(orderNull(a, b) == 0)
	case a == nil || b == nil:
		return unknown
	}
	c := order(a, b)
	return truth([...]bool{c == 0, c != 0, c < 0, c <= 0, c > 0, c >= 0}[op])
}

// show writes a row so that rows that should be equal are written alike: floats to
// ten digits, since a mean may differ in its last ones.
func show(vals []any) string { return written(vals, 10) }

// key writes a row so that equal rows, and no others, are written alike.
func key(vals []any) string { return written(vals, -1) }

func written(vals []any, digits int) string {
	var b strings.Builder
	for _, v := range vals {
		switch v := v.(type) {
		case nil:
			b.WriteString("NULL")
		case float64:
			if v == 0 {
				v = 0 // and not -0
			}
			b.WriteString(strconv.FormatFloat(v, 'g', digits, 64))
		case time.Time:
			b.WriteString(v.UTC().Format(time.RFC3339Nano))
		default:
			fmt.Fprintf(&b, "%#v", v)
		}
		b.WriteString(" | ")
	}
	return b.String()
}

// ops are what can be done with values of one Go type, whatever it is.
type ops struct {
	val        func(v any) expr.Node
	compare    func(op int, x val, v any) expr.Node
	compareTo  func(op int, x, y val) expr.Node
	in         func(x val, vs []any, not bool) expr.Node
	between    func(x val, lo, hi any) expr.Node
	isNull     func(x val, not bool) expr.Node
	coalesce   func(x val, v any) expr.Node
	coalesceTo func(x, y val) expr.Node
	nullIf     func(x val, v any) expr.Node
	nullIfTo   func(x, y val) expr.Node
	extreme    func(greatest bool, x val, v any, more []any) expr.Node
	extremeTo  func(greatest bool, x, y, z val) expr.Node
	cases      func(conds []cond, thens []any, otherwise any) expr.Node
	casesTo    func(conds []cond, thens []val, otherwise *val) expr.Node
	ends       func(max bool, x val) expr.Node
	order      func(x val, desc bool) expr.Order[row]
	aggOrder   func(x val, desc bool) expr.AnyOrder
	on         func(x, y val) expr.Cond
	shifted    func(lead bool, x val, rows int, w expr.WindowSpec) expr.Node
	shiftedOr  func(lead bool, x val, rows int, v any, w expr.WindowSpec) expr.Node
	place      func(which int, x val, n int, w expr.WindowSpec) expr.Node // first, last, nth value
	over       func(agg expr.Node, w expr.WindowSpec) expr.Node
	sub        func(p *plan) expr.Node
	operand    func(x val) expr.Node
	inQuery    func(x val, p *plan, not bool) expr.Node
}

func opsOf[V any](of func(any) V) *ops {
	list := func(vs []any) []V {
		out := make([]V, len(vs))
		for i, v := range vs {
			out[i] = of(v)
		}
		return out
	}
	return &ops{
		val: func(v any) expr.Node { return nodeOf(expr.Val(of(v))) },
		compare: func(op int, x val, v any) expr.Node {
			if x.agg && op < opDistinct { // through the methods of aggregates
				a := expr.NewAgg[V, *V](x.n)
				return nodeOf([]func(V) expr.Cond{a.Eq, a.Ne, a.Lt, a.Le, a.Gt, a.Ge}[op](of(v)))
			}
			y := opt[V](x)
			switch op {
			case opDistinct:
				return nodeOf(expr.IsDistinctFrom(y, of(v)))
			case opNotDistinct:
				return nodeOf(expr.IsNotDistinctFrom(y, of(v)))
			}
			return nodeOf([]func(V) expr.Expr[row]{y.Eq, y.Ne, y.Lt, y.Le, y.Gt, y.Ge}[op](of(v)))
		},
		compareTo: func(op int, x, y val) expr.Node {
			l, r := opt[V](x), opt[V](y)
			switch op {
			case opDistinct:
				return nodeOf(expr.IsDistinctFromTo(l, r))
			case opNotDistinct:
				return nodeOf(expr.IsNotDistinctFromTo(l, r))
			}
			return nodeOf([]func(expr.Valued[V]) expr.Expr[row]{l.EqTo, l.NeTo, l.LtTo, l.LeTo, l.GtTo, l.GeTo}[op](r))
		},
		in: func(x val, vs []any, not bool) expr.Node {
			if not {
				return nodeOf(opt[V](x).NotIn(list(vs)...))
			}
			return nodeOf(opt[V](x).In(list(vs)...))
		},
		between: func(x val, lo, hi any) expr.Node { return nodeOf(opt[V](x).Between(of(lo), of(hi))) },
		isNull: func(x val, not bool) expr.Node {
			if not {
				return nodeOf(expr.IsNotNull(opt[V](x)))
			}
			return nodeOf(expr.IsNull(opt[V](x)))
		},
		coalesce:   func(x val, v any) expr.Node { return nodeOf(expr.Coalesce(opt[V](x), of(v))) },
		coalesceTo: func(x, y val) expr.Node { return nodeOf(expr.CoalesceTo(opt[V](x), opt[V](y))) },
		nullIf:     func(x val, v any) expr.Node { return nodeOf(expr.NullIf(opt[V](x), of(v))) },
		nullIfTo:   func(x, y val) expr.Node { return nodeOf(expr.NullIfTo(opt[V](x), opt[V](y))) },
		extreme: func(greatest bool, x val, v any, more []any) expr.Node {
			if greatest {
				return nodeOf(expr.Greatest(opt[V](x), of(v), list(more)...))
			}
			return nodeOf(expr.Least(opt[V](x), of(v), list(more)...))
		},
		extremeTo: func(greatest bool, x, y, z val) expr.Node {
			if greatest {
				return nodeOf(expr.GreatestTo(opt[V](x), opt[V](y), opt[V](z)))
			}
			return nodeOf(expr.LeastTo(opt[V](x), opt[V](y), opt[V](z)))
		},
		cases: func(conds []cond, thens []any, otherwise any) expr.Node {
			c := expr.Case(conds[0].expr(), of(thens[0]))
			for i := 1; i < len(conds); i++ {
				c = c.When(conds[i].expr(), of(thens[i]))
			}
			if otherwise == nil {
				return nodeOf(c.End())
			}
			return nodeOf(c.Else(of(otherwise)))
		},
		casesTo: func(conds []cond, thens []val, otherwise *val) expr.Node {
			c := expr.CaseTo(conds[0].expr(), opt[V](thens[0]))
			for i := 1; i < len(conds); i++ {
				c = c.WhenTo(conds[i].expr(), opt[V](thens[i]))
			}
			if otherwise == nil {
				return nodeOf(c.End())
			}
			return nodeOf(c.ElseTo(opt[V](*otherwise)))
		},
		ends: func(max bool, x val) expr.Node {
			if max {
				return nodeOf(expr.Max(opt[V](x)))
			}
			return nodeOf(expr.Min(opt[V](x)))
		},
		order: func(x val, desc bool) expr.Order[row] {
			if desc {
				return opt[V](x).Desc()
			}
			return opt[V](x).Asc()
		},
		aggOrder: func(x val, desc bool) expr.AnyOrder {
			if desc {
				return expr.NewAgg[V, *V](x.n).Desc()
			}
			return expr.NewAgg[V, *V](x.n).Asc()
		},
		on: func(x, y val) expr.Cond { return expr.On(opt[V](x), opt[V](y)) },
		shifted: func(lead bool, x val, rows int, w expr.WindowSpec) expr.Node {
			if lead {
				return nodeOf(expr.Lead(opt[V](x), rows).Over(w))
			}
			return nodeOf(expr.Lag(opt[V](x), rows).Over(w))
		},
		shiftedOr: func(lead bool, x val, rows int, v any, w expr.WindowSpec) expr.Node {
			if lead {
				return nodeOf(expr.LeadOr(opt[V](x), rows, of(v)).Over(w))
			}
			return nodeOf(expr.LagOr(opt[V](x), rows, of(v)).Over(w))
		},
		place: func(which int, x val, n int, w expr.WindowSpec) expr.Node {
			switch which {
			case 0:
				return nodeOf(expr.FirstValue(opt[V](x)).Over(w))
			case 1:
				return nodeOf(expr.LastValue(opt[V](x)).Over(w))
			}
			return nodeOf(expr.NthValue(opt[V](x), n).Over(w))
		},
		over: func(agg expr.Node, w expr.WindowSpec) expr.Node {
			return nodeOf(expr.NewAgg[V, *V](agg).Over(w))
		},
		sub: func(p *plan) expr.Node {
			if p.outs[0].null {
				return nodeOf(repo.SubNull(queryOf(p, repo.SelectValue(opt[V](p.outs[0])))))
			}
			return nodeOf(repo.Sub(queryOf(p, repo.SelectValue(one[V](p.outs[0])))))
		},
		operand: func(x val) expr.Node { return nodeOf(expr.NewAgg[V, *V](x.n).Value()) },
		inQuery: func(x val, p *plan, not bool) expr.Node {
			switch {
			case p.outs[0].null:
				return nodeOf(repo.InNull(opt[V](x), queryOf(p, repo.SelectValue(opt[V](p.outs[0])))))
			case not:
				return nodeOf(repo.NotIn(opt[V](x), queryOf(p, repo.SelectValue(one[V](p.outs[0])))))
			}
			return nodeOf(repo.In(opt[V](x), queryOf(p, repo.SelectValue(one[V](p.outs[0])))))
		},
	}
}

func as[V any](v any) V { return v.(V) }

var of [kinds]*ops

func init() { // which refers to itself: queries are values too
	of = [kinds]*ops{
		kInt: opsOf(as[int64]), kFloat: opsOf(as[float64]), kText: opsOf(as[string]), kBool: opsOf(as[bool]), kTime: opsOf(as[time.Time]),
		kBytes: opsOf(func(v any) []byte { return []byte(v.(blob)) }), kPrice: opsOf(as[Price]),
	}
}

// numbered are the operators of numbers.
type numbered struct {
	arith   func(op int, x val, v any) expr.Node
	arithTo func(op int, x, y val) expr.Node
	neg     func(x val) expr.Node
	abs     func(x val) expr.Node
	sum     func(x val) expr.Node
	avg     func(x val) expr.Node
}

// The operators in the order of expr.ArithOp.
const (
	opAdd = iota
	opSub
	opMul
	opDiv
)

type signed interface{ int64 | float64 }

func numberedOf[V signed]() *numbered {
	return &numbered{
		arith: func(op int, x val, v any) expr.Node {
			f := []func(expr.Typed[row, V, *V], V) expr.Value[row, V, *V]{expr.Add[row, V, *V], expr.Sub[row, V, *V], expr.Mul[row, V, *V], expr.Div[row, V, *V]}[op]
			return nodeOf(f(opt[V](x), v.(V)))
		},
		arithTo: func(op int, x, y val) expr.Node {
			f := []func(expr.Typed[row, V, *V], expr.Result[V, *V]) expr.Value[row, V, *V]{expr.AddTo[row, V, *V], expr.SubTo[row, V, *V], expr.MulTo[row, V, *V], expr.DivTo[row, V, *V]}[op]
			return nodeOf(f(opt[V](x), opt[V](y)))
		},
		neg: func(x val) expr.Node { return nodeOf(expr.Neg(opt[V](x))) },
		abs: func(x val) expr.Node { return nodeOf(expr.Abs(opt[V](x))) },
		sum: func(x val) expr.Node { return nodeOf(expr.Sum(opt[V](x))) },
		avg: func(x val) expr.Node { return nodeOf(expr.Avg(opt[V](x))) },
	}
}

var num = [...]*numbered{kInt: numberedOf[int64](), kFloat: numberedOf[float64]()}
