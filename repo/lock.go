package repo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// LockOption is an option of ForUpdate and ForShare.
type LockOption func(*rowLock)

// rowLock is what a query locks.
type rowLock struct {
	strength expr.LockStrength
	wait     expr.LockWait
	of       []*expr.Source
	err      error
}

// SkipLocked leaves out the rows that another transaction has locked. It is how
// several workers take jobs from one table, each job once:
//
//	jobs.Where(Jobs.Done.Eq(false)).OrderBy(Jobs.ID.Asc()).Limit(1).ForUpdate(repo.SkipLocked()).All(ctx)
func SkipLocked() LockOption { return func(l *rowLock) { l.waits(expr.SkipLocked) } }

// NoWait makes the query a *dialect.LockTimeout, at once, where another transaction
// has locked one of the rows. As after every error, a transaction on PostgreSQL
// goes on only where the query ran in a savepoint.
func NoWait() LockOption { return func(l *rowLock) { l.waits(expr.NoWait) } }

// Of locks the rows of these tables only, of those that the query reads from.
// Without it, the rows of the entity's own table are locked.
func Of(handles ...schema.Handle) LockOption {
	return func(l *rowLock) {
		if len(handles) == 0 {
			l.fail(errors.New("Of no table: name those whose rows are to be locked"))
		}
		for i, h := range handles {
			src := schema.SourceOf(h)
			if src == nil {
				l.fail(fmt.Errorf("Of: table %d was not made by schema.Define", i+1))
				continue
			}
			if !slices.Contains(l.of, src) {
				l.of = append(l.of, src)
			}
		}
	}
}

func (l *rowLock) waits(w expr.LockWait) {
	if l.wait != expr.WaitForLocks && l.wait != w {
		l.fail(errors.New("SkipLocked and NoWait exclude each other"))
	}
	l.wait = w
}

func (l *rowLock) fail(err error) { l.err = errors.Join(l.err, err) }

// ForUpdate locks the rows until the transaction ends, and reads entities that
// the unit of work has already anew. Without options it waits for rows that others
// have locked. On SQLite, where a unit that writes holds the whole database, it
// only does the latter, whatever the options. A later call replaces an earlier one.
// Outside a unit of work each statement is a transaction of its own, so that nothing
// stays locked past it.
func (q Query[T]) ForUpdate(opts ...LockOption) Query[T] {
	q.q.locked(expr.LockUpdate, opts)
	return q
}

// ForShare locks the rows against changes until the transaction ends, as
// ForUpdate does, to which the same applies outside a unit of work.
func (q Query[T]) ForShare(opts ...LockOption) Query[T] {
	q.q.locked(expr.LockShare, opts)
	return q
}

//go:noinline
func (q *query) locked(s expr.LockStrength, opts []LockOption) {
	l := &rowLock{strength: s}
	for _, o := range opts {
		if o != nil {
			o(l)
		}
	}
	if l.err != nil {
		q.err = errors.Join(q.err, l.err)
	}
	q.lock = l
}
