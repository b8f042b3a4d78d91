package dialect_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Many conditions stand in halves, whatever was written before them.
func TestManyConditionsStandInHalves(t *testing.T) {
	def := schema.DefOf(People)
	id := def.Columns[0].Ref
	columns := []expr.Node{id, def.Columns[1].Ref, def.Columns[2].Ref, def.Columns[3].Ref} // as many as are kept
	for _, d := range []dialect.Dialect{sqlite.New(), postgres.New()} {
		cache := dialect.NewCache(d, 0)
		for _, or := range []bool{false, true} {
			op := map[bool]string{false: " AND ", true: " OR "}[or]
			for _, n := range []int{2, 250, 251, 252, 500, 501, 1001, 2, 251} {
				where := &expr.LogicNode{Or: or}
				for i := range n {
					where.Args = append(where.Args, &expr.CompareNode{Op: expr.OpEq, Left: id, Right: &expr.ParamNode{Value: int64(i), Like: id}})
				}
				stmt := &expr.SelectStmt{Columns: columns, From: def.Source, Where: where, Limit: -1, Offset: -1}
				want, err := dialect.Compile(d, stmt)
				if err != nil {
					t.Fatal(err)
				}
				got, err := cache.Compile(stmt)
				if err != nil || got.SQL != want.SQL || !reflect.DeepEqual(got.Args, want.Args) {
					t.Errorf("%s, %d%s: from the cache %v, %.300s instead of %.300s", d.Name(), n, op, err, got.SQL, want.SQL)
				}
				if len(want.Args) != n || want.Args[n-1] != int64(n-1) || strings.Count(want.SQL, op) != n-1 {
					t.Errorf("%s, %d%s: %d arguments, %d of the operator", d.Name(), n, op, len(want.Args), strings.Count(want.SQL, op))
				}
				row, most := 0, 0
				for _, part := range strings.Split(want.SQL, op) {
					if row++; strings.HasPrefix(part, "(") {
						row = 1
					}
					most = max(most, row)
				}
				if halved := strings.Contains(want.SQL, ")"+op+"("); most > 250 || halved != (n > 250) {
					t.Errorf("%s, %d%s: rows of %d, halves: %t", d.Name(), n, op, most, halved)
				}
			}
		}
	}
}
