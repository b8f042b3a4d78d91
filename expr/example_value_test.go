package expr_test

import (
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// printSQL shows an expression as a result of a query over users, on PostgreSQL.
func printSQL(x expr.Any) {
	c, err := dialect.Compile(postgres.New(), &expr.SelectStmt{Columns: []expr.Node{expr.NodeOf(x)}, From: Users.ID.Ref().Source, Limit: -1, Offset: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.SQL, c.Args)
}

// The sum of each user's bonus and those of the two before, by age.
func ExampleWindow() {
	printSQL(expr.Sum(Users.Bonus).Over(expr.Window().PartitionBy(Users.Name).OrderBy(Users.Age.Asc()).Rows(expr.Preceding(2), expr.CurrentRow())))
	printSQL(expr.RowNumber().Over(expr.Window().OrderBy(Users.Age.Desc())))
	// Output:
	// SELECT sum("bonus") OVER (PARTITION BY "name" ORDER BY "age" ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM "users" []
	// SELECT row_number() OVER (ORDER BY "age" DESC) FROM "users" []
}

func ExampleAgg_Filter() {
	printSQL(expr.Count(Users.Name).Distinct().Filter(Users.Age.Ge(18)))
	// Output: SELECT count(DISTINCT "name") FILTER (WHERE "age" >= $1) FROM "users" [18]
}

func ExampleStringAgg() {
	printSQL(expr.StringAgg(Users.Name, ", ").OrderBy(Users.Name.Asc()))
	// Output: SELECT string_agg("name", CAST($1 AS text) ORDER BY "name") FROM "users" [, ]
}

// Rows of values are compared together, in their order.
func ExampleTuple2() {
	place := expr.Tuple2(Users.Age, expr.Lower(Users.Name))
	printSQL(expr.CaseTo(place.Gt(18, "ann"), Users.Name).Else("before"))
	printSQL(expr.CaseTo(place.In(place.Of(18, "ann"), place.Of(20, "bob")), Users.Name).End())
	// Output:
	// SELECT CASE WHEN ("age", lower("name")) > ($1, $2) THEN "name" ELSE CAST($3 AS text) END FROM "users" [18 ann before]
	// SELECT CASE WHEN ("age", lower("name")) IN (VALUES (CAST($1 AS bigint), CAST($2 AS text)), (CAST($3 AS bigint), CAST($4 AS text))) THEN "name" END FROM "users" [18 ann 20 bob]
}

func ExampleJSON() {
	var data expr.Column[User, schema.JSON[map[string]any]]
	expr.Bind(&data, expr.NewColumnRef(Users.ID.Ref().Source, "data", &schema.ColumnDef{Name: "data", Type: schema.Type{Kind: schema.JSONKind}}))
	printSQL(expr.JSON[bool](data, "settings", "dark"))
	// Output: SELECT CASE WHEN jsonb_typeof(("data" -> 'settings' -> 'dark')) = 'boolean' THEN CAST(("data" -> 'settings' -> 'dark') AS boolean) END FROM "users" []
}

// A function of the database is named as its catalogue has it.
func ExampleFuncOf() {
	printSQL(expr.FuncOf[float64]("similarity", Users.Name, expr.Val("ann")))
	printSQL(expr.Func[string]("app.tenant() --"))
	// Output:
	// SELECT "similarity"("name", CAST($1 AS text)) FROM "users" [ann]
	// dialect: compile: function name "app.tenant() --": it is a name of letters, digits and _, with a schema and a point before it at most
}

// The NULL rule is one on every database, whatever its own function does.
func ExampleGreatest() {
	printSQL(expr.Coalesce(expr.Greatest(Users.Bonus, 10), 10))
	// Output: SELECT coalesce(CASE WHEN num_nulls("bonus", CAST($1 AS bigint)) = 0 THEN GREATEST("bonus", CAST($1 AS bigint)) END, CAST($2 AS bigint)) FROM "users" [10 10]
}

// costs is a decimal column of users, as schema.Decimal declares it in a model.
func costs() expr.Column[User, string] {
	var cost expr.Column[User, string]
	expr.Bind(&cost, expr.NewColumnRef(Users.ID.Ref().Source, "cost", &schema.ColumnDef{Name: "cost", GoType: reflect.TypeFor[string](), Type: schema.Type{Kind: schema.DecimalKind, Precision: 10, Scale: 2}}))
	return cost
}

// Plain values have the digits that they are written with.
func ExampleSumDecimal() {
	printSQL(expr.SumDecimal(expr.AddDecimal(costs(), "0.005")))
	// Output: SELECT sum(("cost" + CAST($1 AS numeric))) FROM "users" [0.005]
}

// The result has four digits after the point, on every database.
func ExampleDivDecimal() {
	printSQL(expr.DivDecimal(costs(), "3", 4))
	// Output: SELECT round(round("cost", 14) / CAST($1 AS numeric), 4) FROM "users" [3]
}
