package expr

// RelatedKind says what a RelatedNode asks of the related rows.
type RelatedKind uint8

// What can be asked of related rows.
const (
	RelatedExists RelatedKind = iota // whether there are any
	RelatedCount                     // how many
	RelatedValue                     // a value of the one that there is, NULL where there is none
)

// RelatedNode is a subquery over the rows to which a relation leads from the row
// at hand. Inside Where and Value the target's own handles mean the related row,
// where the relation leads back to the same table too.
type RelatedNode struct {
	Kind RelatedKind
	Not  bool // of RelatedExists
	// From is the occurrence of the table that the relation starts from.
	From *Source
	// Join says how the rows belong together. It is asked when the statement is
	// built, since models are not complete before they are sealed; its pointer
	// stands for the relation and must be the same each time.
	Join  RelatedJoin
	Where Node // nil for none
	Value Node // of RelatedValue
}

// RelatedJoin tells how a relation joins.
type RelatedJoin interface {
	// RelatedOn returns the target's own occurrence and the pairs of columns
	// that must be equal: of From's table and of the target; or, where through
	// is not nil, of From's table and of through, and in far of through and of
	// the target. All columns are of the tables' own occurrences. id is unique
	// in the process and the same each time.
	RelatedOn() (r RelatedColumns, err error)
}

// RelatedColumns are the columns that join related rows.
type RelatedColumns struct {
	ID              uint64
	Target, Through *Source
	On, Far         [][2]*ColumnRef
}

// NewID returns a number for RelatedColumns that no table, column or relation of
// the process has.
func NewID() uint64 { return serial.Add(1) }

func (*RelatedNode) isNode() {}

// PerGroup limits a SELECT to the first Limit rows, in its order, of each value
// of By.
type PerGroup struct {
	By    []Node
	Limit int64
}
