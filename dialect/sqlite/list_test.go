package sqlite_test

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"math"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
)

// Each value of a long list reaches SQLite as it would as a parameter, texts too
// that are no UTF-8.
func FuzzLongList(f *testing.F) {
	f.Add("a", []byte{0}, int64(1), 0.5)
	f.Add("\xff\"\\\u2028\x00", []byte{}, int64(math.MinInt64), math.SmallestNonzeroFloat64)
	f.Add("null", []byte("x"), int64(math.MaxInt64), math.Inf(-1))
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	f.Fuzz(func(t *testing.T, s string, raw []byte, n int64, x float64) {
		if strings.IndexByte(s, 0) >= 0 {
			s = strings.ReplaceAll(s, "\x00", "\xfe") // texts with a NUL end before SQLite
		}
		if math.IsNaN(x) {
			x = 0 // which equals nothing
		}
		for _, v := range []driver.Value{s, bytes.Clone(raw), n, x, n%2 == 0} {
			if v, ok := v.([]byte); ok && v == nil {
				continue
			}
			values := make([]driver.Value, 9)
			for i := range values {
				values[i] = v
			}
			l, err := sqlite.New().PlanList(values, nil)
			if err != nil || len(l.Args) != 1 {
				t.Fatalf("%v, %v", l, err)
			}
			c, err := dialect.Compile(sqlite.New(), &expr.SelectStmt{Columns: []expr.Node{&expr.InNode{X: &expr.RawNode{SQL: "?", Args: []any{v}}, Values: anys(values)}}, Limit: -1, Offset: -1})
			if err != nil {
				continue // the value is refused before it gets here
			}
			var in bool
			if err := db.QueryRow(c.SQL, c.Args...).Scan(&in); err != nil || !in {
				t.Fatalf("%#v is not in the list of itself: %v\n%s %v", v, err, c.SQL, c.Args)
			}
		}
	})
}

func anys(vs []driver.Value) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}
