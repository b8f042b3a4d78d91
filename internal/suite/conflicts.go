package suite

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

// addDocs adds documents of the given titles, whose titles are unique.
func (f *fix) addDocs(titles ...string) []*Doc {
	f.Helper()
	ds := make([]*Doc, len(titles))
	for i, title := range titles {
		ds[i] = &Doc{Title: title}
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.docs.Add(ctx, ds...) })
	return ds
}

// titles are the documents' titles in the order of their keys.
func (f *fix) titles() []string {
	f.Helper()
	ds, err := f.docs.Untracked().Query().OrderBy(Docs.ID.Asc()).All(f.ctx)
	f.must(err)
	out := []string{}
	for _, d := range ds {
		out = append(out, d.Title)
	}
	return out
}

func (s *suite) TestD5_UniqueValuesMoveBetweenRows(t *testing.T) {
	for name, c := range map[string]struct{ from, to []string }{
		"swap":                {[]string{"a", "b"}, []string{"b", "a"}},
		"chain":               {[]string{"a", "b", "c"}, []string{"b", "c", "d"}},
		"chain backwards":     {[]string{"a", "b", "c"}, []string{"z", "a", "b"}},
		"circle of three":     {[]string{"a", "b", "c"}, []string{"b", "c", "a"}},
		"two circles":         {[]string{"a", "b", "c", "d"}, []string{"b", "a", "d", "c"}},
		"circle with a tail":  {[]string{"a", "b", "c"}, []string{"b", "a", "x"}},
		"nothing of the kind": {[]string{"a", "b"}, []string{"x", "y"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := s.start(t)
			ds := f.addDocs(c.from...)
			f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
				for i, d := range ds {
					d, err := f.docs.Get(ctx, d.ID)
					f.must(err)
					d.Title = c.to[i]
				}
				return nil
			})
			eq(f, f.titles(), c.to)
			for i, d := range ds { // the version is counted once, whatever it took
				var version int64
				f.must(f.db.Get(f.ctx, &version, "SELECT version FROM docs WHERE id = $1", d.ID))
				if c.from[i] != c.to[i] {
					eq(f, version, 2)
				}
			}
		})
	}
}

func (s *suite) TestD5_AValueGivenUpByADeletionIsTaken(t *testing.T) {
	f := s.start(t)
	ds := f.addDocs("a", "b", "c")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := f.docs.Get(ctx, ds[0].ID)
		f.must(err)
		b, err := f.docs.Get(ctx, ds[1].ID)
		f.must(err)
		c, err := f.docs.Get(ctx, ds[2].ID)
		f.must(err)
		f.must(f.docs.Delete(ctx, a, b))
		f.must(f.docs.Add(ctx, &Doc{Title: "a"})) // by an insertion
		c.Title = "b"                             // and by an update
		return nil
	})
	eq(f, f.titles(), []string{"b", "a"})
}

func (s *suite) TestD5_RollbackAfterAnEarlyDeletion(t *testing.T) {
	f := s.start(t)
	ds := f.addDocs("a")
	no := errors.New("no")
	added := &Doc{Title: "a"}
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := f.docs.Get(ctx, ds[0].ID)
		f.must(err)
		err = tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(f.docs.Delete(ctx, a))
			f.must(f.docs.Add(ctx, added))
			f.must(tx.Flush(ctx))
			return no
		})
		if !errors.Is(err, no) {
			return err
		}
		again, err := f.docs.Get(ctx, ds[0].ID)
		f.must(err)
		if again != a {
			t.Error("the deleted entity came back as another pointer")
		}
		eq(f, added.ID, 0)
		return no
	})
	if !errors.Is(err, no) {
		t.Error(err)
	}
	eq(f, f.titles(), []string{"a"})
}

func (s *suite) TestS60_RowSwitchIsOneUpdate(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "go", Meaning: "move"}, &Word{Text: "stay", Meaning: "remain"})
	})
	next := &Word{Text: "go", Meaning: "a language"}
	no := errors.New("no")
	turn := func(ctx context.Context, tx *uow.UnitOfWork) error {
		old, err := f.words.Get(ctx, "go")
		f.must(err)
		f.must(f.words.Delete(ctx, old))
		f.must(f.words.Add(ctx, next))
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f, len(f.log.Take()), 1)
		got, err := f.words.Get(ctx, "go")
		f.must(err)
		if got != next {
			t.Error("the key does not find the new entity")
		}
		return nil
	}
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error { return errors.Join(turn(ctx, tx), no) })
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	eq(f, next.Meaning, "a language")
	eq(f, f.text("SELECT meaning FROM words WHERE text = 'go'"), "move")
	f.run(turn)
	eq(f, f.text("SELECT meaning FROM words WHERE text = 'go'"), "a language")
	eq(f, f.number("SELECT count(*) FROM words"), 2)
	// Equal values take no statement at all.
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		old, err := f.words.Get(ctx, "go")
		f.must(err)
		f.must(f.words.Delete(ctx, old))
		f.must(f.words.Add(ctx, &Word{Text: "go", Meaning: "a language"}))
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f, len(f.log.Take()), 0)
		return nil
	})
}

func (s *suite) TestS58_KeysAreExchangedInOneFlush(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "a", Meaning: "1"}, &Word{Text: "b", Meaning: "2"}, &Word{Text: "c", Meaning: "3"})
	})
	no := errors.New("no")
	turn := func(ctx context.Context, tx *uow.UnitOfWork) error {
		var ws []*Word
		for _, k := range []string{"a", "b", "c"} {
			w, err := f.words.Get(ctx, k)
			f.must(err)
			ws = append(ws, w)
		}
		ws[0].Text, ws[1].Text, ws[2].Text = "b", "c", "a"
		f.must(tx.Flush(ctx))
		for i, k := range []string{"b", "c", "a"} {
			w, err := f.words.Get(ctx, k)
			f.must(err)
			eq(f, w == ws[i], true)
		}
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 0)
		return nil
	}
	meanings := func() string {
		return f.text("SELECT max(CASE text WHEN 'a' THEN meaning END) || max(CASE text WHEN 'b' THEN meaning END) || max(CASE text WHEN 'c' THEN meaning END) FROM words")
	}
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		err := tx.Savepoint(ctx, func(ctx context.Context) error { return errors.Join(turn(ctx, tx), no) })
		f.is(err, no)
		a, err := f.words.Get(ctx, "a")
		f.must(err)
		eq(f, a.Meaning, "1")
		return no
	})
	f.is(err, no)
	eq(f, meanings(), "123")
	f.run(turn)
	eq(f, meanings(), "312")
}
