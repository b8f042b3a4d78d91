package dialect

import (
	"database/sql/driver"
	"strconv"

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

// IntList is whole numbers as text, with commas between them and a bracket on each
// side, for PlanInts.
func IntList(open byte, values []int64, end byte) string {
	var few [256]byte
	if len(values) > (len(few)-2)/maxDigits {
		b := append(few[:0], open)
		for i, v := range values {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, v, 10)
		}
		return string(append(b, end))
	}
	// From the last digit to the first, so that none moves.
	at := len(few) - 1
	few[at] = end
	for i := len(values) - 1; i >= 0; i-- {
		u := uint64(values[i])
		if values[i] < 0 {
			u = -u
		}
		for u >= 10 {
			at--
			few[at] = byte('0' + u%10)
			u /= 10
		}
		at--
		few[at] = byte('0' + u)
		if values[i] < 0 {
			at--
			few[at] = '-'
		}
		at--
		few[at] = ','
	}
	if len(values) == 0 {
		at--
	}
	few[at] = open // in place of the comma before the first
	return string(few[at:])
}

// maxDigits are those of the longest number with its sign and a comma.
const maxDigits = 21
