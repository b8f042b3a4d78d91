package dialect_test

import (
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
)

// What an INSERT returns is part of its shape.
func TestCacheOfInsertsThatReturn(t *testing.T) {
	cache := dialect.NewCache(sqlite.New(), 0)
	q := &expr.SelectStmt{Columns: []expr.Node{People.Name.Ref()}, From: People.Name.Ref().Source, Limit: -1, Offset: -1}
	texts := map[string]bool{}
	for _, back := range [][]expr.Node{nil, {People.ID.Ref()}, {People.Name.Ref()}, {People.ID.Ref(), expr.NodeOf(expr.Upper(People.Name))}} {
		s := &expr.InsertStmt{Table: q.From, Columns: []*expr.ColumnRef{People.Name.Ref()}, Query: q, Returning: back}
		for range 2 {
			got, err := cache.Compile(s)
			if err != nil {
				t.Fatal(err)
			}
			want, err := dialect.Compile(sqlite.New(), s)
			if err != nil || got.SQL != want.SQL {
				t.Errorf("got %s, want %s, %v", got.SQL, want.SQL, err)
			}
			texts[got.SQL] = true
		}
	}
	if len(texts) != 4 || cache.Len() != 4 {
		t.Errorf("%d texts, %d shapes", len(texts), cache.Len())
	}
}
