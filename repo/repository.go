package repo

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/uow"
)

// Source is what a repository is bound to: a *engine.Engine, or a
// *uow.UnitOfWork, whose every call it then joins whatever ctx carries.
type Source interface {
	sqlx.ExtContext
	Engine() *engine.Engine
}

// Repository reads and writes the entities of type T. The zero Repository
// returns ErrZero. Embed it in a domain service; see the package comment for how
// it finds its unit of work.
type Repository[T any] struct{ r *repository }

// Option is an option of New, NewKeyed and NewKeyed2.
type Option func(*options)

type options struct{ own bool }

// OwnUnit makes each write outside a unit of work a unit of its own, committed
// before the call returns. Tracked reads still need a unit.
func OwnUnit() Option { return func(o *options) { o.own = true } }

// New returns the repository of T, bound to src. It panics, naming T, where T
// has no table or the model is wrong, as Define panics: repositories are made
// at start-up.
func New[T any](src Source, opts ...Option) Repository[T] {
	return Repository[T]{newRepository(src, reflect.TypeFor[T](), opts)}
}

func newRepository(src Source, entity reflect.Type, opts []Option) *repository {
	if src == nil || reflect.ValueOf(src).IsNil() || src.Engine() == nil {
		panic(fmt.Sprintf("repo: New[%s] of a nil engine", entity))
	}
	n, err := uow.UntypedOf(src.Engine(), entity)
	if err != nil {
		panic(fmt.Errorf("repo: New[%s]: %w", entity, err))
	}
	r := &repository{n: n}
	r.u, _ = src.(*uow.UnitOfWork)
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	r.own = o.own
	return r
}

// Untracked returns the repository for reading without a unit of work: each row
// is a new entity that nobody tracks. With a unit in ctx, reads still go through
// its transaction. UpdateWhere, DeleteWhere and InsertAll of it work without a
// unit, too, each in one of its own.
func (r Repository[T]) Untracked() Repository[T] {
	return Repository[T]{r.r.readUntracked()}
}

// Engine returns the engine that the repository is bound to, nil for a zero one.
func (r Repository[T]) Engine() *engine.Engine { return r.r.engine() }

// Get returns the entity with that key, given as its parts in the key's order:
// from the identity map, or by one SELECT. No such row is ErrNotFound; a wrong
// number or type of parts is uow.ErrKey. Keyed has the Get that the compiler
// checks.
func (r Repository[T]) Get(ctx context.Context, key ...any) (*T, error) {
	e, err := r.r.get(ctx, key...)
	return field.As[T](e), err
}

// Find returns the entities that meet all conditions; all entities without any.
// None is an empty slice and no error.
func (r Repository[T]) Find(ctx context.Context, conds ...expr.Expr[T]) ([]*T, error) {
	return entities[T](r.r.query(nodes(conds)).all(ctx))
}

// First returns the first entity, in the order of the key, that meets the
// conditions; ErrNotFound if none does.
func (r Repository[T]) First(ctx context.Context, conds ...expr.Expr[T]) (*T, error) {
	e, err := r.r.query(nodes(conds)).first(ctx)
	return field.As[T](e), err
}

// One returns the only entity that meets the conditions: ErrNotFound if none
// does, ErrMultiple if several do.
func (r Repository[T]) One(ctx context.Context, conds ...expr.Expr[T]) (*T, error) {
	e, err := r.r.query(nodes(conds)).one(ctx)
	return field.As[T](e), err
}

// Exists reports whether an entity meets the conditions.
func (r Repository[T]) Exists(ctx context.Context, conds ...expr.Expr[T]) (bool, error) {
	return r.r.query(nodes(conds)).exists(ctx)
}

// Count counts the entities that meet the conditions.
func (r Repository[T]) Count(ctx context.Context, conds ...expr.Expr[T]) (int64, error) {
	return r.r.query(nodes(conds)).count(ctx)
}

// Query begins a query for all entities.
func (r Repository[T]) Query() Query[T] {
	return Query[T]{r.r.begin(nil)}
}

// Where begins a query for the entities that meet all conditions.
func (r Repository[T]) Where(conds ...expr.Expr[T]) Query[T] {
	return Query[T]{r.r.begin(nodes(conds))}
}

// Add makes entities managed as new: the next flush inserts each. A complete key
// is a chosen one. See uow.Entity.Add for the errors. Add of nothing does
// nothing.
func (r Repository[T]) Add(ctx context.Context, es ...*T) error {
	return r.r.each(ctx, "add", r.r.owns(), field.Ptrs(es), uow.Untyped.Add)
}

// Attach makes entities managed whose rows exist; their values are taken as
// those of the rows.
func (r Repository[T]) Attach(ctx context.Context, es ...*T) error {
	return r.r.each(ctx, "attach", false, field.Ptrs(es), uow.Untyped.Attach)
}

// Delete marks entities for deletion by the next flush. One that is not managed
// needs a complete key.
func (r Repository[T]) Delete(ctx context.Context, es ...*T) error {
	return r.r.each(ctx, "delete", r.r.owns(), field.Ptrs(es), uow.Untyped.Delete)
}

// Refresh reads the rows of managed entities again and overwrites their fields.
func (r Repository[T]) Refresh(ctx context.Context, es ...*T) error {
	return r.r.each(ctx, "refresh", false, field.Ptrs(es), uow.Untyped.Refresh)
}

// Detach has the unit of work let go of entities; their changes are not written.
func (r Repository[T]) Detach(ctx context.Context, es ...*T) error {
	return r.r.each(ctx, "detach", false, field.Ptrs(es), uow.Untyped.Detach)
}

// Merge copies the values of e over the row of its key and returns the managed
// entity, never e unless e is managed itself. Without such a row the result is
// a new entity.
func (r Repository[T]) Merge(ctx context.Context, e *T) (*T, error) {
	m, err := r.r.merge(ctx, field.PtrOf(e))
	return field.As[T](m), err
}

// Expect checks that a managed entity still has the version that the caller saw,
// before it was edited in a form for instance; a *uow.StaleError says no.
func (r Repository[T]) Expect(ctx context.Context, e *T, version int64) error {
	return r.r.expect(ctx, field.PtrOf(e), version)
}

// InsertOption is an option of InsertAll.
type InsertOption func(*insertOptions)

type insertOptions struct{ keys bool }

// Keys has InsertAll store the keys that the database makes into the entities.
func Keys() InsertOption { return func(o *insertOptions) { o.keys = true } }

func insertOptionsOf(opts []InsertOption) (o insertOptions) {
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// InsertAll inserts the rows of an iterator in constant memory and returns how
// many. The entities are not tracked and their hooks do not run; defaults are
// applied as Add applies them. The iterator may use the unit of work, and makes a
// new entity for each row: the same one again is uow.ErrRepeated. A nil iterator
// inserts nothing. A failure or a rollback leaves the entities as they were.
func (r Repository[T]) InsertAll(ctx context.Context, rows iter.Seq[*T], opts ...InsertOption) (int64, error) {
	return r.r.insertAll(ctx, field.Pointers(rows), opts)
}

// UpdateWhere assigns values to the rows that meet cond, in one statement, and
// returns how many. A version column is counted up, and columns with OnUpdate
// take it. Every says all rows. A zero condition, or no assignment, is an error.
// In a unit of work it flushes first; entities of the rows written are read again
// when they are next asked for, and have the new version at once.
func (r Repository[T]) UpdateWhere(ctx context.Context, cond expr.Expr[T], set ...expr.Assign[T]) (int64, error) {
	return r.r.updateWhere(ctx, expr.NodeOf(cond), clauses(set))
}

// DeleteWhere deletes the rows that meet cond, in one statement, and returns how
// many. Every says all rows; a zero condition is an error. In a unit of work it
// flushes first; the rows' entities are deleted ones from then on. Where the table
// has a soft delete column, the rows stay and get the time of deletion.
func (r Repository[T]) DeleteWhere(ctx context.Context, cond expr.Expr[T]) (int64, error) {
	return r.r.deleteWhere(ctx, expr.NodeOf(cond))
}
