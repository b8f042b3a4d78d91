package expr

import "errors"

// What stands in an ErrorNode where an expression could not be built, and is
// returned when the statement is compiled.
var (
	errZeroExpr      = errors.New("expr: zero Expr used as a condition: build one from a column, or write expr.Every for all rows")
	errZeroValue     = errors.New("expr: zero Value used in an expression: build one from a column or with expr.Val")
	errZeroOrder     = errors.New("expr: zero Order used to order by: build one by Asc or Desc")
	errZeroAssign    = errors.New("expr: zero Assign used in an update: build one by Set, SetTo or SetNull")
	errZeroTuple     = errors.New("expr: zero Pair or Triple used in an expression: make one with expr.Tuple2 or expr.Tuple3")
	errZeroCases     = errors.New("expr: CASE without a branch: begin it with expr.Case")
	errNilExpr       = errors.New("expr: nil used as an expression: a column, value or condition is wanted")
	errCastInterface = errors.New("expr: Cast to an interface type: name a concrete Go type")
	errUnbound       = errors.New("expr: column handle is not bound: schema.Define binds the handles of its struct; was this one declared elsewhere?")
)

// nodeOf is NodeOf for a place that must have a node.
func nodeOf(x Any) Node {
	if x == nil {
		return &ErrorNode{errNilExpr}
	}
	return x.node()
}
