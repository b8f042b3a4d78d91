package dialect_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type (
	Leaf struct {
		ID        int64
		Shop      string
		ParentID  *int64
		Rank      int32
		DeletedAt *time.Time
	}
	leaves struct {
		schema.Table[Leaf]
		ID        expr.Column[Leaf, int64]
		Shop      expr.Column[Leaf, string]
		ParentID  expr.Nullable[Leaf, int64]
		Rank      expr.Column[Leaf, int32]
		DeletedAt expr.Nullable[Leaf, time.Time]
	}
)

var Leaves = schema.Define("leaves", func(t *leaves) {
	schema.Column(t.ID).PrimaryKey()
	schema.SoftDelete(t.DeletedAt)
	schema.Tenant(t.Shop, "shop")
	schema.Filter("ranked", expr.Or(t.Rank.GeTo(expr.Parameter[int32]("rank")), t.Rank.Eq(0)))
}, schema.In(schema.NewMetadata()), schema.Schema("forest"))

// filteredStatements are statements of a table with a filter of each kind.
func filteredStatements() []statementCase {
	given := map[string]any{"shop": "a", "rank": int32(3)}
	top, leaf := schema.As(Leaves, "top"), schema.SourceOf(Leaves)
	on := expr.NodeOf(expr.On(Leaves.ParentID, top.ID))
	all := &expr.Filters{Values: given}
	sel := func(f *expr.Filters, where expr.Node, joins ...expr.JoinClause) *expr.SelectStmt {
		return &expr.SelectStmt{Columns: []expr.Node{Leaves.ID.Ref()}, From: leaf, Joins: joins, Where: where, Limit: 5, Offset: -1, Filters: f}
	}
	join := func(kind expr.JoinKind) expr.JoinClause {
		j := expr.JoinClause{Kind: kind, Source: schema.SourceOf(top), On: on}
		if kind == expr.CrossJoin {
			j.On = nil
		}
		return j
	}
	either := expr.NodeOf(expr.Or(Leaves.ID.Eq(1), Leaves.ID.Eq(2)))
	sub := func(f *expr.Filters) expr.Node {
		return &expr.SubqueryNode{Kind: expr.SubqueryIn, X: Leaves.ID.Ref(), Stmt: &expr.SelectStmt{Columns: []expr.Node{top.ID.Ref()}, From: schema.SourceOf(top), Limit: -1, Offset: -1, Filters: f}}
	}
	return []statementCase{
		{"select", sel(all, nil)},
		{"select where", sel(all, either)},
		{"with deleted", sel(&expr.Filters{Values: given, Off: []string{"deleted"}}, either)},
		{"deleted alone", sel(&expr.Filters{Values: given, Only: true}, either, join(expr.LeftJoin))},
		{"none", sel(&expr.Filters{All: true}, either, join(expr.CrossJoin))},
		{"join", sel(all, either, join(expr.InnerJoin))},
		{"left join", sel(all, either, join(expr.LeftJoin))},
		{"right join", sel(all, either, join(expr.RightJoin))},
		{"full join", sel(all, either, join(expr.FullJoin))},
		{"cross join", sel(all, either, join(expr.CrossJoin))},
		{"subquery", sel(all, sub(nil))},
		{"subquery of its own mind", sel(all, sub(&expr.Filters{Off: []string{"deleted", "ranked"}}))},
		{"update", &expr.UpdateStmt{Table: leaf, Set: []expr.SetClause{Leaves.Rank.Set(1).Clause()}, Where: either, Filters: all}},
		{"update of all", &expr.UpdateStmt{Table: leaf, Set: []expr.SetClause{Leaves.Rank.Set(1).Clause()}, Where: expr.NodeOf(expr.Every[Leaf]()), Filters: all}},
		{"delete", &expr.DeleteStmt{Table: leaf, Where: either, Returning: []expr.Node{Leaves.ID.Ref()}, Filters: &expr.Filters{Values: given, Only: true}}},
	}
}

func TestFilteredStatements(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			cache := dialect.NewCache(d, 0)
			var b strings.Builder
			for _, c := range filteredStatements() {
				got, err := dialect.Compile(d, c.stmt)
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				fmt.Fprintf(&b, "-- %s\n%s\n-- %#v\n\n", c.name, got.SQL, got.Args)
				for range 2 {
					if again, err := cache.Compile(c.stmt); err != nil || fmt.Sprintf("%#v", again) != fmt.Sprintf("%#v", got) {
						t.Errorf("%s: the cache gives %#v, %v", c.name, again, err)
					}
				}
			}
			golden(t, "filters."+d.Name()+".golden", b.String())
		})
	}
}

func TestFilterErrors(t *testing.T) {
	for _, c := range []struct {
		on   *expr.Filters
		want string
	}{
		{nil, "dialect: compile: filter shop of table leaves: parameter shop has no value: give it one by repo.WithParameter, or turn the filter off by Unfiltered"},
		{&expr.Filters{Values: map[string]any{"shop": "a"}}, "filter ranked of table leaves: parameter rank has no value"},
		{&expr.Filters{Values: map[string]any{"shop": "a", "rank": 3}}, "parameter rank has a value of type int, not int32"},
	} {
		for _, d := range dialects {
			_, err := dialect.NewCache(d, 0).Compile(&expr.SelectStmt{From: schema.SourceOf(Leaves), Limit: -1, Offset: -1, Filters: c.on})
			var e *dialect.FilterError
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, dialect.ErrFilter) || !errors.As(err, &e) {
				t.Errorf("%v", err)
			}
		}
	}
}
