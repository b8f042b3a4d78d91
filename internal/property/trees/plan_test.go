package trees_test

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
)

// plan is a SELECT: what it is built of, and what it means.
type plan struct {
	places   []*place
	joins    []joined // of the places after the first
	where    []cond
	grouped  bool
	group    []val
	having   []cond
	outs     []val
	order    []term
	total    bool // the order tells all rows apart that are not equal
	distinct bool
	first    int // of how many terms of the order the first row is kept, 0 for all rows
	limit    int // -1 for none
	offset   int
}

type joined struct {
	kind    expr.JoinKind
	on      cond
	lateral bool
	along   *rel.Step
}

type term struct {
	x     val
	desc  bool
	nulls expr.NullsOrder
}

// asked is what a plan is made for.
type asked struct {
	kinds     []kind
	notNull   []bool // of the values, where they must not be
	outermost bool   // the statement is within no other
	single    bool   // one row at most
	small     bool   // within another statement
	inside    bool   // within an expression, so that outer rows can be named
}

// plan makes a SELECT of values of some kinds.
func (g *gen) plan(a asked) *plan {
	p := &plan{limit: -1, offset: -1}
	depth := 3
	if a.small {
		depth = 2
	}
	g.nest--
	defer func() { g.nest++ }()
	p.from(g, a)
	own := g.own
	g.own = p.places
	defer func() { g.own = own }()
	g.within(p.places, a.inside, func() {
		for range g.s.n(3) {
			p.where = append(p.where, g.cond(depth))
		}
		p.grouped = a.single || g.s.rarely(3)
		if a.single && g.s.flag() { // the first row of several
			p.grouped = false
		}
		if p.grouped && !a.single {
			for range g.s.n(3) {
				g.related = true
				x := g.ungrouped(func() val { return g.value(kind(g.s.n(int(kinds))), 1) })
				// A group by a plain value is one by a column's number to PostgreSQL's
				// readers and to nobody's use.
				if len(expr.Columns(x.n)) > 0 && !(g.plainGroups && parameterized(x.n)) {
					p.group = append(p.group, x)
				}
			}
		}
		if p.grouped {
			g.group, g.related = p, false
			if g.s.rarely(3) {
				p.having = append(p.having, g.cond(2))
				if x, ok := g.aggregate(kind(g.s.n(int(kinds)))); ok {
					p.having = append(p.having, g.compare(x))
				}
			}
		}
		for i, k := range a.kinds {
			p.outs = append(p.outs, g.out(p, k, len(a.notNull) > 0 && a.notNull[i], a.outermost, depth))
		}
		p.settle(g)
		g.ending(p, a)
	})
	return p
}

// settle makes a query without GROUP BY one of a single group: an aggregate among its
// values says so. Without one it is not grouped, and SQLite has no HAVING then.
func (p *plan) settle(g *gen) {
	if !p.grouped || len(p.group) > 0 {
		return
	}
	for _, x := range p.outs {
		if aggregates(x.n) {
			return
		}
	}
	for i, x := range p.outs {
		if y, ok := g.aggregate(x.k); ok && !y.rough && (x.null || !y.null) {
			p.outs[i] = y
			return
		}
	}
	p.grouped, p.having, g.group, g.related = false, nil, nil, true
}

// parameterized reports whether there are values in an expression.
func parameterized(n expr.Node) (is bool) {
	expr.Walk(n, func(n expr.Node) bool {
		switch n.(type) {
		case *expr.ColumnRef, *expr.CallNode, *expr.ArithNode, *expr.NegNode, *expr.CastNode, *expr.CaseNode, *expr.CompareNode, *expr.NullNode, *expr.LogicNode, *expr.NotNode, *expr.ConstNode:
		default:
			is = true
		}
		return !is
	})
	return is
}

func aggregates(n expr.Node) (is bool) {
	expr.Walk(n, func(n expr.Node) bool {
		_, agg := n.(*expr.AggNode)
		is = is || agg
		return !is
	})
	return is
}

// ungrouped is f without subqueries, which PostgreSQL does not know again where they
// are grouped by.
func (g *gen) ungrouped(f func() val) val {
	related, nest := g.related, g.nest
	g.related, g.nest = false, 0
	defer func() { g.related, g.nest = related, nest }()
	return f()
}

func (g *gen) out(p *plan, k kind, notNull, outermost bool, depth int) val {
	if outermost && g.s.rarely(5) {
		if x, ok := g.window(p, k); ok {
			return x
		}
	}
	if p.grouped && g.s.flag() {
		if x, ok := g.aggregate(k); ok && (outermost || !x.rough) && (!notNull || !x.null) {
			return x
		}
	}
	x := g.value(k, depth)
	if p.grouped && g.s.flag() {
		for _, key := range p.group {
			if key.k == k && (!key.null || !notNull) {
				x = key
			}
		}
	}
	// Of what is made of an outer-joined column the build does not always see that it
	// is never NULL, and says so.
	x.null = x.null || len(p.joins) > 0
	if notNull && x.null {
		v := g.plainVal(k)
		y := x
		y.n, y.null, y.col, y.agg, y.max = of[k].coalesce(x, v.ev(nil)), false, false, false, max(x.max, v.max)
		y.ascii = false
		y.ev = func(e *env) any { return first(x.ev(e), v.ev(e)) }
		return y
	}
	return x
}

// from chooses the tables and how they are joined.
func (p *plan) from(g *gen, a asked) {
	p.places = []*place{g.table(nil)}
	more := []int{0, 0, 1, 1, 2}[g.s.n(5)]
	if a.small {
		more = g.s.n(3) / 2
	}
	for range more {
		if g.s.rarely(4) && p.along(g) {
			continue
		}
		if a.outermost && g.nest > 0 && g.s.rarely(12) {
			p.lateral(g)
			continue
		}
		q := g.table(p.places)
		j := joined{kind: expr.JoinKind(g.s.n(5))}
		// SQLite 3.53 drops a GLOB of another member of UNION ALL then.
		if g.member && (j.kind == expr.RightJoin || j.kind == expr.FullJoin) {
			j.kind = expr.LeftJoin
		}
		before := slices.Clone(p.places)
		p.places = append(p.places, q)
		if j.kind == expr.CrossJoin {
			p.joins = append(p.joins, j)
			continue
		}
		x, y := pick(g.s, before[g.s.n(len(before))].links), pick(g.s, q.links)
		if g.s.flag() {
			x, y = y, x
		}
		j.on = tied(x, y)
		// PostgreSQL makes a full join only on conditions that it can merge or hash.
		if j.kind != expr.FullJoin && g.s.flag() {
			g.within(p.places, false, func() {
				first, second := j.on, g.cond(1)
				j.on = cond{nodeOf(expr.AllOf(expr.NewExpr[row](first.n), second.expr())), func(e *env) tri { return and(first.ev(e), second.ev(e)) }}
			})
		}
		p.joins = append(p.joins, j)
		// From here on columns of sides without a match are NULL.
		switch j.kind {
		case expr.LeftJoin:
			p.places[len(p.places)-1] = q.optional()
		case expr.RightJoin, expr.FullJoin:
			for i := range p.places {
				if i < len(p.places)-1 || j.kind == expr.FullJoin {
					p.places[i] = p.places[i].optional()
				}
			}
		}
	}
}

// along joins by a relation of one of the tables.
func (p *plan) along(g *gen) bool {
	from := pick(g.s, p.places)
	if len(from.rels) == 0 {
		return false
	}
	r := pick(g.s, from.rels)
	q, step := r.along(g)
	on := func(e *env) tri {
		rec := e.find(from.src)
		return truth(rec != nil && slices.Contains(r.rows(rec), e.find(q.src)))
	}
	p.add(joined{kind: expr.JoinKind(g.s.n(2)), on: cond{ev: on}, along: &step}, q)
	return true
}

// lateral joins a query that names the tables before it.
func (p *plan) lateral(g *gen) {
	var of *plan
	g.within(p.places, false, func() { of = g.mid(true) })
	q := midsAt(repo.As[mids](selectMid(of), g.fresh()), of.outs, func(e *env) []*record { return asRecords(of.rows(e)) })
	g.told(q)
	on := cond{nodeOf(expr.Every[row]()), func(*env) tri { return yes }}
	if g.s.flag() {
		x, y := pick(g.s, p.places[0].links), pick(g.s, q.links)
		on = tied(x, y)
	}
	p.add(joined{kind: expr.JoinKind(g.s.n(2)), on: on, lateral: true}, q)
}

// tied is the condition that joins by two numbers.
func tied(x, y val) cond {
	return cond{nodeOf(of[kInt].on(x, y)), func(e *env) tri { return compared(opEq, x.ev(e), y.ev(e)) }}
}

// add is a join that is inner or left.
func (p *plan) add(j joined, q *place) {
	if j.kind == expr.LeftJoin {
		q = q.optional()
	}
	p.places, p.joins = append(p.places, q), append(p.joins, j)
}

// optional is the place with columns that may be NULL.
func (p *place) optional() *place {
	q := *p
	for _, list := range []*[]val{&q.leaves, &q.keys, &q.links} {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i].null = true
		}
	}
	return &q
}

// ending is the order, the limits and whether rows are distinct.
func (g *gen) ending(p *plan, a asked) {
	p.distinct = !a.single && g.s.rarely(5)
	if g.plainGroups && slices.ContainsFunc(p.outs, func(x val) bool { return parameterized(x.n) }) {
		p.distinct = false
	}
	ordered := g.s.flag()
	if a.single && !p.grouped {
		ordered = true
	}
	if ordered {
		p.orders(g)
	}
	if a.outermost && !p.distinct && !g.plainGroups && p.total && len(p.order) > 0 && g.s.rarely(8) {
		p.first = 1 + g.s.n(min(2, len(p.order)))
		for _, t := range p.order[:p.first] {
			if _, plain := t.x.n.(*expr.ParamNode); plain { // which is another parameter in the order
				p.first = 0
				break
			}
		}
	}
	if p.total && g.s.flag() {
		p.limit = g.v.n(6)
	}
	// SQLite forgets DISTINCT in an EXISTS, and OFFSET skips other rows.
	if p.total && g.s.rarely(3) && !(p.distinct && a.inside) {
		p.offset = g.v.n(3)
	}
	if a.single && !p.grouped {
		p.limit = 1
		if !p.total { // then the value of any row would do: that of none is the same everywhere
			p.limit = 0
		}
	}
}

func (p *plan) orders(g *gen) {
	var xs []val
	add := func(vs []val) bool {
		for _, x := range vs {
			if !g.ordered(x.k) || x.rough {
				return false
			}
			xs = append(xs, x)
		}
		return true
	}
	switch {
	case p.distinct:
		// What distinct rows are ordered by has to be among them. A plain value is
		// another parameter there.
		if !add(p.outs) || slices.ContainsFunc(p.outs, func(x val) bool { _, plain := x.n.(*expr.ParamNode); return plain }) {
			return
		}
		p.total = true
	default:
		for range g.s.n(3) {
			x := g.value(kind(g.s.n(int(kinds))), 1)
			if g.ordered(x.k) && !x.rough {
				xs = append(xs, x)
			}
		}
		p.total = add(p.telling())
	}
	for _, x := range xs {
		t := term{x: x, desc: g.s.flag()}
		// Where NULLs stand by themselves is the database's, which is documented.
		if x.null || g.s.flag() {
			t.nulls = expr.NullsFirst
			if g.s.flag() {
				t.nulls = expr.NullsLast
			}
		}
		p.order = append(p.order, t)
	}
}

// telling are values that tell the rows apart.
func (p *plan) telling() (out []val) {
	if p.grouped {
		return p.group
	}
	for _, q := range p.places {
		out = append(out, q.keys...)
	}
	return out
}

func (t term) ordering() expr.Ordering {
	if t.x.agg {
		o := of[t.x.k].aggOrder(t.x, t.desc)
		switch t.nulls {
		case expr.NullsFirst:
			return o.NullsFirst()
		case expr.NullsLast:
			return o.NullsLast()
		}
		return o
	}
	return t.ofEntity()
}

func (t term) ofEntity() expr.Order[row] {
	o := of[t.x.k].order(t.x, t.desc)
	switch t.nulls {
	case expr.NullsFirst:
		return o.NullsFirst()
	case expr.NullsLast:
		return o.NullsLast()
	}
	return o
}

// queryOf is a Selection with all that the plan says but its values.
func queryOf[S any](p *plan, q repo.Selection[S]) repo.Selection[S] {
	q = q.From(p.places[0].handle)
	for i, j := range p.joins {
		h := p.places[i+1].handle
		on := expr.NewExpr[row](j.on.n)
		switch {
		case j.along != nil && j.kind == expr.LeftJoin:
			q = q.LeftJoinAlong(*j.along)
		case j.along != nil:
			q = q.JoinAlong(*j.along)
		case j.lateral && j.kind == expr.LeftJoin:
			q = q.LeftJoinLateral(h, on)
		case j.lateral:
			q = q.JoinLateral(h, on)
		case j.kind == expr.CrossJoin:
			q = q.CrossJoin(h)
		case j.kind == expr.LeftJoin:
			q = q.LeftJoin(h, on)
		case j.kind == expr.RightJoin:
			q = q.RightJoin(h, on)
		case j.kind == expr.FullJoin:
			q = q.FullJoin(h, on)
		default:
			q = q.Join(h, on)
		}
	}
	for _, c := range p.where {
		q = q.Where(c.expr())
	}
	for _, x := range p.group {
		q = q.GroupBy(expr.NewExpr[row](x.n))
	}
	for _, c := range p.having {
		q = q.Having(c.expr())
	}
	for _, t := range p.order {
		q = q.OrderBy(t.ordering())
	}
	if p.distinct {
		q = q.Distinct()
	}
	if p.first > 0 {
		var by []expr.Any
		for _, t := range p.order[:p.first] {
			by = append(by, expr.NewExpr[row](t.x.n))
		}
		q = q.DistinctOn(by...)
	}
	if p.limit >= 0 {
		q = q.Limit(p.limit)
	}
	if p.offset >= 0 {
		q = q.Offset(p.offset)
	}
	return q
}
