package expr

// Walk calls f for n and, where f returns true, for the nodes below it. A nil
// node is not visited.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	switch n := n.(type) {
	case *CompareNode:
		walk(f, n.Left, n.Right)
	case *BetweenNode:
		walk(f, n.X, n.Low, n.High)
	case *InNode:
		walk(f, n.X)
	case *LikeNode:
		walk(f, n.X, n.Pattern)
	case *NullNode:
		walk(f, n.X)
	case *LogicNode:
		walk(f, n.Args...)
	case *NotNode:
		walk(f, n.X)
	case *ArithNode:
		walk(f, n.Left, n.Right)
	case *NegNode:
		walk(f, n.X)
	case *CallNode:
		walk(f, n.Args...)
	case *AggNode:
		walk(f, n.Arg, n.Filter)
	case *CaseNode:
		for _, w := range n.When {
			walk(f, w.Cond, w.Then)
		}
		walk(f, n.Else)
	case *CastNode:
		walk(f, n.X)
	}
}

func walk(f func(Node) bool, ns ...Node) {
	for _, n := range ns {
		Walk(n, f)
	}
}

// Columns returns the columns that the tree names, in order, with repetitions.
func Columns(n Node) []*ColumnRef {
	var cs []*ColumnRef
	Walk(n, func(n Node) bool {
		if c, ok := n.(*ColumnRef); ok {
			cs = append(cs, c)
		}
		return true
	})
	return cs
}
