package dialect

import (
	"database/sql/driver"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// List is how the values of an IN travel: decided by the dialect before any SQL
// is written. Form and Count are all of it that the SQL may depend on, besides
// the column that the values are like.
type List struct {
	// Form is the dialect's own number for the form, from 1.
	Form uint8
	// Count is the number of placeholders where it depends on the number of
	// values, 0 where one parameter holds any number.
	Count int
	// Args are the arguments, in the order of their placeholders.
	Args []any
}

// Lists is how a list of bound values is passed. Lists may be longer than the
// number of parameters that the driver allows.
type Lists interface {
	// PlanList decides how encoded values travel. There is at least one, and
	// none is nil; c is the column whose stored form they have, or nil.
	PlanList(values []driver.Value, c *schema.ColumnDef) (List, error)
	// PlanInts is PlanList for whole numbers, which are themselves in any column but
	// one of decimals. It returns the one argument, or, where each value is one, as
	// many as there are in count.
	PlanInts(values []int64, c *schema.ColumnDef) (form uint8, count int, arg any)
	// AppendIn writes x IN (list), or NOT IN, with c.Operand and c.Placeholder.
	AppendIn(c *Compiler, n *expr.InNode, l List) error
	// PlanRows is PlanList for rows: it is given a list of values for each
	// column, all of one length.
	PlanRows(values [][]driver.Value, cols []*schema.ColumnDef) (List, error)
	// AppendRowIn writes what stands between the parentheses of (columns) IN (…).
	AppendRowIn(c *Compiler, n *expr.RowInNode, l List) error
}
