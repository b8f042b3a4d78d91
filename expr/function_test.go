package expr_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
)

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func TestTreeShapes(t *testing.T) {
	for _, c := range []struct {
		x    expr.Any
		want string
	}{
		// comparisons
		{Users.Name.Eq("A"), `(= name "A"~name)`},
		{Users.Name.Ne("A"), `(<> name "A"~name)`},
		{Users.Bonus.Lt(1), `(< bonus 1~bonus)`},
		{Users.Bonus.Le(1), `(<= bonus 1~bonus)`},
		{Users.Bonus.Gt(1), `(> bonus 1~bonus)`},
		{Users.Bonus.Ge(1), `(>= bonus 1~bonus)`},
		{Users.Age.EqTo(Users.Limit), `(= age limit)`},
		{Users.Age.NeTo(Users.Bonus), `(<> age bonus)`},
		{Users.Age.LtTo(expr.Val(5)), `(< age 5~age)`},
		{expr.Val(5).LeTo(Users.Age), `(<= 5~age age)`},
		{Users.Age.GtTo(expr.Add(Users.Limit, 1)), `(> age (+ limit 1~limit))`},
		{Users.CreatedAt.GeTo(expr.Now()), `(>= created_at (now))`},
		{Users.ID.In(1, 2), `(in id int64(1)~id int64(2)~id)`},
		{Users.ID.In(), `(in id)`},
		{Users.ID.NotIn(), `(not-in id)`},
		{Users.Age.Between(1, 2), `(between age 1~age 2~age)`},
		{Users.Token.Eq([]byte{}), `(= token []byte{}~token)`},
		{bindUsers("boss").Age.LtTo(Users.Age), `(< boss.age age)`},
		{expr.Count(Posts.ID).Gt(3), `(> (count/agg posts.id) int64(3))`},
		{expr.CountAll().Eq(3), `(= (count/agg) int64(3))`},
		{expr.Max(Users.CreatedAt).Lt(day), `(< (max/agg created_at) 2026-11-23~created_at)`},
		{expr.Min(Users.Age).In(1), `(in (min/agg age) int64(1)~age)`},
		{expr.Sum(Users.Bonus).Ne(1), `(<> (sum/agg bonus) 1)`},
		{expr.Avg(Users.Age).Le(1.5), `(<= (avg/agg age) 1.5)`},
		// NULL
		{Users.Email.IsNull(), `(null email)`},
		{Users.Email.IsNotNull(), `(not-null email)`},
		{expr.IsNull(expr.Lower(Users.Email)), `(null (lower email))`},
		{expr.IsNotNull(Users.Email), `(not-null email)`},
		{expr.IsDistinctFrom(Users.Email, "a"), `(distinct email "a"~email)`},
		{expr.IsDistinctFromTo(Users.Email, Users.Name), `(distinct email name)`},
		{expr.IsNotDistinctFrom(Users.Email, "a"), `(not-distinct email "a"~email)`},
		{expr.IsNotDistinctFromTo(Users.Email, Users.Name), `(not-distinct email name)`},
		{expr.Coalesce(Users.Email, "none"), `(coalesce email "none"~email)`},
		{expr.CoalesceTo(Users.Email, Users.Name), `(coalesce email name)`},
		{expr.CoalesceTo(Users.Email, expr.Val("x")), `(coalesce email "x"~email)`},
		{expr.NullIf(Users.Age, 0), `(nullif age 0~age)`},
		{expr.NullIfTo(Users.Age, Users.Limit), `(nullif age limit)`},
		{expr.Optional(Users.Age), `(optional age)`},
		{expr.Optional(Users.Age).Eq(1), `(= (optional age) 1~age)`},
		// logic
		{expr.And(Users.Age.Eq(1), expr.Or(Users.Age.Eq(2), expr.Not(Users.Age.Eq(3)))),
			`(and (= age 1~age) (or (= age 2~age) (not (= age 3~age))))`},
		{Users.Age.Eq(1).And(Users.Age.Eq(2)).Or(Users.Age.Eq(3)), `(or (and (= age 1~age) (= age 2~age)) (= age 3~age))`},
		{expr.And[User](), `(and)`},
		{expr.Or[User](), `(or)`},
		{expr.Every[User](), `const(true every=true)`},
		{expr.Raw[User]("age > ?", 3), `raw("age > ?" [3])`},
		{expr.On(Posts.AuthorID, Users.ID), `(= posts.author_id id)`},
		{expr.AllOf(Users.Age.Eq(1), Posts.ID.Eq(2)), `(and (= age 1~age) (= posts.id int64(2)~posts.id))`},
		{expr.AnyOf(Users.Age.Eq(1), Posts.ID.Eq(2)), `(or (= age 1~age) (= posts.id int64(2)~posts.id))`},
		// patterns
		{expr.Like(Users.Name, "A%"), `(like/escape name "A%")`},
		{expr.Like(Users.Nick, `100\%`), `(like/escape nick "100\\%")`},
		{expr.Like(Users.Name, `a\\`), `(like/escape name "a\\\\")`},
		{expr.NotLike(Users.Email, "A_"), `(not-like/escape email "A_")`},
		{expr.ILike(Users.Name, "a%"), `(like/fold/escape name "a%")`},
		{expr.NotILike(Users.Name, "a%"), `(not-like/fold/escape name "a%")`},
		{expr.HasPrefix(expr.Lower(Users.Name), `50%_\`), `(like/escape (lower name) "50\\%\\_\\\\%")`},
		{expr.HasSuffix(Users.Name, "_x"), `(like/escape name "%\\_x")`},
		{expr.Contains(Users.Email, "%"), `(like/escape email "%\\%%")`},
		{expr.Contains(Users.Email, ""), `(like/escape email "%%")`},
		{expr.Like(Users.Name, expr.EscapeLike("50%")+"_"), `(like/escape name "50\\%_")`},
		{expr.Matches(Users.Name, "^a"), `(matches name "^a")`},
		// arithmetic
		{expr.Add(Users.Age, 1), `(+ age 1~age)`},
		{expr.Sub(Users.Bonus, 1), `(- bonus 1~bonus)`},
		{expr.Mul(expr.Add(Users.Age, 1), 2), `(* (+ age 1~age) 2~age)`},
		{expr.Div(Users.Score, 2), `(/ score 2~score)`},
		{expr.Mod(Users.Age, 2), `(% age 2~age)`},
		{expr.AddTo(Users.Age, Users.Limit), `(+ age limit)`},
		{expr.SubTo(Users.Age, expr.Val(1)), `(- age 1)`},
		{expr.MulTo(Users.Bonus, expr.Optional(Users.Age)), `(* bonus (optional age))`},
		{expr.DivTo(expr.Optional(Users.Age), expr.NullIf(Users.Limit, 0)), `(/ (optional age) (nullif limit 0~limit))`},
		{expr.ModTo(Users.Age, Users.Limit), `(% age limit)`},
		{expr.BitAnd(Users.Age, 6), `(& age 6~age)`},
		{expr.BitOr(Users.Age, 6), `(| age 6~age)`},
		{expr.Neg(Users.Score), `(neg score)`},
		{expr.Abs(Users.Age).Gt(2), `(> (abs age) 2~age)`},
		{expr.Round(Users.Score), `(round score)`},
		{expr.RoundTo(Users.Score, 2), `(round score int64(2))`},
		{expr.Floor(Users.Score), `(floor score)`},
		{expr.Ceil(Users.Score), `(ceil score)`},
		// text
		{expr.Lower(Users.Name).Eq("a"), `(= (lower name) "a")`},
		{expr.Upper(Users.Email), `(upper email)`},
		{expr.Trim(Users.Name), `(trim name)`},
		{expr.TrimLeft(Users.Name), `(ltrim name)`},
		{expr.TrimRight(Users.Name), `(rtrim name)`},
		{expr.Length(Users.Name).Gt(3), `(> (length name) int64(3))`},
		{expr.Length(Users.Token), `(length token)`},
		{expr.Substr(Users.Name, 2, 3), `(substr name int64(2) int64(3))`},
		{expr.Replace(Users.Name, "a", ""), `(replace name "a" "")`},
		{expr.Concat(Users.Nick, "!"), `(|| nick Label("!"))`},
		{expr.Prepend("Dr. ", Users.Name), `(|| "Dr. " name)`},
		{expr.ConcatTo(expr.Concat(Users.Name, " "), expr.Val("x")), `(|| (|| name " ") "x")`},
		// times
		{expr.Year(Users.CreatedAt).Eq(2026), `(= (year created_at) int64(2026))`},
		{expr.Month(Users.CreatedAt), `(month created_at)`},
		{expr.Day(Users.SeenAt), `(day seen_at)`},
		{expr.Hour(Users.SeenAt), `(hour seen_at)`},
		{expr.Minute(Users.SeenAt), `(minute seen_at)`},
		{expr.Second(Users.SeenAt), `(second seen_at)`},
		{expr.Weekday(Users.SeenAt), `(weekday seen_at)`},
		{expr.TruncYear(Users.CreatedAt), `(trunc_year created_at)`},
		{expr.TruncMonth(Users.CreatedAt), `(trunc_month created_at)`},
		{expr.TruncDay(Users.CreatedAt).Eq(day), `(= (trunc_day created_at) 2026-11-23~created_at)`},
		{expr.TruncHour(Users.CreatedAt), `(trunc_hour created_at)`},
		{expr.TruncMinute(Users.CreatedAt), `(trunc_minute created_at)`},
		{expr.AddDuration(Users.SeenAt, -1500*time.Millisecond), `(add_seconds seen_at -1.5)`},
		{expr.AddDuration(Users.CreatedAt, time.Microsecond+999), `(add_seconds created_at 1e-06)`},
		// CASE, CAST
		{expr.Case(Users.Age.Lt(18), "minor").When(Users.Age.Lt(65), "adult").Else("senior"),
			`(case (< age 18~age)->"minor" (< age 65~age)->"adult" else "senior")`},
		{expr.Case(Users.Age.Lt(18), 1).End(), `(case (< age 18~age)->1 else nil)`},
		{expr.Case(Users.Age.Lt(18), day).WhenTo(Users.Age.Lt(65), Users.CreatedAt).Else(day),
			`(case (< age 18~age)->2026-11-23~created_at (< age 65~age)->created_at else 2026-11-23~created_at)`},
		{expr.CaseTo(Users.Age.Lt(18), Users.Email).ElseTo(Users.Email), `(case (< age 18~age)->email else email)`},
		{expr.Cast[string](Users.Age), `(cast age string)`},
		{expr.CastNull[float64](Users.Bonus), `(cast bonus float64)`},
	} {
		if got := describe(c.x); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestOrders(t *testing.T) {
	for _, c := range []struct {
		o     expr.Ordering
		x     string
		desc  bool
		nulls expr.NullsOrder
	}{
		{Users.Name.Asc(), "name", false, expr.NullsDefault},
		{Users.Email.Desc().NullsLast(), "email", true, expr.NullsLast},
		{expr.Lower(Users.Email).Asc().NullsFirst(), "(lower email)", false, expr.NullsFirst},
		{expr.Count(Posts.ID).Desc(), "(count/agg posts.id)", true, expr.NullsDefault},
		{expr.Max(Users.Age).Asc().NullsFirst(), "(max/agg age)", false, expr.NullsFirst},
		{expr.Now().Desc().NullsLast(), "(now)", true, expr.NullsLast},
	} {
		term := c.o.Term()
		if show(term.X) != c.x || term.Desc != c.desc || term.Nulls != c.nulls {
			t.Errorf("got %s desc=%v nulls=%v, want %+v", show(term.X), term.Desc, term.Nulls, c)
		}
	}
}

func TestAssignments(t *testing.T) {
	for _, c := range []struct {
		a            expr.Assign[User]
		column, want string
	}{
		{Users.Name.Set("Bob"), "name", `"Bob"~name`},
		{Users.Name.SetTo(expr.Val("Bob")), "name", `"Bob"~name`},
		{Users.Name.SetTo(Users.Email), "name", `email`},
		{Users.Age.SetTo(expr.Add(Users.Age, 1)), "age", `(+ age 1~age)`},
		{Users.Email.Set("a@b"), "email", `"a@b"~email`},
		{Users.Email.SetTo(Users.Name), "email", `name`},
		{Users.Email.SetNull(), "email", `<nil>~email`},
	} {
		if got := c.a.Clause(); show(got.Column) != c.column || show(got.Value) != c.want {
			t.Errorf("got %s = %s, want %s = %s", show(got.Column), show(got.Value), c.column, c.want)
		}
	}
}

// Every name that a function puts into the tree is one that compilers are told
// of, and the other way round.
func TestFunctionNames(t *testing.T) {
	made := map[string]bool{}
	for _, x := range []expr.Any{
		expr.Now(), expr.Optional(Users.Age), expr.Lower(Users.Name), expr.Upper(Users.Name),
		expr.Trim(Users.Name), expr.TrimLeft(Users.Name), expr.TrimRight(Users.Name), expr.Length(Users.Name),
		expr.Substr(Users.Name, 1, 1), expr.Replace(Users.Name, "a", "b"), expr.Matches(Users.Name, "a"),
		expr.Coalesce(Users.Email, ""), expr.NullIf(Users.Name, ""),
		expr.Abs(Users.Age), expr.Round(Users.Score), expr.Floor(Users.Score), expr.Ceil(Users.Score),
		expr.Year(Users.SeenAt), expr.Month(Users.SeenAt), expr.Day(Users.SeenAt), expr.Hour(Users.SeenAt),
		expr.Minute(Users.SeenAt), expr.Second(Users.SeenAt), expr.Weekday(Users.SeenAt),
		expr.TruncYear(Users.SeenAt), expr.TruncMonth(Users.SeenAt), expr.TruncDay(Users.SeenAt),
		expr.TruncHour(Users.SeenAt), expr.TruncMinute(Users.SeenAt), expr.AddDuration(Users.SeenAt, time.Hour),
		expr.Position(Users.Name, "a"), expr.AddMonths(Users.SeenAt, 1), expr.MicrosecondsSince(Users.SeenAt, day),
		expr.BitXor(Users.Age, 1), expr.BitNot(Users.Age), expr.ShiftLeft(Users.Age, 1), expr.ShiftRight(Users.Age, 1),
		expr.Greatest(Users.Age, 1), expr.Least(Users.Age, 1),
		arrayOf("contains"), arrayOf("overlaps"), arrayOf("length"),
	} {
		call, ok := expr.NodeOf(x).(*expr.CallNode)
		if !ok {
			t.Fatalf("%s is no call", describe(x))
		}
		made[call.Name] = true
		if !slices.Contains(expr.FunctionNames(), call.Name) {
			t.Errorf("FunctionNames lacks %q", call.Name)
		}
	}
	for _, name := range expr.FunctionNames() {
		if !made[name] {
			t.Errorf("no function of this test makes %q", name)
		}
	}
	expr.FunctionNames()[0] = "changed"
	if expr.FunctionNames()[0] == "changed" {
		t.Error("FunctionNames hands out its own slice")
	}
}

func TestAddDurationKeepsMicroseconds(t *testing.T) {
	for _, d := range []time.Duration{
		1234567 * time.Microsecond, -time.Microsecond, 100 * 365 * 24 * time.Hour, 272*365*24*time.Hour + time.Microsecond,
	} {
		call := expr.NodeOf(expr.AddDuration(Users.CreatedAt, d)).(*expr.CallNode)
		seconds := call.Args[1].(*expr.ParamNode).Value.(float64)
		if got := time.Duration(math.Round(seconds*1e6)) * time.Microsecond; got != d {
			t.Errorf("%v went in, %v came out", d, got)
		}
	}
}
