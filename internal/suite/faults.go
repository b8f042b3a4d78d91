package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestConstraintsViolatedInAFlushOfManyRows(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	f.sql("UPDATE items SET email = 'taken'")
	named := f.db.Dialect().Capabilities().AlterForeignKeys // SQLite does not name foreign keys
	for name, c := range map[string]struct {
		spoil func(ctx context.Context, es []*Item, bs []*Book) error
		kind  error
		op    string
		check func(err error)
	}{
		"unique": {func(_ context.Context, es []*Item, _ []*Book) error { es[70].Email = ptr("taken"); return nil }, dialect.ErrUnique, "insert", func(err error) {
			v := as[*dialect.UniqueViolation](f, err)
			eq(f, []any{v.Constraint, v.Table, v.Columns}, []any{"uq_items_email", "items", []string{"email"}})
		}},
		"unique among the new": {func(_ context.Context, es []*Item, _ []*Book) error {
			es[3].Email, es[90].Email = ptr("twice"), ptr("twice")
			return nil
		}, dialect.ErrUnique, "insert", func(err error) { violation(f, err, "items") }},
		"check": {func(_ context.Context, es []*Item, _ []*Book) error { es[70].Count = -5000; return nil }, dialect.ErrCheck, "insert", func(err error) {
			v := as[*dialect.CheckViolation](f, err)
			eq(f, v.Constraint, "items_count_floor")
			eq(f, v.Table, "items")
		}},
		"foreign key": {func(_ context.Context, _ []*Item, bs []*Book) error { bs[40].AuthorID = 999; return nil }, dialect.ErrForeignKey, "insert", func(err error) {
			v := as[*dialect.ForeignKeyViolation](f, err)
			if named {
				eq(f, []any{v.Constraint, v.Table}, []any{"fk_books_author_id", "books"})
			}
		}},
		"primary key": {func(ctx context.Context, es []*Item, _ []*Book) error { es[70].ID = 1; return nil }, dialect.ErrUnique, "insert", func(err error) {
			v := violation(f, err, "items")
			eq(f, v.Columns, []string{"id"})
		}},
	} {
		es := make([]*Item, 100)
		bs := make([]*Book, 50)
		for i := range es {
			es[i] = &Item{Name: fmt.Sprint(i)}
		}
		for i := range bs {
			bs[i] = &Book{AuthorID: 1}
		}
		err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.must(c.spoil(ctx, es, bs))
			f.must(f.authors.Add(ctx, &Author{ID: 1}))
			f.must(f.books.Add(ctx, bs...))
			return f.items.Add(ctx, es...)
		})
		if !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		fe := as[*uow.FlushError](f, err)
		if fe.Op != c.op || !strings.HasPrefix(fe.Entity, "suite.") || fe.Rows == 0 {
			t.Errorf("%s: %+v", name, fe)
		}
		f.says(err, fe.Entity)
		c.check(err)
		for _, v := range []string{"taken", "twice", "5000", "999"} {
			if strings.Contains(err.Error(), v) {
				t.Errorf("%s: the message tells a value: %v", name, err)
			}
		}
		for _, e := range es[:70] {
			if e.ID != 0 {
				t.Fatalf("%s: a key is left", name)
			}
		}
		f.idle()
		eq(f, f.number("SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM books) + (SELECT count(*) FROM authors)"), 1)
	}

	// And by UPDATE and DELETE.
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.authors.Add(ctx, &Author{ID: 1}, &Author{ID: 2}))
		f.must(f.books.Add(ctx, &Book{ID: 1, AuthorID: 1}, &Book{ID: 2, AuthorID: 1}))
		return f.items.Add(ctx, &Item{Name: "b"}, &Item{Name: "c"})
	})
	var all []*Item
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
		all, err = f.items.Query().OrderBy(Items.ID.Asc()).All(ctx)
		f.must(err)
		for _, e := range all {
			e.Email = ptr("same")
		}
		return nil
	})
	violation(f, err, "items")
	eq(f, as[*uow.FlushError](f, err).Op, "update")
	eq(f, *all[0].Email, "taken")
	err = f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		as, err := f.authors.Find(ctx)
		f.must(err)
		return f.authors.Delete(ctx, as...)
	})
	f.is(err, dialect.ErrForeignKey)
	eq(f, as[*uow.FlushError](f, err).Op, "delete")
	eq(f, f.number("SELECT count(*) FROM authors"), 2)
}

func (s *suite) TestATableIsMissing(t *testing.T) {
	f := s.start(t)
	f.sql("DROP TABLE words")
	e := &Item{Name: "a"}
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, e))
		return f.words.Add(ctx, &Word{Text: "w"})
	})
	f.is(err, dialect.ErrUndefinedTable)
	f.says(err, "words")
	eq(f, e.ID, 0)
	f.is(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.words.Get(ctx, "x")) }), dialect.ErrUndefinedTable)
	_, err = f.words.Untracked().Find(f.ctx)
	f.is(err, dialect.ErrUndefinedTable)
	for _, err := range f.words.Untracked().Query().Stream(f.ctx) {
		f.is(err, dialect.ErrUndefinedTable)
	}
	eq(f, f.number("SELECT count(*) FROM items"), 0)
}

func (s *suite) TestACancelledContext(t *testing.T) {
	f := s.start(t)
	ids := f.seed(many(300)...)
	for _, point := range []string{"before begin", "before a query", "during a query", "before a flush", "during a flush", "before commit", "in a savepoint", "in a loop"} {
		ctx, cancel := context.WithCancel(f.ctx)
		var touched, fresh *Item
		db := f.db
		if strings.HasPrefix(point, "during") {
			// The observer runs while the statement's connection is held.
			db = engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(meta), engine.Observer(func(_ context.Context, st engine.Statement) {
				verb := map[string]string{"during a query": "SELECT", "during a flush": "UPDATE"}[point]
				if strings.HasPrefix(st.SQL, verb) {
					cancel()
				}
			}))
		}
		items := repo.NewKeyed(db, Items.ID)
		if point == "before begin" {
			cancel()
		}
		err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
			if touched, err = items.Get(ctx, ids[0]); err != nil {
				return err
			}
			if point == "before a query" {
				cancel()
			}
			if _, err = items.Find(ctx); err != nil {
				return err
			}
			touched.Name = "touched"
			fresh = &Item{Name: "fresh"}
			if err := items.Add(ctx, fresh); err != nil {
				return err
			}
			switch point {
			case "before a flush":
				cancel()
			case "in a savepoint":
				return tx.Savepoint(ctx, func(ctx context.Context) error {
					touched.Count = 77
					cancel()
					return tx.Flush(ctx)
				})
			case "in a loop":
				n := 0
				for _, err := range items.Query().Stream(ctx) {
					if err != nil {
						return err
					}
					if n++; n == 5 {
						cancel()
					}
				}
				t.Error("the stream went on")
			}
			if err := tx.Flush(ctx); err != nil {
				return err
			}
			if point == "before commit" {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", point, err)
		}
		cancel()
		if touched != nil && (touched.Name != "item 0" || touched.Count != 0) {
			t.Errorf("%s: not restored: %+v", point, touched)
		}
		if fresh != nil && fresh.ID != 0 {
			t.Errorf("%s: the new entity keeps its key", point)
		}
		f.idle()
		eq(f, f.number("SELECT count(*) FROM items WHERE name LIKE 'item%'"), 300)
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.items.Find(ctx)) }) // the pool is usable
	}
}

func (s *suite) TestATimeoutInALongStatement(t *testing.T) {
	f := s.start(t)
	if f.db.Dialect().Capabilities().InProcess {
		t.Skip("a single long step in process cannot be interrupted")
	}
	ctx, cancel := context.WithTimeout(f.ctx, 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := uow.Run(ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		return second(tx.Exec(ctx, "SELECT pg_sleep(10)"))
	})
	f.is(err, context.DeadlineExceeded)
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
	f.idle()
}

func (s *suite) TestAClosedEngine(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	e := &Item{Name: "new"}
	var got *Item
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
		got, err = f.items.Get(ctx, id)
		f.must(err)
		got.Name = "x"
		f.must(f.db.Close())
		f.must(f.items.Add(ctx, e))
		return errUndo
	})
	f.is(err, errUndo)
	eq(f, []any{got.Name, e.ID}, []any{"ann", int64(0)})
	for _, err := range []error{
		uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.items.Get(ctx, id)) }),
		uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, e) }),
		second(f.items.Untracked().Find(f.ctx)),
	} {
		if err == nil {
			t.Error("a closed engine works")
		}
		f.says(err, "closed")
	}
	eq(f, e.ID, 0)
}

func (s *suite) TestManyGoroutines(t *testing.T) {
	f := s.start(t)
	id := f.seed("counter")[0]
	f.sql("INSERT INTO docs (id, title, body, version) VALUES (100, 'shared', '', 1)")
	const n = 200
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for i := range n {
		wg.Go(func() {
			errs <- uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				if i%10 == 0 { // the same row
					if _, err := f.items.UpdateWhere(ctx, Items.ID.Eq(id), Items.Count.SetTo(Items.Count)); err != nil {
						return err
					}
				}
				if err := f.items.Add(ctx, &Item{Name: fmt.Sprint("by ", i)}); err != nil {
					return err
				}
				if err := tx.Flush(ctx); err != nil {
					return err
				}
				_, err := f.items.Get(ctx, id)
				return err
			}, uow.Retry(20))
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		f.must(err)
	}
	eq(f, f.number("SELECT count(*) FROM items"), n+1)
}

func (s *suite) TestSerializationFailuresAreRetried(t *testing.T) {
	f := s.start(t)
	f.sql("INSERT INTO docs (id, title, body, version) VALUES (100, 'a', '', 1)")
	const n, rounds = 4, 5
	var wg sync.WaitGroup
	var mu sync.Mutex
	tries := 0
	errs := make(chan error, n*rounds)
	for range n {
		wg.Go(func() {
			for range rounds {
				errs <- uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
					mu.Lock()
					tries++
					mu.Unlock()
					d, err := f.docs.Get(ctx, 100)
					if err != nil {
						return err
					}
					time.Sleep(2 * time.Millisecond)
					d.Body += "x"
					return nil
				}, uow.Isolation(sql.LevelSerializable), uow.Retry(50), uow.RetryStale())
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		f.must(err)
	}
	eq(f, f.text("SELECT body FROM docs"), strings.Repeat("x", n*rounds)) // none is lost
	eq(f, f.number("SELECT version FROM docs"), n*rounds+1)
	if !f.db.Dialect().Capabilities().SingleWriter && tries == n*rounds {
		t.Log("no transaction ever failed")
	}
}

func (s *suite) TestASerializationFailureByHand(t *testing.T) {
	f := s.start(t)
	if f.db.Dialect().Capabilities().SingleWriter {
		t.Skip("one writer at a time")
	}
	f.sql("INSERT INTO docs (id, title, body, version) VALUES (100, 'a', '', 1)")
	tries := 0
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tries++
		d, err := f.docs.Get(ctx, 100)
		if err != nil {
			return err
		}
		if tries == 1 {
			f.sql("UPDATE docs SET body = 'theirs', version = version + 1")
		}
		d.Body += " and mine"
		return nil
	}, uow.Isolation(sql.LevelRepeatableRead), uow.Retry(1))
	eq(f, tries, 2)
	eq(f, f.text("SELECT body FROM docs"), "theirs and mine")
}

func (s *suite) TestAWriterThatWaitsTooLong(t *testing.T) {
	f := s.start(t)
	if !f.db.Dialect().Capabilities().SingleWriter {
		t.Skip("writers do not wait for each other")
	}
	// Another process holds the lock; a short busy_timeout shows what happens.
	ctx, other := f.unit()
	_, err := other.Exec(ctx, "UPDATE items SET count = 1")
	f.must(err)
	wait, cancel := context.WithTimeout(f.ctx, 50*time.Millisecond)
	defer cancel()
	tries := 0
	err = uow.Run(wait, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		tries++
		return f.items.Add(ctx, &Item{Name: "x"})
	}, uow.Retry(3))
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, dialect.ErrSerialization) {
		t.Errorf("%v", err)
	}
	f.must(other.Rollback(ctx))
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, &Item{Name: "x"}) })
}

func (s *suite) TestADeadlockIsRetried(t *testing.T) {
	f := s.start(t)
	if f.db.Dialect().Capabilities().SingleWriter {
		t.Skip("one writer at a time cannot deadlock")
	}
	ids := f.seed("a", "b")
	var met sync.WaitGroup
	met.Add(2)
	var mu sync.Mutex
	tries := 0
	errs := make(chan error, 2)
	for i := range 2 {
		go func() {
			first := true
			errs <- uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				mu.Lock()
				tries++
				mu.Unlock()
				if _, err := f.items.UpdateWhere(ctx, Items.ID.Eq(ids[i]), Items.Count.Set(1)); err != nil {
					return err
				}
				if first {
					first = false
					met.Done()
					met.Wait()
				}
				_, err := f.items.UpdateWhere(ctx, Items.ID.Eq(ids[1-i]), Items.Count.Set(2))
				return err
			}, uow.Retry(3))
		}()
	}
	f.must(<-errs)
	f.must(<-errs)
	eq(f, tries, 3)
}

func (s *suite) TestThePoolIsExhausted(t *testing.T) {
	f := s.start(t)
	db := engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(meta), engine.PoolSize(1), engine.PoolOverflow(1), engine.PoolTimeout(50*time.Millisecond))
	items := repo.New[Item](db)
	ctx := f.ctx
	hold := func(f func()) func(context.Context, *uow.UnitOfWork) error {
		return func(ctx context.Context, tx *uow.UnitOfWork) error {
			_, err := items.Find(ctx)
			f()
			return err
		}
	}
	var err error
	f.must(uow.Run(ctx, db, hold(func() {
		f.must(uow.Run(ctx, db, hold(func() {
			err = uow.Run(ctx, db, hold(func() {}), uow.ReadOnly())
		}), uow.ReadOnly()))
	}), uow.ReadOnly()))
	e := as[*engine.PoolTimeoutError](f, err)
	_ = e
	f.says(err, "unit of work", "2")
	f.idle()
	f.must(uow.Run(ctx, db, hold(func() {})))
}

func (s *suite) TestSandbox(t *testing.T) {
	f := s.start(t)
	f.seed("before")
	box, err := f.db.Sandbox(f.ctx)
	f.must(err)
	g := on(t, box)
	g.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		g.must(g.items.Add(ctx, &Item{Name: "inside"}))
		g.must(tx.Savepoint(ctx, func(ctx context.Context) error { return g.words.Add(ctx, &Word{Text: "w"}) }))
		return nil
	})
	g.is(g.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		g.must(g.items.Add(ctx, &Item{Name: "undone"}))
		g.must(tx.Flush(ctx))
		return errUndo
	}), errUndo)
	violation(g, g.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return g.words.Add(ctx, &Word{Text: "w"}) }), "words")
	g.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		g.is(uow.Run(ctx, box, func(ctx context.Context, _ *uow.UnitOfWork) error { return second(g.items.Find(ctx)) }, uow.RequiresNew()), error(nil))
		n := 0
		for _, err := range g.items.Query().Stream(ctx) {
			g.must(err)
			n++
		}
		eq(g, n, 2)
		return nil
	})
	eq(g, g.number("SELECT count(*) FROM items"), 2)
	f.must(box.Close())
	eq(f, f.number("SELECT count(*) FROM items"), 1)
	eq(f, f.number("SELECT count(*) FROM words"), 0)
}
