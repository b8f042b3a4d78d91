package expr

// Walk calls f for n and, where f returns true, for the nodes below it; below a
// RelatedNode are its Value and its Where, whose columns are of another scope. The
// statement of a SubqueryNode is not visited, see Statements, nor is a nil node.
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
	case *RowInNode:
		for _, c := range n.Columns {
			Walk(c, f)
		}
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
	case *DecimalNode:
		walk(f, n.Args...)
	case *CallNode:
		walk(f, n.Args...)
	case *AggNode:
		walkAggregate(f, n)
	case *CaseNode:
		for _, w := range n.When {
			walk(f, w.Cond, w.Then)
		}
		walk(f, n.Else)
	case *CastNode:
		walk(f, n.X)
	case *CollateNode, *RowNode, *TupleInNode, *JSONNode, *FuncNode, *WindowNode, *GroupingNode:
		walkValue(f, n)
	case *RelatedNode:
		walk(f, n.Value, n.Where)
	case *SubqueryNode:
		walk(f, n.X)
	case *JoinedNode:
		walk(f, n.From, n.To)
	}
}

func walk(f func(Node) bool, ns ...Node) {
	for _, n := range ns {
		Walk(n, f)
	}
}

// Columns returns the columns that the tree names, in order, with repetitions.
// It does not look into a RelatedNode: what is named there are the related rows'
// columns, and by which columns these belong to the row at hand is known once
// the model is sealed.
func Columns(n Node) []*ColumnRef {
	var cs []*ColumnRef
	Walk(n, func(n Node) bool {
		switch n := n.(type) {
		case *ColumnRef:
			cs = append(cs, n)
		case *RelatedNode:
			return false
		}
		return true
	})
	return cs
}
