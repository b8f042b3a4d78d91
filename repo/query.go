package repo

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// Query is a query for entities of type T. It is an immutable value: its methods
// return another, and one query can be kept and extended by several goroutines.
// The zero Query returns ErrZero.
type Query[T any] struct {
	r      Repository[T]
	where  []expr.Node
	order  []expr.OrderTerm
	limit  int64
	offset int64
	reload bool
	lock   rowLock
	with   []*rel.Eager
	err    error
}

// Where adds conditions, all of which must hold.
func (q Query[T]) Where(conds ...expr.Expr[T]) Query[T] {
	q.where = slices.Grow(slices.Clip(q.where), len(conds))
	for _, c := range conds {
		q.where = append(q.where, expr.ConditionOf(c))
	}
	return q
}

// With loads relations of the entities that the query returns, each in one
// statement for all of them: Users.Posts, or a path that goes on, as
// Users.Posts.With(Posts.Comments). What is loaded already is not read again,
// unless with Reload. Count and Exists pass it over.
func (q Query[T]) With(paths ...rel.Path[T]) Query[T] {
	q.with = slices.Clip(q.with)
	for i, p := range paths {
		if p == nil {
			q.err = errors.Join(q.err, fmt.Errorf("With: path %d is nil", i+1))
			continue
		}
		q.with = append(q.with, p.Eager())
	}
	return q
}

// OrderBy adds terms to the order.
func (q Query[T]) OrderBy(terms ...expr.Order[T]) Query[T] {
	q.order = slices.Grow(slices.Clip(q.order), len(terms))
	for _, t := range terms {
		q.order = append(q.order, t.Term())
	}
	return q
}

// Limit ends the result after n rows. A negative n is an error.
func (q Query[T]) Limit(n int) Query[T] {
	if n < 0 {
		q.err = errors.Join(q.err, errors.New("Limit is negative"))
	}
	q.limit = int64(n)
	return q
}

// Offset skips n rows. A negative n is an error.
func (q Query[T]) Offset(n int) Query[T] {
	if n < 0 {
		q.err = errors.Join(q.err, errors.New("Offset is negative"))
	}
	q.offset = int64(n)
	return q
}

// Distinct leaves out rows that are equal in all columns. Rows have keys, so that
// there are none: it changes nothing.
func (q Query[T]) Distinct() Query[T] { return q }

// Untracked reads without tracking, see Repository.Untracked.
func (q Query[T]) Untracked() Query[T] { q.r = q.r.Untracked(); return q }

// Reload overwrites entities that the unit of work has already with the values
// of their rows. Their unflushed changes are flushed first, unless autoflush is
// off: then they are lost.
func (q Query[T]) Reload() Query[T] { q.reload = true; return q }

// stmt is the SELECT so far.
func (q Query[T]) stmt() (*expr.SelectStmt, error) {
	if err := q.r.ready(); err != nil {
		return nil, err
	}
	if q.err != nil {
		return nil, q.r.fail("query", q.err)
	}
	if err := checkFilters(q.r.n.Filters(), q.r.n.Table()); err != nil {
		return nil, q.r.fail("query", err)
	}
	s := &expr.SelectStmt{
		Columns: q.r.n.Columns(), From: q.r.n.Table().Source,
		OrderBy: q.order, Limit: q.limit, Offset: q.offset,
		Lock: q.lock.strength, Wait: q.lock.wait, LockOf: q.lock.of, Filters: q.r.n.Filters(),
	}
	switch len(q.where) {
	case 0:
	case 1:
		s.Where = q.where[0]
	default:
		s.Where = &expr.LogicNode{Args: q.where}
	}
	return s, nil
}

func (q Query[T]) run(ctx context.Context, op string, s *expr.SelectStmt) ([]*T, error) {
	u, err := q.r.reading(ctx, op)
	if err != nil {
		return nil, err
	}
	if q.r.untracked {
		return q.r.n.QueryUntracked(ctx, u, s, q.with...)
	}
	return q.r.n.Query(ctx, u, s, q.reload, q.with...)
}

// All returns the entities in order. None is an empty slice and no error.
func (q Query[T]) All(ctx context.Context) ([]*T, error) {
	s, err := q.stmt()
	if err != nil {
		return nil, err
	}
	return q.run(ctx, "query", s)
}

// First returns the first entity, in the order of the key unless OrderBy says
// otherwise; ErrNotFound if there is none.
func (q Query[T]) First(ctx context.Context) (*T, error) {
	s, err := q.stmt()
	if err != nil {
		return nil, err
	}
	if len(s.OrderBy) == 0 {
		for _, c := range q.r.n.Table().PrimaryKey {
			s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: c.Ref})
		}
	}
	if s.Limit < 0 || s.Limit > 1 {
		s.Limit = 1
	}
	es, err := q.run(ctx, "first", s)
	if err != nil {
		return nil, err
	}
	if len(es) == 0 {
		return nil, missing("first", q.r.table())
	}
	return es[0], nil
}

// One returns the only entity: ErrNotFound if there is none, ErrMultiple if
// there are several.
func (q Query[T]) One(ctx context.Context) (*T, error) {
	s, err := q.stmt()
	if err != nil {
		return nil, err
	}
	if s.Limit < 0 || s.Limit > 2 {
		s.Limit = 2
	}
	es, err := q.run(ctx, "one", s)
	switch {
	case err != nil:
		return nil, err
	case len(es) == 0:
		return nil, missing("one", q.r.table())
	case len(es) > 1:
		return nil, fmt.Errorf("repo: one %s: %w", q.r.table(), ErrMultiple)
	}
	return es[0], nil
}

// Count counts the rows that All would return.
func (q Query[T]) Count(ctx context.Context) (int64, error) {
	s, err := q.stmt()
	if err != nil {
		return 0, err
	}
	// Rows have keys, so that DISTINCT leaves none out.
	c := &expr.SelectStmt{Columns: []expr.Node{&expr.AggNode{Name: "count"}}, From: s.From, Where: s.Where, Limit: -1, Offset: -1, Filters: s.Filters}
	var n int64
	if err := q.rows(ctx, "count", c, func(vals []driver.Value) error {
		n, err = asInt(vals[0])
		return err
	}); err != nil {
		return 0, err
	}
	if q.offset > 0 {
		n = max(0, n-q.offset)
	}
	if q.limit >= 0 {
		n = min(n, q.limit)
	}
	return n, nil
}

// Exists reports whether All would return anything.
func (q Query[T]) Exists(ctx context.Context) (bool, error) {
	s, err := q.stmt()
	if err != nil {
		return false, err
	}
	e := &expr.SelectStmt{Columns: []expr.Node{q.r.n.Table().PrimaryKey[0].Ref}, From: s.From, Where: s.Where, Limit: 1, Offset: s.Offset, Filters: s.Filters}
	if s.Limit == 0 {
		e.Limit = 0
	}
	found := false
	err = q.rows(ctx, "exists", e, func([]driver.Value) error { found = true; return nil })
	return found, err
}

func (q Query[T]) rows(ctx context.Context, op string, s *expr.SelectStmt, row func([]driver.Value) error) error {
	u, err := q.r.current(ctx)
	if err != nil {
		// Numbers cannot be lost, so that they need no unit.
		if !errors.Is(err, uow.ErrNoUnit) {
			return q.r.fail(op, err)
		}
		u = nil
	}
	return uow.Rows(ctx, q.r.n.Engine(), u, s, row)
}

func asInt(v driver.Value) (int64, error) {
	if n, ok := v.(int64); ok {
		return n, nil
	}
	return 0, fmt.Errorf("the driver returned %T for a count", v)
}

// Stream yields the entities in order, in constant memory, see uow.Entity.Stream
// for how long they are tracked. An error is the last pair. Inside a unit of
// work the loop's body may read, write and flush; breaking out ends the stream.
func (q Query[T]) Stream(ctx context.Context) iter.Seq2[*T, error] {
	s, err := q.stmt()
	var u *uow.UnitOfWork
	if err == nil {
		u, err = q.r.reading(ctx, "stream")
	}
	if err != nil {
		return func(yield func(*T, error) bool) { yield(nil, err) }
	}
	return q.r.n.Stream(ctx, u, s, !q.r.untracked, q.with...)
}

// SQL returns the query's text and arguments for a dialect, without a database.
func (q Query[T]) SQL(d dialect.Dialect) (string, []any, error) {
	s, err := q.stmt()
	if err != nil {
		return "", nil, err
	}
	c, err := uow.Compile(q.r.n.Engine(), d, s)
	if err != nil {
		return "", nil, q.r.fail("query", err)
	}
	return c.SQL, c.Args, nil
}
