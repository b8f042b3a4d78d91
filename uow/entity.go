package uow

import (
	"context"
	"iter"
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
type Entity[T any] struct{ n Untyped }

// EntityOf returns the Entity of T on an engine. The error names T where it has
// no table, or says what is wrong with the model: an entity with two tables in one
// Metadata is a *schema.DefineError, since its entities would not tell whose rows
// they are.
func EntityOf[T any](db *engine.Engine) (Entity[T], error) {
	n, err := UntypedOf(db, reflect.TypeFor[T]())
	return Entity[T]{n}, err
}

// entities gives pointers to entities their type.
func entities[T any](ps []field.Ptr, err error) ([]*T, error) {
	if err != nil && len(ps) == 0 {
		return nil, err
	}
	return field.Slice[T](ps), err
}

// Engine returns the engine.
func (n Entity[T]) Engine() *engine.Engine { return n.n.Engine() }

// Table returns the definition of T's table.
func (n Entity[T]) Table() *schema.TableDef { return n.n.Table() }

// Columns are the columns of a SELECT whose rows Query can read.
func (n Entity[T]) Columns() []expr.Node { return n.n.Columns() }

// Query runs a SELECT of Columns and returns its entities in order. It flushes
// first if a table that the statement reads has pending changes. overwrite gives
// entities that the unit has already the values of their rows.
// The relations of with are loaded for them.
func (n Entity[T]) Query(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, overwrite bool, with ...*rel.Eager) ([]*T, error) {
	return entities[T](n.n.Query(ctx, u, s, overwrite, with...))
}

// QueryUntracked is Query without the identity map: each row is a new entity
// that no unit of work knows. u may be nil; then the engine is asked directly. With
// relations, the entities of one query share the related ones.
func (n Entity[T]) QueryUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, with ...*rel.Eager) ([]*T, error) {
	return entities[T](n.n.QueryUntracked(ctx, u, s, with...))
}

// KeyCondition is the condition that a row has the given key. A wrong number or
// type of parts is ErrKey.
func (n Entity[T]) KeyCondition(key ...any) (expr.Expr[T], error) {
	cond, err := n.n.KeyCondition(key...)
	if err != nil {
		return expr.Expr[T]{}, err
	}
	return expr.NewExpr[T](cond), nil
}

// Filtered returns the Entity whose reads, writes by condition, InsertAll, InsertFrom
// and Upsert apply these filters; nil for all of them. A flush goes by its context.
func (n Entity[T]) Filtered(on *expr.Filters) Entity[T] {
	return Entity[T]{n.n.Filtered(on)}
}

// Filters are those that Filtered was given.
func (n Entity[T]) Filters() *expr.Filters { return n.n.Filters() }

// Get returns the entity with that key: from the identity map, or by one SELECT.
// nil means that there is no such row. lock reads and locks the row in any case
// and overwrites a clean entity. A wrong number or type of parts is ErrKey.
func (n Entity[T]) Get(ctx context.Context, u *UnitOfWork, lock bool, key ...any) (*T, error) {
	e, err := n.n.Get(ctx, u, lock, key...)
	return field.As[T](e), err
}

// GetKey is Get for a table whose key is one column of Go type K, which the
// caller vouches for. A hit in the identity map allocates nothing.
func GetKey[T, K any](ctx context.Context, n Entity[T], u *UnitOfWork, key K) (*T, error) {
	if e := n.n.Known(u, field.PtrOf(&key)); e != nil {
		return field.As[T](e), nil
	}
	return n.Get(ctx, u, false, key)
}

// GetKey2 is Get for a table whose key is two columns of Go types A and B, which
// the caller vouches for. A hit in the identity map allocates nothing.
func GetKey2[T, A, B any](ctx context.Context, n Entity[T], u *UnitOfWork, a A, b B) (*T, error) {
	if e := n.n.Known2(u, field.PtrOf(&a), field.PtrOf(&b)); e != nil {
		return field.As[T](e), nil
	}
	return n.Get(ctx, u, false, a, b)
}

// Add makes entities managed as new: each is inserted by the next flush. A
// complete key is a chosen one; another entity of that key here is a
// *DuplicateError. Adding what is managed here does nothing, but takes back a
// Delete that was not flushed; adding what was deleted is ErrDeleted. What
// another live unit of the engine manages is ErrAttached.
func (n Entity[T]) Add(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.n.Add(ctx, u, field.Ptrs(es)...)
}

// Attach makes entities managed whose rows exist: their values are taken as
// those of the rows. An incomplete key is ErrKey; a key that another entity has
// here is a *DuplicateError.
func (n Entity[T]) Attach(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.n.Attach(ctx, u, field.Ptrs(es)...)
}

// Delete marks entities for deletion by the next flush. One that is not managed
// is attached first, for which it needs a complete key. One that is new here and
// not yet flushed is an error: Detach it. Where the table has a soft delete column,
// the row stays and gets the time of deletion, with what else was changed in the
// entity, which stays managed; one that has a time is deleted already. An entity of
// another tenant than ctx's is ErrForeignTenant.
func (n Entity[T]) Delete(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.n.Delete(ctx, u, field.Ptrs(es)...)
}

// Purge marks entities for deletion by the next flush as Delete does, but their rows
// go where Delete would give them the time of deletion; those that have one already,
// too.
func (n Entity[T]) Purge(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.n.Purge(ctx, u, field.Ptrs(es)...)
}

// Restore takes a deletion back: of entities that Delete has marked, and of those
// whose rows have a time of deletion, which the next flush clears. One that is not
// managed is attached first and its row looked for and locked, by a SELECT each: none
// that is deleted is a *StaleError, and so is another version at the flush. A table
// without a soft delete column is an error; an entity whose row is gone is ErrDeleted.
// One that is not managed and names no tenant gets that of ctx.
func (n Entity[T]) Restore(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.n.Restore(ctx, u, field.Ptrs(es)...)
}

// Detach lets go of entities: their changes are not written, and a rollback does
// not restore them. What is not managed here is ErrNotManaged.
func (n Entity[T]) Detach(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.n.Detach(ctx, u, field.Ptrs(es)...)
}

// Refresh reads the rows of managed entities again and overwrites their fields;
// unflushed changes of theirs are lost, those of others are flushed first. An
// entity that is not managed, or new, is ErrNotManaged; one whose row is gone
// is a *StaleError. References that were changed refer again to what the row
// says, and have to be loaded again; collections keep what was added to them.
func (n Entity[T]) Refresh(ctx context.Context, u *UnitOfWork, es ...*T) error {
	return n.n.Refresh(ctx, u, field.Ptrs(es)...)
}

// Merge copies the values of e over the row of its key and returns the managed
// entity, never e. Without such a row, or without a key, the result is a new
// entity that was added. One that is marked for deletion is ErrDeleted. Where e
// names no tenant, the row is looked for as that of ctx's.
//
// Relations of e that are known are followed: what they hold is merged in the same
// way, and the managed entity's relations are set to the results, collections as
// a whole. What is not loaded is left as it is. Of two entities of one key in
// what e leads to, the last one's values win.
func (n Entity[T]) Merge(ctx context.Context, u *UnitOfWork, e *T) (*T, error) {
	merged, err := n.n.Merge(ctx, u, field.PtrOf(e))
	return field.As[T](merged), err
}

// Expect checks that a managed entity has the version that the caller saw: a
// *StaleError says that it has another. A table without an integer version
// column is an error.
func (n Entity[T]) Expect(ctx context.Context, u *UnitOfWork, e *T, version int64) error {
	return n.n.Expect(ctx, u, field.PtrOf(e), version)
}

// Contains reports whether the unit of work manages e.
func (n Entity[T]) Contains(u *UnitOfWork, e *T) bool {
	return n.n.Contains(u, field.PtrOf(e))
}

// InsertAll inserts the rows of an iterator in constant memory, without tracking
// them and without their hooks. Defaults are applied as Add applies them. keys
// has the keys that the database makes stored into the entities. It returns how
// many rows it inserted.
//
// Each row needs an entity of its own: one that the iterator gives again within
// the same thousand is ErrRepeated. After an error the transaction can only be
// rolled back, and the entities hold what they held before. A rollback, to a
// savepoint too, sees to the same for those that the program still holds.
func (n Entity[T]) InsertAll(ctx context.Context, u *UnitOfWork, rows iter.Seq[*T], keys bool) (int64, error) {
	return n.n.InsertAll(ctx, u, field.Pointers(rows), keys)
}

// InsertFrom inserts the rows that a query reads, whose columns are values for cols,
// after a flush, and returns how many. Columns not among cols have the defaults of
// the database, or those of the model that are values; a version begins; the tenant
// is the one of ctx. Nothing of the rows comes to the program.
func (n Entity[T]) InsertFrom(ctx context.Context, u *UnitOfWork, cols []*schema.ColumnDef, q *expr.SelectStmt) (int64, error) {
	return n.n.InsertFrom(ctx, u, cols, q)
}

// Upsert inserts the rows of an iterator, or updates those that are there, in
// constant memory, without tracking the entities and without hooks. It returns how
// many rows it inserted or updated. Defaults are applied as Add applies them, to new
// rows only. Several rows of one key take effect in the order in which they are
// given.
//
// The entities are as they were afterwards, but with keys those whose rows were
// written hold their keys. Managed entities of rows that were written are read again
// when they are next asked for. After an error the transaction can only be rolled
// back.
func (n Entity[T]) Upsert(ctx context.Context, u *UnitOfWork, rows iter.Seq[*T], on Conflict, keys bool) (int64, error) {
	return n.n.Upsert(ctx, u, field.Pointers(rows), on, keys)
}

// UpsertAll is Upsert that returns the entities of the rows that were inserted or
// updated, in the order in which they were given: managed and with the values of
// their rows, or new ones that nobody tracks.
func (n Entity[T]) UpsertAll(ctx context.Context, u *UnitOfWork, rows iter.Seq[*T], on Conflict, untracked bool) ([]*T, error) {
	return entities[T](n.n.UpsertAll(ctx, u, field.Pointers(rows), on, untracked))
}

// Write runs an UPDATE or DELETE of rows by condition in the unit of work, after
// a flush, and returns how many rows it changed.
//
// Entities whose rows were deleted are deleted ones, and so are those that the
// database's cascades took along, as far as foreign keys of entities that the
// unit has tell; others that a cascade may have reached are read again when they
// are next asked for. So are entities whose rows were updated: their version, if
// the table has one, follows at once, unless the row had been changed by somebody
// else before. Where the key itself is assigned, all entities of the table are
// read again.
func (n Entity[T]) Write(ctx context.Context, u *UnitOfWork, s expr.Statement) (int64, error) {
	return n.n.Write(ctx, u, s)
}

// WriteReturning is Write that returns the entities of the rows, in no order. Those
// of an UPDATE have the values of their rows now, and the unit manages them unless
// untracked is set. Those of a DELETE are new ones that nobody manages, with the
// values that the rows had.
func (n Entity[T]) WriteReturning(ctx context.Context, u *UnitOfWork, s expr.Statement, untracked bool) ([]*T, error) {
	return entities[T](n.n.WriteReturning(ctx, u, s, untracked))
}

// CheckAssign checks a value assigned in bulk as a flush checks a field's: one
// that the column cannot keep is a *schema.ValueError. Expressions pass.
func (n Entity[T]) CheckAssign(c expr.SetClause) error {
	return n.n.CheckAssign(c)
}

// TenantAssigned returns the tenant column that an UPDATE by condition assigns though
// its filter is on in ctx; nil for none.
func (n Entity[T]) TenantAssigned(ctx context.Context, s *expr.UpdateStmt) *schema.ColumnDef {
	return n.n.TenantAssigned(ctx, s)
}

// QueryPage is Query for a statement that may have columns after Columns, and
// whose result ends where end says.
func (n Entity[T]) QueryPage(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, overwrite bool, with ...*rel.Eager) ([]*T, error) {
	return entities[T](n.n.QueryPage(ctx, u, s, end, overwrite, with...))
}

// QueryPageUntracked is QueryUntracked as QueryPage is Query.
func (n Entity[T]) QueryPageUntracked(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, with ...*rel.Eager) ([]*T, error) {
	return entities[T](n.n.QueryPageUntracked(ctx, u, s, end, with...))
}

// Stream runs a SELECT of Columns and yields its entities one by one, in
// constant memory: 256 rows are read at a time, and the loop's body runs between
// the reads, so that it may use the unit of work in any way. An error ends the
// stream as its last pair. Breaking out ends it, too.
//
// A nil unit reads without tracking on a connection of its own, which the
// stream holds until it ends. With a unit and tracked, entities are managed
// while their batch is being worked on. One that was not changed by the end of
// its batch leaves the unit; one that was leaves it once its change is flushed.
// What is changed in an entity after that is not written, and a rollback does
// not restore it.
//
// The relations of with are loaded batch by batch. They need a unit of work and
// tracking: without, they are an error.
func (n Entity[T]) Stream(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, tracked bool, with ...*rel.Eager) iter.Seq2[*T, error] {
	return field.Entities[T](n.n.Stream(ctx, u, s, tracked, with...))
}
