package suite

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/watch"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// What a rollback puts back, and what it logs.

var takenMeta = schema.NewMetadata()

// Touched has a time that updates set, and one of the program's.
type Touched struct {
	ID   int64
	Name string
	At   time.Time
	Upd  time.Time
}

type toucheds struct {
	schema.Table[Touched]
	ID   expr.Column[Touched, int64]
	Name expr.Column[Touched, string]
	At   expr.Column[Touched, time.Time]
	Upd  expr.Column[Touched, time.Time]
}

var Toucheds = schema.Define("touched", func(t *toucheds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.Upd).OnUpdate(expr.Now())
}, schema.In(takenMeta))

// digits is a number of any length.
type digits string

// Account has a decimal for its key.
type Account struct {
	Number digits
	Name   string
}

type accounts struct {
	schema.Table[Account]
	Number expr.Column[Account, digits]
	Name   expr.Column[Account, string]
}

var Accounts = schema.Define("accounts", func(t *accounts) {
	schema.Decimal(t.Number, 30, 0).PrimaryKey()
}, schema.In(takenMeta))

func (s *suite) apart(t *testing.T) *fix {
	t.Helper()
	db := s.open(t, Toucheds, Accounts)
	f := &fix{T: t, db: db, log: watch.Of(db), ctx: t.Context()}
	t.Cleanup(func() { f.idle() })
	return f
}

func (s *suite) TestS29_WhatDormerWroteIsTakenOut(t *testing.T) {
	f := s.apart(t)
	touched := repo.NewKeyed(f.db, Toucheds.ID)
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("here", 3600))
	e := &Touched{Name: "a", At: at}
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(touched.Add(ctx, e))
		f.must(tx.Flush(ctx))
		for i := range 3 {
			e.Name = fmt.Sprint(i)
			f.must(tx.Flush(ctx))
		}
		if e.Upd.IsZero() || e.At.Nanosecond() != 123456000 {
			t.Errorf("nothing was written: %+v", e)
		}
		return errUndo
	})
	eq(f, *e, Touched{Name: "2", At: at})

	later := at.Add(time.Hour)
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error { // what the program set since stays
		f.must(touched.Add(ctx, e))
		f.must(tx.Flush(ctx))
		e.At = later
		f.must(tx.Flush(ctx))
		e.Upd = later
		return errUndo
	})
	eq(f, *e, Touched{Name: "2", At: later, Upd: later})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(touched.Add(ctx, e))
		f.must(tx.Flush(ctx))
		settled := *e
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error { // it was there before
			e.At = at
			f.must(tx.Flush(ctx))
			return errUndo
		}), errUndo)
		eq(f, *e, settled)
		return nil
	})
}

func (s *suite) TestS29_RollbackGoesBackToTheStartOfItsTransaction(t *testing.T) {
	f := s.start(t)
	d := f.addDocs("a")[0]
	ctx, tx := f.unit()
	e, err := f.docs.Get(ctx, d.ID)
	f.must(err)
	f.must(tx.Commit(ctx))
	f.sql("UPDATE docs SET body = 'theirs', version = 2")
	f.must(second(f.docs.Get(ctx, d.ID)))
	eq(f, e.Body, "theirs")
	e.Body = "mine"
	f.must(tx.Flush(ctx))
	f.must(tx.Rollback(ctx))
	eq(f, *e, Doc{ID: d.ID, Title: "a", Body: "theirs", Version: 2})
	e.Title = "b"
	f.must(tx.Commit(ctx)) // not stale
	eq(f, f.number("SELECT version FROM docs"), 3)
}

func (s *suite) TestS29_RollbackExpiresWhatWasOnlyRead(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(tx.Rollback(ctx))
	f.sql("UPDATE items SET name = 'theirs'")
	f.must(second(f.items.Get(ctx, id)))
	eq(f, e.Name, "theirs")
}

func (s *suite) TestS4_AGoneEntityLeavesUntilRollback(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(tx.Commit(ctx))
	f.sql("DELETE FROM items")
	f.is(second(f.items.Get(ctx, id)), repo.ErrNotFound)
	f.is(f.items.Refresh(ctx, e), uow.ErrDeleted)
	e.Name = "of a row that is gone"
	f.must(tx.Flush(ctx)) // not stale: it has left
	fresh := &Item{ID: id, Name: "fresh"}
	f.must(f.items.Add(ctx, fresh)) // its key is free
	f.must(tx.Rollback(ctx))
	eq(f, e.Name, "ann")
	f.must(f.items.Detach(ctx, e)) // managed again
}

func (s *suite) TestS57_ARollbackRestoresKeyAndMapping(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "a", Meaning: "1"}, &Word{Text: "b", Meaning: "2"})
	})
	ctx, tx := f.unit()
	a, err := f.words.Get(ctx, "a")
	f.must(err)
	b, err := f.words.Get(ctx, "b")
	f.must(err)
	a.Text, b.Text = "b", "a"
	f.must(tx.Flush(ctx))
	a.Text = "c"
	f.must(tx.Flush(ctx))
	f.must(tx.Rollback(ctx))
	eq(f, []string{a.Text, b.Text}, []string{"a", "b"})
	for key, want := range map[string]*Word{"a": a, "b": b} {
		got, err := f.words.Get(ctx, key)
		f.must(err)
		if got != want {
			t.Errorf("key %s gives another entity", key)
		}
	}
	f.is(second(f.words.Get(ctx, "c")), repo.ErrNotFound)
	a.Meaning = "written by the old key"
	f.must(tx.Commit(ctx))
	eq(f, f.text("SELECT meaning FROM words WHERE text = 'a'"), "written by the old key")
}

func (s *suite) TestS32_DroppedChangesAreLoggedAtWarn(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob", "cat")
	var out bytes.Buffer
	db := engine.New(f.db.Dialect(), f.db.DB(), engine.Metadata(meta), engine.Logger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	items := repo.NewKeyed(db, Items.ID)
	tx := uow.New(db)
	ctx := uow.With(f.ctx, tx)
	a, err := items.Get(ctx, ids[0])
	f.must(err)
	b, err := items.Get(ctx, ids[1])
	f.must(err)
	f.must(second(items.Get(ctx, ids[2])))
	f.must(tx.Rollback(ctx))
	eq(f, out.String(), "") // nothing was dropped
	a.Name = "secret"
	f.must(items.Delete(ctx, b))
	f.must(items.Add(ctx, &Item{Name: "secret"}, &Item{Name: "secret"}))
	f.must(tx.Rollback(ctx))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	eq(f, len(lines), 3)
	for i, want := range []string{"change=added entities=2", "change=changed entities=1", "change=deleted entities=1"} {
		for _, part := range []string{"level=WARN", "rollback", "suite.Item", want} {
			if !strings.Contains(lines[i], part) {
				t.Errorf("%q does not say %q", lines[i], part)
			}
		}
	}
	eq(f, strings.Contains(out.String(), "secret"), false)
	out.Reset()
	a.Name = "flushed"
	f.must(tx.Flush(ctx))
	f.must(tx.Rollback(ctx))
	eq(f, out.String(), "") // what was flushed is undone, not dropped
	f.must(tx.Close())
}

func (s *suite) TestStreamOfDecimalKeysInAUnit(t *testing.T) {
	f := s.apart(t)
	accounts := repo.NewKeyed(f.db, Accounts.Number)
	const n = 600
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		for i := range n { // numbers that a float does not tell apart
			f.must(accounts.Add(ctx, &Account{Number: digits(fmt.Sprintf("9000000000000000000000%05d", i))}))
		}
		return nil
	})
	for _, tracked := range []bool{true, false} {
		seen := map[digits]bool{}
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			q := accounts.Query()
			if !tracked {
				q = q.Untracked()
			}
			for e, err := range q.Stream(ctx) {
				f.must(err)
				seen[e.Number] = true
			}
			return nil
		})
		eq(f, len(seen), n)
	}
}
