package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
)

// PageEnd ends the result of a query after a number of rows, and keeps what the
// next page goes on from. It serves one query.
type PageEnd struct {
	// Size is the number of rows that are read, at least one. The statement has to
	// return one more for More.
	Size int
	// Take are the columns of the result whose values are kept, by their place.
	// Those after the entity's own are read for nothing else.
	Take []int

	// Last are the values in the last row that was read, as the driver returned
	// them; nil without rows.
	Last []driver.Value
	// More says that there are rows after it.
	More bool

	rows int
}

// take reports whether the row is one of the page's, and keeps its values.
func (p *PageEnd) take(vals []driver.Value) bool {
	if p.rows == p.Size {
		p.More = true
		return false
	}
	p.rows++
	p.Last = p.Last[:0]
	for _, i := range p.Take {
		v := vals[i]
		if b, ok := v.([]byte); ok {
			v = append([]byte{}, b...)
		}
		p.Last = append(p.Last, v)
	}
	return true
}

// QueryPage is Entity.QueryPage.
func (n Untyped) QueryPage(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, overwrite bool, with ...*rel.Eager) ([]field.Ptr, error) {
	return n.query(ctx, u, s, end, overwrite, with)
}

// QueryPageUntracked is Entity.QueryPageUntracked.
func (n Untyped) QueryPageUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, with ...*rel.Eager) ([]field.Ptr, error) {
	return n.queryUntracked(ctx, u, s, end, with)
}

// paged is row for the rows of a page.
func (l *loader) paged(vals []driver.Value) error {
	if !l.end.take(vals) {
		return nil
	}
	return l.row(vals)
}

// take is row, or paged where the result has an end.
func (l *loader) take() func(vals []driver.Value) error {
	if l.end != nil {
		return l.paged
	}
	return l.row
}
