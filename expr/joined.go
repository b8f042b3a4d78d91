package expr

// JoinedNode is the condition that rows of two sources belong together by a relation:
// that the columns which join them are equal. Which these are is known once the model
// is sealed.
type JoinedNode struct {
	Join RelatedJoin
	// From and To are columns of no name, of the sources that are joined.
	From, To *ColumnRef
	// Far: the relation leads through a table, and From is that, not the relation's
	// own; with Through, To is that.
	Far, Through bool
}

func (*JoinedNode) isNode() {}
