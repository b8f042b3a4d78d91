package dialect

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// trees makes random trees over two tables.
type trees struct {
	*rand.Rand
	cols  []*expr.ColumnRef
	from  []*expr.Source
	joins []*join
}

// join is a relation as data.
type join struct {
	expr.RelatedColumns
	err error
}

func (j *join) RelatedOn() (expr.RelatedColumns, error) { return j.RelatedColumns, j.err }

func newTrees(seed uint64) *trees {
	t := &trees{Rand: rand.New(rand.NewPCG(seed, 1))}
	for i := range 2 {
		var table any
		if i == 0 { // the other one has no key
			table = &schema.TableDef{Name: "t0", PrimaryKey: []*schema.ColumnDef{{Name: "k"}}}
		}
		s := expr.NewSource("", fmt.Sprint("t", i), "", table)
		if def, ok := table.(*schema.TableDef); ok {
			def.PrimaryKey[0].Ref = expr.NewColumnRef(s, "k", def.PrimaryKey[0])
			def.Source = s
		}
		t.from = append(t.from, s)
		for k, kind := range []schema.Kind{schema.Int64Kind, schema.TextKind} {
			def := &schema.ColumnDef{Name: fmt.Sprintf("c%d%d", i, k), Type: schema.Type{Kind: kind}}
			t.cols = append(t.cols, expr.NewColumnRef(s, def.Name, def))
		}
	}
	def := &schema.ColumnDef{Name: "doc", Type: schema.Type{Kind: schema.JSONKind}}
	t.cols = append(t.cols, expr.NewColumnRef(t.from[0], def.Name, def))
	m := expr.NewSource("", "m", "", nil)
	ma, mb := expr.NewColumnRef(m, "a", nil), expr.NewColumnRef(m, "b", nil)
	for i := range 2 {
		for k := range 2 {
			on := [2]*expr.ColumnRef{t.cols[2*i], t.cols[2*k+1]}
			t.joins = append(t.joins,
				&join{RelatedColumns: expr.RelatedColumns{ID: uint64(len(t.joins)), Target: t.from[k], On: [][2]*expr.ColumnRef{on}}},
				&join{RelatedColumns: expr.RelatedColumns{ID: uint64(len(t.joins) + 1), Target: t.from[k], Through: m,
					On: [][2]*expr.ColumnRef{{on[0], ma}}, Far: [][2]*expr.ColumnRef{{mb, t.cols[2*k]}}}})
		}
	}
	t.joins = append(t.joins, &join{err: errors.New("relation is not joined")})
	return t
}

// filter gives both tables filters.
func (t *trees) filter() *trees {
	t.from[0].Def.(*schema.TableDef).Filters = []*schema.FilterDef{
		{Name: expr.FilterDeleted, Kind: schema.DeletedFilter, Column: &schema.ColumnDef{Ref: t.cols[1]}, Cond: &expr.NullNode{X: t.cols[1]}},
		{Name: "own", Cond: &expr.LogicNode{Or: true, Args: []expr.Node{
			&expr.CompareNode{Left: t.cols[0], Right: &expr.FilterParamNode{Name: "p", Type: reflect.TypeFor[int64](), Like: t.cols[0]}}, &expr.NullNode{X: t.cols[0]}}}},
	}
	t.from[1].Def = &schema.TableDef{Name: "t1", Source: t.from[1], Filters: []*schema.FilterDef{{Name: "own", Cond: &expr.CompareNode{
		Op: expr.OpGt, Left: &expr.FilterParamNode{Name: "p", Type: reflect.TypeFor[int64]()}, Right: t.cols[2]}}}}
	return t
}

func (t *trees) flag() bool              { return t.IntN(2) == 0 }
func (t *trees) column() *expr.ColumnRef { return t.cols[t.IntN(4)] }

func (t *trees) param() (any, *expr.ColumnRef) {
	v := []any{int64(1), int64(2), "a", "b", true, 1.5}[t.IntN(6)]
	if t.flag() {
		return v, nil
	}
	if _, ok := v.(string); ok {
		return v, t.cols[1+2*t.IntN(2)]
	}
	return int64(t.IntN(3)), t.cols[2*t.IntN(2)]
}

func (t *trees) node(depth int) expr.Node {
	if depth <= 0 {
		if t.flag() {
			return t.column()
		}
		v, like := t.param()
		return &expr.ParamNode{Value: v, Like: like}
	}
	sub := func() expr.Node { return t.node(depth - 1 - t.IntN(2)) }
	list := func() (ns []expr.Node) {
		for range t.IntN(4) {
			ns = append(ns, sub())
		}
		return ns
	}
	if t.IntN(4) == 0 {
		return t.value(sub, list)
	}
	switch t.IntN(18) {
	case 16, 17:
		k := t.IntN(len(t.joins))
		n := &expr.RelatedNode{Kind: expr.RelatedKind(t.IntN(3)), Not: t.flag(), From: t.from[min(k/4, 1)], Join: t.joins[k]}
		if t.flag() {
			n.Where = sub()
		}
		if n.Kind == expr.RelatedValue || t.flag() {
			n.Value = sub()
		}
		return n
	case 0:
		return &expr.CompareNode{Op: expr.CompareOp(t.IntN(8)), Left: sub(), Right: sub()}
	case 1:
		return &expr.BetweenNode{X: sub(), Low: sub(), High: sub()}
	case 2:
		n := &expr.InNode{X: sub(), Not: t.flag()}
		if t.flag() {
			n.Like = t.cols[0]
		}
		for range t.IntN(5) {
			n.Values = append(n.Values, int64(t.IntN(9)))
		}
		if t.IntN(3) == 0 {
			return &expr.RowInNode{Columns: []*expr.ColumnRef{t.column(), t.cols[0]}, Values: [][]any{n.Values, n.Values}}
		}
		return n
	case 3:
		return &expr.LikeNode{X: sub(), Pattern: sub(), Escape: t.flag(), Fold: t.flag(), Not: t.flag()}
	case 4:
		return &expr.NullNode{X: sub(), Not: t.flag()}
	case 5, 6:
		return &expr.LogicNode{Or: t.flag(), Args: list()}
	case 7:
		return &expr.NotNode{X: sub()}
	case 8:
		return &expr.ArithNode{Op: expr.ArithOp(t.IntN(8)), Left: sub(), Right: sub()}
	case 9:
		return &expr.NegNode{X: sub()}
	case 10:
		return &expr.CallNode{Name: []string{"f", "g", "ff"}[t.IntN(3)], Args: list()}
	case 11:
		return t.aggregate(sub, list)
	case 12:
		n := &expr.CaseNode{When: []expr.WhenNode{{Cond: sub(), Then: sub()}}}
		if t.flag() {
			n.When = append(n.When, expr.WhenNode{Cond: sub(), Then: sub()})
		}
		if t.flag() {
			n.Else = sub()
		}
		return n
	case 13:
		return &expr.CastNode{X: sub(), To: []any{int64(0), "", true, int16(0)}[t.IntN(4)]}
	case 14:
		return &expr.RawNode{SQL: []string{"a = ?", "a = ? OR b", "b = ?"}[t.IntN(3)], Args: []any{int64(t.IntN(3))}}
	}
	return &expr.ConstNode{Value: t.flag(), Every: t.flag()}
}

func (t *trees) nodes(depth int) (ns []expr.Node) {
	for range t.IntN(3) {
		ns = append(ns, t.node(depth))
	}
	return ns
}

func (t *trees) optional(depth int) expr.Node {
	if t.flag() {
		return nil
	}
	return t.node(depth)
}

// filters are such as a query has.
func (t *trees) filters() *expr.Filters {
	f := &expr.Filters{Values: map[string]any{"p": int64(t.IntN(3))}, Only: t.IntN(4) == 0, All: t.IntN(6) == 0, Live: t.IntN(4) == 0}
	if t.IntN(8) == 0 {
		return nil
	}
	for _, name := range []string{"own", expr.FilterDeleted} {
		if t.IntN(3) == 0 {
			f.Off = append(f.Off, name)
		}
	}
	return f
}

func (t *trees) statement() expr.Statement {
	stmt := t.unfiltered()
	switch s := stmt.(type) {
	case *expr.SelectStmt:
		s.Filters = t.filters()
	case *expr.UpdateStmt:
		s.Filters = t.filters()
	case *expr.DeleteStmt:
		s.Filters = t.filters()
	}
	return stmt
}

func (t *trees) unfiltered() expr.Statement {
	d := t.IntN(3)
	switch t.IntN(4) {
	case 0:
		return &expr.DeleteStmt{Table: t.from[t.IntN(2)], Where: t.optional(d), Returning: t.nodes(d)}
	case 1:
		s := &expr.UpdateStmt{Table: t.from[t.IntN(2)], Where: t.optional(d), Returning: t.nodes(d)}
		for range t.IntN(3) {
			s.Set = append(s.Set, expr.SetClause{Column: t.column(), Value: t.node(d)})
		}
		if t.IntN(3) == 0 { // to what is read of the table itself
			s.Table = t.from[0]
			s.Set = []expr.SetClause{{Column: t.cols[t.IntN(2)], Value: &expr.RelatedNode{Kind: expr.RelatedCount, From: s.Table, Join: t.joins[t.IntN(4)], Where: t.optional(1)}}}
		}
		return s
	}
	s := &expr.SelectStmt{Distinct: t.flag(), Columns: t.nodes(d), From: t.from[0], Where: t.optional(d), GroupBy: t.nodes(d), Having: t.optional(d),
		Limit: t.Int64N(3) - 1, Offset: t.Int64N(3) - 1, Lock: expr.LockStrength(t.IntN(3))}
	if t.flag() {
		s.Joins = []expr.JoinClause{{Kind: expr.JoinKind(t.IntN(5)), Source: t.from[1], On: t.optional(d)}}
	}
	if t.flag() {
		s.GroupBy = append(s.GroupBy, s.Columns...)
		if len(s.Columns) > 0 {
			s.OrderBy = []expr.OrderTerm{{X: s.Columns[0]}}
		}
	}
	if t.IntN(3) == 0 {
		s.PerGroup = &expr.PerGroup{By: t.nodes(d), Limit: t.Int64N(4) - 1}
		if t.IntN(4) > 0 {
			s.Distinct, s.GroupBy, s.Having, s.Limit, s.Offset, s.Lock = false, nil, nil, -1, -1, expr.NoLock
		}
	}
	if s.Lock != expr.NoLock && t.flag() {
		s.Wait = expr.LockWait(t.IntN(3))
		for range t.IntN(3) {
			s.LockOf = append(s.LockOf, t.from[t.IntN(2)])
		}
	}
	for range t.IntN(2) {
		s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: t.node(d), Desc: t.flag(), Nulls: expr.NullsOrder(t.IntN(3))})
	}
	return s
}
