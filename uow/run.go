package uow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

// Run runs fn in a unit of work and commits it: nil flushes and commits, an error
// or a panic rolls back, and both put the entities back as Rollback does. The
// ctx that fn is given carries the unit of work, so that the repositories of db
// join it; tx is the same unit.
//
// Inside another Run of the same engine, Run joins it: nothing is committed
// before the outer block ends. A joined block that fails makes the outer unit
// one that can only be rolled back: if the outer block returns nil all the same,
// its Run returns ErrRollbackOnly, which wraps the cause. Savepoint is for going
// on after a failure, RequiresNew for standing apart.
//
// With a ctx that has ended fn is not called: its error is returned, and fails a
// joined unit.
func Run(ctx context.Context, db *engine.Engine, fn func(ctx context.Context, tx *UnitOfWork) error, opts ...Option) error {
	if db == nil {
		return opError("run", "", errors.New("the engine is nil"))
	}
	if fn == nil {
		return opError("run", "", errNilFunction)
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	outer := lookup(ctx, db)
	if outer.isZero() {
		return opError("run", "", ErrZero)
	}
	if outer != nil && !o.requiresNew {
		if outer.hasEnded() {
			return opError("run", "", ErrEnded)
		}
		return join(ctx, outer, fn, o)
	}
	if outer != nil && outer.hasEnded() {
		outer = nil
	}
	if err := ctx.Err(); err != nil {
		return opError("run", "", err)
	}
	for attempt := 0; ; attempt++ {
		u, err := attemptOnce(ctx, db, outer, fn, opts)
		u.finishCommitted(ctx)
		if err == nil {
			return nil
		}
		if attempt >= o.retries || !o.retryable(err) {
			return err
		}
		if werr := backoff(ctx, attempt); werr != nil {
			return errors.Join(err, werr)
		}
	}
}

// attemptOnce runs fn in a fresh unit.
func attemptOnce(ctx context.Context, db *engine.Engine, outer *UnitOfWork, fn func(context.Context, *UnitOfWork) error, opts []Option) (u *UnitOfWork, err error) {
	u = New(db, opts...)
	u.parent = outer
	if outer != nil {
		before := outer.inner.Swap(u)
		defer outer.inner.Store(before)
	}
	u.deferCommitted = true
	entered, done, back := false, false, false
	defer func() {
		switch {
		case done:
			return
		case back: // a function given to OnAfterRollback panicked
			defer u.finishCommitted(ctx)
			u.end()
		case entered || u.enterAgain(0) == nil: // fn or a hook panicked, or ended its goroutine
			defer u.finishCommitted(ctx)
			defer u.end()
			_ = u.rollback(ctx)
		default:
			u.endLater()
		}
	}()
	err = fn(With(ctx, u), u)
	if eerr := u.enterAgain(0); eerr != nil {
		done = true
		if errors.Is(eerr, ErrEnded) {
			if err == nil && u.committed {
				return u, nil // fn committed and closed it
			}
		} else {
			u.endLater()
		}
		return u, errors.Join(err, opError("run", "", eerr))
	}
	entered = true
	if err != nil {
		rerr := u.takeBack(ctx)
		back = true
		if rerr != nil {
			err = errors.Join(err, opError("rollback", "", rerr))
		}
	} else {
		back, err = u.commitOrTakeBack(ctx)
	}
	if back {
		u.runAfterRollback(ctx)
	}
	done = true
	u.end()
	return u, err
}

// finishCommitted tells of a commit once the unit has ended: one by the block
// itself stands, too, if the block fails afterwards.
func (u *UnitOfWork) finishCommitted(ctx context.Context) {
	if !u.committed {
		return
	}
	for _, f := range u.events.afterCommit {
		f(ctx)
	}
}

// join runs fn in the outer unit.
func join(ctx context.Context, outer *UnitOfWork, fn func(context.Context, *UnitOfWork) error, o options) (err error) {
	if !meets(outer.opts.isolation, o.isolation) {
		return opError("run", "", fmt.Errorf("%w: isolation %s inside %s: set it on the outer Run or use RequiresNew", ErrIsolation, o.isolation, outer.opts.isolation))
	}
	if o.readOnly && !outer.opts.readOnly {
		return opError("run", "", fmt.Errorf("%w: ReadOnly inside a unit of work that writes: use RequiresNew", ErrIsolation))
	}
	if err := ctx.Err(); err != nil {
		err = opError("run", "", err)
		outer.spoil(err)
		return err
	}
	done := false
	defer func() {
		if !done {
			outer.spoil(errors.New("a joined block panicked"))
		}
	}()
	err = fn(ctx, outer)
	done = true
	if err != nil {
		outer.spoil(err)
	}
	return err
}

// meets reports whether a transaction of one isolation level has what is asked
// for: the same, or of the four levels of the SQL standard a weaker one.
func meets(has, asked sql.IsolationLevel) bool {
	standard := func(l sql.IsolationLevel) bool {
		return l == sql.LevelReadUncommitted || l == sql.LevelReadCommitted || l == sql.LevelRepeatableRead || l == sql.LevelSerializable
	}
	return asked == sql.LevelDefault || asked == has || standard(has) && standard(asked) && asked < has
}

// spoil makes the unit one that can only be rolled back.
func (u *UnitOfWork) spoil(err error) {
	if eerr := u.enter(); eerr != nil {
		if !errors.Is(eerr, ErrEnded) {
			u.condemn(err)
		}
		return
	}
	if u.failed == nil {
		u.failed = err
	}
	u.leave()
}

// retryable reports whether a fresh attempt may succeed.
func (o *options) retryable(err error) bool {
	var unknown *CommitUnknownError
	if errors.As(err, &unknown) {
		return false
	}
	if errors.Is(err, dialect.ErrSerialization) || errors.Is(err, dialect.ErrDeadlock) {
		return true
	}
	var stale *StaleError
	if o.retryStale && errors.As(err, &stale) {
		return true
	}
	return o.retryIf != nil && o.retryIf(err)
}

// backoff waits longer with each attempt, and by chance, so that those who
// collided do not collide again.
func backoff(ctx context.Context, attempt int) error {
	most := min(time.Second, 4*time.Millisecond<<min(attempt, 10))
	t := time.NewTimer(most/2 + rand.N(most/2))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
