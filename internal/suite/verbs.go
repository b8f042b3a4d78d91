package suite

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

// The verbs where two of them meet.

func (s *suite) TestS75_RefreshOfSeveralDropsTheChangesOfAll(t *testing.T) {
	f := s.start(t)
	f.seed("ann", "bob", "cat")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Query().OrderBy(Items.ID.Asc()).All(ctx)
		f.must(err)
		for _, e := range all {
			e.Name = "changed"
		}
		f.must(f.items.Refresh(ctx, all[0], all[1]))
		eq(f, []string{all[0].Name, all[1].Name, all[2].Name}, []string{"ann", "bob", "changed"})
		all[0].Name = "not lost"
		f.is(f.items.Refresh(ctx, all[0], &Item{ID: 1}), uow.ErrNotManaged) // none is touched where one is not managed
		eq(f, all[0].Name, "not lost")
		f.must(f.items.Refresh(ctx))
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'bob'"), 1)
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'changed'"), 1)
}

func (s *suite) TestS20_TheKeyOfADeletedEntityIsAnothers(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.words.Add(ctx, &Word{Text: "go"}) })
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := f.words.Get(ctx, "go")
		f.must(err)
		f.must(f.words.Delete(ctx, a))
		b := &Word{Text: "go", Meaning: "heir"}
		f.must(f.words.Add(ctx, b))
		eq(f, as[*uow.DuplicateError](f, f.words.Add(ctx, a)).Key, `"go"`)
		f.must(f.words.Detach(ctx, b))
		f.must(f.words.Add(ctx, a)) // nobody wants it any more
		a.Meaning = "kept"
		return nil
	})
	eq(f, f.text("SELECT meaning FROM words"), "kept")
}

func (s *suite) TestS79_ALockingGetOfANewEntity(t *testing.T) {
	f := s.start(t)
	words, err := uow.EntityOf[Word](f.db)
	f.must(err)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		w := &Word{Text: "go"}
		f.must(f.words.Add(ctx, w))
		f.must(tx.NoAutoflush(func() error {
			_, err := words.Get(ctx, tx, true, "go")
			f.is(err, uow.ErrChanged)
			return nil
		}))
		got, err := words.Get(ctx, tx, true, "go")
		f.must(err)
		eq(f, got == w, true)
		return nil
	})
}

func (s *suite) TestS72_MergeOntoAnEntityMarkedForDeletion(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.words.Add(ctx, &Word{Text: "go"}) })
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		w, err := f.words.Get(ctx, "go")
		f.must(err)
		f.must(f.words.Delete(ctx, w))
		for _, src := range []*Word{w, {Text: "go", Meaning: "merged"}} {
			_, err = f.words.Merge(ctx, src)
			f.is(err, uow.ErrDeleted)
			f.says(err, "Word", "Add")
		}
		eq(f, w.Meaning, "")
		f.must(f.words.Add(ctx, w))
		m, err := f.words.Merge(ctx, &Word{Text: "go", Meaning: "merged"})
		f.must(err)
		eq(f, m == w, true)
		return nil
	})
	eq(f, f.text("SELECT meaning FROM words"), "merged")
}

func (s *suite) TestS61_ARowWithTheKeyOfAPendingEntity(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "go", Meaning: "row"})
	})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		pending := &Word{Text: "go", Meaning: "pending"}
		f.must(f.words.Add(ctx, pending))
		f.must(tx.NoAutoflush(func() error {
			_, err := f.words.Find(ctx)
			eq(f, as[*uow.DuplicateError](f, err).Key, `"go"`)
			all, err := f.words.Untracked().Find(ctx)
			f.must(err)
			eq(f, all[0].Meaning, "row")
			return nil
		}))
		return f.words.Detach(ctx, pending)
	})
}

func (s *suite) TestS12_ReloadAfterAnAutoflush(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		dirty, err := f.items.Get(ctx, ids[0])
		f.must(err)
		clean, err := f.items.Get(ctx, ids[1])
		f.must(err)
		f.must(second(tx.Exec(ctx, "UPDATE items SET count = 70, name = 'other'")))
		dirty.Name = "mine"
		f.must(second(f.items.Find(ctx))) // without Reload nothing loaded follows
		eq(f, []any{clean.Name, clean.Count}, []any{"bob", 1})
		all, err := f.items.Query().Reload().OrderBy(Items.ID.Asc()).All(ctx)
		f.must(err)
		eq(f, []bool{all[0] == dirty, all[1] == clean}, []bool{true, true})
		eq(f, []any{dirty.Name, dirty.Count, clean.Name, clean.Count}, []any{"mine", 70, "other", 70}) // flushed first
		clean.Count = 71                                                                               // its snapshot followed
		return nil
	})
	eq(f, f.number("SELECT sum(count) FROM items"), 141)
}
