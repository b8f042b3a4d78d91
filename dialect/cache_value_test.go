package dialect

import (
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

// value makes a random tree of the nodes of values.
func (t *trees) value(sub func() expr.Node, list func() []expr.Node) expr.Node {
	switch t.IntN(7) {
	case 0:
		return &expr.CollateNode{X: sub(), Name: []string{"C", "D"}[t.IntN(2)]}
	case 1:
		return &expr.CompareNode{Op: expr.CompareOp(t.IntN(6)), Left: &expr.RowNode{Items: []expr.Node{sub(), sub()}}, Right: &expr.RowNode{Items: []expr.Node{sub(), sub()}}}
	case 2:
		n := &expr.TupleInNode{Items: []expr.Node{sub(), sub()}, Not: t.flag()}
		for range t.IntN(3) {
			n.Rows = append(n.Rows, []expr.Node{sub(), sub()})
		}
		return n
	case 3:
		parts := []any{"a", "b", 0, -1, "0", "ab"}
		n := &expr.JSONNode{X: t.cols[4], Kind: expr.JSONKind(t.IntN(5))}
		for range t.IntN(3) {
			n.Path = append(n.Path, parts[t.IntN(len(parts))])
		}
		return n
	case 4:
		return &expr.FuncNode{Name: []string{"f", "g", "s.f"}[t.IntN(3)], Args: append(list(), &expr.ParamNode{Value: []any{int32(1), int64(1), int16(2), "a", true}[t.IntN(5)]})}
	}
	w := &expr.WindowNode{Func: t.aggregate(sub, list), Partition: list(), Order: t.orders(sub)}
	if t.flag() {
		w.Frame = &expr.Frame{Mode: []expr.FrameMode{expr.FrameRows, expr.FrameGroups}[t.IntN(2)], Exclude: expr.FrameExclusion(t.IntN(4)),
			From: expr.Bound{Place: int8(t.IntN(5) - 2), Offset: t.Int64N(2)}, To: expr.Bound{Place: int8(t.IntN(5) - 2), Offset: t.Int64N(2)}}
	}
	return w
}

func (t *trees) aggregate(sub func() expr.Node, list func() []expr.Node) *expr.AggNode {
	n := &expr.AggNode{Name: []string{"count", "x"}[t.IntN(2)], Distinct: t.flag()}
	if t.flag() {
		n.Arg = sub()
	}
	if t.flag() {
		n.Filter = sub()
	}
	switch t.IntN(6) {
	case 0:
		n.Order = t.orders(sub)
	case 1:
		n.Within = t.orders(sub)
	case 2:
		n.Args = list()
	case 3:
		n.Args = []expr.Node{&expr.ParamNode{Value: []any{int32(1), int64(1)}[t.IntN(2)]}}
	}
	return n
}

func (t *trees) orders(sub func() expr.Node) (terms []expr.OrderTerm) {
	for range t.IntN(3) {
		terms = append(terms, expr.OrderTerm{X: sub(), Desc: t.flag(), Nulls: expr.NullsOrder(t.IntN(3))})
	}
	return terms
}

// A window is found in the statements that the random trees make, and each part of
// it, of a function's call and of a path is in the shape.
func TestShapeOfValues(t *testing.T) {
	ts, d := newTrees(1), plainDialect{}
	col, other := ts.cols[0], ts.cols[1]
	int32s, int64s := &expr.ParamNode{Value: int32(1)}, &expr.ParamNode{Value: int64(1)}
	agg := &expr.AggNode{Name: "x", Arg: col}
	order := []expr.OrderTerm{{X: col}}
	keys := map[string]string{}
	for name, n := range map[string]expr.Node{
		"collation": &expr.CollateNode{X: col, Name: "a"}, "another": &expr.CollateNode{X: col, Name: "b"},
		"call": &expr.FuncNode{Name: "f", Args: []expr.Node{int32s}}, "of another type": &expr.FuncNode{Name: "f", Args: []expr.Node{int64s}},
		"text":  &expr.JSONNode{X: ts.cols[4], Path: []any{"1"}},
		"place": &expr.JSONNode{X: ts.cols[4], Path: []any{1}}, "from the end": &expr.JSONNode{X: ts.cols[4], Path: []any{-1}},
		"two": &expr.JSONNode{X: ts.cols[4], Path: []any{"1", "2"}}, "bool": &expr.JSONNode{X: ts.cols[4], Path: []any{"1"}, Kind: expr.JSONBool},
		"window": &expr.WindowNode{Func: agg}, "partition": &expr.WindowNode{Func: agg, Partition: []expr.Node{col}},
		"order": &expr.WindowNode{Func: agg, Order: order}, "order of another": &expr.WindowNode{Func: agg, Order: []expr.OrderTerm{{X: other}}},
		"frame":         &expr.WindowNode{Func: agg, Frame: &expr.Frame{}},
		"of groups":     &expr.WindowNode{Func: agg, Frame: &expr.Frame{Mode: expr.FrameGroups}},
		"from":          &expr.WindowNode{Func: agg, Frame: &expr.Frame{From: expr.Preceding(1)}},
		"further":       &expr.WindowNode{Func: agg, Frame: &expr.Frame{From: expr.Preceding(2)}},
		"to":            &expr.WindowNode{Func: agg, Frame: &expr.Frame{To: expr.Following(1)}},
		"excluding":     &expr.WindowNode{Func: agg, Frame: &expr.Frame{Exclude: expr.ExcludeTied}},
		"aggregate":     agg,
		"with args":     &expr.AggNode{Name: "x", Arg: col, Args: []expr.Node{col}},
		"with an order": &expr.AggNode{Name: "x", Arg: col, Order: order}, "within": &expr.AggNode{Name: "x", Arg: col, Within: order},
	} {
		s := newShape(d)
		if err := s.node(n); err != nil {
			t.Fatal(err)
		}
		if before, ok := keys[string(s.key)]; ok {
			t.Errorf("%s and %s share a shape", name, before)
		}
		keys[string(s.key)] = name
	}
	group := func(kind expr.GroupingKind, sets ...[]expr.Node) string {
		s := newShape(d)
		if err := s.node(&expr.GroupingNode{Kind: kind, Sets: sets}); err != nil {
			t.Fatal(err)
		}
		return string(s.key)
	}
	seen := map[string]bool{}
	for _, k := range []string{
		group(expr.GroupingRollup, []expr.Node{col}, []expr.Node{other}), group(expr.GroupingCube, []expr.Node{col}, []expr.Node{other}),
		group(expr.GroupingSet, []expr.Node{col, other}), group(expr.GroupingSet, []expr.Node{col}, []expr.Node{other}), group(expr.GroupingSet, []expr.Node{col, other}, nil),
	} {
		if seen[k] {
			t.Error("two groupings share a shape")
		}
		seen[k] = true
	}
}
