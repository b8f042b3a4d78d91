package uow

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/internal/field"
)

// The kinds of errors that a unit of work returns; use errors.Is. Messages say
// what was being done and what to do.
var (
	// ErrNoUnit: a tracked read or a write without a unit of work in ctx.
	ErrNoUnit = errors.New("no unit of work in the context: wrap the calls in uow.Run and pass on the ctx that it gives; for reads without tracking use Untracked(), for writes one at a time repo.OwnUnit()")
	// ErrZero: a unit of work that New did not make, or nil in With, was used.
	ErrZero = errors.New("zero unit of work: make it with uow.New, or use the one that uow.Run gives")
	// ErrEnded: the unit of work that ctx carries has ended.
	ErrEnded = errors.New("the unit of work has ended: a ctx from inside a Run block, or an entity's unit, was used after it")
	// ErrAttached: the entity is managed by another live unit of work.
	ErrAttached = errors.New("the entity is managed by another live unit of work: load it in this one, or Detach it there")
	// ErrConcurrentUse: two goroutines used one unit of work at the same time.
	ErrConcurrentUse = errors.New("concurrent use of a unit of work: it belongs to one goroutine; start one with uow.Run in each")
	// ErrReadOnly: a write in a read-only unit of work.
	ErrReadOnly = errors.New("the unit of work is read-only")
	// ErrRollbackOnly: the unit of work has failed and can only be rolled back.
	ErrRollbackOnly = errors.New("the unit of work failed earlier and can only be rolled back; use Savepoint to go on after a failure")
	// ErrRowsOpen: rows of a hand-written query are still open.
	ErrRowsOpen = errors.New("rows of an earlier query are still open: close them before the next statement")
	// ErrSelfWait: a unit of work would wait for the one that started it.
	ErrSelfWait = errors.New("the inner unit of work would wait for the outer one, which waits for it: the database takes one writer at a time; drop RequiresNew or end the outer one first")
	// ErrChanged: a locking read found unflushed changes and may not flush.
	ErrChanged = errors.New("the entity has changes that are not flushed")
	// ErrDeleted: the entity was deleted in this unit of work.
	ErrDeleted = errors.New("the entity was deleted in this unit of work")
	// ErrNotManaged: the entity is not managed by this unit of work.
	ErrNotManaged = errors.New("the entity is not managed by this unit of work: load it, Add it or Attach it")
	// ErrNilEntity: an entity given is nil.
	ErrNilEntity = errors.New("the entity is nil")
	// ErrRepeated: an iterator gave one entity for two rows.
	ErrRepeated = errors.New("the entity was given before: an iterator must make a new one for each row, not change one")
	// ErrKey: a key has the wrong number of parts, a part of the wrong type, or
	// no value.
	ErrKey = errors.New("wrong key")
	// ErrFlushing: the unit of work was used in a way that a hook may not.
	ErrFlushing = errors.New("not allowed while the unit of work is flushing")
	// ErrInHook: a hook, or the iterator of an InsertAll, tried to end the unit of
	// work or its transaction.
	ErrInHook = errors.New("not allowed in a hook or an iterator that the unit of work calls: end the transaction outside")
	// ErrInSavepoint: the block of a savepoint tried to end the transaction.
	ErrInSavepoint = errors.New("not allowed in the block of a savepoint, which ends before the transaction does: return an error to go back to the savepoint, or end the transaction after it")
	// ErrTransactionSQL: a hand-written statement would begin, mark or end a
	// transaction.
	ErrTransactionSQL = errors.New("the transaction is the unit of work's: use its Commit, Rollback or Savepoint in place of SQL")
	// ErrIsolation: an inner Run asks for what the running transaction is not.
	ErrIsolation = errors.New("the running transaction does not have what the inner Run asks for")
)

// errNilFunction: a function to be called is nil.
var errNilFunction = errors.New("the function is nil")

// opError says which operation on which entity failed.
func opError(op, entity string, err error) error {
	if err == nil {
		return nil
	}
	if entity == "" {
		return fmt.Errorf("uow: %s: %w", op, err)
	}
	return fmt.Errorf("uow: %s %s: %w", op, entity, err)
}

// DuplicateError says that an entity was added whose key another entity of the
// unit of work has already.
type DuplicateError struct {
	// Entity is the entity's Go type, Key its key.
	Entity, Key string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("uow: add %s: key %s is managed by this unit of work already: change that entity, or use Merge", e.Entity, e.Key)
}

// StaleError says that rows were not as the entities' snapshots say when an
// UPDATE or DELETE came to them: changed by somebody else, or gone.
type StaleError struct {
	// Entity is the entities' Go type, Keys their keys.
	Entity string
	Keys   []string
	// Op is "update", "delete" or what else was asked of the unit: "refresh", "restore",
	// "merge".
	Op string
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("uow: %s %s key %s: the row was changed or deleted by somebody else: load it again, or use RetryStale", e.Op, e.Entity, strings.Join(e.Keys, ", "))
}

// FlushError says which statement of a flush failed. The transaction can only be
// rolled back, to a savepoint set before or as a whole.
type FlushError struct {
	// Op is "insert", "update" or "delete", Entity the entities' Go type, Table
	// their table.
	Op, Entity, Table string
	// Keys are the keys of the entities that the statement wrote, as far as they
	// have one; at most ten. Of the one at fault, where it is known, it is the only
	// one.
	Keys []string
	// Rows counts the entities that the statement wrote, or those that At counts
	// among.
	Rows int
	// Fault is the pointer to the entity at fault, nil where it is not known: a
	// database tells the constraint that rows violate, not which row of a
	// statement it was. At is its place among Rows entities, from 1 on.
	Fault any
	At    int
	// Err is the cause, such as a *dialect.UniqueViolation.
	Err error
}

func (e *FlushError) Error() string {
	what := fmt.Sprintf("%s %s", e.Op, e.Entity)
	if e.Rows > 1 && e.At == 0 {
		what = fmt.Sprintf("%s %d %s", e.Op, e.Rows, e.Entity)
	}
	if len(e.Keys) > 0 {
		what += " key " + strings.Join(e.Keys, ", ")
		if e.Rows > len(e.Keys) && e.At == 0 {
			what += ", …"
		}
	}
	if e.Rows > 1 && e.At > 0 {
		what += fmt.Sprintf(" (the %s of %d)", ordinal(e.At), e.Rows)
	}
	return fmt.Sprintf("uow: flush: %s: %v", what, e.Err)
}

// Unwrap returns the cause.
func (e *FlushError) Unwrap() error { return e.Err }

// ordinal is n as one counts: 1st, 2nd, 11th.
func ordinal(n int) string {
	end := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return fmt.Sprint(n, end)
}

// atFault is an error of one of a statement's entities.
type atFault struct {
	entity field.Ptr
	err    error
}

func (e *atFault) Error() string { return e.err.Error() }
func (e *atFault) Unwrap() error { return e.err }

// blame says which entity an error is of.
func blame(e field.Ptr, err error) error {
	if err == nil {
		return nil
	}
	return &atFault{e, err}
}

// at notes the entity at fault among n.
func (e *FlushError) at(m *mapper, p field.Ptr, i, n int) {
	e.Fault, e.At, e.Rows = m.plain.Of(p), i+1, n
}

// CycleError says that rows cannot be written since each waits for another.
type CycleError struct {
	// Entities name the rows in the cycle.
	Entities []string
}

func (e *CycleError) Error() string {
	return "uow: flush: rows refer to each other in a cycle that cannot be broken: " + strings.Join(e.Entities, " → ") + ": make one of the foreign keys nullable"
}

// CommitUnknownError says that the connection was lost while COMMIT was under
// way: whether the transaction took effect is not known. It is never retried.
type CommitUnknownError struct{ Err error }

func (e *CommitUnknownError) Error() string {
	return fmt.Sprintf("uow: commit: the connection was lost while COMMIT was under way; whether it took effect is unknown: %v", e.Err)
}

// Unwrap returns the driver's error.
func (e *CommitUnknownError) Unwrap() error { return e.Err }
