package uow

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Savepoint runs f between a savepoint and its release. It flushes first. If f
// returns an error, or f or a hook panics, the transaction goes back to the
// savepoint and so do the entities, as Rollback puts them back; the error is
// returned and the unit of work can go on. f may swallow its own errors: what
// failed inside is rolled back then, too, and ErrRollbackOnly returned. f cannot
// end the transaction: Commit, Rollback and Close are ErrInSavepoint in it. A nil
// f is an error.
//
// If another goroutine is inside the unit when f ends, the savepoint can be
// neither released nor gone back to: the unit can only be rolled back then, and
// the error is ErrConcurrentUse, joined to that of f.
func (u *UnitOfWork) Savepoint(ctx context.Context, f func(ctx context.Context) error) (err error) {
	if f == nil {
		return opError("savepoint", "", errNilFunction)
	}
	p, err := u.openPoint(ctx)
	if err != nil {
		return opError("savepoint", "", err)
	}
	entered, done := false, false
	defer func() {
		defer u.open.Add(-1)
		if !done && !entered { // f panicked, or ended its goroutine
			if err := u.enterAgain(p.hooks); err != nil {
				u.condemn(opError("savepoint", "", err))
				return
			}
			entered = true
		}
		if entered {
			defer u.leave()
		}
		if !done {
			_ = u.backTo(ctx, p)
		}
	}()
	ferr := f(ctx)
	if err := u.enterAgain(p.hooks); err != nil {
		done = true
		err = opError("savepoint", "", err)
		u.condemn(err)
		return errors.Join(ferr, err)
	}
	entered = true
	err = u.closePoint(ctx, p, ferr)
	done = true
	return err
}

// point is a savepoint.
type point struct {
	name  string
	mark  int    // the journal's length
	level uint32 // of the unit, inside
	hooks int    // how many are running around it
}

// openPoint sets a savepoint, after a flush.
func (u *UnitOfWork) openPoint(ctx context.Context) (*point, error) {
	if err := u.enter(); err != nil {
		return nil, err
	}
	defer u.leave()
	if u.inFlush() {
		return nil, ErrFlushing
	}
	if u.failed != nil {
		return nil, u.rollbackOnly()
	}
	if err := u.flush(ctx); err != nil {
		return nil, err
	}
	if err := u.begin(ctx); err != nil {
		return nil, err
	}
	u.points++
	p := &point{name: fmt.Sprintf("dormer_%d", u.points), mark: len(u.journal), hooks: u.hooks}
	if err := u.conn.Savepoint(ctx, p.name); err != nil {
		u.broke(err)
		return nil, err
	}
	u.level++
	p.level = u.level
	u.open.Add(1)
	return p, nil
}

// enterAgain enters after a block that was begun inside so many hooks. Another
// number says that another goroutine is in the middle of a call.
func (u *UnitOfWork) enterAgain(hooks int) error {
	if err := u.enter(); err != nil {
		return err
	}
	if u.hooks != hooks {
		u.leave()
		return ErrConcurrentUse
	}
	return nil
}

// closePoint releases the savepoint, after a flush, or goes back to it. ferr is
// the error of its block.
func (u *UnitOfWork) closePoint(ctx context.Context, p *point, ferr error) error {
	if ferr == nil && u.failed == nil {
		ferr = u.flush(ctx) // what the block did belongs to it
	}
	if u.notice(); ferr == nil && u.failed != nil {
		ferr = u.rollbackOnly()
	}
	if ferr != nil {
		if err := u.backTo(ctx, p); err != nil {
			return errors.Join(ferr, err)
		}
		return ferr
	}
	if err := u.conn.ReleaseSavepoint(ctx, p.name); err != nil {
		u.broke(err)
		if berr := u.backTo(ctx, p); berr != nil {
			return errors.Join(err, berr)
		}
		return opError("release savepoint", "", err)
	}
	u.level++ // snapshots kept inside belong to the outer level now
	return nil
}

// backTo rolls back to a savepoint, in the database and in memory.
func (u *UnitOfWork) backTo(ctx context.Context, p *point) error {
	if u.conn == nil {
		return opError("roll back to savepoint", "", ErrRollbackOnly)
	}
	rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	u.rewinds++
	err := u.conn.RollbackTo(rctx, p.name)
	if err == nil {
		err = u.conn.ReleaseSavepoint(rctx, p.name)
	}
	if err != nil {
		u.failed = err
		return opError("roll back to savepoint", "", err)
	}
	u.failed = nil
	u.undoTo(p.mark)
	u.restoreAll()
	u.unfill(p.level)
	u.expireSince(p.level)
	u.unload(p.level)
	u.written()
	u.waiting = nil
	u.level++
	return nil
}

// NoAutoflush runs f without flushes before queries; the setting ends with f,
// however f ends. A nil f is an error.
func (u *UnitOfWork) NoAutoflush(f func() error) error {
	if f == nil {
		return opError("no autoflush", "", errNilFunction)
	}
	if err := u.enter(); err != nil {
		return opError("no autoflush", "", err)
	}
	u.noFlush.Add(1)
	u.leave()
	defer u.noFlush.Add(-1)
	return f()
}

// Clear lets go of all entities without writing their changes; the transaction
// goes on. A rollback no longer restores them.
func (u *UnitOfWork) Clear() error {
	if err := u.enter(); err != nil {
		return opError("clear", "", err)
	}
	defer u.leave()
	if err := u.endable(); err != nil {
		return opError("clear", "", err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.tables, u.byPtr, u.streamed = nil, nil, nil
	clear(u.journal) // open savepoints know its length
	u.written()
	u.waiting, u.links = nil, nil
	u.dissolve(ErrNotManaged)
	return nil
}
