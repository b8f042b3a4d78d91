package dialect_test

import (
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
)

// written is a SELECT from what a statement in WITH returns.
func written(s expr.Statement) *expr.SelectStmt {
	w := expr.NewSource("", "w", "", nil)
	w.Query = &expr.Query{Common: true, Names: []string{"id"}, Stmt: s}
	return &expr.SelectStmt{Columns: []expr.Node{expr.NewColumnRef(w, "id", nil)}, From: w, Limit: -1, Offset: -1}
}

func TestCommonTableExpressionsThatWrite(t *testing.T) {
	id, name := People.ID.Ref(), People.Name.Ref()
	where := func(n int64) expr.Node { return expr.NodeOf(People.ID.Gt(n)) }
	set := []expr.SetClause{{Column: name, Value: &expr.ParamNode{Value: "x", Like: name}}}
	q := &expr.SelectStmt{Columns: []expr.Node{name}, From: id.Source, Where: where(1), Limit: -1, Offset: -1}
	cache := dialect.NewCache(postgres.New(), 0)
	for _, c := range []struct {
		s    expr.Statement
		text string
		args int
	}{
		{&expr.DeleteStmt{Table: id.Source, Where: where(1), Returning: []expr.Node{id}},
			`WITH "w" ("id") AS (DELETE FROM "people" WHERE "id" > $1 RETURNING "id" AS "id") SELECT "id" FROM "w"`, 1},
		{&expr.DeleteStmt{Table: id.Source, Where: where(1), Returning: []expr.Node{expr.NodeOf(expr.Add(People.ID, 1))}},
			`WITH "w" ("id") AS (DELETE FROM "people" WHERE "id" > $1 RETURNING "id" + $2 AS "id") SELECT "id" FROM "w"`, 2},
		{&expr.UpdateStmt{Table: id.Source, Set: set, Where: where(1), Returning: []expr.Node{id}},
			`WITH "w" ("id") AS (UPDATE "people" SET "name" = $1 WHERE "id" > $2 RETURNING "id" AS "id") SELECT "id" FROM "w"`, 2},
		{&expr.InsertStmt{Table: id.Source, Columns: []*expr.ColumnRef{name}, Query: q, Returning: []expr.Node{id}},
			`WITH "w" ("id") AS (INSERT INTO "people" ("name") SELECT "name" FROM "people" WHERE "id" > $1 RETURNING "id" AS "id") SELECT "id" FROM "w"`, 1},
	} {
		for range 2 { // the second time from the cache
			got, err := cache.Compile(written(c.s))
			if err != nil {
				t.Fatal(err)
			}
			if got.SQL != c.text || !got.Writes || len(got.Args) != c.args {
				t.Errorf("got %s, %v, %d arguments, want %s", got.SQL, got.Writes, len(got.Args), c.text)
			}
		}
		var lacks *dialect.UnsupportedError
		if _, err := dialect.Compile(sqlite.New(), written(c.s)); !errors.As(err, &lacks) || lacks.Dialect != "sqlite" {
			t.Errorf("got %v", err)
		}
	}
	if cache.Len() != 4 {
		t.Errorf("%d shapes", cache.Len())
	}
	if got, err := cache.Compile(written(q)); err != nil || got.Writes {
		t.Errorf("a SELECT writes: %v", err)
	}
}
