package dialect_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// A cache that puts a statement together from the parts of those before gives the text
// and the arguments, or the error, of one that is compiled by itself.
func TestKnownPartsMakeTheSameText(t *testing.T) {
	// A list of columns is known by its first place in memory.
	type table struct {
		from    *expr.Source
		refs    []*expr.ColumnRef
		columns [2][]expr.Node
	}
	tableOf := func(def *schema.TableDef) (t table) {
		t.from = def.Source
		for _, c := range def.Columns {
			t.refs = append(t.refs, c.Ref)
			t.columns[0], t.columns[1] = append(t.columns[0], c.Ref), append([]expr.Node{c.Ref}, t.columns[1]...)
		}
		return t
	}
	tables := []table{tableOf(schema.DefOf(People)), tableOf(schema.DefOf(Leaves)), tableOf(schema.DefOf(Odds))}
	values := map[string][]any{
		"small": {int16(3), int16(-4)}, "age": {int32(30), int32(7)}, "id": {int64(1), int64(-900)}, "name": {"Ann", "Bob?"},
		"score": {1.5, -0.25}, "active": {true, false}, "balance": {Price("1.20"), Price("-7.00")}, "email": {"a@b", nil},
		"tags": {[]string{"a"}, []string{}}, "status": {Status("new"), Status("done")},
	}
	for _, d := range []dialect.Dialect{sqlite.New(), postgres.New()} {
		r := rand.New(rand.NewPCG(7, 7))
		var of table
		pick := func() *expr.ColumnRef {
			if r.IntN(60) == 0 { // which the statement does not read
				return tables[r.IntN(3)].refs[0]
			}
			return of.refs[r.IntN(min(6, len(of.refs)))]
		}
		value := func(ref *expr.ColumnRef) any {
			if vs := values[ref.Name]; vs != nil {
				return vs[r.IntN(len(vs))]
			}
			return int64(r.IntN(20))
		}
		condition := func() expr.Node {
			ref := pick()
			switch r.IntN(8) {
			case 0:
				n := &expr.InNode{X: ref, Like: ref, Not: r.IntN(2) == 0}
				for range r.IntN(14) {
					n.Ints = append(n.Ints, r.Int64N(50)-9)
				}
				return n
			case 1:
				return &expr.InNode{X: ref, Like: ref, Values: []any{value(ref), value(ref), value(ref)}}
			case 2:
				return &expr.CompareNode{Op: expr.OpEq, Left: &expr.ParamNode{Value: value(ref), Like: ref}, Right: ref}
			case 3:
				return &expr.CompareNode{Op: expr.OpEq, Left: ref, Right: &expr.ParamNode{Value: value(ref)}}
			}
			if r.IntN(20) == 0 {
				return &expr.CompareNode{Op: expr.OpEq, Left: ref, Right: &expr.ParamNode{Value: value(ref), Like: of.refs[0]}}
			}
			return &expr.CompareNode{Op: expr.CompareOp(r.IntN(8)), Left: ref, Right: &expr.ParamNode{Value: value(ref), Like: ref}}
		}
		statement := func() *expr.SelectStmt {
			of = tables[r.IntN(len(tables))]
			s := &expr.SelectStmt{From: of.from, Limit: -1, Offset: -1, Columns: of.columns[0], Packed: r.IntN(4) == 0}
			if r.IntN(2) == 0 {
				s.Filters = &expr.Filters{Values: map[string]any{"shop": "a", "rank": int32(3)}, All: r.IntN(2) == 0}
				for _, f := range schema.DefOf(Leaves).Filters {
					if r.IntN(2) == 0 {
						s.Filters.Off = append(s.Filters.Off, f.Name)
					}
				}
			}
			switch n := min(5, len(of.refs)); r.IntN(16) {
			case 0:
				s.Columns = of.columns[1]
			case 1:
				s.Columns = of.columns[0][:n]
			case 2:
				s.Columns = append([]expr.Node{expr.NodeOf(expr.Lower(People.Name))}, of.columns[0][:n-1]...)
			case 3:
				s.Columns = tables[r.IntN(3)].columns[0]
			}
			switch n := r.IntN(4); n {
			case 0:
			case 1:
				s.Where = condition()
			default:
				all := &expr.LogicNode{Or: r.IntN(6) == 0}
				for range r.IntN(4) {
					all.Args = append(all.Args, condition())
				}
				s.Where = all
			}
			for range r.IntN(3) {
				s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: pick(), Desc: r.IntN(2) == 0, Nulls: expr.NullsOrder(r.IntN(3))})
			}
			if r.IntN(2) == 0 {
				s.Limit = r.Int64N(3)
			}
			if r.IntN(3) == 0 {
				s.Offset = r.Int64N(3)
			}
			s.Distinct = r.IntN(20) == 0
			if r.IntN(12) == 0 {
				s.Having = condition()
			}
			if r.IntN(20) == 0 {
				s.OrderBy = []expr.OrderTerm{{X: &expr.AggNode{Name: "count"}}}
				if r.IntN(2) == 0 {
					s.Columns = []expr.Node{&expr.ConstNode{Value: true}}
				}
			}
			if r.IntN(20) == 0 { // read by another
				s.Lock = expr.NoLock
				q := &expr.Query{Stmt: s, Common: r.IntN(2) == 0}
				for i := range s.Columns {
					q.Names = append(q.Names, fmt.Sprintf("c%d", i))
				}
				in := expr.NewSource("", "q", "", nil)
				in.Query = q
				return &expr.SelectStmt{From: in, Limit: -1, Offset: -1, Columns: []expr.Node{expr.NewColumnRef(in, "c0", nil)}}
			}
			if r.IntN(20) == 0 {
				s.Lock = expr.LockUpdate
			}
			return s
		}
		good := 0
		var cache *dialect.Cache
		for i := range 60_000 {
			if i%4000 == 0 { // parts are kept longer than texts
				cache = dialect.NewCache(d, 20)
			}
			s := statement()
			want, err := dialect.Compile(d, s)
			got, gerr := cache.Compile(s)
			switch {
			case err != nil:
				if gerr == nil || gerr.Error() != err.Error() {
					t.Fatalf("%s: the cache gives %v, %v; want the error %v", d.Name(), got, gerr, err)
				}
			case gerr != nil || !reflect.DeepEqual(got, want):
				t.Fatalf("%s: the cache gives\n%v, %v; want\n%v", d.Name(), got, gerr, want)
			default:
				good++
			}
		}
		if good < 20_000 {
			t.Errorf("%s: %d statements compiled: too few to mean anything", d.Name(), good)
		}
	}
}
