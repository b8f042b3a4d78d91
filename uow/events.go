package uow

import (
	"context"
	"errors"
)

// events are the functions that a program has registered.
type events struct {
	beforeFlush   []func(context.Context, *Plan) error
	afterFlush    []func(context.Context) error
	afterCommit   []func(context.Context)
	afterRollback []func(context.Context)
}

// mustBe panics where an event's function would fail when it is called: by then
// it is too late to find out who registered it.
func mustBe(event string, u *UnitOfWork, isNil bool) {
	switch {
	case u == nil:
		panic(opError(event, "", ErrNoUnit))
	case u.isZero():
		panic(opError(event, "", ErrZero))
	case isNil:
		panic(opError(event, "", errNilFunction))
	}
}

// OnBeforeFlush has f called before each flush that has something to write. f may
// change, add and delete entities, which then are part of the flush; an error
// of its fails the flush before any SQL. It panics if f is nil, as the others do.
func (u *UnitOfWork) OnBeforeFlush(f func(ctx context.Context, p *Plan) error) {
	mustBe("OnBeforeFlush", u, f == nil)
	u.events.beforeFlush = append(u.events.beforeFlush, f)
}

// OnAfterFlush has f called after each flush that has written something, before
// the transaction ends, which it may not end itself. An error or a panic of its
// makes the transaction one that can only be rolled back.
func (u *UnitOfWork) OnAfterFlush(f func(ctx context.Context) error) {
	mustBe("OnAfterFlush", u, f == nil)
	u.events.afterFlush = append(u.events.afterFlush, f)
}

// OnAfterCommit has f called once the transaction is committed, after the last
// attempt where Run retries. The unit of work may not be used in it.
func (u *UnitOfWork) OnAfterCommit(f func(ctx context.Context)) {
	mustBe("OnAfterCommit", u, f == nil)
	u.events.afterCommit = append(u.events.afterCommit, f)
}

// OnAfterRollback has f called once the transaction is rolled back. The unit of
// work may not be used in it.
func (u *UnitOfWork) OnAfterRollback(f func(ctx context.Context)) {
	mustBe("OnAfterRollback", u, f == nil)
	u.events.afterRollback = append(u.events.afterRollback, f)
}

// runAfterCommit tells that the transaction is committed. Inside Run that waits
// until the unit has ended.
func (u *UnitOfWork) runAfterCommit(ctx context.Context) {
	u.committed = true
	if u.deferCommitted {
		return
	}
	for _, f := range u.events.afterCommit {
		f(ctx) // the unit stays entered: using it is ErrConcurrentUse
	}
}

// tellFlushed tells of a flush that has written something.
func (u *UnitOfWork) tellFlushed(ctx context.Context) error {
	done := false
	u.told++
	defer func() {
		u.told--
		if !done && u.failed == nil {
			u.failed = errors.New("a function given to OnAfterFlush panicked")
		}
	}()
	for _, f := range u.events.afterFlush {
		if err := u.hook(func() error { return f(u.carry(ctx)) }); err != nil {
			done = true
			return err
		}
	}
	done = true
	return nil
}

func (u *UnitOfWork) runAfterRollback(ctx context.Context) {
	for _, f := range u.events.afterRollback {
		f(ctx)
	}
}

// told is a hook that was called.
type told struct {
	st *state
	op Op
}

// hooked runs the entities' hooks for what w holds, each once per entity and
// flush: a BeforeDelete that turns the deletion into an update has BeforeUpdate
// called, too.
func (u *UnitOfWork) hooked(ctx context.Context, w *work, done map[told]bool) (ran bool, err error) {
	ctx = u.carry(ctx)
	run := func(st *state, op Op, want bool, call func(e any) error) error {
		if !want || done[told{st, op}] {
			return nil
		}
		done[told{st, op}], ran = true, true
		e := st.in.m.plain.Of(st.entity)
		return u.hook(func() error { return call(e) })
	}
	for _, tw := range w.tables {
		h := tw.t.m.hooks
		for _, st := range tw.inserts {
			if err := run(st, Insert, h.insert, func(e any) error { return e.(BeforeInserter).BeforeInsert(ctx) }); err != nil {
				return ran, &FlushError{Op: "insert", Entity: tw.t.m.name, Table: tw.t.m.def.Name, Fault: tw.t.m.plain.Of(st.entity), At: 1, Rows: 1, Err: err}
			}
		}
		for _, up := range tw.updates {
			if err := run(up.st, Update, h.update, func(e any) error { return e.(BeforeUpdater).BeforeUpdate(ctx) }); err != nil {
				return ran, &FlushError{Op: "update", Entity: tw.t.m.name, Table: tw.t.m.def.Name, Fault: tw.t.m.plain.Of(up.st.entity), At: 1, Keys: []string{up.st.showKey()}, Rows: 1, Err: err}
			}
		}
		for _, st := range tw.deletes {
			if err := run(st, Delete, h.delete, func(e any) error { return e.(BeforeDeleter).BeforeDelete(ctx) }); err != nil {
				return ran, &FlushError{Op: "delete", Entity: tw.t.m.name, Table: tw.t.m.def.Name, Fault: tw.t.m.plain.Of(st.entity), At: 1, Keys: []string{st.showKey()}, Rows: 1, Err: err}
			}
		}
	}
	return ran, nil
}

// prepare collects the work, letting hooks and events add to it until they add
// nothing more.
func (u *UnitOfWork) prepare(ctx context.Context) (*work, error) {
	u.preparing = true
	defer func() { u.preparing = false }()
	w, err := u.collect(ctx)
	if err != nil || w.empty() {
		return w, err
	}
	if len(u.events.beforeFlush) > 0 {
		p := w.plan()
		for _, f := range u.events.beforeFlush {
			if err := u.hook(func() error { return f(u.carry(ctx), p) }); err != nil {
				return nil, err
			}
		}
		if w, err = u.collect(ctx); err != nil {
			return nil, err
		}
	}
	if !u.anyHooks(w) {
		return w, nil
	}
	done := map[told]bool{}
	for {
		ran, err := u.hooked(ctx, w, done)
		if err != nil {
			return nil, err
		}
		if !ran {
			return w, nil
		}
		if w, err = u.collect(ctx); err != nil {
			return nil, err
		}
	}
}

func (u *UnitOfWork) anyHooks(w *work) bool {
	for _, tw := range w.tables {
		if h := tw.t.m.hooks; h.insert || h.update || h.delete {
			return true
		}
	}
	return false
}
