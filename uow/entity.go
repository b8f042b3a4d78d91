package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
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
}

// EntityOf returns the Entity of T on an engine. The error names T where it has
// no table, or says what is wrong with the model.
func EntityOf[T any](db *engine.Engine) (Entity[T], error) {
	t := reflect.TypeFor[T]()
	def := db.Metadata().Entity(t)
	if def == nil {
		return Entity[T]{}, fmt.Errorf("uow: %s is no entity: schema.Define makes one of it (in one Metadata, or in the engine's)", t)
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

// Get returns the entity with that key: from the identity map, or by one SELECT.
// nil means that there is no such row. lock reads and locks the row in any case
// and overwrites a clean entity. A wrong number or type of parts is ErrKey.
func (n Entity[T]) Get(ctx context.Context, u *UnitOfWork, lock bool, key ...any) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("get", n.m.name, err)
	}
	defer u.leave()
	k, args, err := n.m.keyOfParts(key)
	if err != nil {
		return nil, opError("get", n.m.name, err)
	}
	p, ok, err := u.get(ctx, n.m, k, func() ([]driver.NamedValue, error) { return args, nil }, lock)
	if err != nil {
		return nil, opError("get", n.m.name+" key "+k.String(), err)
	}
	if !ok {
		return nil, nil
	}
	return field.As[T](p), nil
}

// GetKey is Get for a table whose key is one column of Go type K, which the
// caller vouches for. A hit in the identity map allocates nothing.
func GetKey[T, K any](ctx context.Context, n Entity[T], u *UnitOfWork, key K) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("get", n.m.name, err)
	}
	f := n.m.key[0]
	if k, ok := f.FastKey(field.PtrOf(&key)); ok && n.m.index < len(u.tables) {
		if t := u.tables[n.m.index]; t != nil {
			if st, ok := t.ids.Get(k); ok && (st.status == persistent && st.epoch == u.epoch || st.status == isNew || st.status == deleting) {
				u.leave()
				return field.As[T](st.entity), nil
			}
		}
	}
	u.leave()
	return n.Get(ctx, u, false, key)
}

// GetKey2 is Get for a table whose key is two columns of Go types A and B, which
// the caller vouches for. A hit in the identity map allocates nothing.
func GetKey2[T, A, B any](ctx context.Context, n Entity[T], u *UnitOfWork, a A, b B) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("get", n.m.name, err)
	}
	if n.m.index < len(u.tables) && u.tables[n.m.index] != nil {
		key, ok := n.m.key[0].FastKeyPart(u.scratch[:0], field.PtrOf(&a))
		if ok {
			key, ok = n.m.key[1].FastKeyPart(key, field.PtrOf(&b))
		}
		u.scratch = key
		if ok {
			st, ok := u.tables[n.m.index].ids.Get(identity.Encoded(key))
			if ok && (st.status == persistent && st.epoch == u.epoch || st.status == isNew || st.status == deleting) {
				u.leave()
				return field.As[T](st.entity), nil
			}
		}
	}
	u.leave()
	return n.Get(ctx, u, false, a, b)
}

// Query runs a SELECT of Columns and returns its entities in order. It flushes
// first if a table that the statement reads has pending changes. overwrite gives
// entities that the unit has already the values of their rows.
// The relations of with are loaded for them.
func (n Entity[T]) Query(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, overwrite bool, with ...*rel.Eager) ([]*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	defer u.leave()
	c, err := u.ms.cache.Compile(s)
	if err != nil {
		return nil, opError("query", n.m.name, err)
	}
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return nil, err
	}
	l := &loader{t: u.table(n.m), m: n.m, lock: s.Lock != expr.NoLock && !overwrite, overwrite: overwrite || s.Lock != expr.NoLock}
	if err := u.read(ctx, l, c.SQL, named(c.Args)); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	if len(with) > 0 {
		if err := u.eager(ctx, n.m, l.all, with, l.overwrite && !l.lock); err != nil {
			return nil, opError("query", n.m.name, err)
		}
	}
	return field.Slice[T](l.out), nil
}

// QueryUntracked is Query without the identity map: each row is a new entity
// that no unit of work knows. u may be nil; then the engine is asked directly. With
// relations, the entities of one query share the related ones.
func (n Entity[T]) QueryUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, with ...*rel.Eager) ([]*T, error) {
	if len(with) > 0 {
		return n.queryAside(ctx, u, s, with)
	}
	l := &loader{m: n.m}
	if u == nil {
		c, err := mappersOf(n.db).cache.Compile(s)
		if err != nil {
			return nil, opError("query", n.m.name, err)
		}
		if _, err := n.db.QueryRows(ctx, c.SQL, named(c.Args), l.row); err != nil {
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
	c, err := u.ms.cache.Compile(s)
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
func (n Entity[T]) queryAside(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, with []*rel.Eager) (es []*T, err error) {
	aside := New(n.db, ReadOnly())
	if u == nil {
		if es, err = n.Query(ctx, aside, s, false, with...); err == nil {
			err = aside.Commit(ctx)
		}
		return es, errors.Join(err, aside.Close())
	}
	if err := u.enter(); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	defer u.leave()
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return nil, err
	}
	if err := u.begin(ctx); err != nil {
		return nil, opError("query", n.m.name, err)
	}
	aside.conn = u.conn
	es, err = n.Query(ctx, aside, s, false, with...)
	if aside.failed != nil {
		u.broke(aside.failed)
	}
	aside.conn = nil // it is u's
	aside.settle()
	return es, errors.Join(err, aside.Close())
}

// Rows runs a SELECT of any columns and passes the driver's values of each row
// to row, which must not call the program's code. u may be nil. With a unit, it
// flushes first as Query does.
func Rows(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, row engine.Row) error {
	c, err := mappersOf(db).cache.Compile(s)
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

// Write runs an UPDATE or DELETE of rows by condition in the unit of work, after
// a flush, and returns how many rows it changed. Entities of the table that the
// unit has are read again when they are next asked for.
func (n Entity[T]) Write(ctx context.Context, u *UnitOfWork, s expr.Statement) (int64, error) {
	if err := u.enter(); err != nil {
		return 0, opError("write", n.m.name, err)
	}
	defer u.leave()
	if u.opts.readOnly {
		return 0, opError("write", n.m.name, ErrReadOnly)
	}
	if u.flushing {
		return 0, opError("write", n.m.name, ErrFlushing)
	}
	c, err := u.ms.cache.Compile(s)
	if err != nil {
		return 0, opError("write", n.m.name, err)
	}
	if err := u.flush(ctx); err != nil {
		return 0, err
	}
	if err := u.begin(ctx); err != nil {
		return 0, opError("write", n.m.name, err)
	}
	u.wrote = true
	res, err := u.conn.Exec(ctx, c.SQL, named(c.Args))
	if err != nil {
		u.broke(err)
		return 0, opError("write", n.m.name, u.nameConstraint(err))
	}
	if n.m.index < len(u.tables) && u.tables[n.m.index] != nil {
		for _, st := range u.tables[n.m.index].states {
			if st.status == persistent {
				st.epoch = 0
			}
		}
	}
	return res.RowsAffected, nil
}

func named(args []any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

// Add makes entities managed as new: each is inserted by the next flush. A
// complete key is a chosen one; another entity of that key here is a
// *DuplicateError. Adding what is managed here does nothing, but takes back a
// Delete that was not flushed; adding what was deleted is ErrDeleted. What
// another live unit of the engine manages is ErrAttached.
func (n Entity[T]) Add(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.each("add", u, es, func(p field.Ptr) error {
		if u.opts.readOnly {
			return ErrReadOnly
		}
		if st := u.find(p); st != nil {
			switch st.status {
			case deleting:
				st.status = persistent
				st.in.unlist(st)
			case deleted:
				return ErrDeleted
			}
			return nil
		}
		if _, err := u.add(n.m, p); err != nil {
			return err
		}
		return u.adoptAll()
	})
}

// add makes the entity at p, which the unit does not manage, a new one.
func (u *UnitOfWork) add(m *mapper, p field.Ptr) (*state, error) {
	if u.ms.live.elsewhere(u, p) {
		return nil, ErrAttached
	}
	t := u.table(m)
	k, err := m.keyOfEntity(p)
	if err != nil {
		return nil, err
	}
	st := &state{entity: p, in: t, epoch: u.epoch, status: isNew}
	if !k.IsZero() {
		old, taken := t.ids.Get(k)
		if taken {
			heir := t.heirs[old]
			if old.status != deleting || heir != nil && heir.status == isNew {
				return nil, &DuplicateError{Entity: m.name, Key: k.String()}
			}
			if t.heirs == nil {
				t.heirs = map[*state]*state{}
			}
			t.heirs[old] = st
		} else {
			t.ids.Put(k, st)
		}
		if t.pendingKeys == nil {
			t.pendingKeys = map[*state]identity.Key{}
		}
		t.pendingKeys[st] = k
	}
	t.register(st)
	t.fresh = append(t.fresh, st)
	if len(m.relations) > 0 {
		u.adopting = append(u.adopting, st)
	}
	return st, nil
}

// Attach makes entities managed whose rows exist: their values are taken as
// those of the rows. An incomplete key is ErrKey; a key that another entity has
// here is a *DuplicateError.
func (n Entity[T]) Attach(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.each("attach", u, es, func(p field.Ptr) error {
		_, err := u.attach(n.m, p)
		return err
	})
}

func (u *UnitOfWork) attach(m *mapper, p field.Ptr) (*state, error) {
	if st := u.find(p); st != nil {
		if st.status == deleted {
			return nil, ErrDeleted
		}
		return st, nil
	}
	if u.ms.live.elsewhere(u, p) {
		return nil, ErrAttached
	}
	k, err := m.keyOfEntity(p)
	if err != nil {
		return nil, err
	}
	if k.IsZero() {
		return nil, fmt.Errorf("%w: the entity has none, so that no row can be its own; Add makes it a new one", ErrKey)
	}
	t := u.table(m)
	if _, ok := t.ids.Get(k); ok {
		return nil, &DuplicateError{Entity: m.name, Key: k.String()}
	}
	st := &state{entity: p, snap: m.tracked.NewSnapshot(), in: t, epoch: u.epoch, born: u.level, status: persistent}
	if err := st.takeSnapshot(); err != nil {
		return nil, err
	}
	t.ids.Put(k, st)
	t.register(st)
	return st, u.attached(st)
}

// Delete marks entities for deletion by the next flush. One that is not managed
// is attached first, for which it needs a complete key. One that is new here and
// not yet flushed is an error: Detach it.
func (n Entity[T]) Delete(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.each("delete", u, es, func(p field.Ptr) error {
		if u.opts.readOnly {
			return ErrReadOnly
		}
		st, err := u.attach(n.m, p)
		if err != nil {
			return err
		}
		switch st.status {
		case isNew:
			return fmt.Errorf("the entity is new and has no row yet: Detach it instead")
		case persistent:
			st.status = deleting
			st.in.fresh = append(st.in.fresh, st)
		}
		return nil
	})
}

// unlist takes a state out of the list of what flush writes in any case.
func (t *table) unlist(st *state) {
	for i, s := range t.fresh {
		if s == st {
			t.fresh = append(t.fresh[:i], t.fresh[i+1:]...)
			return
		}
	}
}

// Detach lets go of entities: their changes are not written, and a rollback does
// not restore them. What is not managed here is ErrNotManaged.
func (n Entity[T]) Detach(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.each("detach", u, es, func(p field.Ptr) error {
		st := u.find(p)
		if st == nil {
			return ErrNotManaged
		}
		u.detach(st)
		return nil
	})
}

func (u *UnitOfWork) detach(st *state) {
	st.in.unlist(st)
	if st.status == isNew {
		u.letGo(st)
		return
	}
	if k := st.key(); st.in.has(k, st) {
		st.in.ids.Delete(k)
		if heir := st.in.heirs[st]; heir != nil && heir.status == isNew {
			st.in.ids.Put(k, heir)
		}
	}
	u.forget(st)
}

// has reports whether k is the key under which st is found.
func (t *table) has(k identity.Key, st *state) bool {
	got, ok := t.ids.Get(k)
	return ok && got == st
}

// Refresh reads the rows of managed entities again and overwrites their fields;
// unflushed changes of theirs are lost, those of others are flushed first. An
// entity that is not managed, or new, is ErrNotManaged; one whose row is gone
// is a *StaleError.
func (n Entity[T]) Refresh(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.each("refresh", u, es, func(p field.Ptr) error {
		st := u.find(p)
		switch {
		case st == nil || st.status == isNew:
			return ErrNotManaged
		case st.status == deleted:
			return ErrDeleted
		}
		u.retain(st)
		if err := st.restore(); err != nil {
			return err
		}
		if u.noFlush == 0 && !u.inFlush() && !u.opts.readOnly {
			if err := u.flush(ctx); err != nil {
				return err
			}
		}
		if st.status == deleted {
			return ErrDeleted
		}
		l := &loader{t: st.in, m: n.m, overwrite: true}
		if err := u.read(ctx, l, n.m.byKey, snapshotArgs(nil, n.m.key, st.snap)); err != nil {
			return err
		}
		if len(l.out) == 0 {
			return &StaleError{Entity: n.m.name, Keys: []string{st.showKey()}, Op: "refresh"}
		}
		return nil
	})
}

// Merge copies the values of e over the row of its key and returns the managed
// entity, never e. Without such a row, or without a key, the result is a new
// entity that was added.
func (n Entity[T]) Merge(ctx context.Context, u *UnitOfWork, e *T) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	defer u.leave()
	if e == nil {
		return nil, opError("merge", n.m.name, ErrNilEntity)
	}
	src := field.PtrOf(e)
	if st := u.find(src); st != nil && st.status != deleted {
		return e, nil
	}
	if u.opts.readOnly {
		return nil, opError("merge", n.m.name, ErrReadOnly)
	}
	k, err := n.m.keyOfEntity(src)
	if err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	var dst field.Ptr
	if !k.IsZero() {
		args := func() ([]driver.NamedValue, error) {
			var a []driver.NamedValue
			for i, f := range n.m.key {
				v, err := f.Load(src)
				if err != nil {
					return nil, err
				}
				a = append(a, driver.NamedValue{Ordinal: i + 1, Value: v})
			}
			return a, nil
		}
		p, ok, err := u.get(ctx, n.m, k, args, false)
		if err != nil {
			return nil, opError("merge", n.m.name, err)
		}
		if ok {
			dst = p
		}
	}
	if dst == nil {
		dst = n.m.plain.NewEntity()
		if err := n.copyFields(dst, src); err != nil {
			return nil, opError("merge", n.m.name, err)
		}
		u.leave()
		err := n.Add(ctx, u, field.As[T](dst))
		if err2 := u.enter(); err2 != nil {
			return nil, err2
		}
		return field.As[T](dst), err
	}
	if v := n.m.def.Version; v != nil {
		f := n.m.tracked.Fields[v.Position]
		st := u.find(dst)
		if st.snap != nil && !f.IsZero(src) { // a new one has no version yet
			if stale, err := f.Changed(src, st.snap); err == nil && stale {
				return nil, &StaleError{Entity: n.m.name, Keys: []string{k.String()}, Op: "merge"}
			}
		}
	}
	if err := n.copyFields(dst, src); err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	return field.As[T](dst), nil
}

// copyFields copies the mapped columns by value.
func (n Entity[T]) copyFields(dst, src field.Ptr) error {
	tmp := n.m.tracked.NewSnapshot()
	for _, f := range n.m.tracked.Fields {
		if f.Col.IsVersion || f.Col.Computed != nil {
			continue
		}
		if err := f.Snapshot(src, tmp); err != nil {
			return err
		}
		if err := f.Restore(dst, tmp); err != nil {
			return err
		}
	}
	return nil
}

// Expect checks that a managed entity has the version that the caller saw: a
// *StaleError says that it has another. A table without an integer version
// column is an error.
func (n Entity[T]) Expect(ctx context.Context, u *UnitOfWork, e *T, version int64) error {
	return n.each("expect", u, []*T{e}, func(p field.Ptr) error {
		if n.m.def.Version == nil {
			return fmt.Errorf("table %s has no version column: mark one with .Version()", n.m.def.QualifiedName())
		}
		st := u.find(p)
		if st == nil || st.status == isNew {
			return ErrNotManaged
		}
		if st.status == deleted {
			return ErrDeleted
		}
		v := n.m.tracked.Fields[n.m.def.Version.Position].SnapshotValue(st.snap)
		if got, ok := v.(int64); !ok {
			return fmt.Errorf("the version of %s is a time: Expect takes counters", n.m.name)
		} else if got != version {
			return &StaleError{Entity: n.m.name, Keys: []string{st.showKey()}, Op: "expect version " + strconv.FormatInt(version, 10) + " of"}
		}
		return nil
	})
}

// Contains reports whether the unit of work manages e.
func (n Entity[T]) Contains(u *UnitOfWork, e *T) bool {
	if e == nil || u.enter() != nil {
		return false
	}
	defer u.leave()
	st := u.find(field.PtrOf(e))
	return st != nil && st.status != deleted
}

// each calls f for every entity, refusing nil ones before any is touched.
func (n Entity[T]) each(op string, u *UnitOfWork, es []*T, f func(p field.Ptr) error) error {
	if err := u.enter(); err != nil {
		return opError(op, n.m.name, err)
	}
	defer u.leave()
	if u.flushing && op != "expect" {
		return opError(op, n.m.name, ErrFlushing)
	}
	for i, e := range es {
		if e == nil {
			return opError(op, n.m.name, fmt.Errorf("%w (argument %d)", ErrNilEntity, i+1))
		}
	}
	for _, e := range es {
		if err := f(field.PtrOf(e)); err != nil {
			if _, typed := err.(*DuplicateError); typed {
				return err
			}
			return opError(op, n.m.name, err)
		}
	}
	return nil
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

// CheckAssign checks a value assigned in bulk as a flush checks a field's: one
// that the column cannot keep is a *schema.ValueError. Expressions pass.
func (n Entity[T]) CheckAssign(c expr.SetClause) error {
	p, ok := c.Value.(*expr.ParamNode)
	if !ok || c.Column.Source != n.m.def.Source {
		return nil
	}
	col, ok := c.Column.Def.(*schema.ColumnDef)
	if !ok || col.Table != n.m.def {
		return nil
	}
	return n.m.tracked.Fields[col.Position].Check(p.Value)
}
