package repo

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/uow"
)

// Page is one page of a query's result, see Query.Page. Items is never nil where
// there is no error. More says that rows follow, and Next is where they begin; on
// the last page Next is empty.
type Page[T any] struct {
	Items []*T
	Next  Cursor
	More  bool
}

// Page returns the entities after a cursor, at most size of them, in order; the
// empty cursor is the start. It goes by the values of the last row and not by a
// number of rows (OFFSET): a page far back costs no more than the first one where
// an index has the order, and rows that come and go between two pages neither
// repeat others nor hide them.
//
// Where the order does not tell all rows apart, by the key or by unique columns
// that are never NULL, the key is appended to it, ascending. NULLs stand where the
// order, or the database, puts them. Expressions may be ordered by as long as a
// row's value stays the same from page to page: expr.Now and random functions are
// refused; one whose values the driver gives
// in no form that could be sent back is an error that says so, for expr.Cast to
// give it a type.
//
// A size under 1 is an error; so are Limit and Offset, which a page has no use
// for. Distinct changes nothing, since rows have keys. With loads relations of the
// page's entities alone. A row lock takes one row more than the page where there
// are more. A cursor that is not one of this order is ErrCursor, before any SQL.
func (q Query[T]) Page(ctx context.Context, size int, after Cursor) (Page[T], error) {
	p, err := q.q.page(ctx, size, after)
	if err != nil {
		return Page[T]{}, err
	}
	return Page[T]{Items: field.Slice[T](p.items), Next: p.next, More: p.more}, nil
}

// page is a Page without its type.
type page struct {
	items []field.Ptr
	next  Cursor
	more  bool
}

func (q *query) page(ctx context.Context, size int, after Cursor) (p page, err error) {
	own := *q
	q = &own
	switch {
	case q.err != nil:
	case size < 1:
		q.err = errors.New("a page has at least one row")
	case q.limit >= 0:
		q.err = errors.New("a page takes no Limit: its size is the limit")
	case q.offset >= 0:
		q.err = errors.New("a page takes no Offset: its cursor says where it begins")
	}
	s, err := q.stmt()
	if err != nil {
		return p, err
	}
	o, err := q.keyset(s)
	if err != nil {
		return p, q.r.fail("page", err)
	}
	if after != "" {
		vals, ok := readCursor(o.identity, after, len(o.terms))
		if !ok || !o.fits(vals) {
			return p, q.r.fail("page", fmt.Errorf("%w: it was cut, altered, or made for another order or table: begin again with the empty one", ErrCursor))
		}
		cond := o.after(vals)
		if s.Where != nil {
			cond = &expr.LogicNode{Args: []expr.Node{s.Where, cond}}
		}
		s.Where = cond
	}
	s.Columns, s.OrderBy = o.columns, o.order
	s.Limit = max(int64(size), int64(size)+1) // of the greatest size there is none more
	end := &uow.PageEnd{Size: size, Take: o.take}
	if p.items, err = q.runPage(ctx, s, end); err != nil {
		return p, err
	}
	if end.Last == nil {
		return p, nil
	}
	// Also on the last page: whether it works is not to depend on the rows.
	vals, err := o.values(end.Last)
	if err != nil {
		return p, q.r.fail("page", err)
	}
	if p.more = end.More; p.more {
		p.next, err = writeCursor(o.identity, vals)
	}
	return p, q.r.fail("page", err)
}

func (q *query) runPage(ctx context.Context, s *expr.SelectStmt, end *uow.PageEnd) ([]field.Ptr, error) {
	u, err := q.r.reading(ctx, "page")
	if err != nil {
		return nil, err
	}
	if q.r.untracked {
		return q.r.n.QueryPageUntracked(ctx, u, s, end, q.eager...)
	}
	return q.r.n.QueryPage(ctx, u, s, end, q.reload, q.eager...)
}

// fits reports whether values are such as the terms of the order have.
func (o *keyset) fits(vals []driver.Value) bool {
	for i, v := range vals {
		t := &o.terms[i]
		if v == nil {
			if !t.nullable {
				return false
			}
			continue
		}
		again, err := o.value(t, v)
		if err != nil || !sameValue(v, again) {
			return false
		}
	}
	return true
}
