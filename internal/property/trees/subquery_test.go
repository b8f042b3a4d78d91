package trees_test

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// subqueryValue is the value of a query of one row at most.
func (g *gen) subqueryValue(k kind, depth int) val {
	if g.nest <= 0 || k == kPrice {
		return g.leaf(k)
	}
	p := g.plan(asked{kinds: []kind{k}, single: true, small: true, inside: true})
	x := p.outs[0]
	out := val{k: k, null: true, max: x.max, scale: x.scale, ascii: x.ascii, n: of[k].sub(p), ev: func(e *env) any {
		if rows := p.rows(e); len(rows) > 0 {
			return rows[0][0]
		}
		return nil
	}}
	out.n = of[k].operand(out)
	return out
}

func (g *gen) subqueryCond(depth int) cond {
	k := kind(g.s.n(int(kPrice))) // a decimal in a subquery is one of its column alone
	if g.nest <= 0 {
		return g.compare(g.leaf(k))
	}
	if g.s.flag() {
		not := g.s.flag()
		p := g.plan(asked{kinds: []kind{kInt}, small: true, inside: true})
		q := queryOf(p, repo.SelectValue(opt[int64](p.outs[0])))
		n := nodeOf(repo.Exists[row](q))
		if not {
			n = nodeOf(repo.NotExists[row](q))
		}
		return cond{n, func(e *env) tri { return truth((len(p.rows(e)) > 0) != not) }}
	}
	x := g.value(k, depth-1)
	not := g.s.flag() // there is no NotIn of values that may be NULL
	p := g.plan(asked{kinds: []kind{k}, notNull: []bool{not}, small: true, inside: true})
	not = not && !p.outs[0].null
	if x.rough {
		return g.compare(x)
	}
	return cond{of[k].inQuery(x, p, not), func(e *env) tri {
		var vs []any
		for _, r := range p.rows(e) {
			vs = append(vs, r[0])
		}
		return among(x.ev(e), vs, not)
	}}
}

var midNotNull = []bool{true, false, false, false, false, false}

// mid makes a SELECT of what a query within another one reads.
func (g *gen) mid(inside bool) *plan {
	return g.plan(asked{kinds: midKinds, notNull: midNotNull, small: true, inside: inside})
}

func selectMid(p *plan) repo.Selection[Mid] {
	return queryOf(p, repo.Select(func(m *Mid) repo.Columns {
		return repo.Into(repo.To(&m.N, one[int64](p.outs[0])), repo.To(&m.M, opt[int64](p.outs[1])), repo.To(&m.F, opt[float64](p.outs[2])),
			repo.To(&m.S, opt[string](p.outs[3])), repo.To(&m.B, opt[bool](p.outs[4])), repo.To(&m.T, opt[time.Time](p.outs[5])))
	}))
}

func (m Mid) values() []any {
	return []any{m.N, null(m.M), null(m.F), null(m.S), null(m.B), null(m.T)}
}

// compound is a query of Mid: a SELECT, or a set operation of several.
type compound struct {
	sel   repo.Selection[Mid]
	rows  func(*env) [][]any
	like  []val
	total bool
	whole bool // a set operation
	plan  *plan
}

func (g *gen) compound(operations int) compound {
	var ops []int // first of all, lest the tape is at its end
	for range operations {
		ops = append(ops, g.s.n(6))
	}
	if operations > 0 {
		defer func(was bool) { g.member = was }(g.member)
		g.member = true
	}
	p := g.mid(false)
	c := compound{sel: selectMid(p), rows: p.rows, like: p.outs, total: p.total, plan: p}
	for _, op := range ops {
		c = g.combine(op, c, g.mid(false))
	}
	return c
}

func (g *gen) combine(op int, c compound, p *plan) compound {
	q := selectMid(p)
	out := compound{whole: true, plan: c.plan, like: slices.Clone(c.like)}
	for i, x := range p.outs {
		out.like[i].max = max(out.like[i].max, x.max)
		out.like[i].ascii = out.like[i].ascii && x.ascii
		if x.scale < 0 || out.like[i].scale < 0 {
			out.like[i].scale = -1
		} else {
			out.like[i].scale = max(out.like[i].scale, x.scale)
		}
	}
	out.sel = []func(repo.Selection[Mid]) repo.Selection[Mid]{c.sel.UnionAll, c.sel.Union, c.sel.Intersect, c.sel.Except, c.sel.IntersectAll, c.sel.ExceptAll}[op](q)
	before := c.rows
	out.rows = func(e *env) [][]any { return combined(op, before(e), p.rows(e)) }
	if !g.s.flag() {
		return out
	}
	// An order of the result is by what the first member reads; where that reads one
	// expression twice, it does not say which of the two is meant.
	var terms []term
	for i, x := range c.plan.outs {
		if !g.ordered(x.k) {
			return out
		}
		for _, y := range c.plan.outs[:i] {
			if reflect.DeepEqual(x.n, y.n) || parameterized(x.n) && parameterized(y.n) { // which are equal by their values
				return out
			}
		}
		t := term{x: x, desc: g.s.flag(), nulls: expr.NullsFirst}
		if g.s.flag() {
			t.nulls = expr.NullsLast
		}
		terms = append(terms, t)
	}
	limit, offset := -1, 0
	for _, t := range terms {
		out.sel = out.sel.OrderBy(t.ordering())
	}
	if g.s.flag() {
		limit = g.v.n(7)
		out.sel = out.sel.Limit(limit)
	}
	if g.s.rarely(3) {
		offset = g.v.n(3)
		out.sel = out.sel.Offset(offset)
	}
	out.total = true
	unordered := out.rows
	out.rows = func(e *env) [][]any {
		rows := unordered(e)
		slices.SortStableFunc(rows, func(a, b []any) int { return inOrder(terms, a, b) })
		rows = rows[min(offset, len(rows)):]
		if limit >= 0 {
			rows = rows[:min(limit, len(rows))]
		}
		return rows
	}
	return out
}

// combined is a set operation, in the order of combine.
func combined(op int, a, b [][]any) (out [][]any) {
	times := map[string]int{}
	for _, r := range b {
		times[key(r)]++
	}
	once := map[string]bool{}
	add := func(r []any, distinct bool) {
		s := key(r)
		if distinct && once[s] {
			return
		}
		once[s] = true
		out = append(out, r)
	}
	for _, r := range a {
		s := key(r)
		switch op {
		case 0:
			add(r, false)
		case 1:
			add(r, true)
		case 2:
			if times[s] > 0 {
				add(r, true)
			}
		case 3:
			if times[s] == 0 {
				add(r, true)
			}
		case 4:
			if times[s] > 0 {
				times[s]--
				add(r, false)
			}
		case 5:
			if times[s] > 0 {
				times[s]--
			} else {
				add(r, false)
			}
		}
	}
	if op < 2 {
		for _, r := range b {
			add(r, op == 1)
		}
	}
	return out
}

// derived is a place of a query's rows: a subquery in FROM or a common table
// expression.
func (g *gen) derived() *place {
	var c compound
	g.within(nil, false, func() { c = g.compound(g.s.n(4) / 2) })
	name := g.fresh()
	h := repo.As[mids, Mid, *mids]
	if g.s.flag() {
		h = repo.CTE[mids, Mid, *mids]
	}
	rows := sync.OnceValue(func() []*record { return asRecords(c.rows(nil)) }) // which name nothing outside
	p := midsAt(h(c.sel, name), c.like, func(*env) []*record { return rows() })
	g.told(p)
	return p
}

// told makes all columns keys: rows that agree in them are one as good as the other.
func (g *gen) told(p *place) {
	for _, x := range p.leaves {
		if !g.ordered(x.k) {
			return
		}
	}
	p.keys = p.leaves
}

func asRecords(rows [][]any) (out []*record) {
	for _, r := range rows {
		out = append(out, &record{vals: r})
	}
	return out
}

// listedRows is a place of rows that the program has.
func (g *gen) listedRows() *place {
	var list []Mid
	var rows [][]any
	for range 1 + g.s.n(4) {
		m := Mid{N: pick(g.v, numbers)}
		if g.s.flag() {
			n, s, b := pick(g.v, numbers), pick(g.v, texts), g.v.flag()
			m.M, m.S, m.B = &n, &s, &b
		}
		if g.s.flag() {
			f, t := pick(g.v, floats), pick(g.v, days)
			m.F, m.T = &f, &t
		}
		list, rows = append(list, m), append(rows, m.values())
	}
	like := make([]val, len(midKinds))
	for i, k := range midKinds {
		like[i] = val{k: k, max: 1001, scale: 2}
	}
	p := midsAt(repo.Rows[mids](g.fresh(), list...), like, func(*env) []*record { return asRecords(rows) })
	g.told(p)
	return p
}
