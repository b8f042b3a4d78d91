package expr

// Statement is a whole SQL statement as data: *SelectStmt, *CompoundStmt,
// *ValuesStmt, *InsertStmt, *UpdateStmt, *DeleteStmt. Like nodes, statements are not changed once they are built.
type Statement interface{ isStatement() }

// LockStrength is how rows are locked by a SELECT.
type LockStrength uint8

// The row locks.
const (
	NoLock LockStrength = iota
	LockShare
	LockUpdate
)

// LockWait says what a SELECT does about a row that somebody else has locked.
type LockWait uint8

// What is done about rows locked by others: wait until they are free, leave them
// out, or fail.
const (
	WaitForLocks LockWait = iota
	SkipLocked
	NoWait
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

// JoinClause joins a source on a condition; On is nil for a cross join, and may be
// for a lateral one.
type JoinClause struct {
	Kind   JoinKind
	Source *Source
	On     Node
	// Lateral lets the source, a subquery, name the columns of those before it.
	Lateral bool
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
	// DistinctOn, beside Distinct, keeps the first row of those that are equal in
	// these alone.
	DistinctOn []Node
	Columns    []Node
	From       *Source
	Joins      []JoinClause
	Where      Node
	GroupBy    []Node
	Having     Node
	OrderBy    []OrderTerm
	Limit      int64
	Offset     int64
	Lock       LockStrength
	// Wait is for a Lock, and so is LockOf: the sources whose rows are locked,
	// none for From's.
	Wait   LockWait
	LockOf []*Source
	// Packed says that columns may be read in the dialect's packed form, which
	// only Dormer understands.
	Packed bool
	// PerGroup, where it is not nil, ends the result of each group by itself.
	PerGroup *PerGroup
	// Filters, of which nil means all, are those of the outermost statement within
	// it too, but where an inner one has its own.
	Filters *Filters
}

// SetClause assigns a value to a column.
type SetClause struct {
	Column *ColumnRef
	Value  Node
}

// UpdateStmt is an UPDATE of one table. Joins are tables whose columns the new
// values and Where may name; rows of Table without a match are left as they are.
type UpdateStmt struct {
	Table     *Source
	Joins     []JoinClause
	Set       []SetClause
	Where     Node
	Returning []Node
	Filters   *Filters
}

// InsertStmt is an INSERT of what a query reads: the values of Columns, in order.
type InsertStmt struct {
	Table     *Source
	Columns   []*ColumnRef
	Query     *SelectStmt
	Returning []Node
}

// DeleteStmt is a DELETE from one table.
type DeleteStmt struct {
	Table     *Source
	Where     Node
	Returning []Node
	Filters   *Filters
}

func (*SelectStmt) isStatement() {}
func (*InsertStmt) isStatement() {}
func (*UpdateStmt) isStatement() {}
func (*DeleteStmt) isStatement() {}
