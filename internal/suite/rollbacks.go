package suite

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestS29_D8_RollbackRestores(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob", "cat")
	var a, b, c, fresh, unflushed *Item
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Query().OrderBy(Items.ID.Asc()).All(ctx)
		f.must(err)
		a, b, c = all[0], all[1], all[2]
		a.Name, a.Email, a.Data = "flushed", ptr("x"), []byte("x")
		f.must(f.items.Delete(ctx, b))
		fresh = &Item{Name: "fresh", Count: 3}
		f.must(f.items.Add(ctx, fresh))
		f.must(tx.Flush(ctx))
		a.Name = "flushed again"
		f.must(tx.Flush(ctx))
		c.Name = "unflushed"
		fresh.Name = "changed after its flush"
		unflushed = &Item{Name: "unflushed"}
		f.must(f.items.Add(ctx, unflushed))
		return errUndo
	})
	f.is(err, errUndo)
	eq(f, []any{a.Name, a.Email == nil, len(a.Data) == 0, c.Name}, []any{"ann", true, true, "cat"})
	eq(f, []any{fresh.ID, fresh.Name, fresh.Count}, []any{int64(0), "changed after its flush", 3}) // the program's values stay, the made key goes
	eq(f, unflushed.ID, 0)
	eq(f, f.number("SELECT count(*) FROM items"), 3)

	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // and all of it works as the first time
		f.must(f.items.Add(ctx, fresh, unflushed))
		f.must(f.items.Attach(ctx, a))
		a.Name = "again"
		return f.items.Delete(ctx, b)
	})
	eq(f, f.number("SELECT count(*) FROM items"), 4)
	eq(f, f.text("SELECT name FROM items WHERE id = ?", ids[0]), "again")
}

func (s *suite) TestRollbackOfAUnitThatGoesOn(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	ctx, tx := f.unit()
	a, err := f.items.Get(ctx, ids[0])
	f.must(err)
	b, err := f.items.Get(ctx, ids[1])
	f.must(err)
	n := &Item{Name: "new"}
	f.must(f.items.Add(ctx, n))
	f.must(f.items.Delete(ctx, b))
	a.Name = "x"
	f.must(tx.Flush(ctx))
	f.must(tx.Rollback(ctx))
	eq(f, a.Name, "ann")
	f.is(f.items.Detach(ctx, n), uow.ErrNotManaged)
	f.log.Take()
	got, err := f.items.Get(ctx, ids[1])
	f.must(err)
	if got != b {
		t.Error("a deleted entity is not managed again")
	}
	eq(f, len(f.sent()), 1) // expired
	b.Name = "second try"
	f.must(f.items.Add(ctx, n))
	f.must(tx.Commit(ctx))
	eq(f, f.number("SELECT count(*) FROM items"), 3)
	eq(f, f.text("SELECT name FROM items WHERE id = ?", ids[1]), "second try")
}

func (s *suite) TestD8_RollbackTakesBackWhatDormerWrote(t *testing.T) {
	f := s.start(t)
	made := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	plain, chosen, doc := &Defaulted{Plain: 1}, &Defaulted{ID: 500, Code: "mine", Made: made}, &Doc{Title: "a", Version: 42}
	many := []*Defaulted{{Plain: 2}, {Plain: 3}}
	before := []Defaulted{*plain, *chosen, *many[0], *many[1]}
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.defaulted.Add(ctx, plain, chosen))
		f.must(f.defaulted.Add(ctx, many...))
		f.must(f.docs.Add(ctx, doc))
		f.must(tx.Flush(ctx))
		if plain.ID == 0 || plain.Made.IsZero() || doc.Version != 1 {
			t.Fatal("nothing was written to begin with")
		}
		return errUndo
	})
	eq(f, []Defaulted{*plain, *chosen, *many[0], *many[1]}, before)
	eq(f, *doc, Doc{Title: "a", Version: 42})
}

func (s *suite) TestS34_SavepointFlushesFirst(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		return tx.NoAutoflush(func() error {
			f.must(f.items.Add(ctx, &Item{Name: "outside"}))
			err := tx.Savepoint(ctx, func(ctx context.Context) error {
				f.must(f.items.Add(ctx, &Item{Name: "inside"}))
				return errUndo
			})
			f.is(err, errUndo)
			return nil
		})
	})
	eq(f, f.text("SELECT max(name) FROM items"), "outside")
	eq(f, f.number("SELECT count(*) FROM items"), 1)
}

func (s *suite) TestS35_S36_RollbackToASavepoint(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob", "cat", "dan")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Query().OrderBy(Items.ID.Asc()).All(ctx)
		f.must(err)
		a, b, c, d := all[0], all[1], all[2], all[3]
		a.Name = "before"
		var n *Item
		err = tx.Savepoint(ctx, func(ctx context.Context) error {
			a.Name = "inside"
			f.must(f.items.Delete(ctx, b))
			n = &Item{Name: "new"}
			f.must(f.items.Add(ctx, n))
			f.must(tx.Flush(ctx))
			a.Name = "inside, twice"
			c.Name = "unflushed"
			return errUndo
		})
		f.is(err, errUndo)
		eq(f, []any{a.Name, c.Name, n.ID}, []any{"before", "cat", int64(0)})
		f.log.Take()
		got, err := f.items.Get(ctx, ids[3])
		f.must(err)
		if got != d {
			t.Error("another pointer")
		}
		f.quiet("Get of what the savepoint left alone")
		got, err = f.items.Get(ctx, ids[1])
		f.must(err)
		if got != b {
			t.Error("what was deleted inside has another pointer")
		}
		f.is(f.items.Detach(ctx, n), uow.ErrNotManaged)
		f.must(f.items.Add(ctx, n))
		return nil
	})
	eq(f, f.text("SELECT name FROM items WHERE id = ?", ids[0]), "before")
	eq(f, f.number("SELECT count(*) FROM items"), 5)
}

func (s *suite) TestS37_ReleasedSavepointGoesWithTheOuter(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	var a, b, n *Item
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
		a, err = f.items.Get(ctx, ids[0])
		f.must(err)
		b, err = f.items.Get(ctx, ids[1])
		f.must(err)
		f.must(tx.Savepoint(ctx, func(ctx context.Context) error {
			a.Name = "one"
			return tx.Savepoint(ctx, func(ctx context.Context) error {
				a.Name = "two"
				n = &Item{Name: "new"}
				f.must(f.items.Add(ctx, n))
				return f.items.Delete(ctx, b)
			})
		}))
		f.log.Take()
		_, err = f.items.Get(ctx, ids[0])
		f.must(err)
		f.quiet("Get after a release") // it expires nothing
		eq(f, a.Name, "two")
		a.Name = "three"
		f.must(tx.Flush(ctx))
		return errUndo
	})
	eq(f, []any{a.Name, b.Name, n.ID}, []any{"ann", "bob", int64(0)})
	eq(f, f.number("SELECT count(*) FROM items"), 2)
}

func (s *suite) TestSavepointsNestAndFailInTheMiddle(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		point := func(set string, inner func(ctx context.Context) error) func(context.Context) error {
			return func(ctx context.Context) error {
				e.Name = set
				f.must(tx.Flush(ctx))
				e.Count++
				return inner(ctx)
			}
		}
		f.must(tx.Savepoint(ctx, point("1", func(ctx context.Context) error {
			err := tx.Savepoint(ctx, point("2", func(ctx context.Context) error {
				f.must(tx.Savepoint(ctx, point("3", func(context.Context) error { return nil })))
				eq(f, []any{e.Name, e.Count}, []any{"3", 3})
				return errUndo
			}))
			f.is(err, errUndo)
			eq(f, []any{e.Name, e.Count}, []any{"1", 1})
			return nil
		})))
		func() {
			defer func() { _ = recover() }()
			_ = tx.Savepoint(ctx, point("panicked", func(context.Context) error { panic("x") }))
		}()
		eq(f, []any{e.Name, e.Count}, []any{"1", 1})
		return nil
	})
	eq(f, f.text("SELECT name FROM items"), "1")
	eq(f, f.number("SELECT count FROM items"), 1)
}

func (s *suite) TestS39_FailedFlushInsideASavepoint(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.words.Add(ctx, &Word{Text: "cat"}))
		cat2 := &Word{Text: "dog"}
		err := tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(f.words.Add(ctx, cat2))
			f.must(tx.Flush(ctx))
			cat2.Text = "cat" // taken
			return tx.Flush(ctx)
		})
		violation(f, err, "words")
		err = tx.Savepoint(ctx, func(ctx context.Context) error { // at its end
			return second(tx.Exec(ctx, "INSERT INTO words (text, meaning) VALUES ('cat', '')"))
		})
		f.is(err, dialect.ErrUnique)
		err = tx.Savepoint(ctx, func(ctx context.Context) error { // swallowed
			f.must(f.words.Add(ctx, &Word{Text: "emu", Meaning: "x"}))
			_, _ = tx.Exec(ctx, "INSERT INTO words (text, meaning) VALUES ('cat', '')")
			return nil
		})
		f.is(err, uow.ErrRollbackOnly)
		return f.words.Add(ctx, &Word{Text: "fox"})
	})
	want := "cat fox"
	var got []string
	f.must(f.db.Select(f.ctx, &got, "SELECT text FROM words ORDER BY text"))
	eq(f, strings.Join(got, " "), want)
}

func (s *suite) TestUniqueKeyOfASavepointThatWasRolledBackIsFree(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		w := &Word{Text: "cat", Meaning: "first"}
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(f.words.Add(ctx, w))
			f.must(tx.Flush(ctx))
			return errUndo
		}), errUndo)
		return f.words.Add(ctx, &Word{Text: "cat", Meaning: "second"})
	})
	eq(f, f.text("SELECT meaning FROM words"), "second")
}
