package expr

// More nodes of values.
type (
	// CollateNode is X compared and ordered by a collation of the database.
	CollateNode struct {
		X    Node
		Name string
	}

	// RowNode is a row of values, (a, b, …), as an operand of a comparison.
	RowNode struct{ Items []Node }

	// TupleInNode tests whether a row of values is among Rows, each of as many
	// values as there are Items. Without rows it is false, and true when Not is set.
	TupleInNode struct {
		Items []Node
		Rows  [][]Node
		Not   bool
	}

	// JSONNode reads what stands at a path of a JSON column. A part of Path is a
	// string, the key of an object, or an int, the place in an array, negative ones
	// counted from its end.
	JSONNode struct {
		X    *ColumnRef
		Path []any
		Kind JSONKind
	}

	// FuncNode calls a function of the database by the name that it has there,
	// with or without its schema.
	FuncNode struct {
		Name string
		Args []Node
	}

	// WindowNode is a function over the rows around the row at hand. Func is an
	// aggregate, or a function that only windows have.
	WindowNode struct {
		Func      *AggNode
		Partition []Node
		Order     []OrderTerm
		Frame     *Frame
	}

	// GroupingNode is ROLLUP, CUBE or GROUPING SETS, as a term of a GROUP BY. Of
	// the first two each set has one element.
	GroupingNode struct {
		Kind GroupingKind
		Sets [][]Node
	}
)

// JSONKind says as what a JSONNode reads a value. What is of another kind is NULL.
type JSONKind uint8

// The readings of a JSON value.
const (
	JSONText JSONKind = iota
	JSONInt
	JSONFloat
	JSONBool
	// JSONPresent is no value but a condition: there is something, null included.
	JSONPresent
)

// GroupingKind is the kind of a GroupingNode.
type GroupingKind uint8

// The kinds of groupings.
const (
	GroupingRollup GroupingKind = iota
	GroupingCube
	GroupingSet
)

// FrameMode is what the offsets of a frame count.
type FrameMode uint8

// The modes of frames.
const (
	FrameRows FrameMode = iota
	FrameRange
	FrameGroups
)

// FrameExclusion is what a frame leaves out.
type FrameExclusion uint8

// What frames leave out: nothing, the row at hand, its peers too, or these alone.
const (
	ExcludeNothing FrameExclusion = iota
	ExcludeRow
	ExcludePeers
	ExcludeTied
)

// Frame is which rows around the row at hand a window function sees.
type Frame struct {
	Mode     FrameMode
	From, To Bound
	Exclude  FrameExclusion
}

func (*CollateNode) isNode()  {}
func (*RowNode) isNode()      {}
func (*TupleInNode) isNode()  {}
func (*JSONNode) isNode()     {}
func (*FuncNode) isNode()     {}
func (*WindowNode) isNode()   {}
func (*GroupingNode) isNode() {}

func walkOrder(f func(Node) bool, terms []OrderTerm) {
	for _, o := range terms {
		Walk(o.X, f)
	}
}

// walkAggregate visits what an aggregate is computed of.
func walkAggregate(f func(Node) bool, n *AggNode) {
	walk(f, n.Arg)
	walk(f, n.Args...)
	walkOrder(f, n.Order)
	walkOrder(f, n.Within)
	walk(f, n.Filter)
}

// walkWindow does not visit Func itself: it makes no groups of rows, as an
// aggregate does, but what it is computed of may have aggregates.
func walkWindow(f func(Node) bool, n *WindowNode) {
	if n.Func != nil {
		walkAggregate(f, n.Func)
	}
	walk(f, n.Partition...)
	walkOrder(f, n.Order)
}

// walkValue visits the nodes below those of this file.
func walkValue(f func(Node) bool, n Node) {
	switch n := n.(type) {
	case *CollateNode:
		walk(f, n.X)
	case *RowNode:
		walk(f, n.Items...)
	case *TupleInNode:
		walk(f, n.Items...)
		for _, r := range n.Rows {
			walk(f, r...)
		}
	case *JSONNode:
		if n.X != nil {
			Walk(n.X, f)
		}
	case *FuncNode:
		walk(f, n.Args...)
	case *WindowNode:
		walkWindow(f, n)
	case *GroupingNode:
		for _, s := range n.Sets {
			walk(f, s...)
		}
	}
}
