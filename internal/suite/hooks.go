package suite

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestHooksAreTold(t *testing.T) {
	f := s.start(t)
	h, quiet := &Hooked{Name: "a"}, &Hooked{Name: "b"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.hooked.Add(ctx, h, quiet))
		eq(f, len(h.Told), 0)
		f.must(tx.Flush(ctx))
		f.must(tx.Flush(ctx))
		h.Name = "c"
		f.must(tx.Flush(ctx))
		f.must(f.hooked.Refresh(ctx, h))
		return f.hooked.Delete(ctx, h)
	})
	eq(f, h.Told, []string{"insert", "update", "load", "delete"})
	eq(f, quiet.Told, []string{"insert"})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := f.hooked.Get(ctx, quiet.ID)
		f.must(err)
		_, err = f.hooked.Find(ctx) // no second load
		f.must(err)
		eq(f, e.Told, []string{"load"})
		return nil
	})
	es, err := f.hooked.Untracked().Find(f.ctx)
	f.must(err)
	eq(f, es[0].Told, []string{"load"})
	for e, err := range f.hooked.Untracked().Query().Stream(f.ctx) {
		f.must(err)
		eq(f, e.Told, []string{"load"})
	}
}

func (s *suite) TestHooksChangeWhatIsWritten(t *testing.T) {
	f := s.start(t)
	other := &Word{Text: "by hook"}
	h := &Hooked{Name: "a"}
	h.OnAny = func(ctx context.Context, verb string) error {
		h.Name += "+" + verb
		if verb == "insert" {
			return f.words.Add(ctx, other) // ctx carries the unit
		}
		return nil
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.hooked.Add(ctx, h))
		f.must(tx.Flush(ctx))
		h.Name += "!"
		return nil
	})
	eq(f, f.text("SELECT name FROM hooked"), "a+insert!+update")
	eq(f, f.text("SELECT text FROM words"), "by hook")
}

func (s *suite) TestAHookRefuses(t *testing.T) {
	f := s.start(t)
	no := errors.New("no")
	old := &Hooked{Name: "old"}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.hooked.Add(ctx, old) })
	for _, c := range []struct {
		verb string
		do   func(ctx context.Context, h *Hooked) error
	}{
		{"insert", func(ctx context.Context, h *Hooked) error { return f.hooked.Add(ctx, &Hooked{OnAny: h.OnAny}) }},
		{"update", func(_ context.Context, h *Hooked) error { h.Name = "x"; return nil }},
		{"delete", func(ctx context.Context, h *Hooked) error { return f.hooked.Delete(ctx, h) }},
	} {
		var h *Hooked
		err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
			h, err = f.hooked.Get(ctx, old.ID)
			f.must(err)
			h.OnAny = func(context.Context, string) error { return no }
			f.log.Take()
			return c.do(ctx, h)
		})
		f.is(err, no)
		e := as[*uow.FlushError](f, err)
		eq(f, []string{e.Op, e.Entity, e.Table}, []string{c.verb, "suite.Hooked", "hooked"})
		eq(f, len(f.writes()), 0)
		eq(f, h.Name, "old")
	}
	f.sql("UPDATE hooked SET name = 'unloadable'")
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.hooked.Find(ctx)) })
	f.is(err, errUnloadable)
}

func (s *suite) TestS43_MisuseInsideAFlush(t *testing.T) {
	f := s.start(t)
	h := &Hooked{Name: "a"}
	h.OnAny = func(ctx context.Context, verb string) error {
		tx, ok := uow.From(ctx, f.db)
		if !ok {
			t.Error("the hook's ctx carries no unit")
		}
		f.is(tx.Flush(ctx), uow.ErrFlushing)
		f.is(tx.Commit(ctx), uow.ErrFlushing)
		f.is(tx.Savepoint(ctx, func(context.Context) error { return nil }), uow.ErrFlushing)
		f.is(tx.Rollback(ctx), uow.ErrFlushing)
		f.is(tx.Close(), uow.ErrFlushing)
		f.is(tx.Clear(), uow.ErrFlushing)
		_, err := f.hooked.Find(ctx) // reading is allowed, and flushes nothing
		f.must(err)
		return nil
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { return f.hooked.Add(ctx, h) })
	eq(f, f.number("SELECT count(*) FROM hooked"), 1)
}

func (s *suite) TestAPanicInAHook(t *testing.T) {
	f := s.start(t)
	func() {
		defer func() { _ = recover() }()
		_ = uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.must(f.hooked.Add(ctx, &Hooked{}))
			f.must(tx.Flush(ctx))
			return f.hooked.Add(ctx, &Hooked{OnAny: func(context.Context, string) error { panic("ouch") }})
		})
		t.Error("no panic")
	}()
	f.idle()
	ctx, tx := f.unit()
	e := &Hooked{OnAny: func(context.Context, string) error { panic("ouch") }}
	f.must(f.hooked.Add(ctx, e))
	func() {
		defer func() { _ = recover() }()
		_ = tx.Flush(ctx)
		t.Error("no panic")
	}()
	f.must(tx.Rollback(ctx))
	f.must(tx.Close())
	eq(f, f.number("SELECT count(*) FROM hooked"), 0)
}

func (s *suite) TestEvents(t *testing.T) {
	f := s.start(t)
	var told []string
	tell := func(s string) { told = append(told, s) }
	register := func(tx *uow.UnitOfWork) {
		told = nil
		tx.OnBeforeFlush(func(ctx context.Context, p *uow.Plan) error {
			tell("before " + p.String())
			if len(told) == 1 {
				return f.words.Add(ctx, &Word{Text: "added"})
			}
			return nil
		})
		tx.OnAfterFlush(func(context.Context) error { tell("after"); return nil })
		tx.OnAfterCommit(func(ctx context.Context) {
			tell("commit")
			if err := second(f.words.Find(ctx)); err == nil {
				t.Error("the unit can be used after its commit")
			}
		})
		tx.OnAfterRollback(func(context.Context) { tell("rollback") })
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		register(tx)
		f.must(f.words.Add(ctx, &Word{Text: "w"}))
		f.must(tx.Flush(ctx))
		return tx.Flush(ctx) // nothing to write, nothing told
	})
	eq(f, told, []string{"before insert words key \"w\"\n", "after", "commit"})
	eq(f, f.number("SELECT count(*) FROM words"), 2)
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error { register(tx); return errUndo })
	eq(f, told, []string{"rollback"})

	f.log.Take()
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tx.OnBeforeFlush(func(context.Context, *uow.Plan) error { return errUndo })
		return f.words.Add(ctx, &Word{Text: "x"})
	})
	f.is(err, errUndo)
	eq(f, len(f.writes()), 0)
	err = f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tx.OnAfterFlush(func(context.Context) error { return errUndo })
		f.must(f.words.Add(ctx, &Word{Text: "x"}))
		f.is(tx.Flush(ctx), errUndo)
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
	eq(f, f.number("SELECT count(*) FROM words"), 2)

	commits, tries := 0, 0
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tries++
		tx.OnAfterCommit(func(context.Context) { commits++ })
		if tries < 2 {
			return errUndo
		}
		return f.words.Add(ctx, &Word{Text: "y"})
	}, uow.Retry(1), uow.RetryIf(func(err error) bool { return errors.Is(err, errUndo) }))
	eq(f, commits, 1)
}

func (s *suite) TestS41_AutoflushOnlyForTablesRead(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		e.Name = "changed"
		f.must(f.words.Add(ctx, &Word{Text: "w"}))
		f.log.Take()
		_, err = f.docs.Find(ctx)
		f.must(err)
		_, err = f.items.Get(ctx, 99)
		if err == nil {
			t.Error("no error")
		}
		eq(f, len(f.writes()), 0)
		n, err := f.items.Count(ctx, Items.Name.Eq("changed"))
		f.must(err)
		eq(f, n, 1)
		found, err := f.words.Exists(ctx)
		f.must(err)
		eq(f, found, true)
		e.Name = "again"
		for e, err := range f.items.Where(Items.Name.Eq("again")).Stream(ctx) {
			f.must(err)
			eq(f, e.Name, "again")
			found = false
		}
		eq(f, found, false)
		e.Name = "by hand"
		var name string
		f.must(tx.Get(ctx, &name, "SELECT name FROM items")) // raw SQL always flushes
		eq(f, name, "by hand")
		return nil
	})
}

func (s *suite) TestS42_NoAutoflush(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.First(ctx)
		f.must(err)
		e.Name = "x"
		count := func() int64 {
			n, err := f.items.Count(ctx, Items.Name.Eq("x"))
			f.must(err)
			return n
		}
		f.is(tx.NoAutoflush(func() error {
			f.must(tx.NoAutoflush(func() error { eq(f, count(), 0); return nil }))
			eq(f, count(), 0)
			var name string
			f.must(tx.Get(ctx, &name, "SELECT name FROM items"))
			eq(f, name, "ann")
			return errUndo
		}), errUndo)
		func() {
			defer func() { _ = recover() }()
			_ = tx.NoAutoflush(func() error { panic("x") })
		}()
		eq(f, count(), 1) // the setting ended with the functions
		return nil
	})
}

func (s *suite) TestS43_AutoflushErrorSuggestsTheScope(t *testing.T) {
	f := s.start(t)
	f.sql("INSERT INTO words (text, meaning) VALUES ('cat', '')")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.words.Add(ctx, &Word{Text: "cat"}))
		return second(f.words.Find(ctx))
	})
	violation(f, err, "words")
	f.says(err, "autoflush", "NoAutoflush")
}
