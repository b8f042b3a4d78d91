package repo

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// begin begins a query. It and what changes one are no part of the typed methods, of
// which every entity has its own.
//
//go:noinline
func (r *repository) begin(where []expr.Node) query {
	return query{r: r, where: where, limit: -1, offset: -1}
}

func (r *repository) query(where []expr.Node) *query {
	q := r.begin(where)
	return &q
}

// with makes it the query of another repository.
//
//go:noinline
func (q *query) with(of func(r *repository) *repository) { q.r = of(q.r) }

//go:noinline
func (q *query) filter(conds []expr.Node) {
	if len(q.where) > 0 {
		conds = append(slices.Clip(q.where), conds...)
	}
	q.where = conds
}

//go:noinline
func (q *query) load(with []*rel.Eager) {
	q.eager = slices.Clip(q.eager)
	for i, e := range with {
		if e == nil {
			q.err = errors.Join(q.err, fmt.Errorf("With: path %d is nil", i+1))
			continue
		}
		q.eager = append(q.eager, e)
	}
}

//go:noinline
func (q *query) orderBy(terms []expr.OrderTerm) {
	if len(q.order) > 0 {
		terms = append(slices.Clip(q.order), terms...)
	}
	q.order = terms
}

//go:noinline
func (q *query) limited(n int) {
	q.limit = int64(n)
	if n < 0 {
		q.err = errors.Join(q.err, errors.New("Limit is negative"))
	}
}

//go:noinline
func (q *query) skipping(n int) {
	q.offset = int64(n)
	if n < 0 {
		q.err = errors.Join(q.err, errors.New("Offset is negative"))
	}
}

// eager are the relations of paths, nil for a nil one.
//
//go:noinline
func eager[T any](paths []rel.Path[T]) []*rel.Eager {
	es := make([]*rel.Eager, len(paths))
	for i, p := range paths {
		if p != nil {
			es[i] = p.Eager()
		}
	}
	return es
}

//go:noinline
func orderTerms[T any](terms []expr.Order[T]) []expr.OrderTerm {
	ts := make([]expr.OrderTerm, len(terms))
	for i, t := range terms {
		ts[i] = t.Term()
	}
	return ts
}

// statement is a query's, in one piece of memory.
type statement struct {
	expr.SelectStmt
	all expr.LogicNode
}

// stmt is the SELECT so far.
func (q *query) stmt() (*expr.SelectStmt, error) {
	s := &statement{}
	if err := q.write(s); err != nil {
		return nil, err
	}
	return &s.SelectStmt, nil
}

// write makes s, which is empty, the SELECT so far.
func (q *query) write(s *statement) error {
	if err := q.r.ready(); err != nil {
		return err
	}
	if q.err != nil {
		return q.r.fail("query", q.err)
	}
	n := &q.r.n
	on := n.Filters()
	if on != nil {
		if err := checkFilters(on, n.Table()); err != nil {
			return q.r.fail("query", err)
		}
	}
	s.Columns, s.From, s.Filters = n.Columns(), n.Table().Source, on
	s.OrderBy, s.Limit, s.Offset = q.order, q.limit, q.offset
	if l := q.lock; l != nil {
		s.Lock, s.Wait, s.LockOf = l.strength, l.wait, l.of
	}
	switch len(q.where) {
	case 0:
	case 1:
		s.Where = q.where[0]
	default:
		s.all.Args = q.where
		s.Where = &s.all
	}
	if q.asks() {
		return q.r.fail("query", checkWhole(&s.SelectStmt))
	}
	return nil
}

// asks reports whether there are queries in the query's expressions.
func (q *query) asks() (found bool) {
	look := func(n expr.Node) bool {
		_, is := n.(*expr.SubqueryNode)
		found = found || is
		return !found
	}
	for _, n := range q.where {
		expr.Walk(n, look)
	}
	for _, o := range q.order {
		expr.Walk(o.X, look)
	}
	return found
}

func (q *query) run(ctx context.Context, op string, s *expr.SelectStmt) ([]field.Ptr, error) {
	u, err := q.r.reading(ctx, op)
	if err != nil {
		return nil, err
	}
	if q.r.untracked {
		return q.r.n.QueryUntracked(ctx, u, s, q.eager...)
	}
	return q.r.n.Query(ctx, u, s, q.reload, q.eager...)
}

func (q *query) all(ctx context.Context) ([]field.Ptr, error) {
	s, err := q.stmt()
	if err != nil {
		return nil, err
	}
	return q.run(ctx, "query", s)
}

func (q *query) first(ctx context.Context) (field.Ptr, error) {
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

func (q *query) one(ctx context.Context) (field.Ptr, error) {
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

func (q *query) count(ctx context.Context) (int64, error) {
	s, err := q.unlocked("count")
	if err != nil {
		return 0, err
	}
	// Rows have keys, so that DISTINCT leaves none out.
	c := &expr.SelectStmt{Columns: []expr.Node{&expr.AggNode{Name: "count"}}, From: s.From, Where: s.Where, Limit: -1, Offset: -1, Filters: s.Filters}
	var n int64
	if err := q.numbers(ctx, "count", c, func(vals []driver.Value) error {
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

func (q *query) exists(ctx context.Context) (bool, error) {
	s, err := q.unlocked("exists")
	if err != nil {
		return false, err
	}
	e := &expr.SelectStmt{Columns: []expr.Node{q.r.n.Table().PrimaryKey[0].Ref}, From: s.From, Where: s.Where, Limit: 1, Offset: s.Offset, Filters: s.Filters}
	if s.Limit == 0 {
		e.Limit = 0
	}
	found := false
	err = q.numbers(ctx, "exists", e, func([]driver.Value) error { found = true; return nil })
	return found, err
}

var errNoRowsToLock = errors.New("a row lock (ForUpdate, ForShare) of a query that returns no rows, whose rows would stay unlocked: lock them by All, First or One, or leave the lock out")

// unlocked is the statement of a query that asks for no lock.
func (q *query) unlocked(op string) (*expr.SelectStmt, error) {
	s, err := q.stmt()
	if err == nil && q.lock != nil {
		return nil, q.r.fail(op, errNoRowsToLock)
	}
	return s, err
}

func (q *query) numbers(ctx context.Context, op string, s *expr.SelectStmt, row func([]driver.Value) error) error {
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

func (q *query) stream(ctx context.Context) iter.Seq2[field.Ptr, error] {
	s, err := q.stmt()
	var u *uow.UnitOfWork
	if err == nil {
		u, err = q.r.reading(ctx, "stream")
	}
	if err != nil {
		return func(yield func(field.Ptr, error) bool) { yield(nil, err) }
	}
	return q.r.n.Stream(ctx, u, s, !q.r.untracked, q.eager...)
}

// statements are those of texts, which nobody has any more once they are written.
var statements = sync.Pool{New: func() any { return new(statement) }}

func (q *query) sql(d dialect.Dialect) (string, []any, error) {
	s := statements.Get().(*statement)
	var c dialect.Compiled
	err := q.prepare(s, d)
	if err == nil {
		if c, err = q.r.n.Compile(d, &s.SelectStmt); err != nil {
			err = q.r.fail("query", err)
		}
	}
	*s = statement{}
	statements.Put(s)
	return c.SQL, c.Args, err
}

func (q *query) sqlIn(ctx context.Context, d dialect.Dialect) (string, []any, error) {
	var s statement
	if err := q.prepare(&s, d); err != nil {
		return "", nil, err
	}
	c, err := uow.SQLIn(ctx, d, &s.SelectStmt)
	if err != nil {
		return "", nil, q.r.fail("query", err)
	}
	return c.SQL, c.Args, nil
}

// prepare is write for a text in a dialect.
func (q *query) prepare(s *statement, d dialect.Dialect) error {
	err := q.write(s)
	if err == nil && d == nil {
		err = q.r.fail("query", errNoDialect)
	}
	return err
}

var errNoDialect = errors.New("SQL for no dialect: say postgres.New() or sqlite.New()")
