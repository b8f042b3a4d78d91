package trees_test

import (
	"context"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// query is a whole query and what it returns.
type query struct {
	sql  func(dialect.Dialect) (string, []any, error)
	run  func(context.Context, *engine.Engine) ([][]any, error)
	want func() [][]any
	// total says that the rows come in one order; else they are compared as a heap.
	total bool
	// stmt is the statement, built apart from package repo; nil where it is not
	// known.
	stmt *expr.SelectStmt
}

// Out has fields for values of each kind: those that begin with N hold no NULL.
type Out struct {
	I0, I1, I2 *int64
	F0, F1     *float64
	S0, S1     *string
	B0, B1     *bool
	T0, T1     *time.Time
	Y0, Y1     *[]byte
	P0, P1     *Price
	NI         int64
	NS         string
	NB         bool
	NF         float64
	NT         time.Time
	NY         []byte
	NP         Price
}

// field is where a value goes, and how it is found there.
type field struct {
	target func(*Out, val) repo.Target
	read   func(*Out) any
}

func nullable[V any](at func(*Out) **V, as func(V) any) field {
	return field{func(o *Out, x val) repo.Target { return repo.To(at(o), opt[V](x)) }, func(o *Out) any {
		if v := *at(o); v != nil {
			return as(*v)
		}
		return nil
	}}
}

func never[V any](at func(*Out) *V, as func(V) any) field {
	return field{func(o *Out, x val) repo.Target { return repo.To(at(o), one[V](x)) }, func(o *Out) any { return as(*at(o)) }}
}

func itself[V any](v V) any { return v }
func asBlob(v []byte) any   { return blob(v) }

var nullFields = [kinds][]field{
	kInt:   {nullable(func(o *Out) **int64 { return &o.I0 }, itself), nullable(func(o *Out) **int64 { return &o.I1 }, itself), nullable(func(o *Out) **int64 { return &o.I2 }, itself)},
	kFloat: {nullable(func(o *Out) **float64 { return &o.F0 }, itself), nullable(func(o *Out) **float64 { return &o.F1 }, itself)},
	kText:  {nullable(func(o *Out) **string { return &o.S0 }, itself), nullable(func(o *Out) **string { return &o.S1 }, itself)},
	kBool:  {nullable(func(o *Out) **bool { return &o.B0 }, itself), nullable(func(o *Out) **bool { return &o.B1 }, itself)},
	kTime:  {nullable(func(o *Out) **time.Time { return &o.T0 }, itself), nullable(func(o *Out) **time.Time { return &o.T1 }, itself)},
	kBytes: {nullable(func(o *Out) **[]byte { return &o.Y0 }, asBlob), nullable(func(o *Out) **[]byte { return &o.Y1 }, asBlob)},
	kPrice: {nullable(func(o *Out) **Price { return &o.P0 }, itself), nullable(func(o *Out) **Price { return &o.P1 }, itself)},
}

var neverFields = [kinds]field{
	kInt: never(func(o *Out) *int64 { return &o.NI }, itself), kFloat: never(func(o *Out) *float64 { return &o.NF }, itself), kText: never(func(o *Out) *string { return &o.NS }, itself),
	kBool: never(func(o *Out) *bool { return &o.NB }, itself), kTime: never(func(o *Out) *time.Time { return &o.NT }, itself),
	kBytes: never(func(o *Out) *[]byte { return &o.NY }, asBlob), kPrice: never(func(o *Out) *Price { return &o.NP }, itself),
}

// query makes one of any form.
func (g *gen) query() query {
	switch g.s.n(6) {
	case 0, 1:
		return g.entities()
	case 2:
		return g.compoundQuery()
	}
	return g.selection()
}

// selection is a query of random columns.
func (g *gen) selection() query {
	var ks []kind
	used := map[kind]int{}
	for range 1 + g.s.n(4) {
		if k := kind(g.s.n(int(kinds))); used[k] < 2 {
			used[k]++
			ks = append(ks, k)
		}
	}
	p := g.plan(asked{kinds: ks, outermost: true})
	fields := make([]field, len(ks))
	taken, filled := map[kind]int{}, map[kind]bool{}
	for i, x := range p.outs {
		if !x.null && !filled[x.k] {
			fields[i], filled[x.k] = neverFields[x.k], true
			continue
		}
		fields[i] = nullFields[x.k][taken[x.k]]
		taken[x.k]++
	}
	sel := queryOf(p, repo.Select(func(o *Out) repo.Columns {
		var ts []repo.Target
		for i, x := range p.outs {
			ts = append(ts, fields[i].target(o, x))
		}
		return repo.Into(ts...)
	}))
	return query{sql: sel.SQL, total: p.total, stmt: p.stmt(), want: func() [][]any { return p.rows(nil) },
		run: func(ctx context.Context, db *engine.Engine) ([][]any, error) {
			rows, err := sel.All(ctx, db)
			out := [][]any{}
			for i := range rows {
				var vals []any
				for _, f := range fields {
					vals = append(vals, f.read(&rows[i]))
				}
				out = append(out, vals)
			}
			return out, err
		}}
}

func (g *gen) compoundQuery() query {
	c := g.compound(1 + g.s.n(2))
	return query{sql: c.sel.SQL, total: c.total, want: func() [][]any { return c.rows(nil) }, run: runMid(c.sel)}
}

func runMid(sel repo.Selection[Mid]) func(context.Context, *engine.Engine) ([][]any, error) {
	return func(ctx context.Context, db *engine.Engine) ([][]any, error) {
		rows, err := sel.All(ctx, db)
		out := [][]any{}
		for _, m := range rows {
			out = append(out, m.values())
		}
		return out, err
	}
}

// entities is a query of a repository, which counts too.
func (g *gen) entities() query {
	at := thingsAt(Things)
	p := &plan{places: []*place{at}, limit: -1, offset: -1}
	g.nest--
	g.own = p.places
	g.within(p.places, false, func() {
		for range 1 + g.s.n(3) {
			p.where = append(p.where, g.cond(4))
		}
		if g.s.flag() {
			p.orders(g)
		}
		if g.s.rarely(3) { // an order by a related row's column
			boss := at.rels[2]
			x := boss.to().leaves[g.s.n(4)]
			t := term{x: x, desc: g.s.flag(), nulls: expr.NullsLast}
			o := boss.by(t.ofEntity())
			t.x = val{k: x.k, n: o.Term().X, ev: func(e *env) any {
				for _, r := range boss.rows(e.find(at.src)) {
					return x.ev(&env{up: e, src: boss.to().src, rec: r})
				}
				return nil
			}}
			p.order = append([]term{t}, p.order...)
		}
		if p.total && g.s.flag() {
			p.limit = g.v.n(6)
		}
		if p.total && g.s.rarely(3) {
			p.offset = g.v.n(3)
		}
	})
	p.outs = at.leaves
	on := func(db *engine.Engine) repo.Query[Thing] {
		q := repo.New[Thing](db).Untracked().Query()
		for _, c := range p.where {
			q = q.Where(expr.NewExpr[Thing](c.n))
		}
		for _, t := range p.order {
			q = q.OrderBy(expr.NewOrder[Thing](t.ofEntity().Term()))
		}
		if p.limit >= 0 {
			q = q.Limit(p.limit)
		}
		if p.offset >= 0 {
			q = q.Offset(p.offset)
		}
		return q
	}
	return query{total: p.total, want: func() [][]any { return p.rows(nil) },
		sql: func(d dialect.Dialect) (string, []any, error) { return on(g.db).SQL(d) },
		run: func(ctx context.Context, db *engine.Engine) ([][]any, error) {
			rows, err := on(db).All(ctx)
			if err != nil {
				return nil, err
			}
			n, err := on(db).Count(ctx)
			if err != nil || n != int64(len(rows)) {
				return [][]any{{"a count of", n, "rows"}}, err
			}
			out := [][]any{}
			for _, t := range rows {
				out = append(out, thingValues(t))
			}
			return out, nil
		}}
}

// stmt is the statement that the plan's query is.
func (p *plan) stmt() *expr.SelectStmt {
	s := &expr.SelectStmt{Distinct: p.distinct || p.first > 0, From: p.places[0].src, Limit: int64(p.limit), Offset: int64(p.offset)}
	for _, x := range p.outs {
		s.Columns = append(s.Columns, x.n)
	}
	for _, t := range p.order[:p.first] {
		s.DistinctOn = append(s.DistinctOn, t.x.n)
	}
	for i, j := range p.joins {
		if j.along != nil {
			joins, err := j.along.Joins(j.kind)
			if err != nil {
				panic(err)
			}
			s.Joins = append(s.Joins, joins...)
			continue
		}
		s.Joins = append(s.Joins, expr.JoinClause{Kind: j.kind, Source: p.places[i+1].src, On: j.on.n, Lateral: j.lateral})
	}
	all := func(cs []cond) expr.Node {
		ns := make([]expr.Node, len(cs))
		for i, c := range cs {
			ns[i] = c.n
		}
		switch len(ns) {
		case 0:
			return nil
		case 1:
			return ns[0]
		}
		return &expr.LogicNode{Args: ns}
	}
	s.Where, s.Having = all(p.where), all(p.having)
	for _, x := range p.group {
		s.GroupBy = append(s.GroupBy, x.n)
	}
	for _, t := range p.order {
		s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: t.x.n, Desc: t.desc, Nulls: t.nulls})
	}
	return s
}
