package repo

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/uow"
)

// repository is a Repository without its type, as uow.Untyped is an uow.Entity
// without: what is compiled once, and not for every entity. It is never changed
// once it is made. nil is the zero Repository's.
type repository struct {
	n         uow.Untyped
	u         *uow.UnitOfWork
	untracked bool
	own       bool
}

// altered is a copy that f has changed. It and its callers are not made part of the
// typed methods that call them, of which every entity has its own.
//
//go:noinline
func (r *repository) altered(f func(r *repository)) *repository {
	c := &repository{}
	if r != nil {
		*c = *r
	}
	f(c)
	return c
}

func (r *repository) readUntracked() *repository {
	return r.altered(func(r *repository) { r.untracked = true })
}

func (r *repository) engine() *engine.Engine {
	if r == nil {
		return nil
	}
	return r.n.Engine()
}

func (r *repository) ready() error {
	if r.engine() == nil {
		return ErrZero
	}
	return nil
}

func (r *repository) table() string { return r.n.Table().Name }

// owns reports whether a write may have a unit of work of its own.
func (r *repository) owns() bool { return r != nil && r.own }

// bulk is owns of a write that tracks nothing.
func (r *repository) bulk() bool { return r != nil && (r.own || r.untracked) }

// current is the unit of work that a call joins.
func (r *repository) current(ctx context.Context) (*uow.UnitOfWork, error) {
	if err := r.ready(); err != nil {
		return nil, err
	}
	if r.u != nil {
		return r.u, nil
	}
	return uow.Current(ctx, r.n.Engine())
}

// reading is the unit that a read joins; nil only for an untracked one.
func (r *repository) reading(ctx context.Context, op string) (*uow.UnitOfWork, error) {
	u, err := r.current(ctx)
	if err == nil {
		return u, nil
	}
	if r != nil && r.untracked && errors.Is(err, uow.ErrNoUnit) {
		return nil, nil
	}
	return nil, r.fail(op, err)
}

func (r *repository) fail(op string, err error) error {
	if err == nil || errors.Is(err, ErrZero) {
		return err
	}
	return fmt.Errorf("repo: %s %s: %w", op, r.table(), err)
}

// write runs f in the unit of work that a write joins, or in one of its own.
func (r *repository) write(ctx context.Context, op string, own bool, f func(ctx context.Context, u *uow.UnitOfWork) error) error {
	u, err := r.current(ctx)
	if r.engine() != nil && r.n.Filters() != nil {
		if wrong := checkFilters(r.n.Filters(), r.n.Table()); wrong != nil {
			return r.fail(op, wrong)
		}
	}
	switch {
	case err == nil:
		return f(ctx, u)
	case errors.Is(err, uow.ErrNoUnit) && own:
		return uow.Run(r.unfilteredIn(ctx), r.n.Engine(), f)
	}
	return r.fail(op, err)
}

// each is write of a verb for entities.
func (r *repository) each(ctx context.Context, op string, own bool, es []field.Ptr, verb func(uow.Untyped, context.Context, *uow.UnitOfWork, ...field.Ptr) error) error {
	return r.write(ctx, op, own, func(ctx context.Context, u *uow.UnitOfWork) error { return verb(r.n, ctx, u, es...) })
}

func (r *repository) get(ctx context.Context, key ...any) (field.Ptr, error) {
	u, err := r.reading(ctx, "get")
	if err != nil {
		return nil, err
	}
	if err := checkFilters(r.n.Filters(), r.n.Table()); err != nil {
		return nil, r.fail("get", err)
	}
	if r.untracked {
		cond, err := r.n.KeyCondition(key...)
		if err != nil {
			return nil, r.fail("get", err)
		}
		e, err := r.query([]expr.Node{cond}).one(ctx)
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

// known is the entity that the identity map has for the value at key, which is of
// the key's Go type; nil where get has to be asked. It allocates nothing.
func (r *repository) known(ctx context.Context, key field.Ptr) field.Ptr {
	u, err := r.current(ctx)
	if err != nil || r.untracked || r.n.Filters() != nil {
		return nil
	}
	return r.n.Known(u, key)
}

// known2 is known for a key of two columns.
func (r *repository) known2(ctx context.Context, a, b field.Ptr) field.Ptr {
	u, err := r.current(ctx)
	if err != nil || r.untracked || r.n.Filters() != nil {
		return nil
	}
	return r.n.Known2(u, a, b)
}

func (r *repository) merge(ctx context.Context, e field.Ptr) (m field.Ptr, err error) {
	err = r.write(ctx, "merge", r.owns(), func(ctx context.Context, u *uow.UnitOfWork) error {
		m, err = r.n.Merge(ctx, u, e)
		return err
	})
	return m, err
}

func (r *repository) expect(ctx context.Context, e field.Ptr, version int64) error {
	return r.write(ctx, "expect", false, func(ctx context.Context, u *uow.UnitOfWork) error { return r.n.Expect(ctx, u, e, version) })
}

func (r *repository) insertAll(ctx context.Context, rows iter.Seq[field.Ptr], opts []InsertOption) (n int64, err error) {
	o := insertOptionsOf(opts)
	err = r.write(ctx, "insert all", r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = r.n.InsertAll(ctx, u, rows, o.keys)
		return err
	})
	return n, err
}

// entities gives what a query returned its type.
func entities[T any](ps []field.Ptr, err error) ([]*T, error) {
	if err != nil && len(ps) == 0 {
		return nil, err
	}
	return field.Slice[T](ps), err
}

// nodes are the trees of conditions.
//
//go:noinline
func nodes[T any](conds []expr.Expr[T]) []expr.Node {
	ns := make([]expr.Node, len(conds))
	for i, c := range conds {
		ns[i] = expr.ConditionOf(c)
	}
	return ns
}
