package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

var errUndo = errors.New("undo")

func (s *suite) TestRetryWithEntitiesBuiltOutside(t *testing.T) {
	f := s.start(t)
	e, d := &Item{Name: "outside"}, &Defaulted{}
	tries := 0
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tries++
		f.must(f.items.Add(ctx, e))
		f.must(f.defaulted.Add(ctx, d))
		f.must(tx.Flush(ctx))
		e.Name = "outside, changed"
		if tries < 3 {
			return fmt.Errorf("wrapped: %w", &dialect.SerializationFailure{Err: errUndo})
		}
		return nil
	}, uow.Retry(2))
	eq(f, tries, 3)
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'outside, changed'"), 1)
	eq(f, f.number("SELECT count(*) FROM defaulted"), 1)
}

func (s *suite) TestRetryCounts(t *testing.T) {
	f := s.start(t)
	stale, deadlock, odd := &uow.StaleError{Entity: "x"}, &dialect.Deadlock{Err: errUndo}, errors.New("odd")
	for _, c := range []struct {
		name string
		err  error
		opts []uow.Option
		want int
	}{
		{"none", deadlock, nil, 1},
		{"deadlock", deadlock, []uow.Option{uow.Retry(2)}, 3},
		{"stale, not asked for", stale, []uow.Option{uow.Retry(2)}, 1},
		{"stale", stale, []uow.Option{uow.Retry(2), uow.RetryStale()}, 3},
		{"stale without Retry", stale, []uow.Option{uow.RetryStale()}, 1},
		{"odd", odd, []uow.Option{uow.Retry(1), uow.RetryIf(func(err error) bool { return errors.Is(err, odd) })}, 2},
		{"unknown commit", &uow.CommitUnknownError{Err: deadlock}, []uow.Option{uow.Retry(3), uow.RetryIf(func(error) bool { return true })}, 1},
	} {
		n, commits, rollbacks := 0, 0, 0
		err := uow.Run(f.ctx, f.db, func(_ context.Context, tx *uow.UnitOfWork) error {
			n++
			tx.OnAfterCommit(func(context.Context) { commits++ })
			tx.OnAfterRollback(func(context.Context) { rollbacks++ })
			return c.err
		}, c.opts...)
		if !errors.Is(err, c.err) || n != c.want || commits != 0 || rollbacks != n {
			t.Errorf("%s: %d attempts, %d commits, %d rollbacks, %v", c.name, n, commits, rollbacks, err)
		}
	}
	ctx, cancel := context.WithCancel(f.ctx)
	n := 0
	err := uow.Run(ctx, f.db, func(context.Context, *uow.UnitOfWork) error { n++; cancel(); return deadlock }, uow.Retry(5))
	f.is(err, context.Canceled)
	f.is(err, dialect.ErrDeadlock)
	eq(f, n, 1)
}

func (s *suite) TestS24_D2_CloseRestores(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	a, err := f.items.Get(ctx, id)
	f.must(err)
	n := &Item{Name: "new"}
	f.must(f.items.Add(ctx, n))
	a.Name = "x"
	f.must(tx.Flush(ctx))
	f.must(tx.Close())
	eq(f, []any{a.Name, n.ID}, []any{"ann", int64(0)})
	f.must(tx.Close())
	f.is(tx.Flush(ctx), uow.ErrEnded)
	f.is(f.items.Add(ctx, n), uow.ErrEnded)
}

func (s *suite) TestS25_BeginsLazily(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		eq(f, tx.InTransaction(), false)
		f.must(f.items.Add(ctx, &Item{Name: "a"}))
		eq(f, tx.InTransaction(), false)
		eq(f, f.db.DB().Stats().InUse, 0)
		f.must(tx.Flush(ctx))
		eq(f, tx.InTransaction(), true)
		return nil
	})
	f.log.Take()
	f.run(func(context.Context, *uow.UnitOfWork) error { return nil })
	eq(f, len(f.log.Take()), 0) // nothing done, nothing sent
}

func (s *suite) TestS26_CommitFlushesUntilClean(t *testing.T) {
	f := s.start(t)
	e := &Item{Name: "a"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		n := 0
		tx.OnAfterFlush(func(context.Context) error {
			if n++; n < 4 {
				e.Count = n
			}
			return nil
		})
		return f.items.Add(ctx, e)
	})
	eq(f, f.number("SELECT count FROM items"), 3)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tx.OnAfterFlush(func(context.Context) error { e.Count++; return nil })
		f.must(f.items.Attach(ctx, e))
		e.Count++
		return nil
	})
	f.says(err, "100")
	eq(f, e.Count, 3)
}

func (s *suite) TestS30_RollbackWithoutATransaction(t *testing.T) {
	f := s.start(t)
	ctx, tx := f.unit()
	f.must(tx.Rollback(ctx))
	f.must(tx.Commit(ctx))
	f.quiet("nothing")
}

func (s *suite) TestS31_AFailedFlushCanOnlyBeRolledBack(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.words.Add(ctx, &Word{Text: "cat"}) })
	ctx, tx := f.unit()
	w := &Word{Text: "cat"}
	f.must(f.words.Add(ctx, w))
	err := tx.Flush(ctx)
	violation(f, err, "words")
	for _, err := range []error{
		tx.Flush(ctx), second(f.items.Find(ctx)), second(tx.Exec(ctx, "SELECT 1")), second(f.items.Count(ctx)),
		tx.Savepoint(ctx, func(context.Context) error { return nil }),
	} {
		f.is(err, uow.ErrRollbackOnly)
		f.is(err, dialect.ErrUnique) // names the original error
	}
	f.must(tx.Rollback(ctx))
	_, err = f.items.Find(ctx)
	f.must(err)
}

func (s *suite) TestSwallowedFlushErrorIsRollbackOnly(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.words.Add(ctx, &Word{Text: "cat"}) })
	good := &Word{Text: "dog"}
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.words.Add(ctx, good))
		f.must(tx.Flush(ctx))
		f.must(f.words.Add(ctx, &Word{Text: "cat"}))
		_ = tx.Flush(ctx)
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
	f.is(err, dialect.ErrUnique)
	eq(f, f.number("SELECT count(*) FROM words"), 1)
}

func (s *suite) TestJoinedBlockThatFails(t *testing.T) {
	f := s.start(t)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, &Item{Name: "outer"}))
		inner := uow.Run(ctx, f.db, func(ctx context.Context, tx2 *uow.UnitOfWork) error {
			if tx2 != tx {
				t.Error("the inner Run has another unit")
			}
			return errUndo
		})
		f.is(inner, errUndo)
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
	f.is(err, errUndo)
	f.says(err, "Savepoint")
	eq(f, f.number("SELECT count(*) FROM items"), 0)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // one that succeeds commits with the outer
		return uow.Run(ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, &Item{Name: "inner"}) })
	})
	eq(f, f.number("SELECT count(*) FROM items"), 1)
}

func (s *suite) TestPanicInABlock(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	var e, n *Item
	func() {
		defer func() {
			if r := recover(); r != "ouch" {
				t.Errorf("recovered %v", r)
			}
		}()
		_ = uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
			e, err = f.items.Get(ctx, id)
			f.must(err)
			e.Name = "x"
			n = &Item{Name: "new"}
			f.must(f.items.Add(ctx, n))
			f.must(tx.Flush(ctx))
			panic("ouch")
		})
	}()
	f.idle()
	eq(f, []any{e.Name, n.ID}, []any{"ann", int64(0)})
	eq(f, f.number("SELECT count(*) FROM items"), 1)

	done := make(chan struct{})
	go func() { // a block that ends its goroutine
		defer close(done)
		_ = uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			_ = f.items.Add(ctx, &Item{Name: "goexit"})
			_ = tx.Flush(ctx)
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	f.idle()
	eq(f, f.number("SELECT count(*) FROM items"), 1)

	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { // a joined block that panics
		func() {
			defer func() { _ = recover() }()
			_ = uow.Run(ctx, f.db, func(context.Context, *uow.UnitOfWork) error { panic("inner") })
		}()
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
}

func (s *suite) TestRequiresNewStandsApart(t *testing.T) {
	f := s.start(t)
	single := f.db.Dialect().Capabilities().SingleWriter
	err := f.fails(func(ctx context.Context, outer *uow.UnitOfWork) error {
		inner := func(ctx context.Context) error {
			return uow.Run(ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				if tx == outer {
					t.Error("the same unit")
				}
				return f.items.Add(ctx, &Item{Name: "audit"})
			}, uow.RequiresNew())
		}
		f.must(inner(ctx)) // the outer one has no transaction yet
		f.must(f.items.Add(ctx, &Item{Name: "outer"}))
		f.must(outer.Flush(ctx))
		start := time.Now()
		if err := inner(ctx); single {
			f.is(err, uow.ErrSelfWait)
			if d := time.Since(start); d > time.Second {
				t.Errorf("it waited %v", d)
			}
		} else {
			f.must(err)
		}
		return errUndo
	})
	f.is(err, errUndo)
	want := int64(2)
	if single {
		want = 1
	}
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'audit'"), want)
	eq(f, f.number("SELECT count(*) FROM items"), want)
}

func (s *suite) TestIsolationOfAnInnerRun(t *testing.T) {
	f := s.start(t)
	nothing := func(context.Context, *uow.UnitOfWork) error { return nil }
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(uow.Run(ctx, f.db, nothing, uow.Isolation(sql.LevelSerializable)))
		return uow.Run(ctx, f.db, nothing, uow.Isolation(sql.LevelReadCommitted)) // a weaker one is met
	}, uow.Isolation(sql.LevelSerializable))
	for _, outer := range [][]uow.Option{nil, {uow.Isolation(sql.LevelRepeatableRead)}} {
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			for _, level := range []sql.IsolationLevel{sql.LevelSerializable, sql.LevelSnapshot} {
				err := uow.Run(ctx, f.db, nothing, uow.Isolation(level))
				f.is(err, uow.ErrIsolation)
				f.says(err, "RequiresNew")
			}
			return nil
		}, outer...)
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.is(uow.Run(ctx, f.db, nothing, uow.ReadOnly()), uow.ErrIsolation)
		return nil
	})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(uow.Run(ctx, f.db, nothing, uow.ReadOnly()))
		return uow.Run(ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			f.is(f.items.Add(ctx, &Item{}), uow.ErrReadOnly)
			return nil
		})
	}, uow.ReadOnly())
	if err := uow.Run(f.ctx, nil, nothing); err == nil {
		t.Error("no error for a nil engine")
	}
}

func (s *suite) TestConcurrentUseIsRefused(t *testing.T) {
	f := s.start(t)
	inside, goOn := make(chan struct{}), make(chan struct{})
	// The observer runs in the middle of a statement.
	db := engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(meta), engine.Observer(func(_ context.Context, st engine.Statement) {
		if strings.HasPrefix(st.SQL, "INSERT") {
			close(inside)
			<-goOn
		}
	}))
	g := on(t, db)
	g.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		g.must(g.items.Add(ctx, &Item{Name: "a"}))
		done := make(chan error)
		go func() { done <- tx.Flush(ctx) }()
		<-inside
		for _, err := range []error{
			second(g.items.Get(ctx, 1)), second(g.items.Find(ctx)), g.items.Add(ctx, &Item{}), tx.Flush(ctx), tx.Commit(ctx), tx.Rollback(ctx), tx.Close(),
			second(tx.Exec(ctx, "SELECT 1")), tx.Savepoint(ctx, func(context.Context) error { return nil }), second(g.items.Count(ctx)),
			second(g.items.InsertAll(ctx, each(&Item{}))), second(g.items.Merge(ctx, &Item{ID: 4})),
		} {
			f.is(err, uow.ErrConcurrentUse)
		}
		for _, err := range g.items.Query().Stream(ctx) {
			f.is(err, uow.ErrConcurrentUse)
		}
		close(goOn)
		return <-done
	})
	eq(f, f.text("SELECT name FROM items"), "a")
}

func (s *suite) TestGoroutinesWithoutALockDoNotCorrupt(t *testing.T) {
	f := s.start(t)
	f.seed(many(50)...)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		done := make(chan error)
		for range 4 {
			go func() {
				for range 100 {
					if err := second(f.items.Where(Items.Count.Lt(10)).All(ctx)); err != nil && !errors.Is(err, uow.ErrConcurrentUse) {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 4 {
			f.must(<-done)
		}
		es, err := f.items.Find(ctx)
		f.must(err)
		eq(f, len(es), 50)
		return nil
	})
}

func (s *suite) TestErrNoUnitSaysWhatToDo(t *testing.T) {
	f := s.start(t)
	err := f.items.Add(f.ctx, &Item{})
	f.is(err, uow.ErrNoUnit)
	f.says(err, "uow.Run", "ctx")
	ctx := uow.Without(uow.With(f.ctx, uow.New(f.db)))
	f.is(f.items.Add(ctx, &Item{}), uow.ErrNoUnit)
	if _, ok := uow.From(ctx, f.db); ok {
		t.Error("Without left a unit")
	}
}

func (s *suite) TestUnitsOfTwoEngines(t *testing.T) {
	f, g := s.start(t), s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.is(g.items.Add(ctx, &Item{Name: "b"}), uow.ErrNoUnit)
		return uow.Run(ctx, g.db, func(ctx context.Context, tx2 *uow.UnitOfWork) error {
			f.must(f.items.Add(ctx, &Item{Name: "a"}))
			f.must(g.items.Add(ctx, &Item{Name: "b"}))
			if u, ok := uow.From(ctx, f.db); !ok || u != tx {
				t.Error("the outer engine's unit is not found")
			}
			return nil
		})
	})
	eq(f, []string{f.text("SELECT name FROM items"), g.text("SELECT name FROM items")}, []string{"a", "b"})
}

func (s *suite) TestCommitAndRollbackInsideABlock(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e := &Item{Name: "a"}
		f.must(f.items.Add(ctx, e))
		f.must(tx.Commit(ctx))
		eq(f, f.number("SELECT count(*) FROM items"), 1)
		e.Name = "b"
		f.must(tx.Rollback(ctx))
		eq(f, e.Name, "a")
		e.Name = "c"
		return nil
	})
	eq(f, f.text("SELECT name FROM items"), "c")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, &Item{Name: "d"}))
		f.must(tx.Commit(ctx))
		return tx.Close()
	})
	eq(f, f.number("SELECT count(*) FROM items"), 2)
}
