package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// Entity is what units of work of one engine do with entities of type T. It is
// what repositories are made of: a Repository adds where the unit of work comes
// from. An Entity is immutable and safe for concurrent use; the units given to
// its methods are not.
type Entity[T any] struct {
	db *engine.Engine
	m  *mapper
	on *expr.Filters
}

// EntityOf returns the Entity of T on an engine. The error names T where it has
// no table, or says what is wrong with the model: an entity with two tables in one
// Metadata is a *schema.DefineError, since its entities would not tell whose rows
// they are.
func EntityOf[T any](db *engine.Engine) (Entity[T], error) {
	t := reflect.TypeFor[T]()
	def := db.Metadata().Entity(t)
	if def == nil {
		return Entity[T]{}, fmt.Errorf("uow: %s is no entity: schema.Define makes one of it (in one Metadata, or in the engine's)", t)
	}
	for _, other := range db.Metadata().Tables() {
		if other.Entity == t && other != def && def.Metadata == db.Metadata() {
			return Entity[T]{}, &schema.DefineError{Table: other.QualifiedName(), Faults: []string{fmt.Sprintf(
				"entity %s is table %s of the Metadata already: schema.As is for another occurrence of its rows in a statement, another Metadata (schema.In) for another table", t, def.QualifiedName())}}
		}
	}
	m, err := mappersOf(db).of(db, def)
	if err != nil {
		return Entity[T]{}, err
	}
	return Entity[T]{db: db, m: m}, nil
}

// Engine returns the engine.
func (n Entity[T]) Engine() *engine.Engine { return n.db }

// Table returns the definition of T's table.
func (n Entity[T]) Table() *schema.TableDef { return n.m.def }

// Columns are the columns of a SELECT whose rows Query can read.
func (n Entity[T]) Columns() []expr.Node { return n.m.columns }

// Query runs a SELECT of Columns and returns its entities in order. It flushes
// first if a table that the statement reads has pending changes. overwrite gives
// entities that the unit has already the values of their rows.
// The relations of with are loaded for them.
func (n Entity[T]) Query(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, overwrite bool, with ...*rel.Eager) ([]*T, error) {
	return n.query(ctx, u, s, nil, overwrite, with)
}

func (n Entity[T]) query(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, overwrite bool, with []*rel.Eager) ([]*T, error) {
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
	return field.Slice[T](out), nil
}

// QueryUntracked is Query without the identity map: each row is a new entity
// that no unit of work knows. u may be nil; then the engine is asked directly. With
// relations, the entities of one query share the related ones.
func (n Entity[T]) QueryUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, with ...*rel.Eager) ([]*T, error) {
	return n.queryUntracked(ctx, u, s, nil, with)
}

func (n Entity[T]) queryUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, with []*rel.Eager) ([]*T, error) {
	if len(with) > 0 {
		return n.queryAside(ctx, u, s, end, with)
	}
	l := &loader{m: n.m, end: end}
	if u == nil {
		c, err := CompileIn(ctx, mappersOf(n.db).cache, s)
		if err != nil {
			return nil, opError("query", n.m.name, err)
		}
		if _, err := n.db.QueryRows(ctx, c.SQL, named(c.Args), l.take()); err != nil {
			return nil, opError("query", n.m.name, err)
		}
		if err := l.finish(ctx, nil); err != nil {
			return nil, opError("query", n.m.name, err)
		}
		return field.Slice[T](l.out), nil
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
	return field.Slice[T](l.out), nil
}

// queryAside reads entities with relations without tracking them: in a unit of
// work of their own, which ends before they are returned, on u's connection if
// there is one.
func (n Entity[T]) queryAside(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, with []*rel.Eager) (es []*T, err error) {
	aside := New(n.db, ReadOnly())
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
	_, err = u.conn.Query(ctx, c.SQL, named(c.Args), row)
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

// KeyCondition is the condition that a row has the given key. A wrong number or
// type of parts is ErrKey.
func (n Entity[T]) KeyCondition(key ...any) (expr.Expr[T], error) {
	_, args, err := n.m.keyOfParts(key)
	if err != nil {
		return expr.Expr[T]{}, err
	}
	and := make([]expr.Node, len(args))
	for i, a := range args {
		and[i] = n.m.keyCompare(expr.OpEq, i, a.Value)
	}
	return expr.NewExpr[T](&expr.LogicNode{Args: and}), nil
}
