package dialect_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// grouped is a SELECT of one expression over people, by group if it is grouped.
func grouped(x expr.Any, by ...expr.Any) *expr.SelectStmt {
	s := value(x)
	for _, b := range by {
		s.GroupBy = append(s.GroupBy, expr.NodeOf(b))
	}
	return s
}

// valueCases are the constructs of values, with those that SQLite lacks at the end.
func valueCases() (both, postgresAlone []statementCase) {
	window := expr.Window().PartitionBy(People.Status).OrderBy(People.Age.Desc(), People.ID.Asc())
	place := expr.Tuple2(People.Age, People.Name)
	both = []statementCase{
		{"bit xor", value(expr.BitXor(expr.BitNot(People.Age), 5))},
		{"bit xor to", value(expr.BitXorTo(People.Age, expr.Add(People.Age, 1)))},
		{"shifts", value(expr.ShiftRight(expr.ShiftLeft(expr.Add(People.Age, 1), 3), 1))},
		{"greatest", value(expr.Greatest(People.Age, 1, 2))},
		{"least to", value(expr.LeastTo(People.Created, People.Changed, expr.TruncDay(People.Created)))},
		{"position", from(expr.Position(expr.Lower(People.Name), "x").Gt(0))},
		{"position in an enum", from(expr.Position(People.Status, "x").Gt(0))},
		{"add months", value(expr.AddMonths(People.Created, -1))},
		{"add years and days", value(expr.AddDays(expr.AddYears(People.Created, 2), 3))},
		{"microseconds since", value(expr.MicrosecondsSince(People.Created, noon))},
		{"microseconds since now", value(expr.MicrosecondsSinceTo(People.Created, expr.Now()))},
		{"json text", from(expr.JSON[string](People.Meta, "a b", 0, "it's \"q\"").Eq("x"))},
		{"json whole", value(expr.JSON[string](People.Meta))},
		{"json place at the end", value(expr.JSON[string](People.Meta, "a", -2))},
		{"json int", value(expr.JSON[int64](People.Meta, "a"))},
		{"json float", value(expr.JSON[float64](People.Meta, "a"))},
		{"json bool", value(expr.JSON[bool](People.Meta, "a"))},
		{"json exists", from(expr.Not(expr.JSONExists(People.Meta, "a", "b")))},
		{"array contains", from(expr.ArrayContains(People.Tags, "a"))},
		{"array contains all", from(expr.Not(expr.ArrayContainsAll(People.Tags, "a", "b")))},
		{"array overlaps", from(expr.ArrayOverlaps(People.Tags, "a", "b"))},
		{"array length", from(expr.ArrayLength(People.Tags).Gt(1))},
		{"tuple eq", from(place.Eq(1, "a"))},
		{"tuple gt", from(expr.Not(place.Gt(1, "a")))},
		{"tuple of decimals", from(expr.Tuple3(People.Balance, People.ID, People.Name).Le("1.00", 1, "a"))},
		{"tuple in", from(place.In(place.Of(1, "a"), place.Of(2, "b")))},
		{"tuple not in", from(place.NotIn(place.Of(1, "a")))},
		{"tuple of values in", from(expr.Tuple2(expr.Add(People.Age, 1), People.Name).In(place.Of(1, "a"), place.Of(2, "b")))},
		{"tuple of values in nothing", from(expr.Or(expr.Tuple2(expr.Add(People.Age, 1), People.Name).NotIn(), People.Age.Eq(1)))},
		{"function", value(expr.FuncOf[int64]("abs", People.Age))},
		{"function with values", value(expr.FuncOf[string]("replace", People.Name, expr.Val("x"), expr.Val("y")))},
		{"distinct and filter", value(expr.Count(People.Name).Distinct().Filter(People.Age.Gt(1)).Filter(People.Active.Eq(true)))},
		{"string agg", value(expr.StringAgg(People.Name, ", ").OrderBy(People.Age.Desc().NullsLast(), People.ID.Asc()).Filter(People.Age.Gt(1)))},
		{"string agg of enums", value(expr.StringAgg(People.Status, ","))},
		{"bool aggregates", grouped(expr.BoolAnd(expr.And(People.Active.Eq(true), People.Age.Gt(1))), People.Status)},
		{"bool or", value(expr.BoolOr(People.Age.Gt(1)))},
		{"row number", value(expr.RowNumber().Over(window))},
		{"window of all", value(expr.CountAll().Filter(People.Age.Gt(1)).Over(expr.Window()))},
		{"rows", value(expr.Sum(People.Age).Over(window.Rows(expr.Preceding(2), expr.CurrentRow())))},
		{"rows without the row", value(expr.Avg(People.Age).Over(window.Rows(expr.UnboundedPreceding(), expr.Following(1)).ExcludeCurrentRow()))},
		{"range", value(expr.Sum(People.Age).Over(expr.Window().OrderBy(People.Age.Asc()).Range(expr.Preceding(5), expr.Following(5)).ExcludeTies()))},
		{"groups", value(expr.Sum(People.Age).Over(window.Groups(expr.CurrentRow(), expr.UnboundedFollowing()).ExcludeGroup()))},
		{"ntile", value(expr.NTile(4).Over(window))},
		{"lag and lead", value(expr.SubTo(expr.NewValue[Person, int32, *int32](expr.NodeOf(expr.Lag(People.Age, 1).Over(window))), expr.Lead(People.Age, 2).Over(window)))},
		{"lag or", value(expr.LagOr(People.Status, 1, "new").Over(window))},
		{"nth value", value(expr.NthValue(People.Created, 2).Over(window.Rows(expr.UnboundedPreceding(), expr.UnboundedFollowing())))},
		{"order by a window", with(value(People.Name), func(s *expr.SelectStmt) {
			s.OrderBy = []expr.OrderTerm{expr.FirstValue(People.Balance).Over(expr.Window().OrderBy(People.Balance.Asc())).Desc().Term()}
		})},
	}
	postgresAlone = []statementCase{
		{"array agg", value(expr.ArrayAgg(People.Name).Distinct())},
		{"array agg in order", value(expr.ArrayAgg(People.Age).OrderBy(People.ID.Desc()))},
		{"string agg of distinct", value(expr.StringAgg(People.Name, ",").Distinct())},
		{"spread", value(expr.StdDev(People.Score))},
		{"percentile", value(expr.PercentileCont(0.5, People.Age).Filter(People.Age.Gt(1)))},
		{"percentile that is a value", value(expr.PercentileDisc(0.9, People.Created))},
		{"mode", value(expr.Mode(People.Status))},
		{"rollup", grouped(expr.CountAll(), expr.Rollup(People.Status, People.Age))},
		{"cube", grouped(expr.Grouping(People.Age), People.ID, expr.Cube(People.Status, People.Age))},
		{"grouping sets", grouped(expr.CountAll(), expr.GroupingSets([]expr.Any{People.Status, People.Age}, []expr.Any{People.Age}, nil))},
		{"function in a schema", value(expr.FuncOf[string]("pg_catalog.substr", People.Name, expr.Val(int32(2))))},
	}
	return both, postgresAlone
}

func TestValues(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			cases, more := valueCases()
			if d.Name() == "postgres" {
				goldenStatements(t, d, "values", append(slices.Clip(cases), append(more, statementCase{"collate", value(expr.Collate(People.Name, "C"))})...))
				return
			}
			goldenStatements(t, d, "values", append(slices.Clip(cases), statementCase{"collate", value(expr.Collate(People.Name, "NOCASE"))}))
			for _, c := range more {
				var u *dialect.UnsupportedError
				if _, err := dialect.Compile(d, c.stmt); !errors.As(err, &u) || u.Dialect != d.Name() {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		})
	}
}

// What stands in a value never changes the words of the statement.
func TestHostileValues(t *testing.T) {
	const hostile = `'; DROP TABLE people; -- "$1 ?`
	for _, d := range dialects {
		for name, f := range map[string]func(string) expr.Any{
			"position": func(s string) expr.Any { return expr.Position(People.Name, s) },
			"greatest": func(s string) expr.Any { return expr.Greatest(People.Name, s) },
			"array":    func(s string) expr.Any { return expr.ArrayContains(People.Tags, s) },
			"tuple":    func(s string) expr.Any { return expr.Tuple2(People.Age, People.Name).Eq(1, s) },
			"tuple in": func(s string) expr.Any {
				return expr.Tuple2(People.Age, People.Name).In(expr.PairValue[int32, string]{A: 1, B: s})
			},
			"function":   func(s string) expr.Any { return expr.FuncOf[string]("f", People.Name, expr.Val(s)) },
			"string agg": func(s string) expr.Any { return expr.StringAgg(People.Name, s) },
			"lag":        func(s string) expr.Any { return expr.LagOr(People.Name, 1, s).Over(expr.Window()) },
		} {
			texts := map[string]bool{}
			for _, v := range []string{"a", hostile} {
				c, err := dialect.Compile(d, value(f(v)))
				if err != nil {
					t.Fatal(name, err)
				}
				texts[c.SQL] = true
			}
			if len(texts) != 1 {
				t.Errorf("%s, %s: %v", d.Name(), name, texts)
			}
		}
		// The parts of a path, and the name of a collation, are in the text, quoted.
		for _, x := range []expr.Any{expr.JSON[string](People.Meta, hostile, 1), expr.Collate(People.Name, hostile)} {
			c, err := dialect.Compile(d, value(x))
			if err != nil {
				t.Fatal(err)
			}
			rest := c.SQL
			for _, quoted := range []string{`''; DROP TABLE people; -- "$1 ?`, `''; DROP TABLE people; -- \"$1 ?`, `"'; DROP TABLE people; -- ""$1 ?"`} {
				rest = strings.ReplaceAll(rest, quoted, "")
			}
			if strings.Contains(rest, "DROP") {
				t.Errorf("%s: %s", d.Name(), c.SQL)
			}
		}
	}
}
