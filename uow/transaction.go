package uow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/field"
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
		if p.db != u.db || !p.holds.Load() {
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
func (u *UnitOfWork) InTransaction() bool { return u.conn != nil }

// Commit flushes, again until hooks leave nothing to write, and commits. The
// unit of work can be used on; what it holds is read again when it is next
// asked for. After an error the transaction has been rolled back, as by
// Rollback. Without a transaction and without changes it does nothing.
func (u *UnitOfWork) Commit(ctx context.Context) error {
	if err := u.enter(); err != nil {
		return opError("commit", "", err)
	}
	defer u.leave()
	return u.commit(ctx)
}

const maxFlushRounds = 100

func (u *UnitOfWork) commit(ctx context.Context) error {
	fail := func(err error) error {
		u.rollback(ctx)
		return err
	}
	if err := u.endable(); err != nil {
		return opError("commit", "", err)
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
			return fail(opError("commit", "", fmt.Errorf("hooks changed entities in each of %d flushes", maxFlushRounds)))
		}
	}
	if u.conn != nil {
		if u.conn.RowsOpen() {
			return fail(opError("commit", "", ErrRowsOpen))
		}
		err := u.conn.Commit(ctx)
		if err != nil {
			if errors.Is(err, dialect.ErrConnectionLost) {
				err = &CommitUnknownError{err}
			} else {
				err = opError("commit", "", err)
			}
			return fail(err)
		}
		u.release()
	}
	u.settle()
	return u.runAfterCommit(ctx)
}

func (u *UnitOfWork) release() {
	if u.conn != nil {
		u.conn.Release()
		u.conn = nil
		u.holds.Store(false)
		u.transactions++
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
	u.journal, u.links = nil, nil
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
	return u.rollback(ctx)
}

// inFlush reports whether a flush is under way, its hooks included.
func (u *UnitOfWork) inFlush() bool { return u.flushing || u.preparing }

func (u *UnitOfWork) rollback(ctx context.Context) error {
	var err error
	if u.conn != nil {
		// The caller's context may be what ended the work.
		rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err = u.conn.Rollback(rctx)
		cancel()
		u.release()
	}
	u.undoTo(0)
	u.restoreAll()
	u.unload(u.began)
	u.wrote = false
	u.failed = nil
	u.written()
	u.waiting, u.links = nil, nil
	u.epoch++
	u.level++
	u.began = u.level
	u.runAfterRollback(ctx)
	return opError("rollback", "", err)
}

// restoreAll drops what was not flushed: new entities are let go, marks for
// deletion taken back, changed fields restored.
func (u *UnitOfWork) restoreAll() {
	u.warnDropped()
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, st := range t.states {
			switch st.status {
			case isNew:
				u.letGo(st)
			case deleting:
				st.status = persistent
				_ = st.restore()
			case persistent:
				_ = st.restore() // of values that were encoded once already
			}
			if st.status == persistent {
				k := st.key()
				if other, taken := t.ids.Get(k); taken && other != st {
					u.forget(st) // its row was made since, in the place of one that is back
				} else if !taken && !k.IsZero() {
					t.ids.Put(k, st)
				}
			}
		}
		t.fresh, t.heirs = nil, nil
	}
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

// expireSince marks the entities expired that were read since the savepoint of
// that level: what they hold may have been written since, too.
func (u *UnitOfWork) expireSince(level uint32) {
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, st := range t.states {
			if st.born >= level {
				st.epoch = 0
			}
		}
	}
}

// letGo makes a new entity unmanaged.
func (u *UnitOfWork) letGo(st *state) {
	if k, ok := st.in.pendingKeys[st]; ok {
		if st.in.has(k, st) {
			st.in.ids.Delete(k)
		}
		delete(st.in.pendingKeys, st)
	}
	u.unlink(st)
	u.forget(st)
}

// Close rolls back what was not committed and ends the unit of work: further use
// is ErrEnded. Closing again does nothing.
func (u *UnitOfWork) Close() error {
	if u == nil || u.hasEnded() {
		return nil
	}
	if err := u.enter(); err != nil {
		return opError("close", "", err)
	}
	err := u.endable()
	if err != nil {
		u.leave()
		return opError("close", "", err)
	}
	if u.conn != nil || len(u.journal) > 0 || u.hasPending() {
		err = u.rollback(context.Background())
	}
	u.end()
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
	u.dissolve()
	u.mu.Lock()
	u.tables, u.byPtr, u.journal, u.streamed = nil, nil, nil, nil
	u.mu.Unlock()
	u.busy.Store(endedMark)
}

// undo is one step back in what the transaction did to an entity.
type undo struct {
	st     *state
	what   undoKind
	status status     // before
	snap   field.Ptr  // before
	wrote  []restorer // what Dormer wrote into a new entity
	link   *undoneLink
}

type undoKind uint8

const (
	undoInsert undoKind = iota // it was inserted
	undoUpdate                 // its snapshot moved on
	undoDelete                 // it was deleted
	undoVanish                 // its row was found gone
	undoLink                   // one of its containers was changed
	undoSettle                 // a field of an added one was brought to its stored form
	undoTouch                  // a field of an added one was filled by an UPDATE
)

// restorer is a field that Dormer wrote, with the value it held before; nil is
// Go's zero value.
type restorer struct {
	f   *field.Field
	old any
}

func (u *UnitOfWork) log(x undo) { u.journal = append(u.journal, x) }

// keep has the journal keep st's snapshot before it changes, once per savepoint,
// and gives st a copy to change.
func (u *UnitOfWork) keep(st *state) {
	if st.mark == u.level {
		return
	}
	u.log(undo{st: st, what: undoUpdate, snap: st.snap})
	st.snap = st.in.m.tracked.CloneSnapshot(st.snap)
	st.mark = u.level
}

// keepRead is keep for an entity whose row was read again. What it held of an
// earlier transaction is not what a rollback puts back: that is the row's first
// reading in this one, as long as the transaction has written nothing.
func (u *UnitOfWork) keepRead(st *state) {
	if st.epoch == u.epoch || st.epoch == 0 || st.mark >= u.began || u.wrote {
		u.keep(st)
		return
	}
	st.born = u.level // a savepoint's rollback has it read again
}

// undoTo takes the journal back to where it had n entries. What was let go since
// stays as it is.
func (u *UnitOfWork) undoTo(n int) {
	added, was := map[*state]bool{}, written{}
	for _, x := range u.journal[n:] {
		if x.what == undoInsert {
			added[x.st] = true
		}
	}
	for i := len(u.journal) - 1; i >= n; i-- {
		x := u.journal[i]
		u.journal[i] = undo{}
		st := x.st
		if st != nil && x.what == undoLink && (added[st] || st.status != gone) {
			u.undoLinkOf(st, x.link, added[st] || st.status == isNew)
			continue
		}
		if st == nil || st.status == gone {
			continue
		}
		t := st.in
		if x.what == undoSettle || x.what == undoTouch {
			if added[st] {
				was.back(x)
			}
			continue
		}
		if x.what != undoInsert && added[st] {
			continue // it becomes new again, with what the program has set since
		}
		switch x.what {
		case undoInsert:
			k := st.key()
			if t.has(k, st) {
				t.ids.Delete(k)
			}
			delete(t.pendingKeys, st)
			for _, w := range x.wrote {
				w.restore(st.entity)
			}
			u.unlink(st)
			u.forget(st)
		case undoUpdate:
			old := st.key()
			st.snap = x.snap
			st.mark = 0
			st.epoch = 0
			if k := st.key(); k.String() != old.String() && st.status != gone {
				if t.has(old, st) {
					t.ids.Delete(old)
				}
				t.ids.Put(k, st)
			}
			_ = st.restore()
		case undoDelete, undoVanish:
			st.status = x.status
			if st.status == deleting {
				st.status = persistent
			}
			st.epoch = 0
			t.ids.Put(st.key(), st)
			_ = st.restore()
		}
	}
	u.journal = u.journal[:n]
}

// Savepoint runs f between a savepoint and its release. It flushes first. If f
// returns an error or panics, the transaction goes back to the savepoint and so
// do the entities, as Rollback puts them back; the error is returned and the
// unit of work can go on. f may swallow its own errors: what failed inside is
// rolled back then, too, and ErrRollbackOnly returned.
func (u *UnitOfWork) Savepoint(ctx context.Context, f func(ctx context.Context) error) (err error) {
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
	done, in := false, u.transactions
	defer func() {
		if done {
			return
		}
		// f panicked
		if u.enter() == nil {
			u.open--
			if u.transactions == in {
				_ = u.backTo(ctx, name, mark, level)
			}
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
	if u.transactions != in {
		return errors.Join(ferr, opError("savepoint", "", errors.New("the transaction was committed or rolled back inside it")))
	}
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
	u.expireSince(level)
	u.unload(level)
	u.written()
	u.waiting = nil
	u.level++
	return nil
}

// NoAutoflush runs f without flushes before queries; the setting ends with f,
// however f ends.
func (u *UnitOfWork) NoAutoflush(f func() error) error {
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
	u.dissolve()
	return nil
}
