package dialect_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("%s line %d:\n got  %s\n want %s", path, i+1, a, b)
		}
	}
}

type statementCase struct {
	name string
	stmt expr.Statement
}

// from is a SELECT of the people that meet a condition.
func from(cond expr.Cond) *expr.SelectStmt {
	return &expr.SelectStmt{Columns: []expr.Node{People.ID.Ref()}, From: schema.SourceOf(People), Where: expr.NodeOf(cond), Limit: -1, Offset: -1}
}

// value is a SELECT of one expression over people.
func value(x expr.Any) *expr.SelectStmt {
	return &expr.SelectStmt{Columns: []expr.Node{expr.NodeOf(x)}, From: schema.SourceOf(People), Limit: -1, Offset: -1}
}

func with(s *expr.SelectStmt, f func(*expr.SelectStmt)) *expr.SelectStmt { f(s); return s }

var boss = schema.As(People, "boss")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func ints(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(i)
	}
	return list
}

// rowsIn is a SELECT of the people that are among n rows of values of each kind.
func rowsIn(n int) *expr.SelectStmt {
	in := &expr.RowInNode{Columns: []*expr.ColumnRef{People.ID.Ref(), People.Name.Ref(), People.Data.Ref(), People.Tags.Ref(), People.Status.Ref()}, Values: make([][]any, 5)}
	for i := range n {
		name := "n"
		if i == 5 {
			name = "\x01\"é"
		}
		for j, v := range []any{int64(i), name, []byte{byte(i)}, []string{"a", "b"}, Status("new")} {
			in.Values[j] = append(in.Values[j], v)
		}
	}
	return &expr.SelectStmt{Columns: []expr.Node{People.ID.Ref()}, From: schema.SourceOf(People), Where: in, Limit: -1, Offset: -1}
}

func statements() []statementCase {
	a, b, c := People.Age.Eq(1), People.Name.Eq("x"), People.Active.Eq(true)
	people := schema.SourceOf(People)
	all := make([]expr.Node, 0)
	for _, col := range schema.DefOf(People).Columns {
		all = append(all, col.Ref)
	}
	blobs, texts, floats := [][]byte{}, []string{}, []float64{}
	for i := range 9 {
		blobs = append(blobs, []byte{byte(i), 0xff})
		texts = append(texts, fmt.Sprintf("n%d \"q\" \\", i))
		floats = append(floats, float64(i)+0.1)
	}
	return []statementCase{
		{"select all columns", &expr.SelectStmt{Columns: all, From: people, Limit: -1, Offset: -1}},
		{"select nothing", &expr.SelectStmt{From: people, Where: expr.NodeOf(a), Limit: 1, Offset: -1}},
		{"select without from", &expr.SelectStmt{Columns: []expr.Node{expr.NodeOf(expr.Now()), expr.NodeOf(expr.Val("x"))}, Limit: -1, Offset: -1}},
		{"distinct, order, limit, offset", with(from(nil), func(s *expr.SelectStmt) {
			s.Distinct, s.Limit, s.Offset = true, 10, 20
			s.Columns = []expr.Node{People.Name.Ref(), People.Email.Ref()}
			s.OrderBy = []expr.OrderTerm{People.Name.Asc().Term(), People.Email.Desc().NullsLast().Term(), People.Email.Asc().NullsFirst().Term()}
		})},
		{"order by a column beside its cast", with(from(nil), func(s *expr.SelectStmt) {
			s.Columns = []expr.Node{expr.NodeOf(expr.Cast[string](People.Age)), People.Age.Ref()}
			s.OrderBy = []expr.OrderTerm{People.Age.Asc().Term()}
		})},
		{"offset alone", with(from(nil), func(s *expr.SelectStmt) { s.Offset = 5 })},
		{"limit zero", with(from(nil), func(s *expr.SelectStmt) { s.Limit = 0 })},
		{"for update", with(from(a), func(s *expr.SelectStmt) { s.Lock = expr.LockUpdate })},
		{"for share", with(from(a), func(s *expr.SelectStmt) { s.Lock = expr.LockShare })},
		{"for update of what is free", with(from(a), func(s *expr.SelectStmt) { s.Lock, s.Wait = expr.LockUpdate, expr.SkipLocked })},
		{"for share at once", with(from(a), func(s *expr.SelectStmt) { s.Lock, s.Wait = expr.LockShare, expr.NoWait })},
		{"for update of tables", with(from(a), func(s *expr.SelectStmt) {
			s.Joins = []expr.JoinClause{{Kind: expr.InnerJoin, Source: schema.SourceOf(boss), On: expr.NodeOf(expr.On(People.BossID, boss.ID))}}
			s.Lock, s.Wait, s.LockOf = expr.LockUpdate, expr.SkipLocked, []*expr.Source{schema.SourceOf(boss), people}
		})},
		{"alias", &expr.SelectStmt{Columns: []expr.Node{boss.Name.Ref()}, From: schema.SourceOf(boss), Where: expr.NodeOf(boss.Age.Gt(3)), Limit: -1, Offset: -1}},
		{"joins", &expr.SelectStmt{
			Columns: []expr.Node{People.Name.Ref(), boss.Name.Ref(), expr.NodeOf(expr.Optional(Teams.Title)), Seats.Note.Ref()},
			From:    people,
			Joins: []expr.JoinClause{
				{Kind: expr.LeftJoin, Source: schema.SourceOf(boss), On: expr.NodeOf(expr.On(People.BossID, boss.ID))},
				{Kind: expr.InnerJoin, Source: schema.SourceOf(Teams), On: expr.NodeOf(expr.AllOf(expr.On(People.TeamID, Teams.ID), Teams.Title.Ne("x")))},
				{Kind: expr.CrossJoin, Source: schema.SourceOf(Seats)},
			},
			Where: expr.NodeOf(expr.AnyOf(boss.Age.GtTo(People.Age), Teams.Title.Eq("y"))), Limit: -1, Offset: -1, Lock: expr.LockUpdate,
		}},
		{"right and full join", &expr.SelectStmt{
			Columns: []expr.Node{People.Name.Ref()}, From: people,
			Joins: []expr.JoinClause{
				{Kind: expr.RightJoin, Source: schema.SourceOf(boss), On: expr.NodeOf(expr.On(People.BossID, boss.ID))},
				{Kind: expr.FullJoin, Source: schema.SourceOf(Teams), On: expr.NodeOf(expr.On(People.TeamID, Teams.ID))},
			}, Limit: -1, Offset: -1}},
		{"group, having, aggregates", &expr.SelectStmt{
			Columns: []expr.Node{People.Status.Ref(), expr.NodeOf(expr.CountAll()), expr.NodeOf(expr.Count(People.Email)), expr.NodeOf(expr.Max(People.Created)),
				expr.NodeOf(expr.Sum(People.Age)), expr.NodeOf(expr.Avg(People.Score)),
				&expr.AggNode{Name: "count", Arg: People.Name.Ref(), Distinct: true, Filter: expr.NodeOf(c)}},
			From: people, Where: expr.NodeOf(a), GroupBy: []expr.Node{People.Status.Ref()}, Having: expr.NodeOf(expr.Count(People.ID).Gt(3)),
			OrderBy: []expr.OrderTerm{expr.Count(People.ID).Desc().Term()}, Limit: -1, Offset: -1}},

		{"comparisons", from(expr.And(People.Age.Eq(1), People.Age.Ne(2), People.Age.Lt(3), People.Age.Le(4), People.Age.Gt(5), People.Age.Ge(6)))},
		{"comparison of each kind", from(expr.And(People.Small.Eq(1), People.Score.Eq(1.5), People.Ratio.Eq(2.5), People.Active.Eq(true), People.Data.Eq([]byte{1}),
			People.Token.Eq([16]byte{1}), People.Balance.Eq("1.50"), People.Status.Eq("new"), People.Created.Lt(noon)))},
		{"to expression", from(expr.And(People.Created.LtTo(expr.Now()), People.Age.EqTo(expr.Add(People.Age, 1))))},
		{"distinct from", from(expr.And(expr.IsDistinctFrom(People.Email, "x"), expr.IsNotDistinctFromTo(People.Email, People.Name)))},
		{"between", from(People.Age.Between(1, 5))},
		{"between of sums", from(expr.Not(expr.Add(People.Age, 1).Between(1, 5)))},
		{"null tests", from(expr.And(People.Email.IsNull(), People.Email.IsNotNull()))},
		{"and in or", from(expr.Or(expr.And(a, b), c))},
		{"or in and", from(expr.And(expr.Or(a, b), c))},
		{"not", from(expr.Not(a))},
		{"not of and", from(expr.Not(expr.And(a, b)))},
		{"not of not", from(expr.Not(expr.Not(a)))},
		{"and of one", from(expr.Or(expr.And(expr.Or(a, b)), c))},
		{"and of nothing", from(expr.And[Person]())},
		{"or of nothing", from(expr.Or[Person]())},
		{"every", from(expr.Every[Person]())},
		{"two values", with(from(nil), func(s *expr.SelectStmt) {
			s.Where = &expr.CompareNode{Op: expr.OpEq, Left: &expr.ParamNode{Value: 1}, Right: &expr.ParamNode{Value: 2}}
		})},

		{"order of decimals", with(from(expr.And(People.Balance.Lt("9.00"), People.Balance.Between("-10.00", "5.00"))), func(s *expr.SelectStmt) {
			s.OrderBy = []expr.OrderTerm{People.Balance.Desc().Term()}
		})},

		{"in nothing", from(expr.And(People.ID.In(), People.ID.NotIn()))},
		{"in few", from(People.ID.In(1, 2, 3))},
		{"in many", from(People.ID.In(ints(9)...))},
		{"not in", from(expr.Not(People.ID.NotIn(1, 2)))},
		{"not in many", from(People.ID.NotIn(ints(9)...))},
		{"in texts", from(People.Name.In(texts...))},
		{"in blobs", from(People.Data.In(blobs...))},
		{"in floats", from(People.Score.In(floats...))},
		{"in times", from(People.Created.In(noon, noon.Add(1)))},
		{"in enums", from(People.Status.In("new", "done"))},
		{"in arrays", from(People.Tags.In([]string{"a"}, []string{"b", "c"}))},
		{"rows in nothing", rowsIn(0)},
		{"rows in one", rowsIn(1)},
		{"rows in few", rowsIn(2)},
		{"rows in many", rowsIn(9)},
		{"rows in an or", with(rowsIn(2), func(s *expr.SelectStmt) {
			s.Where = &expr.LogicNode{Or: true, Args: []expr.Node{s.Where, &expr.NotNode{X: s.Where}}}
		})},
		{"in of an expression", from(expr.Add(People.Age, 1).In(1, 2))},

		{"like", from(expr.Like(People.Name, `a%b_c*d?e[f]\%`))},
		{"not like", from(expr.NotLike(People.Name, "A%"))},
		{"ilike", from(expr.ILike(People.Name, "A%"))},
		{"not ilike", from(expr.Not(expr.NotILike(People.Name, "A%")))},
		{"prefix, suffix, contains", from(expr.And(expr.HasPrefix(People.Name, "50%_"), expr.HasSuffix(People.Name, `\`), expr.Contains(People.Name, "*")))},
		{"like of an enum", from(expr.Like(People.Status, "n%"))},
		{"like an expression", with(from(nil), func(s *expr.SelectStmt) { s.Where = &expr.LikeNode{X: People.Name.Ref(), Pattern: People.Email.Ref()} })},
		{"ilike without escape", with(from(nil), func(s *expr.SelectStmt) {
			s.Where = &expr.LikeNode{X: People.Name.Ref(), Pattern: People.Email.Ref(), Fold: true}
		})},

		{"arithmetic", value(expr.Sub(expr.Mul(expr.Add(People.Age, 1), 2), 3))},
		{"arithmetic on the right", value(expr.SubTo(People.Age, expr.SubTo(People.Age, expr.Add(People.Age, 1))))},
		{"division and remainder", value(expr.Mod(expr.Div(People.Age, 3), 2))},
		{"bits", value(expr.BitOr(expr.BitAnd(expr.Add(People.Age, 1), 6), 1))},
		{"negation", value(expr.Neg(expr.Neg(expr.Add(People.Age, 1))))},
		{"concatenation", value(expr.Concat(expr.ConcatTo(expr.Concat(People.Name, "a"), People.Name), "b"))},
		{"concatenation on the right", value(expr.ConcatTo(People.Name, expr.Concat(People.Name, "b")))},
		{"text functions", value(expr.Replace(expr.Substr(expr.Trim(expr.Upper(expr.Lower(People.Name))), 2, 3), "a", "b"))},
		{"trims", value(expr.TrimLeft(expr.TrimRight(People.Name)))},
		{"length", from(expr.And(expr.Length(People.Name).Gt(1), expr.Length(People.Data).Gt(1)))},
		{"coalesce and nullif", value(expr.NullIf(expr.Coalesce(People.Email, "none"), "x"))},
		{"numbers", value(expr.Floor(expr.Ceil(expr.Abs(expr.Round(expr.RoundTo(People.Score, 2))))))},
		{"parts of times", from(expr.And(expr.Year(People.Created).Eq(2026), expr.Month(People.Created).Eq(1), expr.Day(People.Created).Eq(1),
			expr.Hour(People.Created).Eq(1), expr.Minute(People.Created).Eq(1), expr.Second(People.Created).Eq(1), expr.Weekday(People.Created).Eq(1)))},
		{"truncated times", from(expr.And(expr.TruncYear(People.Created).Lt(noon), expr.TruncMonth(People.Created).Lt(noon), expr.TruncDay(People.Created).Lt(noon),
			expr.TruncHour(People.Created).Lt(noon), expr.TruncMinute(People.Created).Lt(noon)))},
		{"moved time", from(expr.AddDuration(People.Created, -90*time.Second).LtTo(expr.Now()))},
		{"case", value(expr.Case(People.Age.Lt(18), "minor").When(People.Age.Lt(65), "adult").Else("senior"))},
		{"case of columns", value(expr.CaseTo(People.Age.Lt(18), People.Name).Else("x"))},
		{"case without else", value(expr.Case(People.Age.Lt(18), noon).End())},
		{"casts", from(expr.And(expr.Cast[string](People.Age).Eq("1"), expr.Cast[int64](People.Score).Eq(1), expr.Cast[float64](People.Age).Gt(1),
			expr.Cast[int16](People.Age).Eq(1), expr.Cast[bool](People.Age).Eq(true)))},
		{"raw", from(expr.And(a, expr.Raw[Person](`"age" > ? OR "name" = '?' -- why?`, 3), b))},
		{"raw alone", from(expr.Raw[Person](`"age" > ? AND '??' <> '?' /* ? */ AND "name" <> ?`, 3, "x"))},

		{"quoted names", &expr.SelectStmt{Columns: []expr.Node{Odds.Key.Ref(), Odds.Value.Ref()}, From: schema.SourceOf(Odds), Where: expr.NodeOf(Odds.Value.Eq("?")), Limit: -1, Offset: -1}},

		{"update that joins", &expr.UpdateStmt{Table: people, Joins: []expr.JoinClause{{Source: schema.SourceOf(Teams), On: expr.NodeOf(expr.On(People.TeamID, Teams.ID))}}, Set: []expr.SetClause{People.Name.SetTo(Teams.Title).Clause()}, Where: expr.NodeOf(a), Returning: []expr.Node{People.ID.Ref()}}},
		{"insert from a query", &expr.InsertStmt{Table: schema.SourceOf(Teams), Columns: []*expr.ColumnRef{Teams.Title.Ref()}, Query: &expr.SelectStmt{Columns: []expr.Node{People.Name.Ref()}, From: people, Where: expr.NodeOf(a), Limit: -1, Offset: -1}}},
		{"update", &expr.UpdateStmt{Table: people, Set: []expr.SetClause{People.Name.Set("x").Clause(), People.Email.SetNull().Clause(), People.Age.SetTo(expr.Add(People.Age, 1)).Clause()}, Where: expr.NodeOf(a)}},
		{"update each kind", &expr.UpdateStmt{Table: people, Set: []expr.SetClause{People.Small.Set(1).Clause(), People.Score.Set(1.5).Clause(), People.Ratio.Set(1.5).Clause(), People.Active.Set(true).Clause(),
			People.Data.Set([]byte{1}).Clause(), People.Token.Set([16]byte{1}).Clause(), People.Meta.Set(schema.JSON[map[string]int]{V: map[string]int{"a": 1}}).Clause(),
			People.Tags.Set([]string{"a", `"\`}).Clause(), People.Balance.Set("2.50").Clause(), People.Status.Set("done").Clause(), People.Created.Set(noon).Clause(), People.Changed.SetTo(expr.Now()).Clause()}, Where: expr.NodeOf(People.ID.Eq(1))}},
		{"update of all, returning", &expr.UpdateStmt{Table: people, Set: []expr.SetClause{People.Name.Set("x").Clause()}, Where: expr.NodeOf(expr.Every[Person]()), Returning: []expr.Node{People.ID.Ref(), People.Name.Ref()}}},
		{"update by case", &expr.UpdateStmt{Table: people, Set: []expr.SetClause{People.Status.SetTo(expr.CaseTo(a, People.Status).Else("done")).Clause()}, Where: expr.NodeOf(b)}},
		{"delete", &expr.DeleteStmt{Table: people, Where: expr.NodeOf(expr.Or(a, b))}},
		{"delete of all, returning", &expr.DeleteStmt{Table: people, Where: expr.NodeOf(expr.Every[Person]()), Returning: []expr.Node{People.Created.Ref()}}},
	}
}

func TestStatements(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) { goldenStatements(t, d, "statements", statements()) })
	}
}

// goldenStatements compares the texts with a file, uncached and cached, and runs
// them where a database is at hand.
func goldenStatements(t *testing.T, d dialect.Dialect, file string, cases []statementCase) {
	db := opened(t, d)
	cache := dialect.NewCache(d, 0)
	var b strings.Builder
	for _, c := range cases {
		got, err := dialect.Compile(d, c.stmt)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		fmt.Fprintf(&b, "-- %s\n%s\n", c.name, got.SQL)
		if len(got.Args) > 0 {
			fmt.Fprintf(&b, "-- %#v\n", got.Args)
		}
		b.WriteByte('\n')
		for range 2 { // a miss, then a hit
			if again, err := cache.Compile(c.stmt); err != nil || fmt.Sprintf("%#v", again) != fmt.Sprintf("%#v", got) {
				t.Errorf("%s: the cache gives %#v, %v", c.name, again, err)
			}
		}
		if db == nil {
			continue
		}
		rows, err := db.Query(got.SQL, got.Args...)
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
			rows.Close()
		}
		if err != nil {
			t.Errorf("%s: %s\n%v", c.name, got.SQL, err)
		}
	}
	if got, want := cache.Len(), len(cases); got > want || got < want-5 {
		t.Errorf("the cache has %d shapes of %d statements", got, want)
	}
	golden(t, file+"."+d.Name()+".golden", b.String())
}
