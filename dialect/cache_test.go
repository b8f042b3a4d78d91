package dialect

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// The dialects stand above this package, so the property is tested on one made
// here: all that can be said in a tree shows in its text.
type plainDialect struct{ Dialect }

func (plainDialect) Name() string { return "plain" }
func (plainDialect) Capabilities() Capabilities {
	return Capabilities{RowLocks: true, WindowFunctions: true, GroupingSets: true, DistinctAggregateArgs: true, Schemas: true, UpdateSeesItself: true, TypedParams: true, NumberedParams: true, Returning: true, Distinct: "IS DISTINCT FROM", NotDistinct: "IS NOT DISTINCT FROM"}
}
func (plainDialect) AppendQuoted(b []byte, s string) []byte           { return fmt.Appendf(b, "%q", s) }
func (plainDialect) AppendPlaceholder(b []byte, n int) []byte         { return fmt.Appendf(b, "$%d", n) }
func (plainDialect) Function(*Compiler, *expr.CallNode) (bool, error) { return false, nil }
func (plainDialect) Aggregate(name string) string                     { return name }
func (plainDialect) JSON(c *Compiler, n *expr.JSONNode) error {
	c.Text(fmt.Sprintf("JSON %s %d %#v", n.X.Name, n.Kind, n.Path))
	return nil
}
func (plainDialect) CastType(t *schema.Type) string         { return t.Kind.String() }
func (plainDialect) LikePattern(p string, _, _ bool) string { return "<" + p + ">" }
func (plainDialect) Wire(t *schema.Type) schema.Wire {
	return [...]schema.Wire{schema.BoolKind: schema.WireBool, schema.Int64Kind: schema.WireInt, schema.TextKind: schema.WireText, schema.ArrayKind: 0}[t.Kind]
}
func (plainDialect) Ordered(*schema.Type) (string, string) { return "", "" }
func (plainDialect) AppendPackedColumn(b []byte, _ *schema.ColumnDef, _ []byte) ([]byte, bool) {
	return b, false
}
func (plainDialect) Unpack(driver.Value) (time.Time, bool, error) {
	return time.Time{}, false, nil
}
func (plainDialect) AppendReadColumn(b []byte, _ *schema.ColumnDef, s []byte) []byte {
	return append(append(b, '+'), s...)
}

func (d plainDialect) Like(c *Compiler, n *expr.LikeNode) error {
	if err := c.Operand(n.X); err != nil {
		return err
	}
	c.Text(fmt.Sprintf(" LIKE %v %v %v ", n.Escape, n.Fold, n.Not))
	if p, ok := n.Pattern.(*expr.ParamNode); ok {
		v, err := c.ParamValue(p)
		if err != nil {
			return err
		}
		if s, ok := v.(string); ok {
			v = d.LikePattern(s, n.Escape, n.Fold)
		}
		return c.Placeholder(v)
	}
	return c.Operand(n.Pattern)
}

func (plainDialect) PlanList(values []driver.Value, c *schema.ColumnDef) (List, error) {
	if len(values) < 3 {
		return List{Form: 1, Count: len(values), Args: anys(values)}, nil
	}
	return List{Form: 2, Args: []any{fmt.Sprint(values)}}, nil
}

func (d plainDialect) PlanInts(values []int64, c *schema.ColumnDef) (form uint8, count int, arg any) {
	if len(values) < 3 {
		return 1, len(values), nil
	}
	return 2, 0, fmt.Sprint(values)
}

func (plainDialect) AppendIn(c *Compiler, n *expr.InNode, l List) error {
	if err := c.Operand(n.X); err != nil {
		return err
	}
	c.Text(fmt.Sprintf(" IN %v %d ", n.Not, l.Form))
	if n.Like != nil {
		c.Text(n.Like.Name)
	}
	for _, a := range l.Args {
		if err := c.Placeholder(a); err != nil {
			return err
		}
	}
	return nil
}

func (plainDialect) PlanRows(values [][]driver.Value, cols []*schema.ColumnDef) (List, error) {
	if len(values[0]) < 3 {
		return List{Form: 1, Count: len(values[0]), Args: anys(append(append([]driver.Value(nil), values[0]...), values[1]...))}, nil
	}
	return List{Form: 2, Args: []any{fmt.Sprint(values)}}, nil
}

func (plainDialect) AppendRowIn(c *Compiler, n *expr.RowInNode, l List) error {
	c.Text(fmt.Sprintf("%d %d ", len(n.Columns), l.Form))
	for _, a := range l.Args {
		if err := c.Placeholder(a); err != nil {
			return err
		}
	}
	return nil
}

// Statements of one shape have one text, statements of two texts two shapes, and
// the shape walker collects the arguments that the compiler does.
func TestShapesAreNotShared(t *testing.T) {
	ts, d := newTrees(7).filter(), plainDialect{}
	texts := make(map[string]string)
	cache := NewCache(d, 500) // small, so that shapes are dropped too
	good, shared, related, grouped, updated := 0, 0, 0, 0, 0
	for range 60_000 {
		stmt := ts.statement()
		want, err := Compile(d, stmt)
		if err != nil {
			if got, cerr := cache.Compile(stmt); cerr == nil || cerr.Error() != err.Error() {
				t.Fatalf("the cache gives %v, %v; want the error %v", got, cerr, err)
			}
			continue
		}
		good++
		if hasRelated(stmt) {
			related++
		}
		if strings.Contains(want.SQL, `"_v"`) {
			updated++
		}
		if strings.Contains(want.SQL, "row_number()") {
			grouped++
		}
		s := newShape(d)
		if err := s.statement(stmt); err != nil {
			t.Fatalf("%s: no shape: %v", want.SQL, err)
		}
		if !slices.Equal(s.args, want.Args) {
			t.Fatalf("%s:\nshape's args %#v\ntext's args  %#v", want.SQL, s.args, want.Args)
		}
		if text, ok := texts[string(s.key)]; ok {
			shared++
			if text != want.SQL {
				t.Fatalf("one key for\n%s\n%s", text, want.SQL)
			}
		}
		texts[string(s.key)] = want.SQL
		got, err := cache.Compile(stmt)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("the cache gives %#v, %v; want %#v", got, err, want)
		}
		if cache.Len() > 500 {
			t.Fatalf("%d shapes are kept, not 500", cache.Len())
		}
	}
	if good < 5000 || shared < 500 {
		t.Errorf("%d statements compiled, %d shared a shape: too few to mean anything", good, shared)
	}
	if related < 1000 || grouped < 500 || updated < 20 {
		t.Errorf("%d statements with a subquery, %d with a limit per group, %d updates from a subquery: too few to mean anything", related, grouped, updated)
	}
}

func TestShapeLeavesValuesOut(t *testing.T) {
	ts, d := newTrees(1), plainDialect{}
	key := func(stmt expr.Statement) string {
		s := newShape(d)
		if err := s.statement(stmt); err != nil {
			t.Fatal(err)
		}
		return string(s.key)
	}
	sel := func(limit int64, values ...any) expr.Statement {
		return &expr.SelectStmt{From: ts.from[0], Limit: limit, Offset: -1, Where: &expr.LogicNode{Args: []expr.Node{
			&expr.CompareNode{Left: ts.cols[0], Right: &expr.ParamNode{Value: values[0], Like: ts.cols[0]}},
			&expr.InNode{X: ts.cols[0], Values: values, Like: ts.cols[0]}}}}
	}
	a := key(sel(5, int64(1), int64(2), int64(3)))
	if b := key(sel(9, int64(4), int64(5), int64(6), int64(7))); a != b {
		t.Error("values, the length of a list or a limit are part of a shape")
	}
	if b := key(sel(-1, int64(1), int64(2), int64(3))); a == b {
		t.Error("a limit and none share a shape")
	}
	if b := key(sel(5, int64(1), int64(2))); a == b {
		t.Error("a list passed as an array and one passed as parameters share a shape")
	}
}

func TestShapeOfRelated(t *testing.T) {
	ts, d := newTrees(1), plainDialect{}
	keys := make(map[string]string)
	key := func(stmt expr.Statement) string {
		t.Helper()
		s := newShape(d)
		if err := s.statement(stmt); err != nil {
			t.Fatal(err)
		}
		return string(s.key)
	}
	x := func(v int64) expr.Node {
		return &expr.CompareNode{Left: ts.cols[0], Right: &expr.ParamNode{Value: v, Like: ts.cols[0]}}
	}
	sel := func(n expr.RelatedNode) expr.Statement {
		return &expr.SelectStmt{From: ts.from[0], Columns: []expr.Node{&n}, Limit: -1, Offset: -1}
	}
	for name, n := range map[string]expr.RelatedNode{
		"any":           {From: ts.from[0], Join: ts.joins[0]},
		"none":          {From: ts.from[0], Join: ts.joins[0], Not: true},
		"count":         {From: ts.from[0], Join: ts.joins[0], Kind: expr.RelatedCount},
		"from another":  {From: ts.from[1], Join: ts.joins[0]},
		"by another":    {From: ts.from[0], Join: ts.joins[1]},
		"with a where":  {From: ts.from[0], Join: ts.joins[0], Where: x(1)},
		"value":         {From: ts.from[0], Join: ts.joins[0], Kind: expr.RelatedValue, Value: x(1)},
		"another value": {From: ts.from[0], Join: ts.joins[0], Kind: expr.RelatedValue, Value: ts.cols[0]},
		"both":          {From: ts.from[0], Join: ts.joins[0], Kind: expr.RelatedValue, Value: ts.cols[0], Where: x(1)},
	} {
		k := key(sel(n))
		if other, ok := keys[k]; ok {
			t.Errorf("%s and %s share a shape", name, other)
		}
		keys[k] = name
		if n.Where != nil {
			n.Where = x(2)
			if key(sel(n)) != k {
				t.Errorf("%s: a value is part of the shape", name)
			}
		}
	}
	group := func(limit int64, desc bool, by ...expr.Node) expr.Statement {
		return &expr.SelectStmt{From: ts.from[0], PerGroup: &expr.PerGroup{By: by, Limit: limit}, OrderBy: []expr.OrderTerm{{X: ts.cols[0], Desc: desc}}, Limit: -1, Offset: -1}
	}
	a := key(group(1, false, ts.cols[0]))
	if key(group(2, false, ts.cols[0])) != a {
		t.Error("the limit per group is part of the shape")
	}
	for _, other := range []expr.Statement{group(1, true, ts.cols[0]), group(1, false, ts.cols[1]), group(1, false, ts.cols[0], ts.cols[1]),
		&expr.SelectStmt{From: ts.from[0], OrderBy: []expr.OrderTerm{{X: ts.cols[0]}}, Limit: -1, Offset: -1}} {
		if key(other) == a {
			t.Errorf("%#v shares a shape", other)
		}
	}
}

func TestCacheIsConcurrent(t *testing.T) {
	d := plainDialect{}
	cache := NewCache(d, 20)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ts := newTrees(uint64(g))
			for range 500 {
				stmt := ts.statement()
				want, err := Compile(d, stmt)
				got, cerr := cache.Compile(stmt)
				if (err == nil) != (cerr == nil) || !reflect.DeepEqual(got, want) {
					t.Errorf("got %v, %v; want %v, %v", got, cerr, want, err)
					return
				}
			}
		}()
	}
	wg.Wait()
	if n := cache.Len(); n == 0 || n > 20 {
		t.Errorf("%d shapes are kept, not 20", n)
	}
}

func BenchmarkCacheHit(b *testing.B) {
	ts, d := newTrees(1), plainDialect{}
	cache := NewCache(d, 0)
	stmt := &expr.SelectStmt{Columns: []expr.Node{ts.cols[0], ts.cols[1]}, From: ts.from[0], Limit: 10, Offset: -1, Where: &expr.LogicNode{Args: []expr.Node{
		&expr.CompareNode{Left: ts.cols[0], Right: &expr.ParamNode{Value: int64(7), Like: ts.cols[0]}},
		&expr.CompareNode{Left: ts.cols[1], Right: &expr.ParamNode{Value: "x", Like: ts.cols[1]}}}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cache.Compile(stmt); err != nil {
			b.Fatal(err)
		}
	}
}

func anys(vs []driver.Value) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}
