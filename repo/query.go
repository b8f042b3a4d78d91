package repo

import (
	"context"
	"iter"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
)

// Query is a query for entities of type T. It is an immutable value: its methods
// return another, and one query can be kept and extended by several goroutines.
// The zero Query returns ErrZero.
type Query[T any] struct{ q query }

// query is a Query without its type. A method that changes one is called on a copy,
// and shares none of its lists' memory.
type query struct {
	r      *repository
	where  []expr.Node
	order  []expr.OrderTerm
	limit  int64
	offset int64
	reload bool
	lock   *rowLock
	eager  []*rel.Eager
	err    error
}

// Where adds conditions, all of which must hold.
func (q Query[T]) Where(conds ...expr.Expr[T]) Query[T] {
	q.q.filter(nodes(conds))
	return q
}

// With loads relations of the entities that the query returns, each in one
// statement for all of them: Users.Posts, or a path that goes on, as
// Users.Posts.With(Posts.Comments). What is loaded already is not read again,
// unless with Reload. Count and Exists pass it over.
func (q Query[T]) With(paths ...rel.Path[T]) Query[T] {
	q.q.load(eager(paths))
	return q
}

// OrderBy adds terms to the order.
func (q Query[T]) OrderBy(terms ...expr.Order[T]) Query[T] {
	q.q.orderBy(orderTerms(terms))
	return q
}

// Limit ends the result after n rows. A negative n is an error.
func (q Query[T]) Limit(n int) Query[T] { q.q.limited(n); return q }

// Offset skips n rows. A negative n is an error.
func (q Query[T]) Offset(n int) Query[T] { q.q.skipping(n); return q }

// Distinct leaves out rows that are equal in all columns. Rows have keys, so that
// there are none: it changes nothing.
func (q Query[T]) Distinct() Query[T] { return q }

// Untracked reads without tracking, see Repository.Untracked.
func (q Query[T]) Untracked() Query[T] { q.q.with((*repository).readUntracked); return q }

// Reload overwrites entities that the unit of work has already with the values
// of their rows. Their unflushed changes are flushed first, unless autoflush is
// off: then they are lost.
func (q Query[T]) Reload() Query[T] { q.q.reload = true; return q }

// All returns the entities in order. None is an empty slice and no error.
func (q Query[T]) All(ctx context.Context) ([]*T, error) { return entities[T](q.q.all(ctx)) }

// First returns the first entity, in the order of the key unless OrderBy says
// otherwise; ErrNotFound if there is none.
func (q Query[T]) First(ctx context.Context) (*T, error) {
	e, err := q.q.first(ctx)
	return field.As[T](e), err
}

// One returns the only entity: ErrNotFound if there is none, ErrMultiple if
// there are several.
func (q Query[T]) One(ctx context.Context) (*T, error) {
	e, err := q.q.one(ctx)
	return field.As[T](e), err
}

// Count counts the rows that All would return. With a row lock it is an error, since
// it locks none.
func (q Query[T]) Count(ctx context.Context) (int64, error) { return q.q.count(ctx) }

// Exists reports whether All would return anything. With a row lock it is an error,
// as Count is.
func (q Query[T]) Exists(ctx context.Context) (bool, error) { return q.q.exists(ctx) }

// Stream yields the entities in order, in constant memory, see uow.Entity.Stream
// for how long they are tracked. An error is the last pair. Inside a unit of
// work the loop's body may read, write and flush; breaking out ends the stream.
func (q Query[T]) Stream(ctx context.Context) iter.Seq2[*T, error] {
	return field.Entities[T](q.q.stream(ctx))
}

// SQL returns the query's text and arguments for a dialect, without a database.
// What a filter takes from a context it has not: see SQLIn.
func (q Query[T]) SQL(d dialect.Dialect) (string, []any, error) { return q.q.sql(d) }

// SQLIn is SQL with the parameters of filters that ctx carries, and without the filters
// that it turns off, as a call with that ctx would send it.
func (q Query[T]) SQLIn(ctx context.Context, d dialect.Dialect) (string, []any, error) {
	return q.q.sqlIn(ctx, d)
}
