package repo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Selection is a query of values from one table or several, read into structs of
// type S that nobody tracks. It is an immutable value, safe for concurrent use:
// its methods return another. What is wrong with it is an error of the method that
// runs it, before any SQL.
//
// A Selection joins the unit of work that ctx carries, if there is one, and flushes
// first what it reads of.
type Selection[S any] struct {
	p        *projected
	from     *expr.Source
	joins    []expr.JoinClause
	where    []expr.Node
	group    []expr.Node
	having   []expr.Node
	order    []expr.OrderTerm
	distinct bool
	on       []expr.Node // of DISTINCT ON
	limit    int64
	offset   int64
	whole    *whole      // of a set operation
	unique   []expr.Node // tells all rows apart
	filters  *expr.Filters
	err      error
}

// Select begins a Selection: f says which field of S takes which expression. It is
// called once, here, on a scratch value of which only addresses matter.
//
//	repo.Select(func(s *AuthorStat) repo.Columns {
//		return repo.Into(repo.To(&s.Name, Users.Name), repo.To(&s.Posts, expr.Count(Posts.ID)))
//	}).From(Users).Join(Posts, expr.On(Posts.AuthorID, Users.ID)).GroupBy(Users.Name)
func Select[S any](f func(*S) Columns) Selection[S] {
	p := project(f)
	return Selection[S]{p: p, limit: -1, offset: -1, err: p.err}
}

func (q Selection[S]) failed(format string, args ...any) Selection[S] {
	if q.err == nil {
		q.err = fmt.Errorf("repo: select: %w", fmt.Errorf(format, args...))
	}
	return q
}

func (q Selection[S]) source(what string, h schema.Handle) (*expr.Source, Selection[S]) {
	if h == nil || schema.DefOf(h) == nil {
		return nil, q.failed("%s of no table: schema.Define makes one", what)
	}
	return schema.SourceOf(h), q
}

// From is the table that is read first.
func (q Selection[S]) From(h schema.Handle) Selection[S] {
	src, q := q.source("From", h)
	if q.whole != nil {
		return q.combined("From")
	}
	if q.from != nil {
		return q.failed("From is said twice: join the second table")
	}
	q.from = src
	return q
}

func (q Selection[S]) join(kind expr.JoinKind, what string, h schema.Handle, on expr.Cond) Selection[S] {
	src, q := q.source(what, h)
	if q.whole != nil {
		return q.combined(what)
	}
	j := expr.JoinClause{Kind: kind, Source: src}
	if kind != expr.CrossJoin {
		if on == nil {
			return q.failed("%s without a condition: CrossJoin has none", what)
		}
		j.On = expr.NodeOf(on)
	}
	q.joins = append(slices.Clip(q.joins), j)
	return q
}

// Join adds the rows of a table that fulfil a condition; rows without such are left
// out.
func (q Selection[S]) Join(h schema.Handle, on expr.Cond) Selection[S] {
	return q.join(expr.InnerJoin, "Join", h, on)
}

// LeftJoin is Join that keeps rows without a match, with NULL in the columns of the
// table joined: these are read by expr.Optional.
func (q Selection[S]) LeftJoin(h schema.Handle, on expr.Cond) Selection[S] {
	return q.join(expr.LeftJoin, "LeftJoin", h, on)
}

// RightJoin is Join that keeps the rows of the table joined that have no match.
func (q Selection[S]) RightJoin(h schema.Handle, on expr.Cond) Selection[S] {
	return q.join(expr.RightJoin, "RightJoin", h, on)
}

// FullJoin is Join that keeps the rows without a match of both sides.
func (q Selection[S]) FullJoin(h schema.Handle, on expr.Cond) Selection[S] {
	return q.join(expr.FullJoin, "FullJoin", h, on)
}

// CrossJoin pairs every row with every row of the table.
func (q Selection[S]) CrossJoin(h schema.Handle) Selection[S] {
	return q.join(expr.CrossJoin, "CrossJoin", h, nil)
}

func (q Selection[S]) conds(to []expr.Node, what string, list []expr.Cond) ([]expr.Node, Selection[S]) {
	if q.whole != nil {
		return to, q.combined(what)
	}
	to = slices.Clip(to)
	for _, c := range list {
		if c == nil {
			return to, q.failed("%s of a nil condition", what)
		}
		to = append(to, expr.NodeOf(c))
	}
	return to, q
}

// Where keeps the rows that fulfil all conditions.
func (q Selection[S]) Where(conds ...expr.Cond) Selection[S] {
	where, q := q.conds(q.where, "Where", conds)
	q.where = where
	return q
}

// GroupBy makes one row of all rows with the same values.
func (q Selection[S]) GroupBy(by ...expr.Any) Selection[S] {
	if q.whole != nil {
		return q.combined("GroupBy")
	}
	q.group = slices.Clip(q.group)
	for _, x := range by {
		if x == nil {
			return q.failed("GroupBy of a nil expression")
		}
		q.group = append(q.group, expr.NodeOf(x))
	}
	return q
}

// Having keeps the groups that fulfil all conditions, in which aggregates may
// stand.
func (q Selection[S]) Having(conds ...expr.Cond) Selection[S] {
	having, q := q.conds(q.having, "Having", conds)
	q.having = having
	return q
}

// OrderBy orders the rows; later calls add terms.
func (q Selection[S]) OrderBy(terms ...expr.Ordering) Selection[S] {
	q.order = slices.Clip(q.order)
	for _, t := range terms {
		if t == nil {
			return q.failed("OrderBy of a nil term")
		}
		q.order = append(q.order, q.whole.term(t.Term()))
	}
	return q
}

// Distinct leaves rows out that equal another.
func (q Selection[S]) Distinct() Selection[S] { q.distinct = true; return q }

// Limit returns at most n rows.
func (q Selection[S]) Limit(n int) Selection[S] {
	if n < 0 {
		return q.failed("Limit of %d rows", n)
	}
	q.limit = int64(n)
	return q
}

// Offset leaves out the first n rows.
func (q Selection[S]) Offset(n int) Selection[S] {
	if n < 0 {
		return q.failed("Offset of %d rows", n)
	}
	q.offset = int64(n)
	return q
}

// stmt builds and checks the SELECT.
func (q Selection[S]) stmt() (*expr.SelectStmt, error) {
	s, err := q.part()
	if err != nil {
		return nil, err
	}
	if err := checkSources(s, nil); err != nil {
		return nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, err)
	}
	if err := checkWhole(s); err != nil {
		return nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, err)
	}
	return s, nil
}

// part is stmt for a SELECT within another, whose tables it may name.
func (q Selection[S]) part() (*expr.SelectStmt, error) {
	switch {
	case q.p == nil:
		return nil, ErrZero
	case q.err != nil:
		return nil, q.err
	case q.from == nil && len(q.joins) > 0:
		return nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, errNoFrom)
	}
	s := &expr.SelectStmt{Columns: q.p.nodes, From: q.from, Joins: q.joins, Where: all(q.where), GroupBy: q.group, Having: all(q.having),
		OrderBy: q.order, Distinct: q.distinct || len(q.on) > 0, DistinctOn: q.on, Limit: q.limit, Offset: q.offset, Filters: q.filters}
	if q.from == nil && !free(s) {
		return nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, errNoFrom)
	}
	if err := checkSelection(s, q.p.defs); err != nil {
		return nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, err)
	}
	if err := checkSelected(s); err != nil {
		return nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, err)
	}
	return s, nil
}

// free reports whether a SELECT without FROM reads of no table itself.
func free(s *expr.SelectStmt) bool {
	for _, n := range append([]expr.Node{s.Where, s.Having}, s.Columns...) {
		if len(expr.Columns(n)) > 0 || n != nil && aggregates(n) {
			return false
		}
	}
	return true
}

func all(conds []expr.Node) expr.Node {
	switch len(conds) {
	case 0:
		return nil
	case 1:
		return conds[0]
	}
	return &expr.LogicNode{Args: conds}
}

// read runs the statement and passes what it reads to rows.
func (q Selection[S]) read(ctx context.Context, src Source, s *expr.SelectStmt) ([]S, error) {
	db, u, err := q.unit(ctx, src)
	if err != nil {
		return nil, err
	}
	out := []S{}
	err = q.projection(db).Project(ctx, db, u, s,
		func(n int) {
			if n == 1 {
				out = slices.Grow(out, q.p.expected())
			}
			out = append(out, *new(S))
		},
		func(i int) field.Ptr { return field.PtrOf(&out[i]) })
	if err != nil {
		return nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, err)
	}
	q.p.came(len(out))
	return out, nil
}

func (q Selection[S]) projection(db *engine.Engine) *uow.Projection {
	return q.p.projection(db)
}

// Stream yields the rows one by one, in constant memory outside a unit of work and
// on databases with cursors; elsewhere the rows of a unit are read first. The loop's
// body may use the unit in any way but end its transaction. Managed entities among
// the values stay in the unit. An error ends the stream as its last pair.
func (q Selection[S]) Stream(ctx context.Context, src Source) iter.Seq2[S, error] {
	return func(yield func(S, error) bool) {
		var none S
		s, err := q.stmt()
		if err != nil {
			yield(none, err)
			return
		}
		db, u, err := q.unit(ctx, src)
		if err != nil {
			yield(none, err)
			return
		}
		var batch []S
		err = q.projection(db).Stream(ctx, db, u, s,
			func(n int) { batch = append(batch, none) },
			func(i int) field.Ptr { return field.PtrOf(&batch[i]) },
			func() bool {
				for _, row := range batch {
					if !yield(row, nil) {
						return false
					}
				}
				batch = batch[:0]
				return true
			})
		if err != nil {
			yield(none, fmt.Errorf("repo: select into %s: %w", q.p.typ, err))
		}
	}
}

// All returns the rows in order. None is an empty slice and no error. src is an
// engine or a unit of work.
func (q Selection[S]) All(ctx context.Context, src Source) ([]S, error) {
	s, err := q.stmt()
	if err != nil {
		return nil, err
	}
	return q.read(ctx, src, s)
}

// First returns the first row; ErrNotFound if there is none.
func (q Selection[S]) First(ctx context.Context, src Source) (S, error) {
	return q.atMost(ctx, src, "first", 1)
}

// One returns the only row: ErrNotFound if there is none, ErrMultiple if there are
// several.
func (q Selection[S]) One(ctx context.Context, src Source) (S, error) {
	return q.atMost(ctx, src, "one", 2)
}

// Scalar is One for a selection of a single value, as SelectValue makes it: one that
// reads several fields is an error.
func (q Selection[S]) Scalar(ctx context.Context, src Source) (v S, err error) {
	if q.p != nil && len(q.p.nodes) > 1 {
		return v, fmt.Errorf("repo: scalar of %s: it reads %d values: use One", q.p.typ, len(q.p.nodes))
	}
	return q.atMost(ctx, src, "scalar", 2)
}

func (q Selection[S]) atMost(ctx context.Context, src Source, op string, n int64) (row S, err error) {
	s, err := q.stmt()
	if err != nil {
		return row, err
	}
	if s.Limit < 0 || s.Limit > n {
		s.Limit = n
	}
	rows, err := q.read(ctx, src, s)
	switch {
	case err != nil:
		return row, err
	case len(rows) == 0:
		return row, missing(op, q.p.typ.String())
	case len(rows) > 1:
		return row, fmt.Errorf("repo: one %s: %w", q.p.typ, ErrMultiple)
	}
	return rows[0], nil
}

// SQL returns the text and arguments for a dialect, without a database. What a filter
// takes from a context it has not: see SQLIn.
func (q Selection[S]) SQL(d dialect.Dialect) (string, []any, error) {
	return q.SQLIn(context.Background(), d)
}

// SQLIn is SQL with the parameters of filters that ctx carries, and without the filters
// that it turns off, as a call with that ctx would send it.
func (q Selection[S]) SQLIn(ctx context.Context, d dialect.Dialect) (string, []any, error) {
	s, err := q.stmt()
	if err != nil {
		return "", nil, err
	}
	if d == nil {
		return "", nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, errNoDialect)
	}
	c, err := uow.SQLIn(ctx, d, s)
	if err != nil {
		return "", nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, err)
	}
	return c.SQL, c.Args, nil
}

// unit is the engine of src and the unit of work that a read of it joins, nil for
// none.
func (q Selection[S]) unit(ctx context.Context, src Source) (*engine.Engine, *uow.UnitOfWork, error) {
	if src == nil || reflect.ValueOf(src).IsNil() {
		return nil, nil, fmt.Errorf("repo: select into %s: a nil engine: pass a *engine.Engine or a *uow.UnitOfWork", q.p.typ)
	}
	db := src.Engine()
	if u, ok := src.(*uow.UnitOfWork); ok {
		return db, u, nil
	}
	u, err := uow.Current(ctx, db)
	if err != nil && !errors.Is(err, uow.ErrNoUnit) {
		return nil, nil, fmt.Errorf("repo: select into %s: %w", q.p.typ, err)
	}
	return db, u, nil
}
