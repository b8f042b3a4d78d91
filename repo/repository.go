package repo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
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
type Repository[T any] struct {
	n         uow.Entity[T]
	u         *uow.UnitOfWork
	untracked bool
	own       bool
}

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
	if src == nil || reflect.ValueOf(src).IsNil() || src.Engine() == nil {
		panic(fmt.Sprintf("repo: New[%s] of a nil engine", reflect.TypeFor[T]()))
	}
	n, err := uow.EntityOf[T](src.Engine())
	if err != nil {
		panic(fmt.Errorf("repo: New[%s]: %w", reflect.TypeFor[T](), err))
	}
	r := Repository[T]{n: n}
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
	r.untracked = true
	return r
}

// Engine returns the engine that the repository is bound to, nil for a zero one.
func (r Repository[T]) Engine() *engine.Engine { return r.n.Engine() }

func (r Repository[T]) ready() error {
	if r.n.Engine() == nil {
		return ErrZero
	}
	return nil
}

func (r Repository[T]) table() string { return r.n.Table().Name }

// current is the unit of work that a call joins.
func (r Repository[T]) current(ctx context.Context) (*uow.UnitOfWork, error) {
	if err := r.ready(); err != nil {
		return nil, err
	}
	if r.u != nil {
		return r.u, nil
	}
	return uow.Current(ctx, r.n.Engine())
}

// reading is the unit that a read joins; nil only for an untracked one.
func (r Repository[T]) reading(ctx context.Context, op string) (*uow.UnitOfWork, error) {
	u, err := r.current(ctx)
	if err == nil {
		return u, nil
	}
	if r.untracked && errors.Is(err, uow.ErrNoUnit) {
		return nil, nil
	}
	return nil, r.fail(op, err)
}

func (r Repository[T]) fail(op string, err error) error {
	if err == nil || errors.Is(err, ErrZero) {
		return err
	}
	return fmt.Errorf("repo: %s %s: %w", op, r.table(), err)
}

// write runs f in the unit of work that a write joins, or in one of its own.
func (r Repository[T]) write(ctx context.Context, op string, own bool, f func(ctx context.Context, u *uow.UnitOfWork) error) error {
	u, err := r.current(ctx)
	switch {
	case err == nil:
		return f(ctx, u)
	case errors.Is(err, uow.ErrNoUnit) && own:
		return uow.Run(ctx, r.n.Engine(), f)
	}
	return r.fail(op, err)
}

// Get returns the entity with that key, given as its parts in the key's order:
// from the identity map, or by one SELECT. No such row is ErrNotFound; a wrong
// number or type of parts is uow.ErrKey. Keyed has the Get that the compiler
// checks.
func (r Repository[T]) Get(ctx context.Context, key ...any) (*T, error) {
	u, err := r.reading(ctx, "get")
	if err != nil {
		return nil, err
	}
	if r.untracked {
		conds, err := r.byKey(key)
		if err != nil {
			return nil, r.fail("get", err)
		}
		e, err := r.Where(conds...).One(ctx)
		if errors.Is(err, ErrNotFound) {
			return nil, missing("get", r.table(), key...)
		}
		return e, err
	}
	e, err := r.n.Get(ctx, u, false, key...)
	if err == nil && e == nil {
		err = missing("get", r.table(), key...)
	}
	return e, err
}

// byKey is the condition that a row has the key.
func (r Repository[T]) byKey(key []any) ([]expr.Expr[T], error) {
	conds, err := r.n.KeyCondition(key...)
	if err != nil {
		return nil, err
	}
	return []expr.Expr[T]{conds}, nil
}

// Find returns the entities that meet all conditions; all entities without any.
// None is an empty slice and no error.
func (r Repository[T]) Find(ctx context.Context, conds ...expr.Expr[T]) ([]*T, error) {
	return r.Where(conds...).All(ctx)
}

// First returns the first entity, in the order of the key, that meets the
// conditions; ErrNotFound if none does.
func (r Repository[T]) First(ctx context.Context, conds ...expr.Expr[T]) (*T, error) {
	return r.Where(conds...).First(ctx)
}

// One returns the only entity that meets the conditions: ErrNotFound if none
// does, ErrMultiple if several do.
func (r Repository[T]) One(ctx context.Context, conds ...expr.Expr[T]) (*T, error) {
	return r.Where(conds...).One(ctx)
}

// Exists reports whether an entity meets the conditions.
func (r Repository[T]) Exists(ctx context.Context, conds ...expr.Expr[T]) (bool, error) {
	return r.Where(conds...).Exists(ctx)
}

// Count counts the entities that meet the conditions.
func (r Repository[T]) Count(ctx context.Context, conds ...expr.Expr[T]) (int64, error) {
	return r.Where(conds...).Count(ctx)
}

// Query begins a query for all entities.
func (r Repository[T]) Query() Query[T] {
	return Query[T]{r: r, limit: -1, offset: -1}
}

// Where begins a query for the entities that meet all conditions.
func (r Repository[T]) Where(conds ...expr.Expr[T]) Query[T] { return r.Query().Where(conds...) }

// Add makes entities managed as new: the next flush inserts each. A complete key
// is a chosen one. See uow.Entity.Add for the errors. Add of nothing does
// nothing.
func (r Repository[T]) Add(ctx context.Context, es ...*T) error {
	return r.write(ctx, "add", r.own, func(ctx context.Context, u *uow.UnitOfWork) error { return r.n.Add(ctx, u, es...) })
}

// Attach makes entities managed whose rows exist; their values are taken as
// those of the rows.
func (r Repository[T]) Attach(ctx context.Context, es ...*T) error {
	return r.write(ctx, "attach", false, func(ctx context.Context, u *uow.UnitOfWork) error { return r.n.Attach(ctx, u, es...) })
}

// Delete marks entities for deletion by the next flush. One that is not managed
// needs a complete key.
func (r Repository[T]) Delete(ctx context.Context, es ...*T) error {
	return r.write(ctx, "delete", r.own, func(ctx context.Context, u *uow.UnitOfWork) error { return r.n.Delete(ctx, u, es...) })
}

// Refresh reads the rows of managed entities again and overwrites their fields.
func (r Repository[T]) Refresh(ctx context.Context, es ...*T) error {
	return r.write(ctx, "refresh", false, func(ctx context.Context, u *uow.UnitOfWork) error { return r.n.Refresh(ctx, u, es...) })
}

// Detach has the unit of work let go of entities; their changes are not written.
func (r Repository[T]) Detach(ctx context.Context, es ...*T) error {
	return r.write(ctx, "detach", false, func(ctx context.Context, u *uow.UnitOfWork) error { return r.n.Detach(ctx, u, es...) })
}

// Merge copies the values of e over the row of its key and returns the managed
// entity, never e unless e is managed itself. Without such a row the result is
// a new entity.
func (r Repository[T]) Merge(ctx context.Context, e *T) (m *T, err error) {
	err = r.write(ctx, "merge", r.own, func(ctx context.Context, u *uow.UnitOfWork) error {
		m, err = r.n.Merge(ctx, u, e)
		return err
	})
	return m, err
}

// Expect checks that a managed entity still has the version that the caller saw,
// before it was edited in a form for instance; a *uow.StaleError says no.
func (r Repository[T]) Expect(ctx context.Context, e *T, version int64) error {
	return r.write(ctx, "expect", false, func(ctx context.Context, u *uow.UnitOfWork) error { return r.n.Expect(ctx, u, e, version) })
}

// InsertOption is an option of InsertAll.
type InsertOption func(*insertOptions)

type insertOptions struct{ keys bool }

// Keys has InsertAll store the keys that the database makes into the entities.
func Keys() InsertOption { return func(o *insertOptions) { o.keys = true } }

// InsertAll inserts the rows of an iterator in constant memory and returns how
// many. The entities are not tracked and their hooks do not run; defaults are
// applied as Add applies them. The iterator may use the unit of work, and makes a
// new entity for each row: the same one again is uow.ErrRepeated. A nil iterator
// inserts nothing. A failure or a rollback leaves the entities as they were.
func (r Repository[T]) InsertAll(ctx context.Context, rows iter.Seq[*T], opts ...InsertOption) (n int64, err error) {
	var o insertOptions
	for _, opt := range opts {
		opt(&o)
	}
	err = r.write(ctx, "insert all", r.own || r.untracked, func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = r.n.InsertAll(ctx, u, rows, o.keys)
		return err
	})
	return n, err
}

// UpdateWhere assigns values to the rows that meet cond, in one statement, and
// returns how many. A version column is counted up, and columns with OnUpdate
// take it. Every says all rows. A zero condition, or no assignment, is an error.
// In a unit of work it flushes first; entities of the rows written are read again
// when they are next asked for, and have the new version at once.
func (r Repository[T]) UpdateWhere(ctx context.Context, cond expr.Expr[T], set ...expr.Assign[T]) (n int64, err error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	s, err := r.updateStmt(cond, set)
	if err == nil {
		if c := r.n.TenantAssigned(ctx, s); c != nil {
			err = fmt.Errorf("column %s says whose a row is and is not assigned: Unfiltered says that rows change hands", c.Name)
		}
	}
	if err != nil {
		return 0, r.fail("update", err)
	}
	return r.updateRows(ctx, "update", s)
}

func (r Repository[T]) updateRows(ctx context.Context, op string, s *expr.UpdateStmt) (n int64, err error) {
	err = r.write(ctx, op, r.own || r.untracked, func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = r.n.Write(ctx, u, s)
		return err
	})
	return n, err
}

func (r Repository[T]) updateStmt(cond expr.Expr[T], set []expr.Assign[T]) (*expr.UpdateStmt, error) {
	if len(set) == 0 {
		return nil, errors.New("nothing is assigned")
	}
	clauses := make([]expr.SetClause, len(set))
	for i, a := range set {
		clauses[i] = a.Clause()
	}
	return r.assigning(cond, clauses)
}

// assigning is an UPDATE that assigns, beside what it is told, what every UPDATE
// of the table does.
func (r Repository[T]) assigning(cond expr.Expr[T], set []expr.SetClause) (*expr.UpdateStmt, error) {
	t := r.n.Table()
	if err := checkFilters(r.n.Filters(), t); err != nil {
		return nil, err
	}
	s := &expr.UpdateStmt{Table: t.Source, Where: expr.NodeOf(cond), Filters: r.n.Filters()}
	assigned := map[*expr.ColumnRef]bool{}
	for _, c := range set {
		if c.Column == nil {
			return nil, errors.New("a zero Assign, or one of a handle that is not bound")
		}
		if err := r.n.CheckAssign(c); err != nil {
			return nil, err
		}
		s.Set = append(s.Set, c)
		assigned[c.Column] = true
	}
	for _, c := range t.Columns {
		switch {
		case assigned[c.Ref]:
		case c.MadeVersion:
		case c.IsVersion && c.Type.Kind == schema.TimeKind:
			s.Set = append(s.Set, expr.SetClause{Column: c.Ref, Value: nextTime(c.Ref, time.Now())})
		case c.IsVersion:
			one := &expr.ParamNode{Value: int64(1)}
			s.Set = append(s.Set, expr.SetClause{Column: c.Ref, Value: &expr.ArithNode{Op: expr.OpAdd, Left: c.Ref, Right: one}})
		case c.OnUpdate != nil:
			s.Set = append(s.Set, expr.SetClause{Column: c.Ref, Value: c.OnUpdate})
		}
	}
	return s, nil
}

// nextTime is the version after the one that a row has: now, or just after the
// old one where that is not before now. The database's own clock would not do: it
// may tick in milliseconds, or stand still within a transaction.
func nextTime(version *expr.ColumnRef, now time.Time) expr.Node {
	at := &expr.ParamNode{Value: now.UTC().Truncate(time.Microsecond), Like: version}
	after := &expr.CallNode{Name: expr.FuncAddSeconds, Args: []expr.Node{version, &expr.ParamNode{Value: 1e-6}}}
	earlier := &expr.CompareNode{Op: expr.OpLt, Left: version, Right: at}
	return &expr.CaseNode{When: []expr.WhenNode{{Cond: earlier, Then: at}}, Else: after}
}

// DeleteWhere deletes the rows that meet cond, in one statement, and returns how
// many. Every says all rows; a zero condition is an error. In a unit of work it
// flushes first; the rows' entities are deleted ones from then on. Where the table
// has a soft delete column, the rows stay and get the time of deletion.
func (r Repository[T]) DeleteWhere(ctx context.Context, cond expr.Expr[T]) (n int64, err error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	if r.n.Table().SoftDelete != nil {
		return r.buryWhere(ctx, cond)
	}
	return r.purgeWhere(ctx, "delete", cond)
}
