package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestASavepointsBlockDoesNotEndTheTransaction(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.docs.Add(ctx, &Doc{Title: "before"}))
		f.must(tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(f.docs.Add(ctx, &Doc{Title: "in"}))
			for what, err := range map[string]error{"commit": tx.Commit(ctx), "rollback": tx.Rollback(ctx), "close": tx.Close()} {
				f.is(err, uow.ErrInSavepoint)
				f.says(err, "uow: "+what)
			}
			eq(f, f.number("SELECT count(*) FROM docs"), 0)
			return f.docs.Add(ctx, &Doc{Title: "in, too"})
		}))
		err := tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(f.docs.Add(ctx, &Doc{Title: "undone"}))
			return tx.Savepoint(ctx, func(ctx context.Context) error { return tx.Commit(ctx) })
		})
		f.is(err, uow.ErrInSavepoint)
		func() {
			defer func() { _ = recover() }()
			_ = tx.Savepoint(ctx, func(ctx context.Context) error { panic("in the block") })
		}()
		return tx.Commit(ctx) // outside of it, it may
	})
	eq(f, f.number("SELECT count(*) FROM docs"), 3)
}

func (s *suite) TestTransactionControlByHandIsRefused(t *testing.T) {
	f := s.start(t)
	f.addDocs("a")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.docs.Add(ctx, &Doc{Title: "b"}))
		f.log.Take()
		for _, text := range []string{
			"COMMIT", "commit work", "ROLLBACK", "Rollback;", "BEGIN", "BEGIN IMMEDIATE", "END", "START TRANSACTION", "start\n--x\ntransaction read only",
			"ABORT", "PREPARE TRANSACTION 'x'", "SAVEPOINT a", "RELEASE a", "RELEASE SAVEPOINT a", "ROLLBACK TO a", " \t\n/* a */ -- b\n COMMIT",
			"/* /* */ COMMIT", "-- a\rCOMMIT", "/* a /* b */ c */ COMMIT", "COMMIT/**/",
		} {
			var n []int64
			_, err := tx.Exec(ctx, text)
			_, named := tx.NamedExec(ctx, text, map[string]any{})
			_, rows := tx.QueryContext(ctx, text)
			_, rowsx := tx.QueryxContext(ctx, text)
			for how, err := range map[string]error{
				"Exec": err, "NamedExec": named, "QueryContext": rows, "QueryxContext": rowsx, "QueryRowxContext": tx.QueryRowxContext(ctx, text).Err(),
				"Select": tx.Select(ctx, &n, text), "Get": tx.Get(ctx, new(int64), text),
			} {
				if !errors.Is(err, uow.ErrTransactionSQL) {
					t.Errorf("%s %q: %v", how, text, err)
				}
				f.says(err, "Commit", "Rollback", "Savepoint")
			}
		}
		f.quiet("a refused text")
		for _, text := range []string{"SELECT 1 AS \"commit\"", "/* COMMIT */ SELECT 1", "-- ROLLBACK\nSELECT 1", "(SELECT 1)", "UPDATE docs SET body = 'COMMIT'"} {
			if text == "(SELECT 1)" && f.db.Dialect().Name() == "sqlite" {
				continue
			}
			if _, err := tx.Exec(ctx, text); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM docs WHERE body = 'COMMIT'"), 2)
}

func (s *suite) TestAConnectionLostWhereAStreamEndsIsTyped(t *testing.T) {
	f := s.start(t)
	if f.db.Dialect().Capabilities().InProcess {
		t.Skip("there is no server to lose")
	}
	f.addDocs("a", "b")
	for what, next := range map[string]func(ctx context.Context, tx *uow.UnitOfWork) error{
		"flush":   func(ctx context.Context, tx *uow.UnitOfWork) error { return tx.Flush(ctx) },
		"read":    func(ctx context.Context, tx *uow.UnitOfWork) error { return second(f.docs.Find(ctx)) },
		"SQL":     func(ctx context.Context, tx *uow.UnitOfWork) error { return second(tx.Exec(ctx, "SELECT 1")) },
		"commit":  func(ctx context.Context, tx *uow.UnitOfWork) error { return nil },
		"nothing": func(ctx context.Context, tx *uow.UnitOfWork) error { return errUndo },
	} {
		err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			var pid int64
			f.must(tx.Get(ctx, &pid, "SELECT pg_backend_pid()"))
			for e, err := range f.docs.Query().Stream(ctx) {
				f.must(err)
				if e.Body = what; e.Title == "b" {
					f.number("SELECT count(pg_terminate_backend(?))", pid)
					time.Sleep(50 * time.Millisecond)
				}
			}
			return next(ctx, tx)
		})
		if what != "nothing" && !errors.Is(err, dialect.ErrConnectionLost) {
			t.Errorf("%s: %v", what, err)
		}
		var unknown *uow.CommitUnknownError
		if errors.As(err, &unknown) {
			t.Errorf("%s: nothing was committed: %v", what, err)
		}
	}
	eq(f, f.number("SELECT count(*) FROM docs WHERE body = ''"), 2)
}

func (s *suite) TestARefusedValueNamesItsEntity(t *testing.T) {
	f := s.start(t)
	named := func(n int) (es []*Item) {
		for i := range n {
			es = append(es, &Item{Name: fmt.Sprint("item ", i)})
		}
		return es
	}
	long := strings.Repeat("x", 101)
	check := func(err error, op string, e *Item, at, rows int, keys []string) {
		f.Helper()
		as[*schema.ValueError](f, err)
		fe := as[*uow.FlushError](f, err)
		eq(f, fe.Fault == any(e), true)
		eq(f, []any{fe.Op, fe.Table, fe.At, fe.Rows, fe.Keys}, []any{op, "items", at, rows, keys})
		if strings.Contains(err.Error(), long) {
			t.Errorf("the value is part of the message: %v", err)
		}
	}

	es := named(100)
	es[90].Name = long
	check(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, es...) }), "insert", es[90], 91, 100, nil)
	f.says(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, es...) }), "insert suite.Item (the 91st of 100)", "items.name")
	es[3].ID, es[90].ID = 2000, 1000 // two statements, one with chosen keys
	check(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, es...) }), "insert", es[90], 91, 100, []string{"1000"})
	check(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, es[90]) }), "insert", es[90], 1, 1, []string{"1000"})
	all := named(1500)
	all[1300].Name = long
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return second(f.items.InsertAll(ctx, each(all...)))
	})
	check(err, "insert", all[1300], 1301, 1500, nil)

	ids := f.seed(many(50)...)
	var bad *Item
	err = f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		es, err := f.items.Query().OrderBy(Items.ID.Desc()).All(ctx)
		f.must(err)
		for i, e := range es {
			e.Name += "!"
			if i%2 == 0 {
				e.Count++
			}
		}
		bad = es[20]
		bad.Name = long
		return nil
	})
	check(err, "update", bad, 30, 50, []string{fmt.Sprint(ids[29])})
	f.says(err, fmt.Sprintf("update suite.Item key %d (the 30th of 50)", ids[29]))

	// Of several rows in one statement, the database does not tell which it was.
	fe := as[*uow.FlushError](f, f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		es, err := f.items.Find(ctx)
		f.must(err)
		for _, e := range es {
			e.Count = -5000
		}
		return nil
	}))
	eq(f, []any{fe.Fault, fe.At, fe.Rows > 10, len(fe.Keys)}, []any{nil, 0, true, 10})
}

func (s *suite) TestAnEngineThatIsClosedSaysSo(t *testing.T) {
	f := s.start(t)
	f.must(f.db.Close())
	docs := f.docs.Untracked()
	for what, err := range map[string]error{
		"a read":           second(docs.Find(f.ctx)),
		"hand-written SQL": second(f.db.Exec(f.ctx, "SELECT 1")),
		"a row by hand":    f.db.QueryRowxContext(f.ctx, "SELECT 1").Err(),
		"a unit":           uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return f.docs.Add(ctx, &Doc{}) }),
		"a ping":           f.db.Ping(f.ctx),
		"tables":           f.db.CreateAll(f.ctx, Docs),
		"a sandbox":        second(f.db.Sandbox(f.ctx)),
		"a bulk write":     second(docs.UpdateWhere(f.ctx, Docs.ID.Eq(1), Docs.Body.Set(""))),
		"an InsertAll":     second(docs.InsertAll(f.ctx, each(&Doc{}))),
		"an untracked stream": func() (err error) {
			for _, err = range docs.Query().Stream(f.ctx) {
			}
			return err
		}(),
	} {
		if !errors.Is(err, engine.ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
		f.says(err, "the engine has been closed", "sql: database is closed")
	}
	f.must(f.db.Close())
}

func (s *suite) TestNilFunctionsAreRefusedAtOnce(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.says(tx.Savepoint(ctx, nil), "uow: savepoint: the function is nil")
		f.says(tx.NoAutoflush(nil), "the function is nil")
		for name, register := range map[string]func(tx *uow.UnitOfWork){
			"OnBeforeFlush":   func(tx *uow.UnitOfWork) { tx.OnBeforeFlush(nil) },
			"OnAfterFlush":    func(tx *uow.UnitOfWork) { tx.OnAfterFlush(nil) },
			"OnAfterCommit":   func(tx *uow.UnitOfWork) { tx.OnAfterCommit(nil) },
			"OnAfterRollback": func(tx *uow.UnitOfWork) { tx.OnAfterRollback(nil) },
		} {
			for unit, want := range map[*uow.UnitOfWork]string{tx: "the function is nil", new(uow.UnitOfWork): uow.ErrZero.Error(), nil: uow.ErrNoUnit.Error()} {
				func() {
					defer func() {
						err, _ := recover().(error)
						f.says(err, name, want)
					}()
					register(unit)
				}()
			}
		}
		return f.docs.Add(ctx, &Doc{Title: "the unit goes on"})
	})
	eq(f, f.number("SELECT count(*) FROM docs"), 1)
}

func (s *suite) TestAZeroUnitSaysSo(t *testing.T) {
	f := s.start(t)
	zero := new(uow.UnitOfWork)
	for what, err := range map[string]error{
		"flush": zero.Flush(f.ctx), "commit": zero.Commit(f.ctx), "rollback": zero.Rollback(f.ctx), "clear": zero.Clear(), "close": zero.Close(),
		"exec": second(zero.Exec(f.ctx, "SELECT 1")), "row": zero.QueryRowxContext(f.ctx, "SELECT 1").Err(), "plan": second(zero.Plan(f.ctx)),
		"savepoint":   zero.Savepoint(f.ctx, func(context.Context) error { return nil }),
		"noAutoflush": zero.NoAutoflush(func() error { return nil }),
	} {
		if !errors.Is(err, uow.ErrZero) {
			t.Errorf("%s: %v", what, err)
		}
	}
	eq(f, []any{zero.Engine() == nil, zero.InTransaction(), zero.DriverName(), zero.Rebind("?")}, []any{true, false, "", "?"})

	// One in a context is not passed over for another one around it.
	f.run(func(outer context.Context, _ *uow.UnitOfWork) error {
		for _, ctx := range []context.Context{uow.With(f.ctx, nil), uow.With(f.ctx, zero), uow.With(outer, nil)} {
			for what, err := range map[string]error{
				"add": f.docs.Add(ctx, &Doc{}), "get": second(f.docs.Get(ctx, 1)), "untracked": second(f.docs.Untracked().Find(ctx)), "count": second(f.docs.Count(ctx)),
				"run":        uow.Run(ctx, f.db, func(context.Context, *uow.UnitOfWork) error { t.Error("the block was called"); return nil }),
				"current":    second(uow.Current(ctx, f.db)),
				"insert all": second(f.docs.InsertAll(ctx, each(&Doc{}))),
			} {
				if !errors.Is(err, uow.ErrZero) {
					t.Errorf("%s: %v", what, err)
				}
			}
			_, ok := uow.From(ctx, f.db)
			eq(f, ok, false)
			f.must(second(f.docs.Untracked().Find(uow.Without(ctx))))
		}
		return nil
	})
	var none *uow.UnitOfWork
	f.is(none.Flush(f.ctx), uow.ErrNoUnit)
	eq(f, none.Engine() == nil, true)
}

func (s *suite) TestRunWithAnEndedContextDoesNotCallItsBlock(t *testing.T) {
	f := s.start(t)
	ended, cancel := context.WithCancel(f.ctx)
	cancel()
	late, stop := context.WithDeadline(f.ctx, time.Now().Add(-time.Second))
	defer stop()
	never := func(context.Context, *uow.UnitOfWork) error { t.Error("the block was called"); return nil }
	f.is(uow.Run(ended, f.db, never), context.Canceled)
	f.is(uow.Run(late, f.db, never, uow.Retry(2), uow.RetryIf(func(error) bool { return true })), context.DeadlineExceeded)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		in, cancel := context.WithCancel(ctx)
		cancel()
		f.is(uow.Run(in, f.db, never), context.Canceled)
		f.is(uow.Run(in, f.db, never, uow.RequiresNew()), context.Canceled)
		return nil // a joined block that fails fails the whole
	})
	f.is(err, uow.ErrRollbackOnly)
	f.is(err, context.Canceled)
}

func (s *suite) TestATableInASchemaIsDroppedWhereThereAreSchemas(t *testing.T) {
	db := s.open(t)
	f := &fix{T: t, db: db, ctx: t.Context()}
	if db.Dialect().Capabilities().Schemas {
		f.must(db.CreateAll(f.ctx, Placeds))
		f.must(db.DropAll(f.ctx, Placeds))
		return
	}
	for _, err := range []error{db.CreateAll(f.ctx, Placeds), db.DropAll(f.ctx, Placeds)} {
		as[*dialect.UnsupportedError](f, err)
		f.says(err, "some place.placed", "a schema (some place)")
	}
}

// Twofold is defined as two tables by a test.
type Twofold struct{ ID int64 }

type twofolds struct {
	schema.Table[Twofold]
	ID expr.Column[Twofold, int64]
}

func (s *suite) TestAnEntityHasOneTableInAMetadata(t *testing.T) {
	f := s.start(t)
	m, other := schema.NewMetadata(), schema.NewMetadata()
	define := func(name string, in *schema.Metadata) {
		schema.Define(name, func(t *twofolds) { schema.Column(t.ID).PrimaryKey() }, schema.In(in))
	}
	define("first", m)
	define("second", m)
	define("second", other)
	func() {
		defer func() {
			err, _ := recover().(error)
			as[*schema.DefineError](f, err)
			f.says(err, "repo: New[suite.Twofold]", "second", "table first", "schema.As", "another Metadata")
		}()
		repo.New[Twofold](engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(m)))
	}()
	repo.New[Twofold](engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(other)))
}
