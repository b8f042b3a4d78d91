package rel

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Strategy is how related rows are read.
type Strategy uint8

// The strategies.
const (
	// Best is what Dormer takes to be better: SelectIn, which reads no row twice
	// and none that the unit of work has.
	Best Strategy = iota
	// Joined reads them with the rows that they belong to, by a LEFT JOIN. Where
	// that cannot give the same result (with conditions, an order or a limit per
	// parent; to-many under LIMIT, OFFSET, DISTINCT or a row lock), SelectIn is
	// taken.
	Joined
	// SelectIn reads them by a statement of their own, for all parents at once.
	SelectIn
)

// Eager is a relation to be loaded with a query, as data.
type Eager struct {
	Relation *schema.RelationDef
	// Where, Order and Limit choose among each parent's related rows; with a
	// Where or a Limit the collection is partial. Limit is -1 for none.
	Where []expr.Node
	Order []expr.OrderTerm
	Limit int64
	// Strategy is how the rows are read.
	Strategy Strategy
	// Depth is how often a relation from a table to itself is followed, 1 by
	// default; a negative one follows it to its end.
	Depth int
	// With are the relations to be loaded of what is found.
	With []*Eager
	// Err says what is wrong with the path.
	Err error
}
