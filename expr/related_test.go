package expr_test

import (
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

func TestNewOrder(t *testing.T) {
	x := &expr.ParamNode{Value: 1}
	got := expr.NewOrder[int](expr.OrderTerm{X: x, Desc: true}).NullsLast().Term()
	if got.X != expr.Node(x) || !got.Desc || got.Nulls != expr.NullsLast {
		t.Errorf("%+v", got)
	}
	if _, ok := expr.NewOrder[int](expr.OrderTerm{}).Term().X.(*expr.ErrorNode); !ok {
		t.Error("an order of nothing is no error")
	}
}

func TestNewIDIsUnique(t *testing.T) {
	a, b := expr.NewID(), expr.NewSource("", "t", "", nil).ID
	if c := expr.NewID(); a == b || b == c || a == c {
		t.Error(a, b, c)
	}
}
