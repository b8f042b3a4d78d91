package expr_test

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

// What cannot be built is an error in the tree, found when the statement is
// compiled, and never a panic.
func TestFaults(t *testing.T) {
	var (
		unbound  users
		noExpr   expr.Expr[User]
		noInt    expr.Valued[int]
		noTyped  expr.Typed[User, int, int]
		noText   expr.Typed[User, string, string]
		noResult expr.Result[int, int]
		noValue  expr.Value[User, int, int]
		noScalar expr.Scalar[int]
		noAgg    expr.Agg[int64, int64]
		subquery = expr.NewAgg[int64, *int64](&expr.SubqueryNode{Stmt: &expr.SelectStmt{}})
	)
	for _, c := range []struct {
		name string
		n    expr.Node
		want string
	}{
		{"unbound column", expr.NodeOf(unbound.Name.Eq("x")), "not bound"},
		{"unbound nullable", expr.NodeOf(unbound.Email.IsNull()), "not bound"},
		{"unbound order", unbound.Name.Asc().Term().X, "not bound"},
		{"unbound set", unbound.Name.Set("x").Clause().Value, "not bound"},
		{"unbound set to", unbound.Name.SetTo(Users.Name).Clause().Value, "not bound"},
		{"unbound set null", unbound.Email.SetNull().Clause().Value, "not bound"},
		{"unbound in a function", expr.NodeOf(expr.Lower(unbound.Name)), "not bound"},

		{"zero expr", expr.NodeOf(noExpr), "zero Expr"},
		{"zero expr in And", expr.NodeOf(expr.And(noExpr, Users.Age.Eq(1))), "zero Expr"},
		{"zero expr's And", expr.NodeOf(noExpr.And(Users.Age.Eq(1))), "zero Expr"},
		{"zero expr in Not", expr.NodeOf(expr.Not(noExpr)), "zero Expr"},
		{"zero expr in Case", expr.NodeOf(expr.Case(noExpr, 1).End()), "zero Expr"},
		{"zero expr in AllOf", expr.NodeOf(expr.AllOf(noExpr)), "zero Expr"},
		{"zero value", expr.NodeOf(noValue.Eq(1)), "zero Value"},
		{"zero value made", expr.NodeOf(expr.NewValue[User, int, int](nil)), "zero Value"},
		{"zero scalar", expr.NodeOf(Users.Age.EqTo(noScalar)), "zero Value"},
		{"zero aggregate", expr.NodeOf(noAgg.Eq(1)), "zero Value"},
		{"zero aggregate's Value", expr.NodeOf(expr.Coalesce(noAgg.Value(), 1)), "zero Value"},
		{"zero window's Value", expr.NodeOf(expr.Windowed[int64, int64]{}.Value()), "zero Value"},
		{"Null of an interface", expr.NodeOf(expr.Null[any]()), "interface"},
		{"Over of a subquery", expr.NodeOf(subquery.Over(expr.Window())), "of a subquery"},
		{"Filter of a subquery", expr.NodeOf(subquery.Filter(Users.Age.Eq(1))), "of a subquery"},
		{"Distinct of a subquery", expr.NodeOf(subquery.Distinct()), "of a subquery"},
		{"OrderBy of a subquery", expr.NodeOf(subquery.OrderBy(Users.Age.Asc())), "of a subquery"},
		{"zero order", expr.Order[User]{}.Term().X, "zero Order"},
		{"zero order, nulls last", expr.Order[User]{}.NullsLast().Term().X, "zero Order"},
		{"zero mixed order", expr.AnyOrder{}.Term().X, "zero Order"},
		{"zero assign", expr.Assign[User]{}.Clause().Value, "zero Assign"},
		{"zero cases", expr.NodeOf(expr.Cases[User, int, int]{}.Else(1)), "without a branch"},
		{"zero cases' end", expr.NodeOf(expr.Cases[User, int, int]{}.End()), "without a branch"},

		{"nil in EqTo", expr.NodeOf(Users.Age.EqTo(nil)), "nil used as an expression"},
		{"nil in SetTo", Users.Age.SetTo(nil).Clause().Value, "nil used as an expression"},
		{"nil in On", expr.NodeOf(expr.On(noInt, Users.Age)), "nil used as an expression"},
		{"nil in AnyOf", expr.NodeOf(expr.AnyOf(nil, Users.Age.Eq(1))), "nil used as an expression"},
		{"nil in Count", expr.NodeOf(expr.Count(nil)), "nil used as an expression"},
		{"nil in Max", expr.NodeOf(expr.Max(noInt)), "nil used as an expression"},
		{"nil in Add", expr.NodeOf(expr.Add(noTyped, 1)), "nil used as an expression"},
		{"nil in AddTo", expr.NodeOf(expr.AddTo(Users.Age, noResult)), "nil used as an expression"},
		{"nil in Lower", expr.NodeOf(expr.Lower(noText)), "nil used as an expression"},
		{"nil in Like", expr.NodeOf(expr.Like(noText, "x")), "nil used as an expression"},
		{"nil in Coalesce", expr.NodeOf(expr.Coalesce(noTyped, 1)), "nil used as an expression"},
		{"nil in CoalesceTo", expr.NodeOf(expr.CoalesceTo(Users.Age, noResult)), "nil used as an expression"},
		{"nil in CaseTo", expr.NodeOf(expr.CaseTo(Users.Age.Eq(1), noResult).Else(1)), "nil used as an expression"},
		{"nil in Cast", expr.NodeOf(expr.Cast[string](noTyped)), "nil used as an expression"},

		{"Eq of a nil slice", expr.NodeOf(Users.Token.Eq(nil)), "IsNull"},
		{"In with a nil slice", expr.NodeOf(Users.Token.In([]byte{1}, nil)), "IsNull"},
		{"Between with a nil slice", expr.NodeOf(Users.Token.Between([]byte{1}, nil)), "for column users.token"},
		{"Set of a nil slice", Users.Token.Set(nil).Clause().Value, "SetNull"},
		{"Val of a nil map", expr.NodeOf(expr.Val(map[string]int(nil))), "nil map[string]int"},
		{"Coalesce to a nil slice", expr.NodeOf(expr.Coalesce(Users.Token, nil)), "nil []uint8"},

		{"lone backslash", expr.NodeOf(expr.Like(Users.Name, `a\\\`)), "lone backslash"},
		{"Div by zero", expr.NodeOf(expr.Div(Users.Score, 0)), "division by the value zero"},
		{"Mod by zero", expr.NodeOf(expr.Mod(Users.Age, 0)), "division by the value zero"},
		{"RoundTo", expr.NodeOf(expr.RoundTo(Users.Score, -1)), "negative number of digits"},
		{"Substr from 0", expr.NodeOf(expr.Substr(Users.Name, 0, 1)), "from 1"},
		{"Substr of negative length", expr.NodeOf(expr.Substr(Users.Name, 1, -1)), "negative length"},
		{"Replace of nothing", expr.NodeOf(expr.Replace(Users.Name, "", "x")), "empty text"},
		{"Cast to an interface", expr.NodeOf(expr.Cast[any](Users.Name)), "interface"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := fault(c.n)
			if err == nil {
				t.Fatalf("no error in %s", show(c.n))
			}
			if !strings.HasPrefix(err.Error(), "expr: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it to say %q", err, c.want)
			}
		})
	}
	if err := fault(expr.NodeOf(expr.And(Users.Age.Eq(1), Users.Token.Eq([]byte{})))); err != nil {
		t.Errorf("a good condition has error %v", err)
	}
	if n := expr.NodeOf(nil); n != nil {
		t.Errorf("NodeOf(nil) = %v", n)
	}
}

func fault(n expr.Node) (err error) {
	expr.Walk(n, func(n expr.Node) bool {
		if e, ok := n.(*expr.ErrorNode); ok && err == nil {
			err = e.Err
		}
		return true
	})
	return err
}
