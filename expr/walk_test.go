package expr_test

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

// Columns must find a column wherever a node may hold one: the check that every
// column's table is in FROM rests on it.
func TestColumnsLooksEverywhere(t *testing.T) {
	for _, c := range []struct {
		x    expr.Any
		want string
	}{
		{Users.Age.EqTo(Users.Limit), "age limit"},
		{Users.Age.Between(1, 2), "age"},
		{Users.ID.In(1), "id"},
		{expr.Like(Users.Name, "x"), "name"},
		{Users.Email.IsNull(), "email"},
		{expr.And(Users.Age.Eq(1), expr.Not(Users.Name.Eq("x"))), "age name"},
		{expr.Add(expr.Neg(Users.Age), 1), "age"},
		{expr.AddTo(Users.Age, Users.Limit), "age limit"},
		{expr.CoalesceTo(Users.Email, expr.Lower(Users.Name)), "email name"},
		{expr.Max(Users.Score), "score"},
		{expr.CountAll(), ""},
		{expr.CaseTo(Users.ID.Eq(1), Users.Name).WhenTo(Users.Age.Eq(1), expr.Val("x")).ElseTo(expr.Lower(Users.Name)), "id name age name"},
		{expr.Case(Users.ID.Eq(1), "x").End(), "id"},
		{expr.Cast[string](Users.Age), "age"},
		{expr.Raw[User]("x = ?", 1), ""},
	} {
		var got []string
		for _, r := range expr.Columns(expr.NodeOf(c.x)) {
			got = append(got, r.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", describe(c.x), got, c.want)
		}
	}
	if got := expr.Columns(nil); got != nil {
		t.Errorf("no tree has columns %v", got)
	}
}

// The columns of related rows are not those of the row at hand, which Columns is
// asked for; Walk comes by them all the same.
func TestColumnsOfRelatedRows(t *testing.T) {
	inner := &expr.RelatedNode{Kind: expr.RelatedCount, From: Users.Age.Ref().Source, Where: expr.NodeOf(Users.Score.Gt(1))}
	n := expr.NodeOf(expr.And(Users.Age.Eq(1), expr.NewExpr[User](&expr.RelatedNode{Kind: expr.RelatedValue, From: Users.Age.Ref().Source,
		Value: Users.Name.Ref(), Where: &expr.CompareNode{Op: expr.OpGt, Left: inner, Right: Users.Limit.Ref()}}), Users.ID.Eq(1)))
	var outer, all []string
	for _, r := range expr.Columns(n) {
		outer = append(outer, r.Name)
	}
	expr.Walk(n, func(n expr.Node) bool {
		if r, ok := n.(*expr.ColumnRef); ok {
			all = append(all, r.Name)
		}
		return true
	})
	if got := strings.Join(outer, " "); got != "age id" {
		t.Errorf("columns %s", got)
	}
	if got := strings.Join(all, " "); got != "age name score limit id" {
		t.Errorf("walked by %s", got)
	}
}

// What is compared with a related row's value takes that value's stored form.
func TestRelatedValueTypesParameters(t *testing.T) {
	value := expr.NewValue[User, string, *string](&expr.RelatedNode{Kind: expr.RelatedValue, Value: Users.Name.Ref()})
	if p := expr.NodeOf(value.Eq("x")).(*expr.CompareNode).Right.(*expr.ParamNode); p.Like != Users.Name.Ref() {
		t.Errorf("a value is like %v, want the name", p.Like)
	}
	count := expr.NewValue[User, int64, int64](&expr.RelatedNode{Kind: expr.RelatedCount, Value: Users.Name.Ref()})
	if p := expr.NodeOf(count.Eq(1)).(*expr.CompareNode).Right.(*expr.ParamNode); p.Like != nil {
		t.Errorf("a count is like %v", p.Like)
	}
}

func TestWalkStopsBelowWhatIsRefused(t *testing.T) {
	visited := 0
	expr.Walk(expr.NodeOf(expr.And(Users.Age.Eq(1), Users.Age.Eq(2))), func(n expr.Node) bool {
		visited++
		_, compare := n.(*expr.CompareNode)
		return !compare
	})
	if visited != 3 {
		t.Errorf("visited %d nodes, want the AND and two comparisons", visited)
	}
}
