package trees_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// relation leads from one place to the rows of another.
type relation struct {
	to    func() *place
	rows  func(*record) []*record
	any   func([]cond) expr.Node
	none  func([]cond) expr.Node
	count func([]cond) expr.Node // nil of a to-one
	// along makes a place of the related rows, to join, and how it is reached.
	along func(*gen) (*place, rel.Step)
	// null and notNull are of a to-one alone.
	null, notNull func() expr.Node
	// by is an order by a column of the related row.
	by func(term expr.Order[row]) expr.Order[row]
}

func entity[T any](cs []cond) []expr.Expr[T] {
	out := make([]expr.Expr[T], len(cs))
	for i, c := range cs {
		out[i] = expr.NewExpr[T](c.n)
	}
	return out
}

func toMany[E, T any](h rel.ToMany[E, T], to func() *place, rows func(*record) []*record) relation {
	return relation{to: to, rows: rows,
		any:   func(cs []cond) expr.Node { return nodeOf(h.Any(entity[T](cs)...)) },
		none:  func(cs []cond) expr.Node { return nodeOf(h.None(entity[T](cs)...)) },
		count: func(cs []cond) expr.Node { return nodeOf(h.Count(entity[T](cs)...)) }}
}

func toOne[E, T any](h rel.ToOne[E, T], to func() *place, rows func(*record) []*record) relation {
	return relation{to: to, rows: rows,
		any:     func(cs []cond) expr.Node { return nodeOf(h.Is(entity[T](cs)...)) },
		none:    func(cs []cond) expr.Node { return nodeOf(expr.Not(h.Is(entity[T](cs)...))) },
		null:    func() expr.Node { return nodeOf(h.IsNull()) },
		notNull: func() expr.Node { return nodeOf(h.IsNotNull()) },
		by: func(t expr.Order[row]) expr.Order[row] {
			return expr.NewOrder[row](h.By(expr.NewOrder[T](t.Term())).Term())
		}}
}

// column is the leaf of a column, the values of which stand at that place in records.
func column(src *expr.Source, k kind, null bool, x expr.Any, at int, max float64) val {
	return val{k: k, n: nodeOf(x), null: null, max: max, scale: 2, col: true, decimal: k == kPrice, ev: func(e *env) any {
		r := e.find(src)
		if r == nil {
			return nil
		}
		return r.vals[at]
	}}
}

// The rows in memory.
var (
	thingRows = records(makeThings(), func(t *Thing) (int64, []any) {
		return t.ID, []any{t.ID, t.N, null(t.M), t.Big, t.F, null(t.G), t.S, null(t.O), t.Code, t.B, null(t.C), t.At, null(t.Seen), blob(t.Y), nullBlob(t.Z), t.Price, null(t.Cost), null(t.BossID)}
	})
	partRows = records(makeParts(), func(p *Part) (int64, []any) {
		return p.ID, []any{p.ID, p.ThingID, p.N, null(p.M), null(p.F), p.S, null(p.O)}
	})
	tagRows = records(makeTags(), func(t *Tag) (int64, []any) { return t.ID, []any{t.ID, t.Name} })
)

func records[T any](es []*T, of func(*T) (int64, []any)) (out []*record) {
	for _, e := range es {
		id, vals := of(e)
		out = append(out, &record{vals: vals, id: id})
	}
	return out
}

func null[V any](v *V) any {
	if v == nil {
		return nil
	}
	return *v
}

func nullBlob(v *[]byte) any {
	if v == nil {
		return nil
	}
	return blob(*v)
}

func filtered(rows []*record, keep func(*record) bool) (out []*record) {
	for _, r := range rows {
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}

func tagged(thing, tag int64) bool { return slices.Contains(pairs, [2]int64{thing, tag}) }

func thingsAt(t *things) *place {
	src := schema.SourceOf(t)
	p := &place{src: src, handle: t, rows: func(*env) []*record { return thingRows }}
	add := func(k kind, null bool, x expr.Any, max float64) val {
		v := column(src, k, null, x, len(p.leaves), max)
		p.leaves = append(p.leaves, v)
		return v
	}
	id := add(kInt, false, t.ID, 100)
	n := add(kInt, false, t.N, 1000)
	m := add(kInt, true, t.M, 1000)
	add(kInt, false, t.Big, 9e15)
	add(kFloat, false, t.F, 1001)
	add(kFloat, true, t.G, 1001)
	add(kText, false, t.S, 0)
	add(kText, true, t.O, 0)
	add(kText, false, t.Code, 0)
	p.leaves[len(p.leaves)-1].ascii = true
	add(kBool, false, t.B, 0)
	add(kBool, true, t.C, 0)
	add(kTime, false, t.At, 0)
	add(kTime, true, t.Seen, 0)
	add(kBytes, false, t.Y, 0)
	add(kBytes, true, t.Z, 0)
	add(kPrice, false, t.Price, 0)
	add(kPrice, true, t.Cost, 0)
	boss := add(kInt, true, t.BossID, 100)
	const bossAt = 17
	p.keys, p.links = []val{id}, []val{id, boss, n, m}
	own := func() *place { return thingsAt(Things) }
	staff := func(g *gen, step func(schema.Of[Thing]) rel.Step) (*place, rel.Step) {
		h := alias(g, "things", Things)
		return thingsAt(h), step(h)
	}
	p.rels = []relation{
		toMany(t.Parts, func() *place { return partsAt(Parts) }, func(r *record) []*record {
			return filtered(partRows, func(q *record) bool { return q.vals[1] == any(r.id) })
		}),
		toMany(t.Staff, own, func(r *record) []*record {
			return filtered(thingRows, func(q *record) bool { return q.vals[bossAt] == any(r.id) })
		}),
		toOne(t.Boss, own, func(r *record) []*record {
			return filtered(thingRows, func(q *record) bool { return r.vals[bossAt] == any(q.id) })
		}),
		toMany(t.Tags, func() *place { return tagsAt(Tags) }, func(r *record) []*record {
			return filtered(tagRows, func(q *record) bool { return tagged(r.id, q.id) })
		}),
	}
	p.rels[0].along = func(g *gen) (*place, rel.Step) {
		h := alias(g, "parts", Parts)
		return partsAt(h), t.Parts.To(h)
	}
	p.rels[1].along = func(g *gen) (*place, rel.Step) { return staff(g, t.Staff.To) }
	p.rels[2].along = func(g *gen) (*place, rel.Step) { return staff(g, t.Boss.To) }
	p.rels[3].along = func(g *gen) (*place, rel.Step) {
		h := alias(g, "tags", Tags)
		return tagsAt(h), t.Tags.To(h)
	}
	return p
}

func partsAt(t *parts) *place {
	src := schema.SourceOf(t)
	p := &place{src: src, handle: t, rows: func(*env) []*record { return partRows }}
	add := func(k kind, null bool, x expr.Any, max float64) val {
		v := column(src, k, null, x, len(p.leaves), max)
		p.leaves = append(p.leaves, v)
		return v
	}
	id := add(kInt, false, t.ID, 100)
	thing := add(kInt, false, t.ThingID, 100)
	n := add(kInt, false, t.N, 1000)
	m := add(kInt, true, t.M, 1000)
	add(kFloat, true, t.F, 1001)
	add(kText, false, t.S, 0)
	add(kText, true, t.O, 0)
	p.keys, p.links = []val{id}, []val{thing, id, n, m}
	p.rels = []relation{toOne(t.Thing, func() *place { return thingsAt(Things) }, func(r *record) []*record {
		return filtered(thingRows, func(q *record) bool { return r.vals[1] == any(q.id) })
	})}
	p.rels[0].along = func(g *gen) (*place, rel.Step) {
		h := alias(g, "things", Things)
		return thingsAt(h), t.Thing.To(h)
	}
	return p
}

func tagsAt(t *tags) *place {
	src := schema.SourceOf(t)
	p := &place{src: src, handle: t, rows: func(*env) []*record { return tagRows }}
	id := column(src, kInt, false, t.ID, 0, 100)
	p.leaves = []val{id, column(src, kText, false, t.Name, 1, 0)}
	p.keys, p.links = []val{id}, []val{id}
	p.rels = []relation{toMany(t.Things, func() *place { return thingsAt(Things) }, func(r *record) []*record {
		return filtered(thingRows, func(q *record) bool { return tagged(q.id, r.id) })
	})}
	p.rels[0].along = func(g *gen) (*place, rel.Step) {
		h := alias(g, "things", Things)
		return thingsAt(h), t.Things.To(h)
	}
	return p
}

// aliases are names that break out of what does not quote them, and such as the
// compiler might choose itself.
var aliases = []string{"x", `a"b`, "select", "things_1", "u", "'; --", "é ?", "THINGS", "$1"}

// fresh is a name that no other place of the tree has.
func (g *gen) fresh() string {
	g.named++
	return fmt.Sprint(pick(g.s, aliases), g.named)
}

func alias[E, T any, PT interface {
	*T
	schema.Of[E]
}](g *gen, table string, h PT) PT {
	name := g.fresh()
	return aliased(table+" "+name, func() PT { return schema.As(h, name) })
}

// table is a place to read from: a table, an alias of one, or the rows of a query.
func (g *gen) table(taken []*place) *place {
	var p *place
	switch g.s.n(8) {
	case 0, 1:
		p = thingsAt(Things)
	case 2:
		p = partsAt(Parts)
	case 3:
		p = tagsAt(Tags)
	case 4:
		p = thingsAt(alias(g, "things", Things))
	case 5:
		p = partsAt(alias(g, "parts", Parts))
	case 6:
		if g.nest > 0 {
			return g.derived()
		}
		p = partsAt(alias(g, "parts", Parts))
	default:
		return g.listedRows()
	}
	for _, q := range taken {
		if q.src == p.src { // twice in one FROM: an alias
			switch h := p.handle.(type) {
			case *things:
				return thingsAt(alias(g, "things", h))
			case *parts:
				return partsAt(alias(g, "parts", h))
			case *tags:
				return tagsAt(alias(g, "tags", h))
			}
		}
	}
	return p
}

// within calls f with a scope of places before which the outer ones stand, but for
// those that mean a row inside.
func (g *gen) within(inner []*place, outer bool, f func()) {
	was, group, related, arg := g.scope, g.group, g.related, g.aggArg
	defer func() { g.scope, g.group, g.related, g.aggArg = was, group, related, arg }()
	g.group, g.related, g.aggArg = nil, true, false
	g.scope = nil
	if outer && group == nil && !arg {
		for _, p := range was {
			if !slices.ContainsFunc(inner, func(q *place) bool { return q.src == p.src }) {
				g.scope = append(g.scope, p)
			}
		}
	}
	g.scope = append(g.scope, inner...)
	f()
}

// relationAt chooses a relation of a place in scope.
func (g *gen) relationAt() (*place, relation, bool) {
	if !g.related {
		return nil, relation{}, false
	}
	var from []*place
	for i := len(g.scope) - 1; i >= 0; i-- {
		if len(g.scope[i].rels) > 0 {
			from = append(from, g.scope[i])
		}
	}
	if len(from) == 0 {
		return nil, relation{}, false
	}
	p := pick(g.s, from)
	return p, pick(g.s, p.rels), true
}

// beyond makes conditions on related rows, and counts those that meet them.
func (g *gen) beyond(p *place, r relation, depth int) ([]cond, func(*env) int) {
	to := r.to()
	var cs []cond
	g.within([]*place{to}, true, func() {
		for range g.s.n(3) {
			cs = append(cs, g.cond(depth-1))
		}
	})
	return cs, func(e *env) (n int) {
		from := e.find(p.src)
		if from == nil { // of an outer join: nothing is related to nothing
			return 0
		}
		spend(1)
		for _, rec := range r.rows(from) {
			spend(1)
			in := &env{up: e, src: to.src, rec: rec}
			met := yes
			for _, c := range cs {
				met = and(met, c.ev(in))
			}
			if met == yes {
				n++
			}
		}
		return n
	}
}

func (g *gen) relatedCond(depth int) cond {
	p, r, ok := g.relationAt()
	if !ok {
		return g.compare(g.leaf(kind(g.s.n(int(kinds)))))
	}
	if r.null != nil && g.s.rarely(4) {
		not := g.s.flag()
		n := r.null
		if not {
			n = r.notNull
		}
		return cond{n(), func(e *env) tri {
			from := e.find(p.src)
			return truth((from == nil || len(r.rows(from)) == 0) != not)
		}}
	}
	none := g.s.flag()
	cs, count := g.beyond(p, r, depth)
	if none {
		return cond{r.none(cs), func(e *env) tri { return truth(count(e) == 0) }}
	}
	return cond{r.any(cs), func(e *env) tri { return truth(count(e) > 0) }}
}

// counted is a number of related rows, or of a query's.
func (g *gen) counted(depth int) val {
	p, r, ok := g.relationAt()
	if !ok || r.count == nil {
		return g.subqueryValue(kInt, depth)
	}
	cs, count := g.beyond(p, r, depth)
	return val{k: kInt, n: r.count(cs), max: 100, scale: 0, ev: func(e *env) any { return int64(count(e)) }}
}

// Mid is what a query within another one reads.
type Mid struct {
	N int64
	M *int64
	F *float64
	S *string
	B *bool
	T *time.Time
}

type mids struct {
	schema.Table[Mid]
	N expr.Column[Mid, int64]
	M expr.Nullable[Mid, int64]
	F expr.Nullable[Mid, float64]
	S expr.Nullable[Mid, string]
	B expr.Nullable[Mid, bool]
	T expr.Nullable[Mid, time.Time]
}

var midKinds = []kind{kInt, kInt, kFloat, kText, kBool, kTime}

// midsAt is a place of rows that a query makes. Of the columns like has the bounds.
func midsAt(h *mids, like []val, rows func(*env) []*record) *place {
	src := schema.SourceOf(h)
	p := &place{src: src, handle: h, rows: rows}
	for i, x := range []expr.Any{h.N, h.M, h.F, h.S, h.B, h.T} {
		v := column(src, midKinds[i], i > 0, x, i, like[i].max)
		v.scale, v.ascii = like[i].scale, like[i].ascii
		p.leaves = append(p.leaves, v)
	}
	p.links = p.leaves[:2]
	return p
}
