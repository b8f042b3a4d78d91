package expr_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

// Tags is a column that is a slice.
var tags = func() expr.Column[User, []string] {
	var c expr.Column[User, []string]
	expr.Bind(&c, expr.NewColumnRef(Users.ID.Ref().Source, "tags", nil))
	return c
}()

func arrayOf(what string) expr.Any {
	switch what {
	case "contains":
		return expr.ArrayContains(tags, "a")
	case "overlaps":
		return expr.ArrayOverlaps(tags, "a", "b")
	}
	return expr.ArrayLength(tags)
}

// What is wrong whatever the database is an error in the tree, with words that say
// what to do.
func TestValuesThatAreWrong(t *testing.T) {
	var handle expr.Column[User, string]
	for says, x := range map[string]expr.Any{
		"0 to 63 bits":                  expr.ShiftLeft(Users.Age, 64),
		"a shift is by":                 expr.ShiftRight(Users.Age, -1),
		"without the name":              expr.Collate(Users.Name, ""),
		"ten thousand years":            expr.AddMonths(Users.CreatedAt, 120_001),
		"AddYears of more":              expr.AddYears(Users.CreatedAt, math.MinInt),
		"four million days":             expr.AddDays(Users.CreatedAt, math.MaxInt),
		"a part is a string or an int":  expr.JSON[string](Users.Name, "a", 1.5),
		"with a NUL":                    expr.JSON[bool](Users.Name, "a\x00"),
		"not bound":                     expr.JSON[bool](handle),
		"expr.Tuple2":                   expr.Pair[User, int, int]{}.Eq(1, 2),
		"zero Pair or Triple":           expr.Triple[User, int, int, int]{}.In(),
		"say what differs":              expr.CountAll().Distinct(),
		"has no order":                  expr.CountAll().OrderBy(Users.Name.Asc()),
		"or one of its own":             expr.Mode(Users.Name).OrderBy(Users.Name.Asc()),
		"OrderBy of a nil term":         expr.StringAgg(Users.Name, ",").OrderBy(nil),
		"fraction from 0 to 1":          expr.PercentileCont(1.1, Users.Age),
		"a percentile":                  expr.PercentileDisc(math.NaN(), Users.Age),
		"windows have no such":          expr.Count(Users.ID).Distinct().Over(expr.Window()),
		"Over of an aggregate with":     expr.Mode(Users.ID).Over(expr.Window()),
		"with two frames":               expr.Rank().Over(expr.Window().Rows(expr.CurrentRow(), expr.CurrentRow()).Rows(expr.CurrentRow(), expr.CurrentRow())),
		"ends before it begins":         expr.Rank().Over(expr.Window().Rows(expr.CurrentRow(), expr.Preceding(1))),
		"a frame by a negative number":  expr.Rank().Over(expr.Window().Rows(expr.Preceding(-1), expr.CurrentRow())),
		"groups without an order":       expr.Rank().Over(expr.Window().Groups(expr.CurrentRow(), expr.CurrentRow())),
		"an OrderBy of one term":        expr.Rank().Over(expr.Window().Range(expr.Preceding(1), expr.CurrentRow())),
		"excludes rows without a frame": expr.Rank().Over(expr.Window().ExcludeTies()),
		"count from 1":                  expr.NTile(0).Over(expr.Window()),
		"Lag and Lead from 0":           expr.Lag(Users.Age, -1).Over(expr.Window()),
		"NthValue":                      expr.NthValue(Users.Age, 0).Over(expr.Window()),
		"zero Value used":               expr.WindowFunc[int, int]{}.Over(expr.Window()),
		"in an expression: build one":   expr.Windowed[int, int]{},
	} {
		n, ok := expr.NodeOf(x).(*expr.ErrorNode)
		if !ok || !strings.Contains(n.Err.Error(), says) {
			t.Errorf("%s: %T %v", says, expr.NodeOf(x), n)
		}
	}
}

// Functions of columns that may be NULL yield pointers, without a word of the
// caller's.
func TestValuesKeepNullability(t *testing.T) {
	place := expr.Tuple2(Users.ID, Users.Name)
	for want, got := range map[string]any{
		"int xor":      yields(expr.BitXor(Users.Age, 1)),
		"*int xor":     yields(expr.BitXor(Users.Bonus, 1)),
		"*int shift":   yields(expr.ShiftLeft(Users.Bonus, 1)),
		"int greatest": yields(expr.GreatestTo(Users.Age, Users.Limit)),
		"*int least":   yields(expr.Least(Users.Bonus, 1, 2)),
		"int64 pos":    yields(expr.Position(Users.Name, "a")),
		"*int64 pos":   yields(expr.Position(Users.Email, "a")),
		"int64 len":    yields(expr.ArrayLength(tags)),
		"int64 since":  yields(expr.MicrosecondsSince(Users.CreatedAt, day)),
		"*int64 since": yields(expr.MicrosecondsSinceTo(Users.CreatedAt, Users.SeenAt)),
		"*bool json":   yields(expr.JSON[bool](Users.Name, "a")),
		"string func":  yields(expr.Func[string]("f")),
		"*string func": yields(expr.FuncOf[string]("f", Users.Age, expr.Val(1))),
		"int64 window": yields(expr.RowNumber().Over(expr.Window())),
		"*int window":  yields(expr.Lag(Users.Age, 1).Over(expr.Window())),
		"int window":   yields(expr.LagOr(Users.Age, 1, 0).Over(expr.Window())),
		"*[]string ag": yields(expr.ArrayAgg(Users.Name)),
		"*string agg":  yields(expr.StringAgg(Users.Email, ",")),
		"int64 count":  yields(expr.Count(Users.ID).Distinct().Filter(Users.Age.Gt(1))),
	} {
		if typ := fmt.Sprintf("%T", got); typ != strings.Fields(want)[0] {
			t.Errorf("%s yields %s", want, typ)
		}
	}
	var _ []expr.Expr[User] = []expr.Expr[User]{place.In(place.Of(1, "a")), place.Lt(1, "b"), expr.Tuple3(Users.ID, Users.Name, Users.Age).Eq(1, "a", 2),
		expr.ArrayContains(tags, "x"), expr.JSONExists(Users.Name, "a")}
}

// Columns are found in every place of the nodes: whether their tables are in FROM
// rests on it.
func TestColumnsOfValues(t *testing.T) {
	window := expr.Window().PartitionBy(Users.Name).OrderBy(Users.Age.Asc())
	for want, x := range map[string]expr.Any{
		"name":               expr.Collate(Users.Name, "C"),
		"id name":            expr.Tuple2(Users.ID, Users.Name).Eq(1, "a"),
		"id age":             expr.Tuple2(Users.ID, expr.Add(Users.Age, 1)).NotIn(expr.PairValue[int64, int]{A: 1, B: 2}),
		"email":              expr.JSON[string](Users.Email, "a"),
		"age limit":          expr.FuncOf[int]("f", Users.Age, Users.Limit),
		"score name age":     expr.Sum(Users.Score).Over(window),
		"name score age":     expr.StringAgg(Users.Name, ",").OrderBy(Users.Score.Asc()).Filter(Users.Age.Gt(1)),
		"bonus":              expr.Mode(Users.Bonus),
		"name email":         expr.Rollup(Users.Name, Users.Email),
		"age limit id":       expr.GreatestTo(Users.Age, Users.Limit, expr.Val(1), expr.CaseTo(Users.ID.Eq(1), expr.Val(2)).Else(3)),
		"seen_at created_at": expr.MicrosecondsSinceTo(Users.SeenAt, Users.CreatedAt),
	} {
		var got []string
		for _, r := range expr.Columns(expr.NodeOf(x)) {
			got = append(got, r.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	aggregates := 0
	expr.Walk(expr.NodeOf(expr.Sum(Users.Score).Over(window)), func(n expr.Node) bool {
		if _, ok := n.(*expr.AggNode); ok {
			aggregates++
		}
		return true
	})
	if aggregates != 0 {
		t.Error("a window is taken for an aggregate, which makes groups")
	}
}

// A window that two extend stays what it was for each, and so does an aggregate.
func TestWindowsAreImmutable(t *testing.T) {
	base := expr.Window().PartitionBy(Users.Name, Users.Email).OrderBy(Users.Age.Asc(), Users.ID.Asc())
	a, b := base.PartitionBy(Users.ID).OrderBy(Users.Limit.Asc()), base.PartitionBy(Users.Score).OrderBy(Users.Bonus.Asc())
	for want, w := range map[string]expr.WindowSpec{"name email age id": base, "name email id age id limit": a, "name email score age id bonus": b} {
		var got []string
		for _, r := range expr.Columns(expr.NodeOf(expr.Rank().Over(w))) {
			got = append(got, r.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	sum := expr.Sum(Users.Age)
	_ = sum.Distinct().Filter(Users.Age.Gt(1))
	if n := expr.NodeOf(sum).(*expr.AggNode); n.Distinct || n.Filter != nil {
		t.Error("the aggregate has changed")
	}
}
