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
