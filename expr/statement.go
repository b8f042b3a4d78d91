package expr

// Statement is a whole SQL statement as data: *SelectStmt, *UpdateStmt,
// *DeleteStmt. Like nodes, statements are not changed once they are built.
type Statement interface{ isStatement() }

// LockStrength is how rows are locked by a SELECT.
type LockStrength uint8

// The row locks.
const (
	NoLock LockStrength = iota
	LockShare
	LockUpdate
)

// JoinKind is the kind of a join.
type JoinKind uint8

// The joins.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	CrossJoin
)

// JoinClause joins a source on a condition; On is nil for a cross join.
type JoinClause struct {
	Kind   JoinKind
	Source *Source
	On     Node
}

// OrderTerm is one term of an ORDER BY.
type OrderTerm struct {
	X     Node
	Desc  bool
	Nulls NullsOrder
}

// NullsOrder says where NULLs stand in an order.
type NullsOrder uint8

// Where NULLs stand: where the database puts them, first, or last.
const (
	NullsDefault NullsOrder = iota
	NullsFirst
	NullsLast
)

// SelectStmt is a SELECT. Limit and Offset count rows; negative means none.
type SelectStmt struct {
	Distinct bool
	Columns  []Node
	From     *Source
	Joins    []JoinClause
	Where    Node
	GroupBy  []Node
	Having   Node
	OrderBy  []OrderTerm
	Limit    int64
	Offset   int64
	Lock     LockStrength
	// Packed says that columns may be read in the dialect's packed form, which
	// only Dormer understands.
	Packed bool
	// PerGroup, where it is not nil, ends the result of each group by itself.
	PerGroup *PerGroup
}

// SetClause assigns a value to a column.
type SetClause struct {
	Column *ColumnRef
	Value  Node
}

// UpdateStmt is an UPDATE of one table.
type UpdateStmt struct {
	Table     *Source
	Set       []SetClause
	Where     Node
	Returning []Node
}

// DeleteStmt is a DELETE from one table.
type DeleteStmt struct {
	Table     *Source
	Where     Node
	Returning []Node
}

func (*SelectStmt) isStatement() {}
func (*UpdateStmt) isStatement() {}
func (*DeleteStmt) isStatement() {}
