package dialect

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// local makes trees whose sources are made anew: aliases, subqueries, lists of rows,
// common table expressions, at times one that reads itself.
func (t *trees) local(depth int) *trees {
	out := &trees{Rand: t.Rand, cols: slices.Clone(t.cols), from: slices.Clone(t.from), joins: t.joins}
	name := func() string { return []string{"x", "y", "z"}[t.IntN(3)] }
	for i := range 2 {
		var src *expr.Source
		switch kind := t.IntN(8); {
		case kind < 2 || depth <= 0:
			continue
		case kind < 4:
			src = expr.NewSource("", t.from[i].Name, name(), t.from[i].Def)
			src.Query = t.from[i].Query
			for k := range 2 {
				def := *columnDef(t.cols[2*i+k])
				if def.Ref == nil { // else it is an alias of an alias
					def.Ref = t.cols[2*i+k]
				}
				out.cols[2*i+k] = expr.NewColumnRef(src, def.Name, &def)
			}
			out.from[i] = src
			continue
		}
		q := &expr.Query{Names: []string{"d0", "d1"}, Common: t.flag()}
		src = expr.NewSource("", name(), "", &schema.TableDef{Name: "d"})
		src.Query = q
		if q.Common && i == 1 && t.flag() && out.from[0].Query != nil && out.from[0].Query.Common { // read twice
			q = out.from[0].Query
			src = expr.NewSource("", out.from[0].Name, "again", out.from[0].Def)
			src.Query = q
		}
		out.from[i] = src
		for k := range 2 {
			def := &schema.ColumnDef{Name: q.Names[k], Type: schema.Type{Kind: []schema.Kind{schema.Int64Kind, schema.TextKind}[k]}}
			out.cols[2*i+k] = expr.NewColumnRef(src, def.Name, def)
		}
		if q.Stmt != nil {
			continue
		}
		switch t.IntN(4) {
		case 0:
			q.Stmt = &expr.ValuesStmt{Rows: [][]expr.Node{{t.node(0), t.node(0)}, {t.node(0), t.node(0)}}[:1+t.IntN(2)]}
		case 1:
			c := &expr.CompoundStmt{Op: expr.SetOp(t.IntN(3)), All: t.flag(), Members: []*expr.SelectStmt{t.two(depth - 1), t.two(depth - 1)}}
			q.Stmt = c
			if q.Common && t.flag() {
				q.Recursive = true
				c.Members[1] = &expr.SelectStmt{Columns: []expr.Node{out.cols[2*i], out.cols[2*i+1]}, From: src, Where: t.optional(0), Limit: -1, Offset: -1}
			}
		default:
			q.Stmt = t.two(depth - 1)
		}
	}
	return out
}

// two is a SELECT of two columns.
func (t *trees) two(depth int) *expr.SelectStmt {
	in := t.local(depth)
	joined := t.flag()
	if !joined {
		in.cols[2], in.cols[3] = in.cols[0], in.cols[1]
	}
	s := &expr.SelectStmt{Columns: []expr.Node{in.column(), in.node(1)}, From: in.from[0], Where: in.optional(1), Limit: t.Int64N(3) - 1, Offset: -1, Filters: t.filters()}
	if joined {
		s.Joins = []expr.JoinClause{{Kind: expr.CrossJoin, Source: in.from[1]}}
		if t.flag() {
			along := &expr.JoinedNode{Join: t.joins[t.IntN(len(t.joins))], From: &expr.ColumnRef{Source: in.from[0]}, To: &expr.ColumnRef{Source: in.from[1]}, Far: t.flag()}
			along.Through = !along.Far && t.flag()
			s.Joins[0] = expr.JoinClause{Kind: expr.LeftJoin, Source: in.from[1], On: along}
		}
	}
	if t.IntN(3) == 0 {
		s.OrderBy = []expr.OrderTerm{{X: in.column(), Desc: t.flag()}}
	}
	return s
}

// queries makes a statement with queries within.
func (t *trees) queries() expr.Statement {
	in := t.local(2)
	ask := func() expr.Node {
		n := &expr.SubqueryNode{Kind: expr.SubqueryKind(t.IntN(3)), Not: t.flag(), Stmt: in.two(1)}
		if n.Kind != expr.SubqueryExists {
			n.Stmt.Columns = n.Stmt.Columns[:1]
		}
		if n.Kind == expr.SubqueryIn {
			n.X = in.node(0)
		}
		return n
	}
	if t.IntN(8) == 0 {
		return &expr.InsertStmt{Table: t.from[0], Columns: []*expr.ColumnRef{t.cols[0], t.cols[1]}, Query: in.two(1)}
	}
	stmt := in.statement()
	where := &expr.LogicNode{Args: []expr.Node{in.node(1), ask()}}
	if t.flag() {
		return stmt
	}
	switch s := stmt.(type) {
	case *expr.SelectStmt:
		s.Where = where
		if t.flag() {
			s.Columns = append(s.Columns, ask())
		}
		if t.IntN(3) == 0 && len(s.Joins) > 0 && s.Joins[0].Source.Query != nil {
			s.Joins[0].Lateral = true
		}
	case *expr.UpdateStmt:
		s.Where = where
		if t.IntN(3) > 0 { // joined with what is made here, or with the other table
			s.Table = t.from[0]
			other := in.from[1]
			in.from[0], in.cols[0], in.cols[1] = t.from[0], t.cols[0], t.cols[1]
			s.Set = []expr.SetClause{{Column: t.cols[0], Value: in.node(1)}}
			if t.flag() {
				s.Set = append(s.Set, expr.SetClause{Column: t.cols[1], Value: in.node(0)})
			}
			s.Where, s.Returning = in.optional(1), in.nodes(1)
			s.Joins = []expr.JoinClause{{Kind: expr.InnerJoin, Source: other, On: in.node(1)}}
		}
	case *expr.DeleteStmt:
		s.Where = where
	}
	return stmt
}

// seeingDialect updates joined tables in place.
type seeingDialect struct{ plainDialect }

func (d seeingDialect) Capabilities() Capabilities {
	caps := d.plainDialect.Capabilities()
	caps.UpdateSeesItself = false
	return caps
}

// Queries with queries within have shapes too: those that are built anew in the same
// way share one, and no others do.
func TestShapesOfQueriesWithin(t *testing.T) {
	t.Run("plain", func(t *testing.T) { testShapesOfQueriesWithin(t, plainDialect{}) })
	t.Run("seeing", func(t *testing.T) { testShapesOfQueriesWithin(t, seeingDialect{}) })
}

func testShapesOfQueriesWithin(t *testing.T, d Dialect) {
	base := newTrees(9).filter()
	texts, keys, cache := map[string]string{}, map[string]string{}, NewCache(d, 0)
	good, with, derived, inside, joined := 0, 0, 0, 0, 0
	for i := range 40_000 {
		build := func() expr.Statement {
			g := *base
			g.Rand = rand.New(rand.NewPCG(uint64(i), 3))
			return g.queries()
		}
		stmt := build()
		want, err := Compile(d, stmt)
		if err != nil {
			if got, cerr := cache.Compile(stmt); cerr == nil || cerr.Error() != err.Error() {
				t.Fatalf("the cache gives %v, %v; want the error %v", got, cerr, err)
			}
			continue
		}
		if got, err := cache.Compile(stmt); err != nil || got.SQL != want.SQL || !slices.Equal(got.Args, want.Args) {
			t.Fatalf("the cache gives %v, %v; want %v", got, err, want)
		}
		good++
		if u, ok := stmt.(*expr.UpdateStmt); ok && len(u.Joins) > 0 {
			joined++
		}
		for what, n := range map[string]*int{"WITH ": &with, " FROM (SELECT ": &derived, "EXISTS (SELECT": &inside} {
			if strings.Contains(want.SQL, what) {
				*n++
			}
		}
		s := newShape(d)
		if err := s.statement(stmt); err != nil {
			t.Fatalf("%s: no shape: %v", want.SQL, err)
		}
		if !slices.Equal(s.args, want.Args) {
			t.Fatalf("%s:\nshape's args %#v\ntext's args  %#v", want.SQL, s.args, want.Args)
		}
		key := string(s.key)
		if text, ok := texts[key]; ok && text != want.SQL {
			t.Fatalf("one key for\n%s\n%s", text, want.SQL)
		}
		texts[key], keys[want.SQL] = want.SQL, key
		again := newShape(d)
		if err := again.statement(build()); err != nil || string(again.key) != key {
			t.Fatalf("%s: built again it has another shape, %v", want.SQL, err)
		}
	}
	if good < 1500 || with < 150 || derived < 300 || inside < 200 || joined < 200 {
		t.Errorf("%d statements compiled, %d with WITH, %d from a subquery, %d with a subquery, %d updates with joins: too few to mean anything", good, with, derived, inside, joined)
	}
	t.Logf("%d statements, %d keys, %d texts", good, len(texts), len(keys))
}
