package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// Untyped is what an Entity does, for entities that are known by their pointers
// alone. Methods of generic types are compiled anew for the type of every entity,
// so that Entity and repositories only convert between pointers and this: it is
// there for them. A program that passes a pointer to something else than an entity
// of Table corrupts its memory; the zero Untyped may be asked for its Engine only.
// An Untyped is immutable and safe for concurrent use; units are not.
type Untyped struct {
	db *engine.Engine
	m  *mapper
	on *expr.Filters
}

// UntypedOf is EntityOf for the entity of struct type t.
func UntypedOf(db *engine.Engine, t reflect.Type) (Untyped, error) {
	def := db.Metadata().Entity(t)
	if def == nil {
		return Untyped{}, fmt.Errorf("uow: %s is no entity: schema.Define makes one of it (in one Metadata, or in the engine's)", t)
	}
	for _, other := range db.Metadata().Tables() {
		if other.Entity == t && other != def && def.Metadata == db.Metadata() {
			return Untyped{}, &schema.DefineError{Table: other.QualifiedName(), Faults: []string{fmt.Sprintf(
				"entity %s is table %s of the Metadata already: schema.As is for another occurrence of its rows in a statement, another Metadata (schema.In) for another table", t, def.QualifiedName())}}
		}
	}
	m, err := mappersOf(db).of(db, def)
	if err != nil {
		return Untyped{}, err
	}
	return Untyped{db: db, m: m}, nil
}

// Engine returns the engine.
func (n Untyped) Engine() *engine.Engine { return n.db }

// Table returns the definition of T's table.
func (n Untyped) Table() *schema.TableDef { return n.m.def }

// Columns is Entity.Columns.
func (n Untyped) Columns() []expr.Node { return n.m.columns }

// Query is Entity.Query.
func (n Untyped) Query(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, overwrite bool, with ...*rel.Eager) ([]field.Ptr, error) {
	return n.query(ctx, u, s, nil, overwrite, with)
}

func (n Untyped) query(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, overwrite bool, with []*rel.Eager) ([]field.Ptr, error) {
	if err := u.enter(); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	defer u.leave()
	if err := u.mayLock(s); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	l := &loader{t: u.table(n.m), m: n.m, end: end, lock: s.Lock != expr.NoLock && !overwrite, overwrite: overwrite || s.Lock != expr.NoLock}
	out, err := u.queryWith(ctx, l, s, with)
	if err != nil {
		return nil, opError("query", n.m.name, err)
	}
	return out, nil
}

// QueryUntracked is Entity.QueryUntracked.
func (n Untyped) QueryUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, with ...*rel.Eager) ([]field.Ptr, error) {
	return n.queryUntracked(ctx, u, s, nil, with)
}

func (n Untyped) queryUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, with []*rel.Eager) ([]field.Ptr, error) {
	if len(with) > 0 {
		return n.queryAside(ctx, u, s, end, with)
	}
	l := &loader{m: n.m, end: end}
	if u == nil {
		c, err := CompileIn(ctx, n.m.cache, s)
		if err != nil {
			return nil, opError("query", n.m.name, err)
		}
		if _, err := n.db.QueryRows(ctx, c.SQL, named(c.Args), l.take()); err != nil {
			return nil, opError("query", n.m.name, err)
		}
		if err := l.finish(ctx, nil); err != nil {
			return nil, opError("query", n.m.name, err)
		}
		return l.out, nil
	}
	if err := u.enter(); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	defer u.leave()
	if err := u.mayLock(s); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	c, err := u.compile(ctx, s)
	if err != nil {
		return nil, opError("query", n.m.name, err)
	}
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return nil, err
	}
	if err := u.read(ctx, l, c.SQL, named(c.Args)); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	return l.out, nil
}

// queryAside reads entities with relations without tracking them: in a unit of
// work of their own, which ends before they are returned, on u's connection if
// there is one.
func (n Untyped) queryAside(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, with []*rel.Eager) (es []field.Ptr, err error) {
	var opts []Option
	if u != nil || s.Lock == expr.NoLock { // in a read-only transaction PostgreSQL locks no rows
		opts = append(opts, ReadOnly())
	}
	aside := New(n.db, opts...)
	aside.aside = u != nil
	if u == nil {
		if es, err = n.query(ctx, aside, s, end, false, with); err == nil {
			err = aside.Commit(ctx)
		}
		return es, errors.Join(err, aside.Close())
	}
	if err := u.enter(); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	defer u.leave()
	if err := u.mayLock(s); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return nil, err
	}
	if err := u.begin(ctx); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	aside.conn = u.conn
	es, err = n.query(ctx, aside, s, end, false, with)
	if aside.failed != nil {
		u.broke(aside.failed)
	}
	aside.conn = nil // it is u's
	aside.settle()
	return es, errors.Join(err, aside.Close())
}

// mayLock refuses a locking read in a read-only unit, as some databases do and
// others do not.
func (u *UnitOfWork) mayLock(s *expr.SelectStmt) error {
	if s.Lock != expr.NoLock && u.opts.readOnly && !u.aside {
		return fmt.Errorf("%w, in which rows cannot be locked", ErrReadOnly)
	}
	return nil
}

// Rows runs a SELECT of any columns and passes the driver's values of each row
// to row, which must not call the program's code. u may be nil. With a unit, it
// flushes first as Query does.
func Rows(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, row engine.Row) error {
	c, err := CompileIn(ctx, mappersOf(db).cache, s)
	if err != nil {
		return opError("query", "", err)
	}
	return rows(ctx, db, u, s, c, row)
}

// rows is Rows of a statement that was compiled.
func rows(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, c dialect.Compiled, row engine.Row) error {
	if u == nil {
		_, err := db.QueryRows(ctx, c.SQL, named(c.Args), row)
		return opError("query", "", err)
	}
	if err := u.enter(); err != nil {
		return opError("query", "", err)
	}
	defer u.leave()
	if err := u.mayLock(s); err != nil {
		return opError("query", "", err)
	}
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return err
	}
	if err := u.begin(ctx); err != nil {
		return opError("query", "", err)
	}
	_, err := u.conn.Query(ctx, c.SQL, named(c.Args), row)
	if err != nil {
		u.broke(err)
	}
	return opError("query", "", err)
}

func named(args []any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

// KeyCondition is Entity.KeyCondition.
func (n Untyped) KeyCondition(key ...any) (expr.Node, error) {
	_, args, err := n.m.keyOfParts(key)
	if err != nil {
		return nil, err
	}
	and := make([]expr.Node, len(args))
	for i, a := range args {
		and[i] = n.m.keyCompare(expr.OpEq, i, a.Value)
	}
	return &expr.LogicNode{Args: and}, nil
}
