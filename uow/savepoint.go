package uow

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Savepoint runs f between a savepoint and its release. It flushes first. If f
// returns an error or panics, the transaction goes back to the savepoint and so
// do the entities, as Rollback puts them back; the error is returned and the
// unit of work can go on. f may swallow its own errors: what failed inside is
// rolled back then, too, and ErrRollbackOnly returned. f cannot end the
// transaction: Commit and Rollback are ErrInSavepoint in it. A nil f is an error.
func (u *UnitOfWork) Savepoint(ctx context.Context, f func(ctx context.Context) error) (err error) {
	if f == nil {
		return opError("savepoint", "", errNilFunction)
	}
	if err := u.enter(); err != nil {
		return opError("savepoint", "", err)
	}
	name, mark, err := u.setPoint(ctx)
	level := u.level
	if err == nil {
		u.open++
	}
	u.leave()
	if err != nil {
		return opError("savepoint", "", err)
	}
	done := false
	defer func() {
		if done {
			return
		}
		// f panicked
		if u.enter() == nil {
			u.open--
			_ = u.backTo(ctx, name, mark, level)
			u.leave()
		}
	}()
	ferr := f(ctx)
	done = true
	if err := u.enter(); err != nil {
		return errors.Join(ferr, opError("savepoint", "", err))
	}
	defer u.leave()
	defer func() { u.open-- }()
	if ferr == nil && u.failed == nil {
		ferr = u.flush(ctx) // what f did belongs to it
	}
	if ferr == nil && u.failed != nil {
		ferr = u.rollbackOnly()
	}
	if ferr != nil {
		if err := u.backTo(ctx, name, mark, level); err != nil {
			return errors.Join(ferr, err)
		}
		return ferr
	}
	if err := u.conn.ReleaseSavepoint(ctx, name); err != nil {
		u.broke(err)
		if berr := u.backTo(ctx, name, mark, level); berr != nil {
			return errors.Join(err, berr)
		}
		return opError("release savepoint", "", err)
	}
	u.level++ // snapshots kept inside belong to the outer level now
	return nil
}

func (u *UnitOfWork) setPoint(ctx context.Context) (name string, mark int, err error) {
	if u.inFlush() {
		return "", 0, ErrFlushing
	}
	if u.failed != nil {
		return "", 0, u.rollbackOnly()
	}
	if err := u.flush(ctx); err != nil {
		return "", 0, err
	}
	if err := u.begin(ctx); err != nil {
		return "", 0, err
	}
	u.points++
	name = fmt.Sprintf("dormer_%d", u.points)
	if err := u.conn.Savepoint(ctx, name); err != nil {
		u.broke(err)
		return "", 0, err
	}
	u.level++
	return name, len(u.journal), nil
}

// backTo rolls back to a savepoint, in the database and in memory.
func (u *UnitOfWork) backTo(ctx context.Context, name string, mark int, level uint32) error {
	if u.conn == nil {
		return opError("roll back to savepoint", "", ErrRollbackOnly)
	}
	rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	u.rewinds++
	err := u.conn.RollbackTo(rctx, name)
	if err == nil {
		err = u.conn.ReleaseSavepoint(rctx, name)
	}
	if err != nil {
		u.failed = err
		return opError("roll back to savepoint", "", err)
	}
	u.failed = nil
	u.undoTo(mark)
	u.restoreAll()
	u.unfill(level)
	u.expireSince(level)
	u.unload(level)
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
	u.noFlush++
	u.leave()
	defer func() {
		if u.enter() == nil {
			u.noFlush--
			u.leave()
		}
	}()
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
