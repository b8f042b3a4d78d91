package uow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

// begin makes sure that the transaction runs and can take a statement. u has
// been entered.
func (u *UnitOfWork) begin(ctx context.Context) error {
	if u.failed != nil {
		return u.rollbackOnly()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if u.conn != nil {
		if u.conn.RowsOpen() {
			return ErrRowsOpen
		}
		return nil
	}
	if err := u.selfWait(); err != nil {
		return err
	}
	c, err := u.db.Acquire(ctx, "unit of work")
	if err != nil {
		return err
	}
	if err := c.Begin(ctx, engine.TxOptions{Isolation: u.opts.isolation, ReadOnly: u.opts.readOnly}); err != nil {
		c.Release()
		return err
	}
	u.conn = c
	u.holds.Store(true)
	return nil
}

// selfWait finds that beginning would wait for a unit that waits for this one: one
// around it, or one begun in its block that has not ended.
func (u *UnitOfWork) selfWait() error {
	held := 0
	waits := func(p *UnitOfWork) bool {
		if p.db.Base() != u.db.Base() || !p.holds.Load() { // base_test.go keeps this
			return false
		}
		held++
		if u.db.Shared() {
			return true
		}
		return u.db.Dialect().Capabilities().SingleWriter && !p.opts.readOnly && !u.opts.readOnly
	}
	for p := u.parent; p != nil; p = p.parent {
		if waits(p) {
			return ErrSelfWait
		}
	}
	for p := u.inner.Load(); p != nil; p = p.inner.Load() {
		if waits(p) {
			return ErrSelfWait
		}
	}
	if held == 0 {
		return nil
	}
	if most := u.db.DB().Stats().MaxOpenConnections; most > 0 && held >= most {
		return fmt.Errorf("%w (all %d connections of the pool are theirs)", ErrSelfWait, most)
	}
	return nil
}

func (u *UnitOfWork) rollbackOnly() error {
	if errors.Is(u.failed, ErrRollbackOnly) {
		return u.failed
	}
	return fmt.Errorf("uow: %w: %w", ErrRollbackOnly, u.failed)
}

// broke notes that the database refused a statement: some end the transaction
// then, and what must not be swallowed on one must not be on another.
func (u *UnitOfWork) broke(err error) {
	if u.failed == nil && u.conn != nil && (u.conn.Broken() || isDatabaseError(err)) {
		u.failed = err
	}
}

// isDatabaseError reports whether the database itself refused a statement, as
// opposed to Dormer refusing to send it or to take a row.
func isDatabaseError(err error) bool {
	var s interface{ SQLState() string }
	var c interface{ Code() int } // SQLite's drivers
	return errors.As(err, &s) || errors.As(err, &c) || dialect.Translated(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// InTransaction reports whether the unit of work has begun its transaction.
func (u *UnitOfWork) InTransaction() bool { return u != nil && u.conn != nil }

// Commit flushes, again until hooks leave nothing to write, and commits. The
// unit of work can be used on; what it holds is read again when it is next
// asked for. After an error the transaction has been rolled back, as by
// Rollback. Without a transaction and without changes it does nothing. In the
// block of a savepoint it is ErrInSavepoint, and so is Rollback.
func (u *UnitOfWork) Commit(ctx context.Context) error {
	if err := u.enter(); err != nil {
		return opError("commit", "", err)
	}
	defer u.leave()
	if u.open.Load() > 0 {
		return opError("commit", "", ErrInSavepoint)
	}
	return u.commit(ctx)
}

// maxFlushRounds is how often hooks may make another flush necessary: one after
// the other in Commit, one inside the other in OnAfterFlush.
const maxFlushRounds = 100

func errEndless(op string) error {
	return opError(op, "", fmt.Errorf("hooks changed entities in each of %d flushes", maxFlushRounds))
}

func (u *UnitOfWork) commit(ctx context.Context) error {
	if err := u.endable(); err != nil {
		return opError("commit", "", err)
	}
	back, err := u.commitOrTakeBack(ctx)
	if back {
		u.runAfterRollback(ctx)
	}
	return err
}

// commitOrTakeBack commits. back says that it has rolled back instead, which is
// yet to be told.
func (u *UnitOfWork) commitOrTakeBack(ctx context.Context) (back bool, err error) {
	fail := func(err error) (bool, error) {
		_ = u.takeBack(ctx)
		return true, err
	}
	if u.failed != nil {
		return fail(u.rollbackOnly())
	}
	for round := 0; ; round++ {
		wrote, err := u.flushOnce(ctx)
		if err != nil {
			return fail(err)
		}
		if !wrote {
			break
		}
		if round == maxFlushRounds {
			return fail(errEndless("commit"))
		}
	}
	if u.notice(); u.failed != nil { // since, by what a hook did
		return fail(u.rollbackOnly())
	}
	if u.conn != nil {
		if u.conn.RowsOpen() {
			return fail(opError("commit", "", ErrRowsOpen))
		}
		err := u.conn.Commit(ctx)
		if err != nil {
			if errors.Is(err, dialect.ErrConnectionLost) && !errors.Is(err, engine.ErrBroken) { // else nothing was sent
				err = &CommitUnknownError{err}
			} else {
				err = opError("commit", "", err)
			}
			return fail(err)
		}
		u.release()
	}
	u.settle()
	u.runAfterCommit(ctx)
	return false, nil
}

func (u *UnitOfWork) release() {
	if u.conn != nil {
		u.conn.Release()
		u.conn = nil
		u.holds.Store(false)
	}
}

// settle ends the bookkeeping of a transaction that was committed.
func (u *UnitOfWork) settle() {
	for _, t := range u.tables {
		if t == nil || !t.lost {
			continue
		}
		for _, st := range t.states {
			if st.status == deleted {
				u.forget(st)
			}
		}
		t.lost = false
	}
	u.journal, u.links, u.filled = nil, nil, nil
	u.wrote = false
	u.epoch++
	u.level++
	u.began = u.level
}

// Rollback rolls the transaction back and puts all entities back to the values
// that their rows had when it began: managed ones stay managed and are read
// again when next asked for; deleted ones are managed again; added ones are new
// and unmanaged, with what Dormer wrote into them (keys, defaults, versions)
// taken out. Without a transaction it only does the latter. It fails where the
// connection does; the transaction is rolled back all the same.
func (u *UnitOfWork) Rollback(ctx context.Context) error {
	if err := u.enter(); err != nil {
		return opError("rollback", "", err)
	}
	defer u.leave()
	if err := u.endable(); err != nil {
		return opError("rollback", "", err)
	}
	if u.open.Load() > 0 {
		return opError("rollback", "", ErrInSavepoint)
	}
	return u.rollback(ctx)
}

// inFlush reports whether a flush is under way, its hooks included.
func (u *UnitOfWork) inFlush() bool { return u.flushing || u.preparing }

func (u *UnitOfWork) rollback(ctx context.Context) error {
	err := u.takeBack(ctx)
	u.runAfterRollback(ctx)
	return opError("rollback", "", err)
}

// takeBack rolls back, which is yet to be told.
func (u *UnitOfWork) takeBack(ctx context.Context) (err error) {
	if u.conn != nil {
		// The caller's context may be what ended the work.
		rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err = u.conn.Rollback(rctx)
		cancel()
		u.release()
	}
	u.undoTo(0)
	u.restoreAll()
	u.unfill(0)
	u.unload(u.began)
	u.wrote = false
	u.failed = nil
	u.written()
	u.waiting, u.links = nil, nil
	u.epoch++
	u.level++
	u.began = u.level
	return err
}

// warnDropped logs the changes that nobody has flushed and a rollback takes back.
func (u *UnitOfWork) warnDropped() {
	if !u.db.Warns() {
		return
	}
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		counts := map[string]int{}
		for _, st := range t.states {
			switch st.status {
			case isNew:
				counts["added"]++
			case deleting:
				counts["deleted"]++
			case persistent:
				if c, err := st.isChanged(); c || err != nil {
					counts["changed"]++
				}
			}
		}
		for _, what := range []string{"added", "changed", "deleted"} {
			if n := counts[what]; n > 0 {
				u.db.Warn("uow: a rollback dropped changes that were not flushed", "entity", t.m.name, "change", what, "entities", n)
			}
		}
	}
}

// Close rolls back what was not committed and ends the unit of work: further use
// is ErrEnded. Closing again does nothing. In the block of a savepoint it is
// ErrInSavepoint.
func (u *UnitOfWork) Close() error {
	if u == nil || u.hasEnded() {
		return nil
	}
	if err := u.enter(); err != nil {
		return opError("close", "", err)
	}
	err := u.endable()
	if err == nil && u.open.Load() > 0 {
		err = ErrInSavepoint
	}
	if err != nil {
		u.leave()
		return opError("close", "", err)
	}
	defer u.end()
	if u.conn != nil || len(u.journal) > 0 || u.hasPending() {
		err = u.rollback(context.Background())
	}
	return err
}

func (u *UnitOfWork) hasPending() bool {
	for _, t := range u.tables {
		if t != nil && (len(t.fresh) > 0 || len(t.states) > 0) {
			return true
		}
	}
	return false
}

// end makes the unit unusable. It has been entered.
func (u *UnitOfWork) end() {
	u.ms.live.remove(u)
	u.dissolve(ErrEnded)
	u.mu.Lock()
	u.tables, u.byPtr, u.journal, u.streamed, u.filled = nil, nil, nil, nil, nil
	u.mu.Unlock()
	u.busy.Store(endedMark)
}

// keepRead is keep for an entity whose row was read again. What it held of an
// earlier transaction is not what a rollback puts back: that is the row's first
// reading in this one, as long as the transaction has written nothing.
func (u *UnitOfWork) keepRead(st *state) {
	if st.epoch == u.epoch || st.mark >= u.began || u.wrote {
		u.keep(st)
		return
	}
	st.born = u.level // a savepoint's rollback has it read again
}
