package suite

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

// Blocks that end while the unit is not as they left it: in a panic of a hook, or
// with another goroutine inside.

// panics calls fn, which must panic.
func (f *fix) panics(fn func()) {
	f.Helper()
	defer func() {
		if recover() == nil {
			f.Error("no panic")
		}
	}()
	fn()
}

// panicking is an entity that cannot be inserted.
func panicking() *Hooked {
	return &Hooked{Name: "panics", OnAny: func(context.Context, string) error { panic("a hook") }}
}

// stalling is the fixture on an engine of the same pool that holds up the first
// SELECT count: inside is closed when it is under way, and it ends with goOn.
func (f *fix) stalling() (g *fix, inside, goOn chan struct{}) {
	inside, goOn = make(chan struct{}), make(chan struct{})
	var once sync.Once
	return on(f.T, engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(meta), engine.Observer(func(_ context.Context, st engine.Statement) {
		if strings.HasPrefix(st.SQL, "SELECT count") {
			once.Do(func() {
				close(inside)
				<-goOn
			})
		}
	}))), inside, goOn
}

func (s *suite) TestAPanicInTheFlushThatBeginsASavepoint(t *testing.T) {
	f := s.start(t)
	a := &Hooked{Name: "a"}
	f.panics(func() {
		_ = uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.must(f.hooked.Add(ctx, a))
			f.must(tx.Flush(ctx))
			f.must(f.hooked.Add(ctx, panicking()))
			return tx.Savepoint(ctx, func(context.Context) error { t.Error("the block was called"); return nil })
		})
	})
	f.idle()
	eq(f, a.ID, 0)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // who recovers may go on
		f.must(f.hooked.Add(ctx, a))
		f.must(tx.Flush(ctx))
		bad := panicking()
		f.must(f.hooked.Add(ctx, bad))
		f.panics(func() { _ = tx.Savepoint(ctx, func(context.Context) error { return nil }) })
		return f.hooked.Detach(ctx, bad)
	})
	eq(f, f.number("SELECT count(*) FROM hooked"), 1)
}

func (s *suite) TestAPanicInTheFlushThatEndsASavepoint(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, in := &Hooked{Name: "a"}, &Hooked{Name: "in"}
		f.must(f.hooked.Add(ctx, a))
		f.must(tx.Flush(ctx))
		f.panics(func() {
			_ = tx.Savepoint(ctx, func(ctx context.Context) error {
				f.must(f.hooked.Add(ctx, in))
				f.must(tx.Flush(ctx))
				a.Name = "changed"
				f.must(tx.Flush(ctx))
				return f.hooked.Add(ctx, panicking())
			})
		})
		eq(f, in.ID, 0)
		eq(f, a.Name, "a")
		all, err := f.hooked.Find(ctx)
		f.must(err)
		eq(f, len(all), 1)
		return tx.Commit(ctx) // no savepoint is open any more
	})
	eq(f, f.text("SELECT name FROM hooked"), "a")
}

func (s *suite) TestASavepointThatEndsWithAnotherGoroutineInside(t *testing.T) {
	for what, end := range map[string]func() error{
		"an error": func() error { return errUndo },
		"nothing":  func() error { return nil },
		"a panic":  func() error { panic(errUndo) },
	} {
		f := s.start(t)
		id := f.seed("a")[0]
		g, inside, goOn := f.stalling()
		err := g.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			e, err := g.items.Get(ctx, id)
			f.must(err)
			done := make(chan error, 1)
			err = func() (err error) {
				defer func() {
					if p, _ := recover().(error); p != nil {
						err = p
					}
				}()
				return tx.Savepoint(ctx, func(ctx context.Context) error {
					e.Count = 66
					f.must(tx.Flush(ctx))
					go func() { done <- second(g.items.Count(ctx)) }()
					<-inside
					return end()
				})
			}()
			close(goOn)
			f.must(<-done)
			if what != "nothing" {
				f.is(err, errUndo)
			}
			if what != "a panic" {
				f.is(err, uow.ErrConcurrentUse)
			}
			f.is(tx.Flush(ctx), uow.ErrRollbackOnly)
			f.is(tx.Savepoint(ctx, func(context.Context) error { return nil }), uow.ErrRollbackOnly)
			return nil
		})
		f.is(err, uow.ErrRollbackOnly)
		f.is(err, uow.ErrConcurrentUse)
		eq(f, f.number("SELECT count FROM items WHERE id = ?", id), 0)

		// An outer savepoint takes it back, and the unit goes on.
		g, inside, goOn = f.stalling()
		g.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			e, err := g.items.Get(ctx, id)
			f.must(err)
			f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
				done := make(chan error, 1)
				f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
					e.Count = 66
					f.must(tx.Flush(ctx))
					go func() { done <- second(g.items.Count(ctx)) }()
					<-inside
					return errUndo
				}), uow.ErrConcurrentUse)
				close(goOn)
				return <-done
			}), uow.ErrRollbackOnly)
			eq(f, e.Count, 0)
			e.Name = "b"
			return tx.Commit(ctx)
		})
		eq(f, f.text("SELECT name FROM items WHERE count = 0"), "b")
	}
}

func (s *suite) TestNoAutoflushEndsWithAnotherGoroutineInside(t *testing.T) {
	f := s.start(t)
	id := f.seed("a")[0]
	g, inside, goOn := f.stalling()
	g.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := g.items.Get(ctx, id)
		f.must(err)
		done := make(chan error, 1)
		f.must(tx.NoAutoflush(func() error {
			go func() { done <- second(g.items.Count(ctx)) }()
			<-inside
			return nil
		}))
		close(goOn)
		f.must(<-done)
		e.Count = 42
		n, err := g.items.Count(ctx, Items.Count.Eq(42))
		f.must(err)
		eq(f, n, 1)
		return nil
	})
}

func (s *suite) TestARunThatEndsWithAnotherGoroutineInside(t *testing.T) {
	f := s.start(t)
	for what, end := range map[string]func() error{
		"an error": func() error { return errUndo },
		"nothing":  func() error { return nil },
		"a panic":  func() error { panic(errUndo) },
	} {
		g, inside, goOn := f.stalling()
		e, done, rolled := &Item{Name: "a"}, make(chan error, 1), 0
		err := func() (err error) {
			defer func() {
				if p, _ := recover().(error); p != nil {
					err = p
				}
			}()
			return uow.Run(f.ctx, g.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				tx.OnAfterRollback(func(context.Context) { rolled++ })
				f.must(g.items.Add(ctx, e))
				f.must(tx.Flush(ctx))
				go func() { done <- second(g.items.Count(ctx)) }()
				<-inside
				return end()
			})
		}()
		if what != "nothing" {
			f.is(err, errUndo)
		}
		if what != "a panic" {
			f.is(err, uow.ErrConcurrentUse)
		}
		close(goOn)
		f.must(<-done)
		f.idle() // who was inside has ended it
		eq(f, rolled, 1)
		eq(f, e.ID, 0)
		eq(f, f.number("SELECT count(*) FROM items"), 0)
	}
}

func (s *suite) TestAJoinedBlockThatFailsWithAnotherGoroutineInside(t *testing.T) {
	f := s.start(t)
	g, inside, goOn := f.stalling()
	err := g.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		done := make(chan error, 1)
		f.is(uow.Run(ctx, g.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.must(g.items.Add(ctx, &Item{Name: "a"}))
			f.must(tx.Flush(ctx))
			go func() { done <- second(g.items.Count(ctx)) }()
			<-inside
			return errUndo
		}), errUndo)
		close(goOn)
		return <-done
	})
	f.is(err, uow.ErrRollbackOnly)
	f.is(err, errUndo)
	eq(f, f.number("SELECT count(*) FROM items"), 0)
}

func (s *suite) TestAPanicInOnAfterRollback(t *testing.T) {
	f := s.start(t)
	id := f.seed("a")[0]
	var e *Item
	for what, end := range map[string]func(ctx context.Context, tx *uow.UnitOfWork) error{
		"an error": func(context.Context, *uow.UnitOfWork) error { return errUndo },
		"a panic":  func(context.Context, *uow.UnitOfWork) error { panic("in the block") },
		"a commit that fails": func(ctx context.Context, _ *uow.UnitOfWork) error {
			return f.items.Add(ctx, &Item{Name: "low", Count: -5000})
		},
		"Rollback": func(ctx context.Context, tx *uow.UnitOfWork) error { return tx.Rollback(ctx) },
		"Close":    func(_ context.Context, tx *uow.UnitOfWork) error { return tx.Close() },
	} {
		calls := 0
		f.panics(func() {
			_ = uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
				e, err = f.items.Get(ctx, id)
				f.must(err)
				tx.OnAfterRollback(func(context.Context) {
					if calls++; calls > 1 && what != "Rollback" {
						t.Errorf("%s: called %d times", what, calls)
					}
					panic("OnAfterRollback")
				})
				return end(ctx, tx)
			})
		})
		f.idle()
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Attach(ctx, e) })
	}
	tx := uow.New(f.db) // outside of Run
	ctx := uow.With(f.ctx, tx)
	tx.OnAfterRollback(func(context.Context) { panic("OnAfterRollback") })
	f.must(second(f.items.Get(ctx, id)))
	f.panics(func() { _ = tx.Rollback(ctx) })
	f.must(second(f.items.Get(ctx, id))) // it can be used on
	f.panics(func() { _ = tx.Close() })
	f.is(tx.Flush(ctx), uow.ErrEnded)
}

func (s *suite) TestAStatementCancelledInASavepoint(t *testing.T) {
	f := s.start(t)
	id := f.seed("a")[0]
	sqlite := f.db.Dialect().Capabilities().InProcess
	slow := "SELECT pg_sleep(10)"
	if sqlite {
		slow = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 3000000) SELECT count(*) FROM c"
	}
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		f.is(tx.Savepoint(ctx, func(context.Context) error {
			e.Count = 5
			return tx.Get(short, new(string), slow)
		}), context.DeadlineExceeded)
		e.Name = "b"
		return nil
	})
	if sqlite {
		f.must(err)
		eq(f, f.text("SELECT name FROM items WHERE count = 0"), "b")
		return
	}
	// lib/pq gives a connection up on which it has cancelled a statement.
	f.is(err, uow.ErrRollbackOnly)
	f.is(err, dialect.ErrConnectionLost)
	eq(f, f.text("SELECT name FROM items WHERE count = 0"), "a")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // the database's own limit is a failure as any other
		e, err := f.items.Get(ctx, id)
		f.must(err)
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(second(tx.Exec(ctx, "SET LOCAL statement_timeout = '100ms'")))
			return tx.Get(ctx, new(string), slow)
		}), dialect.ErrCanceled)
		e.Name = "b"
		return tx.Get(ctx, new(string), "SELECT pg_sleep(0.2)")
	})
	eq(f, f.text("SELECT name FROM items"), "b")
}
