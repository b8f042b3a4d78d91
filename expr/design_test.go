package expr_test

import (
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

// The lines of the design's third section, as far as this package goes: they
// must infer, to these types.
func TestDesignLinesInfer(t *testing.T) {
	a, b, cond, p, v := Users.Age.Lt(1), Users.Age.Gt(2), Users.Age.Eq(3), "A%", "v"

	conditions := []expr.Expr[User]{
		Users.Name.Eq("Alice"), Users.Age.Between(18, 30), Users.ID.In(1, 2, 3), Users.Email.IsNull(),
		Users.Age.LtTo(Users.Limit), Users.CreatedAt.LtTo(expr.Now()),
		expr.Like(Users.Name, "A%"), expr.HasPrefix(Users.Name, p), expr.Lower(Users.Name).Eq("x"),
		expr.And(a, b), expr.Or(a, b), expr.Not(a), a.And(b),
		expr.Case(cond, v).When(cond, v).Else(v).Eq("v"),
	}
	for i, c := range conditions {
		if _, bad := expr.NodeOf(c).(*expr.ErrorNode); bad || c.IsZero() {
			t.Errorf("condition %d: %s", i, describe(c))
		}
	}

	var _ expr.Value[User, int, int] = expr.Add(Users.Age, 1)
	var _ expr.Value[User, string, string] = expr.Coalesce(Users.Email, "none")
	var _ expr.Value[User, string, string] = expr.Case(cond, v).When(cond, v).Else(v)
	var _ expr.Value[User, string, string] = expr.Cast[string](Users.Age)
	var _ []expr.Order[User] = []expr.Order[User]{Users.Name.Asc(), Users.Name.Desc().NullsLast()}
	var _ []expr.Assign[User] = []expr.Assign[User]{
		Users.Name.Set("Bob"), Users.Email.SetNull(), Users.Age.SetTo(expr.Add(Users.Age, 1)),
	}
	var _ []expr.Cond = []expr.Cond{
		expr.On(Posts.AuthorID, Users.ID), expr.Count(Posts.ID).Gt(3),
		expr.AllOf(a, expr.On(Posts.AuthorID, Users.ID)), expr.AnyOf(a, b),
	}
	var _ expr.AnyOrder = expr.Count(Posts.ID).Desc()
}

// yields returns its argument's R as a type that a test can compare.
func yields[R any](expr.Yields[R]) any { var r R; return r }

func TestFunctionsKeepNullability(t *testing.T) {
	type row struct {
		name           string
		column, nullab any
	}
	var s, i64 = "", int64(0)
	for _, r := range []row{
		{"lower", yields(expr.Lower(Users.Name)), yields(expr.Lower(Users.Email))},
		{"substr", yields(expr.Substr(Users.Name, 1, 2)), yields(expr.Substr(Users.Email, 1, 2))},
		{"replace", yields(expr.Replace(Users.Name, "a", "b")), yields(expr.Replace(Users.Email, "a", "b"))},
		{"concat", yields(expr.Concat(Users.Name, "!")), yields(expr.Concat(Users.Email, "!"))},
		{"concat to", yields(expr.ConcatTo(Users.Name, Users.Name)), yields(expr.ConcatTo(Users.Email, expr.Optional(Users.Name)))},
		{"nested", yields(expr.Trim(expr.Lower(Users.Name))), yields(expr.Trim(expr.Lower(Users.Email)))},
		{"coalesce to", yields(expr.CoalesceTo(Users.Email, Users.Name)), yields(expr.CoalesceTo(Users.Email, Users.Email))},
		{"coalesce to value", yields(expr.CoalesceTo(Users.Email, expr.Val("x"))), yields(expr.NullIf(Users.Name, ""))},
		{"case", yields(expr.Case(Users.ID.Eq(1), "x").Else("y")), yields(expr.Case(Users.ID.Eq(1), "x").End())},
		{"case to", yields(expr.CaseTo(Users.ID.Eq(1), Users.Name).Else("y")), yields(expr.CaseTo(Users.ID.Eq(1), Users.Email).Else("y"))},
		{"cast", yields(expr.Cast[string](Users.Age)), yields(expr.CastNull[string](Users.Bonus))},
	} {
		if r.column != any(s) {
			t.Errorf("%s of a column yields %T", r.name, r.column)
		}
		if r.nullab != any((*string)(nil)) {
			t.Errorf("%s of a nullable yields %T", r.name, r.nullab)
		}
	}
	for _, r := range []row{
		{"length", yields(expr.Length(Users.Name)), yields(expr.Length(Users.Email))},
		{"length of value", yields(expr.Coalesce(expr.Length(expr.Lower(Users.Name)), 0)), yields(expr.Length(expr.Lower(Users.Name)))},
		{"year", yields(expr.Year(Users.CreatedAt)), yields(expr.Year(Users.SeenAt))},
		{"second", yields(expr.Second(Users.CreatedAt)), yields(expr.Second(expr.TruncDay(Users.SeenAt)))},
	} {
		if r.column != any(i64) {
			t.Errorf("%s of a column yields %T", r.name, r.column)
		}
		if r.nullab != any((*int64)(nil)) {
			t.Errorf("%s of a nullable yields %T", r.name, r.nullab)
		}
	}
}
