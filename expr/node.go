package expr

// Node is one node of the syntax tree. The concrete types of this package are
// all there are: the set is sealed, so that a compiler can be exhaustive.
// Nodes are immutable and may be shared between statements and goroutines.
type Node interface{ isNode() }

// Any is whatever stands for a node: a handle, a condition, a value.
type Any interface{ node() Node }

// NodeOf returns the tree behind an expression. It is how the packages above
// read what a user wrote; programs have no need of it. A nil expression gives a
// nil Node.
func NodeOf(x Any) Node {
	if x == nil {
		return nil
	}
	return x.node()
}

// CompareOp is a comparison operator.
type CompareOp uint8

// The comparison operators.
const (
	OpEq CompareOp = iota
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpDistinct    // IS DISTINCT FROM
	OpNotDistinct // IS NOT DISTINCT FROM
)

// ArithOp is a binary operator on values.
type ArithOp uint8

// The operators on values.
const (
	OpAdd ArithOp = iota
	OpSub
	OpMul
	OpDiv
	OpMod
	OpConcat
	OpBitAnd
	OpBitOr
)

// The nodes of conditions and values.
type (
	// ParamNode is a bound value. Like, where it is not nil, is the column
	// whose stored form the value takes. Decimal says that it is a decimal with the
	// digits that it is written with.
	ParamNode struct {
		Value   any
		Like    *ColumnRef
		Decimal bool
	}

	// ConstNode is a constant condition: TRUE or FALSE. Every marks the one
	// that a caller wrote to mean all rows.
	ConstNode struct {
		Value bool
		Every bool
	}

	// CompareNode compares two values.
	CompareNode struct {
		Op          CompareOp
		Left, Right Node
	}

	// BetweenNode is X BETWEEN Low AND High, bounds included.
	BetweenNode struct{ X, Low, High Node }

	// InNode tests membership in a list of bound values of any length. An
	// empty list is false, and true when Not is set. Like is as in ParamNode. Whole
	// numbers may stand in Ints in place of Values.
	InNode struct {
		X      Node
		Values []any
		Ints   []int64
		Like   *ColumnRef
		Not    bool
	}

	// RowInNode tests whether the values of columns are together one of a list of
	// rows, of any length: of bound values, none of them NULL. Values has a list
	// for each column, all of one length; without rows it is false.
	RowInNode struct {
		Columns []*ColumnRef
		Values  [][]any
	}

	// LikeNode matches a pattern. Escape says that the pattern escapes % and _
	// with a backslash.
	LikeNode struct {
		X, Pattern Node
		Escape     bool
		Fold       bool // without regard to case
		Not        bool
	}

	// NullNode is X IS NULL, or IS NOT NULL when Not is set.
	NullNode struct {
		X   Node
		Not bool
	}

	// LogicNode joins conditions by AND, or by OR when Or is set. It has at
	// least one argument, unless a caller gave none.
	LogicNode struct {
		Or   bool
		Args []Node
	}

	// NotNode negates a condition.
	NotNode struct{ X Node }

	// ArithNode combines two values.
	ArithNode struct {
		Op          ArithOp
		Left, Right Node
	}

	// NegNode is the negated value of X.
	NegNode struct{ X Node }

	// CallNode calls a function by its canonical name; dialects spell it.
	CallNode struct {
		Name string
		Args []Node
	}

	// AggNode is an aggregate over rows. A nil Arg of count is COUNT(*). Args come
	// after Arg; Order is the order of the values within the call, Within that of
	// WITHIN GROUP. Scale is that of the result of AggAvgDecimal.
	AggNode struct {
		Name     string
		Arg      Node
		Args     []Node
		Distinct bool
		Order    []OrderTerm
		Within   []OrderTerm
		Filter   Node
		Scale    int
	}

	// CaseNode is CASE WHEN … THEN … ELSE … END. A nil Else is NULL.
	CaseNode struct {
		When []WhenNode
		Else Node
	}

	// CastNode is CAST(X AS To), To being a Go value of the target's type.
	CastNode struct {
		X  Node
		To any
	}

	// RawNode is text that a caller wrote, with a ? for each argument.
	RawNode struct {
		SQL  string
		Args []any
	}

	// TextNode is text of a schema, a default or a CHECK, that is taken as it is:
	// On has that of single dialects by name, SQL that of all others.
	TextNode struct {
		SQL string
		On  map[string]string
	}

	// ErrorNode stands where an expression could not be built. Compiling it
	// returns Err.
	ErrorNode struct{ Err error }
)

// WhenNode is one branch of a CaseNode.
type WhenNode struct{ Cond, Then Node }

func (*ColumnRef) isNode()   {}
func (*ParamNode) isNode()   {}
func (*ConstNode) isNode()   {}
func (*CompareNode) isNode() {}
func (*BetweenNode) isNode() {}
func (*InNode) isNode()      {}

// Len is the number of values.
func (n *InNode) Len() int { return len(n.Values) + len(n.Ints) }

// Empty reports whether there are no rows to be among.
func (n *RowInNode) Empty() bool { return len(n.Values) == 0 || len(n.Values[0]) == 0 }

func (*RowInNode) isNode() {}
func (*LikeNode) isNode()  {}
func (*NullNode) isNode()  {}
func (*LogicNode) isNode() {}
func (*NotNode) isNode()   {}
func (*ArithNode) isNode() {}
func (*NegNode) isNode()   {}
func (*CallNode) isNode()  {}
func (*AggNode) isNode()   {}
func (*CaseNode) isNode()  {}
func (*CastNode) isNode()  {}
func (*RawNode) isNode()   {}
func (*TextNode) isNode()  {}
func (*ErrorNode) isNode() {}
