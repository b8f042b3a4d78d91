package expr

// The methods of columns and values are compiled anew for every entity and type, so
// that they only call what is here, which is compiled once, or once for a type of
// column. None of it is made part of them.

// operand is the tree of an expression given to a method.
//
//go:noinline
func operand[V any](y Valued[V]) Node {
	if y == nil {
		return &ErrorNode{errNilExpr}
	}
	return y.node()
}

//go:noinline
func valueNode(n Node) Node {
	if n == nil {
		return &ErrorNode{errZeroValue}
	}
	return n
}

//go:noinline
func compareRef[V any](op CompareOp, l *ColumnRef, v V) Node {
	if isNil(v) || l == nil || undeclared(l) {
		return compare(op, refNode(l), v)
	}
	c := &struct { // in one piece of memory
		comparison
		value V
	}{value: v}
	c.Op, c.Left, c.Right = op, l, &c.v
	c.v.Value, c.v.Like = own(inPlace(&c.value)), l
	return &c.CompareNode
}

//go:noinline
func compareRefTo(op CompareOp, l *ColumnRef, r Node) Node {
	return compareNodes(op, refNode(l), r)
}

//go:noinline
func compareValue(op CompareOp, l Node, v any) Node { return compare(op, valueNode(l), v) }

//go:noinline
func compareValueTo(op CompareOp, l, r Node) Node { return compareNodes(op, valueNode(l), r) }

func compareNodes(op CompareOp, l, r Node) Node {
	return &CompareNode{Op: op, Left: adopt(r, l), Right: adopt(l, r)}
}

//go:noinline
func inRef[V any](l *ColumnRef, vs []V, not bool) Node { return in(refNode(l), vs, not) }

//go:noinline
func inValue[V any](l Node, vs []V, not bool) Node { return in(valueNode(l), vs, not) }

//go:noinline
func betweenRef(l *ColumnRef, lo, hi any) Node { return between(refNode(l), lo, hi) }

//go:noinline
func betweenValue(l Node, lo, hi any) Node { return between(valueNode(l), lo, hi) }

//go:noinline
func orderRef(l *ColumnRef, desc bool) OrderTerm { return OrderTerm{X: refNode(l), Desc: desc} }

//go:noinline
func orderValue(l Node, desc bool) OrderTerm { return OrderTerm{X: valueNode(l), Desc: desc} }

//go:noinline
func nullRef(l *ColumnRef, not bool) Node { return &NullNode{X: refNode(l), Not: not} }
