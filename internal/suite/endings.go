package suite

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// What may end a unit of work or its transaction, and who is told.

// endings are the ways to end a unit or its transaction.
var endings = map[string]func(ctx context.Context, tx *uow.UnitOfWork) error{
	"commit":   func(ctx context.Context, tx *uow.UnitOfWork) error { return tx.Commit(ctx) },
	"rollback": func(ctx context.Context, tx *uow.UnitOfWork) error { return tx.Rollback(ctx) },
	"close":    func(_ context.Context, tx *uow.UnitOfWork) error { return tx.Close() },
	"clear":    func(_ context.Context, tx *uow.UnitOfWork) error { return tx.Clear() },
}

func (s *suite) TestS43_AfterLoadEndsNothing(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.hooked.Add(ctx, &Hooked{Name: "a"}, &Hooked{Name: "b"})
	})
	for name, end := range endings {
		ctx, tx := f.unit()
		h, err := f.hooked.Get(ctx, 1)
		f.must(err)
		called := 0
		h.OnAny = func(ctx context.Context, _ string) error {
			called++
			if err := end(ctx, tx); !errors.Is(err, uow.ErrInHook) {
				t.Errorf("%s in AfterLoad: %v", name, err)
			}
			return nil
		}
		f.must(f.hooked.Refresh(ctx, h))
		eq(f, called, 1)
		got, err := f.hooked.Get(ctx, 1) // still there
		f.must(err)
		eq(f, got == h, true)
		f.must(tx.Close())
		_, err = f.hooked.Get(ctx, 2)
		f.is(err, uow.ErrEnded)
	}
}

func (s *suite) TestS43_OnAfterFlushEndsNothing(t *testing.T) {
	f := s.start(t)
	for name, end := range endings {
		called := 0
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			tx.OnAfterFlush(func(ctx context.Context) error {
				if called++; called == 1 {
					if err := end(ctx, tx); !errors.Is(err, uow.ErrInHook) {
						t.Errorf("%s in OnAfterFlush: %v", name, err)
					}
				}
				return nil
			})
			f.must(f.words.Add(ctx, &Word{Text: name}))
			return tx.Flush(ctx)
		})
		eq(f, called, 1)
	}
	eq(f, f.number("SELECT count(*) FROM words"), int64(len(endings)))
}

func (s *suite) TestAPanicInOnAfterFlush(t *testing.T) {
	f := s.start(t)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tx.OnAfterFlush(func(context.Context) error { panic("ouch") })
		f.must(f.words.Add(ctx, &Word{Text: "w"}))
		func() {
			defer func() { _ = recover() }()
			_ = tx.Flush(ctx)
			t.Error("no panic")
		}()
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
	eq(f, f.number("SELECT count(*) FROM words"), 0)
}

func (s *suite) TestS43_AnErrorOfAnAutoflushSaysSo(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, &Item{Count: -5000}))
		return second(f.items.Find(ctx))
	})
	f.says(err, "autoflush", "NoAutoflush")
	as[*uow.FlushError](f, err)
}

func (s *suite) TestACommitByTheBlockIsToldOf(t *testing.T) {
	f := s.start(t)
	for _, end := range []func(tx *uow.UnitOfWork) error{
		func(*uow.UnitOfWork) error { return errUndo },
		func(tx *uow.UnitOfWork) error { f.must(tx.Close()); return errUndo },
		func(*uow.UnitOfWork) error { panic(errUndo) },
	} {
		commits := 0
		func() {
			defer func() { _ = recover() }()
			f.is(f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
				tx.OnAfterCommit(func(context.Context) { commits++ })
				f.must(f.items.Add(ctx, &Item{Name: "c"}))
				f.must(tx.Commit(ctx))
				return end(tx)
			}), errUndo)
		}()
		eq(f, commits, 1)
	}
	eq(f, f.number("SELECT count(*) FROM items"), 3)
	commits := 0
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tx.OnAfterCommit(func(context.Context) { commits++ })
		f.must(f.items.Add(ctx, &Item{Name: "c"}))
		return errUndo
	})
	eq(f, commits, 0)
}

func (s *suite) TestErrSelfWaitOfTheOuterUnit(t *testing.T) {
	f := s.start(t)
	single := f.db.Dialect().Capabilities().SingleWriter
	start := time.Now()
	f.run(func(ctx context.Context, outer *uow.UnitOfWork) error {
		return uow.Run(ctx, f.db, func(in context.Context, inner *uow.UnitOfWork) error {
			f.must(f.words.Add(in, &Word{Text: "in"}))
			f.must(inner.Flush(in))
			err := f.items.Add(ctx, &Item{Name: "out"})
			f.must(err)
			if err = outer.Flush(ctx); single {
				f.is(err, uow.ErrSelfWait)
			} else {
				f.must(err)
			}
			return nil
		}, uow.RequiresNew())
	})
	if d := time.Since(start); single && d > 3*time.Second {
		t.Errorf("it took %v", d)
	}
	eq(f, f.number("SELECT count(*) FROM items"), 1) // once the inner one had ended
}

func (s *suite) TestErrSelfWaitForThePool(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	db := engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(meta), engine.PoolSize(1), engine.PoolOverflow(0), engine.PoolTimeout(time.Minute))
	items := repo.New[Item](db)
	read := func(ctx context.Context, _ *uow.UnitOfWork) error { return second(items.Find(ctx)) }
	f.must(uow.Run(f.ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(read(ctx, tx))
		f.is(uow.Run(ctx, db, read, uow.RequiresNew(), uow.ReadOnly()), uow.ErrSelfWait)
		f.must(tx.Commit(ctx))
		return uow.Run(ctx, db, read, uow.RequiresNew(), uow.ReadOnly()) // the outer one holds nothing
	}, uow.ReadOnly()))
}

func (s *suite) TestASoftDeleteInBeforeDelete(t *testing.T) {
	f := s.start(t)
	h := &Hooked{Name: "a"}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.hooked.Add(ctx, h) })
	h.Told = nil
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		h.OnAny = func(ctx context.Context, verb string) error {
			if verb == "delete" {
				h.Name = "gone"
				return f.hooked.Add(ctx, h) // takes the mark back
			}
			return nil
		}
		return f.hooked.Delete(ctx, h)
	})
	eq(f, h.Told, []string{"delete", "update"})
	eq(f, f.text("SELECT name FROM hooked"), "gone")
}
