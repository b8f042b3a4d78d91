package dialect_test

import (
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func ExampleCompile() {
	stmt := &expr.SelectStmt{
		Columns: []expr.Node{Teams.ID.Ref(), Teams.Title.Ref()},
		From:    schema.SourceOf(Teams),
		Where:   expr.NodeOf(expr.Or(Teams.ID.In(1, 2, 3), expr.HasPrefix(Teams.Title, "50%"))),
		Limit:   10, Offset: -1,
	}
	for _, d := range []dialect.Dialect{postgres.New(), sqlite.New()} {
		c, err := dialect.Compile(d, stmt)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c.SQL)
		fmt.Println(c.Args...)
	}
	// Output:
	// SELECT "id", "title" FROM "teams" WHERE "id" = ANY($1::bigint[]) OR "title" LIKE $2 LIMIT $3
	// {1,2,3} 50\%% 10
	// SELECT "id", +"title" FROM "teams" WHERE "id" IN (?, ?, ?) OR "title" GLOB ? LIMIT ?
	// 1 2 3 50%* 10
}

func ExampleCache() {
	cache := dialect.NewCache(postgres.New(), 0)
	for _, id := range []int64{1, 2, 3} {
		c, err := cache.Compile(&expr.DeleteStmt{Table: schema.SourceOf(Teams), Where: expr.NodeOf(Teams.ID.Eq(id))})
		fmt.Println(c.SQL, c.Args, err)
	}
	fmt.Println(cache.Len(), "shape")
	// Output:
	// DELETE FROM "teams" WHERE "id" = $1 [1] <nil>
	// DELETE FROM "teams" WHERE "id" = $1 [2] <nil>
	// DELETE FROM "teams" WHERE "id" = $1 [3] <nil>
	// 1 shape
}

func ExampleRenderDDL() {
	list, err := dialect.RenderDDL(sqlite.New(), schema.CreateTable{Table: schema.DefOf(Odds)})
	fmt.Println(list[0], err)
	// Output:
	// CREATE TABLE "select ""x""" (
	// 	"key" INT NOT NULL,
	// 	"a ""b"" % ?" TEXT NOT NULL,
	// 	PRIMARY KEY ("key")
	// ) <nil>
}

func ExampleUniqueViolation() {
	err := fmt.Errorf("flush: %w", &dialect.UniqueViolation{Violation: dialect.Violation{
		Constraint: "uq_users_email", Table: "users", Columns: []string{"email"},
	}})
	var u *dialect.UniqueViolation
	fmt.Println(errors.Is(err, dialect.ErrUnique), errors.As(err, &u))
	fmt.Println(err)
	// Output:
	// true true
	// flush: dialect: unique constraint uq_users_email on table users (email) violated: a row with these values exists
}
