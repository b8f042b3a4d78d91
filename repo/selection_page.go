package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/uow"
)

// PageOf is one page of a selection, see Selection.Page. Items is never nil where
// there is no error. More says that rows follow, and Next is where they begin; on
// the last page Next is empty.
type PageOf[S any] struct {
	Items []S
	Next  Cursor
	More  bool
}

// Page returns the rows after a cursor, at most size of them, in order, as Query.Page
// does for entities; the empty cursor is the start. src is an engine or a unit of
// work.
//
// Where the order does not tell all rows apart, what does is appended to it,
// ascending: the keys of the tables, those of a query read by As or CTE among its
// results, or the terms of GroupBy. Of a query with Distinct, and of a set operation
// that leaves out rows which are equal, it is all that is read. Where nothing is
// known to tell them apart, as in a UnionAll, that is an error, until UniqueBy says
// what does. What the order goes by need not be read into a field.
//
// A size under 1 is an error, and so are Limit and Offset, window functions, whose
// rows a page would cut off, and an expression whose values the driver gives in no
// form that could be sent back: expr.Cast gives it a type. A cursor that is not one
// of this order is ErrCursor, before any SQL.
func (q Selection[S]) Page(ctx context.Context, src Source, size int, after Cursor) (PageOf[S], error) {
	out := PageOf[S]{Items: []S{}}
	q.order = endedBy(q.order, q.unique)
	s, err := q.stmt()
	if err != nil {
		return PageOf[S]{}, err
	}
	db, u, err := q.unit(ctx, src)
	if err != nil {
		return PageOf[S]{}, err
	}
	p := selectedPage{p: q.p, s: s, db: db, u: u, unique: len(q.unique) > 0}
	out.Next, out.More, err = p.read(ctx, size, after,
		func(int) { out.Items = append(out.Items, *new(S)) },
		func(i int) field.Ptr { return field.PtrOf(&out.Items[i]) })
	if err != nil {
		return PageOf[S]{}, err
	}
	return out, nil
}

// UniqueBy says that no two rows have the same values of the expressions, NULL being
// one of them, for Page to end the order with where it cannot know that by itself. It
// changes nothing else. Where it is not true, pages leave rows out.
func (q Selection[S]) UniqueBy(by ...expr.Any) Selection[S] {
	unique, err := q.whole.unique(q.unique, by)
	if err != nil {
		return q.failed("%w", err)
	}
	q.unique = unique
	return q
}

// unique adds what is unique, in the names of a set operation's result.
func (w *whole) unique(to []expr.Node, by []expr.Any) ([]expr.Node, error) {
	to = slices.Clip(to)
	for _, x := range by {
		n := expr.NodeOf(x)
		if n == nil {
			return nil, errors.New("UniqueBy of a nil expression")
		}
		to = append(to, w.term(expr.OrderTerm{X: n}).X)
	}
	return to, nil
}

// endedBy is an order with the expressions after it that it does not have yet.
func endedBy(order []expr.OrderTerm, end []expr.Node) []expr.OrderTerm {
	order = slices.Clip(order)
	for _, n := range end {
		if !orders(order, n) {
			order = append(order, expr.OrderTerm{X: n})
		}
	}
	return order
}

func orders(order []expr.OrderTerm, n expr.Node) bool {
	return slices.ContainsFunc(order, func(t expr.OrderTerm) bool { return sameResult(t.X, n) })
}

// selectedPage is the reading of a page of a selection, without its type.
type selectedPage struct {
	p      *projected
	s      *expr.SelectStmt
	db     *engine.Engine
	u      *uow.UnitOfWork // nil for none
	unique bool            // the caller says that the order tells all rows apart
}

func (p *selectedPage) read(ctx context.Context, size int, after Cursor, grow func(n int), at func(i int) field.Ptr) (next Cursor, more bool, err error) {
	fail := func(err error) (Cursor, bool, error) {
		return "", false, fmt.Errorf("repo: page of %s: %w", p.p.typ, err)
	}
	if err := p.check(size); err != nil {
		return fail(err)
	}
	o, err := p.keyset()
	if err != nil {
		return fail(err)
	}
	s := *p.s
	if after != "" {
		vals, ok := readCursor(o.identity, after, len(o.terms))
		if !ok || !o.fits(vals) {
			return fail(fmt.Errorf("%w: it was cut, altered, or made for another order or query: begin again with the empty one", ErrCursor))
		}
		if cond := o.after(vals); groups(&s) {
			s.Having = both(s.Having, cond)
		} else {
			s.Where = both(s.Where, cond)
		}
	}
	s.Columns, s.OrderBy = o.columns, o.order
	s.Limit = max(int64(size), int64(size)+1)
	end := &uow.PageEnd{Size: size, Take: o.take}
	if err := p.p.projection(p.db).ProjectPage(ctx, p.db, p.u, &s, end, grow, at); err != nil {
		return fail(err)
	}
	if end.Last == nil {
		return "", false, nil
	}
	vals, err := o.values(end.Last) // of the last page, too, see query.page
	if err == nil && end.More {
		next, err = writeCursor(o.identity, vals)
	}
	if err != nil {
		return fail(err)
	}
	return next, end.More, nil
}

// both are two conditions, of which the first may be nil.
func both(a, b expr.Node) expr.Node {
	if a == nil {
		return b
	}
	return and(a, b)
}

func (p *selectedPage) check(size int) error {
	switch {
	case size < 1:
		return errors.New("a page has at least one row")
	case p.s.Limit >= 0:
		return errors.New("a page takes no Limit: its size is the limit")
	case len(p.s.DistinctOn) > 0:
		return errors.New("a page of DistinctOn, whose first rows would be others on each page: read from it by repo.As")
	case p.s.Offset >= 0:
		return errors.New("a page takes no Offset: its cursor says where it begins")
	case slices.ContainsFunc(p.s.Columns, windows), slices.ContainsFunc(p.s.OrderBy, func(t expr.OrderTerm) bool { return windows(t.X) }):
		return errors.New("a window function goes over all rows, of which a page reads a part: make the selection a subquery by repo.As and read pages from that")
	}
	return nil
}

func windows(n expr.Node) bool {
	found := false
	expr.Walk(n, func(n expr.Node) bool {
		_, is := n.(*expr.WindowNode)
		found = found || is
		return !found
	})
	return found
}
