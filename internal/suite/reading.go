package suite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestS1_GetHitIsTheSamePointerWithoutSQL(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := f.items.Get(ctx, id)
		f.must(err)
		f.log.Take()
		b, err := f.items.Get(ctx, id)
		f.must(err)
		c, err := f.items.Repository.Get(ctx, int32(id))
		f.must(err)
		f.quiet("Get of a loaded entity")
		if a != b || a != c {
			t.Errorf("three pointers for one row: %p %p %p", a, b, c)
		}
		if n := testing.AllocsPerRun(100, func() { _, _ = f.items.Get(ctx, id) }); n != 0 {
			t.Errorf("a hit allocates %v times", n)
		}
		return nil
	})
}

func (s *suite) TestS2_GetMissIsNotFoundAfterOneSelect(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, &Item{Name: "pending"})) // Get by itself never flushes
		f.log.Take()
		e, err := f.items.Get(ctx, 99)
		if e != nil || !errors.Is(err, repo.ErrNotFound) || !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("%v, %v", e, err)
		}
		f.says(err, "items", "99")
		if sent := f.sent(); len(sent) != 1 {
			t.Errorf("sent %q", sent)
		}
		return nil
	})
}

func (s *suite) TestS3_GetOfAnExpiredEntityRefreshesOnce(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(tx.Commit(ctx))
	f.sql("UPDATE items SET name = 'eve' WHERE id = ?", id)
	eq(f, e.Name, "ann") // values stay readable
	f.log.Take()
	again, err := f.items.Get(ctx, id)
	f.must(err)
	if again != e || e.Name != "eve" {
		t.Errorf("%p is not %p, or name %s", again, e, e.Name)
	}
	eq(f, len(f.sent()), 1)
	_, err = f.items.Get(ctx, id)
	f.must(err)
	f.quiet("the second Get")
}

func (s *suite) TestS4_ExpiredEntityWhoseRowIsGone(t *testing.T) {
	f := s.start(t)
	f.sql("INSERT INTO words (text, meaning) VALUES ('cat', 'old')")
	ctx, tx := f.unit()
	w, err := f.words.Get(ctx, "cat")
	f.must(err)
	f.must(tx.Commit(ctx))
	f.sql("DELETE FROM words")
	_, err = f.words.Get(ctx, "cat")
	f.is(err, repo.ErrNotFound)
	eq(f, w.Meaning, "old")
	f.must(tx.Rollback(ctx)) // brings it back
	f.sql("INSERT INTO words (text, meaning) VALUES ('cat', 'new')")
	again, err := f.words.Get(ctx, "cat")
	f.must(err)
	if again != w || w.Meaning != "new" {
		t.Errorf("%p is not %p, or %+v", again, w, w)
	}
}

func (s *suite) TestS5_GetFindsAPendingEntityByItsChosenKey(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		w := &Word{Text: "cat"}
		p := &Pair{A: 1, B: "x"}
		f.must(f.words.Add(ctx, w))
		f.must(f.pairs.Add(ctx, p))
		f.log.Take()
		got, err := f.words.Get(ctx, "cat")
		f.must(err)
		gotPair, err := f.pairs.Get(ctx, 1, "x")
		f.must(err)
		if got != w || gotPair != p {
			t.Error("another pointer")
		}
		f.quiet("Get of what was added")
		f.must(tx.Flush(ctx))
		got, err = f.words.Get(ctx, "cat")
		f.must(err)
		if got != w {
			t.Error("another pointer after the flush")
		}
		return nil
	})
}

func (s *suite) TestS6_GetOfADeletedEntity(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		f.must(f.items.Delete(ctx, e))
		f.log.Take()
		got, err := f.items.Get(ctx, id)
		if err != nil || got != e {
			t.Errorf("marked for deletion: %p, %v", got, err)
		}
		f.quiet("Get of what is marked")
		f.must(tx.Flush(ctx))
		_, err = f.items.Get(ctx, id)
		f.is(err, repo.ErrNotFound)
		return nil
	})
}

func (s *suite) TestS7_WrongKeysAreRefused(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		for _, key := range [][]any{{}, {1, 2}, {"x"}, {1.5}, {nil}, {[]byte("x")}, {struct{}{}}} {
			_, err := f.items.Repository.Get(ctx, key...)
			f.is(err, uow.ErrKey)
			_, err = f.items.Untracked().Repository.Get(ctx, key...)
			f.is(err, uow.ErrKey)
		}
		_, err := f.pairs.Repository.Get(ctx, "x", 1)
		f.is(err, uow.ErrKey)
		_, err = f.pairs.Repository.Get(ctx, 1)
		f.is(err, uow.ErrKey)
		f.says(err, "2 key parts", "1")
		for _, r := range []any{int64(1) << 40, uint64(1 << 63), -1<<31 - 1} {
			_, err = f.smalls.Repository.Get(ctx, r)
			f.is(err, uow.ErrKey)
		}
		_, err = f.words.Get(ctx, "a\x00b")
		f.is(err, uow.ErrKey)
		return nil
	})
}

func (s *suite) TestS8_LockingReadAlwaysSelectsAndOverwrites(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		_, err = tx.Exec(ctx, f.q("UPDATE items SET count = 5 WHERE id = ?"), id)
		f.must(err)
		eq(f, e.Count, 0)
		got, err := f.items.Where(Items.ID.Eq(id)).ForUpdate().One(ctx)
		f.must(err)
		if got != e || e.Count != 5 {
			t.Errorf("%p is not %p, or count %d", got, e, e.Count)
		}
		e.Count = 6 // flushed first
		_, err = f.items.Where(Items.ID.Eq(id)).ForShare().One(ctx)
		f.must(err)
		eq(f, e.Count, 6)
		return nil
	})
	eq(f, f.number("SELECT count FROM items"), 6)
}

func (s *suite) TestS8_LocksAreTaken(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	if !f.db.Dialect().Capabilities().RowLocks { // a writing unit holds the database, so nothing is asked for
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			f.log.Take()
			_, err := f.items.Where(Items.ID.Eq(id)).ForUpdate().One(ctx)
			f.must(err)
			for _, q := range f.sent() {
				eq(f, strings.Contains(q, "FOR UPDATE"), false)
			}
			return nil
		})
		return
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		_, err := f.items.Where(Items.ID.Eq(id)).ForUpdate().One(ctx)
		f.must(err)
		err = uow.Run(ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			_, err := tx.Exec(ctx, f.q("SELECT 1 FROM items WHERE id = ? FOR UPDATE NOWAIT"), id)
			return err
		}, uow.RequiresNew())
		f.is(err, dialect.ErrLockTimeout)
		return nil
	})
}

func (s *suite) TestS10_OnePointerPerRow(t *testing.T) {
	f := s.start(t)
	ids := f.seed(many(40)...)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		byID := map[int64]*Item{}
		for _, id := range ids[:5] {
			e, err := f.items.Get(ctx, id)
			f.must(err)
			byID[id] = e
		}
		same := func(e *Item) {
			if known := byID[e.ID]; known != nil && known != e {
				t.Errorf("two pointers for item %d", e.ID)
			}
			byID[e.ID] = e
		}
		all, err := f.items.Find(ctx)
		f.must(err)
		for _, e := range all {
			same(e)
		}
		again, err := f.items.Where(Items.Count.Lt(30)).OrderBy(Items.Name.Desc()).All(ctx)
		f.must(err)
		for _, e := range again {
			same(e)
		}
		for e, err := range f.items.Query().Stream(ctx) {
			f.must(err)
			same(e)
		}
		eq(f, len(byID), 40)
		return nil
	})
}

func (s *suite) TestS10_KeysOfEveryKindAreOneKey(t *testing.T) {
	f := s.start(t)
	id := [16]byte{1, 2, 255}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.smalls.Add(ctx, &Small{ID: 5}))
		f.must(f.words.Add(ctx, &Word{Text: "it's \" \\ % _ 日本"}))
		f.must(f.tokens.Add(ctx, &Token{ID: id}))
		return f.pairs.Add(ctx, &Pair{A: -1, B: ""}, &Pair{A: -1, B: "a/b"}, &Pair{A: 1, B: "a"})
	})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := f.smalls.Get(ctx, 5)
		f.must(err)
		for _, k := range []any{5, int8(5), int64(5), uint16(5)} {
			b, err := f.smalls.Repository.Get(ctx, k)
			f.must(err)
			if a != b {
				t.Errorf("%T 5 is another key", k)
			}
		}
		w, err := f.words.Get(ctx, "it's \" \\ % _ 日本")
		f.must(err)
		ws, err := f.words.Find(ctx)
		f.must(err)
		tok, err := f.tokens.Get(ctx, id)
		f.must(err)
		toks, err := f.tokens.Find(ctx)
		f.must(err)
		p, err := f.pairs.Get(ctx, -1, "")
		f.must(err)
		ps, err := f.pairs.Query().OrderBy(Pairs.A.Asc(), Pairs.B.Asc()).All(ctx)
		f.must(err)
		if w != ws[0] || tok != toks[0] || p != ps[0] || len(ps) != 3 {
			t.Error("a query gave another pointer than Get")
		}
		q, err := f.pairs.Repository.Get(ctx, int32(-1), "a/b")
		f.must(err)
		if q != ps[1] {
			t.Error("a composite key of another Go type is another key")
		}
		return nil
	})
}

func (s *suite) TestS11_AQueryChangesNoLoadedEntity(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		clean, err := f.items.Get(ctx, ids[0])
		f.must(err)
		dirty, err := f.items.Get(ctx, ids[1])
		f.must(err)
		_, err = tx.Exec(ctx, "UPDATE items SET name = 'other', count = 50")
		f.must(err)
		dirty.Name = "mine"
		f.must(tx.NoAutoflush(func() error {
			_, err := f.items.Find(ctx)
			return err
		}))
		eq(f, []any{clean.Name, clean.Count, dirty.Name, dirty.Count}, []any{"ann", 0, "mine", 1})
		return nil
	})
	eq(f, f.text("SELECT name FROM items WHERE id = ?", ids[1]), "mine")
}

func (s *suite) TestS12_ReloadOverwrites(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		_, err = tx.Exec(ctx, f.q("UPDATE items SET name = 'other', data = ?"), []byte("x"))
		f.must(err)
		e.Name = "mine"
		f.must(tx.NoAutoflush(func() error {
			_, err := f.items.Query().Reload().All(ctx)
			return err
		}))
		eq(f, []any{e.Name, string(e.Data)}, []any{"other", "x"})
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 0)
		return nil
	})
}

func (s *suite) TestS13_AQueryFillsExpiredFieldsAndKeepsChangedOnes(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(tx.Commit(ctx))
	f.sql("UPDATE items SET name = 'theirs', count = 9 WHERE id = ?", id)
	e.Name = "mine"
	f.must(tx.NoAutoflush(func() error {
		_, err := f.items.Find(ctx)
		return err
	}))
	eq(f, []any{e.Name, e.Count}, []any{"mine", 9})
	f.must(tx.Commit(ctx))
	eq(f, f.text("SELECT name FROM items"), "mine")
	eq(f, f.number("SELECT count FROM items"), 9)
}

func (s *suite) TestFirstOneCountExistsLimitOffset(t *testing.T) {
	f := s.start(t)
	f.seed("c", "a", "b", "b")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := f.items.First(ctx)
		f.must(err)
		eq(f, e.Name, "c") // in key order
		e, err = f.items.Query().OrderBy(Items.Name.Asc()).First(ctx)
		f.must(err)
		eq(f, e.Name, "a")
		_, err = f.items.First(ctx, Items.Name.Eq("z"))
		f.is(err, repo.ErrNotFound)
		_, err = f.items.One(ctx, Items.Name.Eq("b"))
		f.is(err, repo.ErrMultiple)
		_, err = f.items.One(ctx, Items.Name.Eq("z"))
		f.is(err, repo.ErrNotFound)
		e, err = f.items.One(ctx, Items.Name.Eq("a"))
		f.must(err)
		eq(f, e.Count, 1)
		n, err := f.items.Count(ctx, Items.Name.Eq("b"))
		f.must(err)
		eq(f, n, 2)
		yes, err := f.items.Exists(ctx, Items.Name.Eq("b"))
		f.must(err)
		no, err := f.items.Exists(ctx, Items.Name.Eq("z"))
		f.must(err)
		eq(f, []bool{yes, no}, []bool{true, false})

		q := f.items.Query().OrderBy(Items.ID.Asc())
		for _, c := range []struct {
			q    repo.Query[Item]
			want string
		}{
			{q, "cabb"}, {q.Limit(2), "ca"}, {q.Offset(3), "b"}, {q.Limit(2).Offset(1), "ab"}, {q.Limit(0), ""}, {q.Offset(9), ""}, {q.Limit(9), "cabb"},
			{q.Distinct(), "cabb"},
		} {
			es, err := c.q.All(ctx)
			f.must(err)
			got := ""
			for _, e := range es {
				got += e.Name
			}
			eq(f, got, c.want)
			n, err := c.q.Count(ctx)
			f.must(err)
			eq(f, n, int64(len(c.want)))
			any, err := c.q.Exists(ctx)
			f.must(err)
			eq(f, any, c.want != "")
			e, err := c.q.First(ctx)
			if c.want == "" {
				f.is(err, repo.ErrNotFound)
			} else {
				f.must(err)
				eq(f, e.Name, c.want[:1])
			}
		}
		for _, q := range []repo.Query[Item]{q.Limit(-1), q.Offset(-1)} {
			if _, err := q.All(ctx); err == nil {
				t.Error("no error for a negative number")
			}
		}
		none, err := f.items.Find(ctx, Items.Name.Eq("z"))
		f.must(err)
		if none == nil || len(none) != 0 {
			t.Errorf("nothing found is %#v, want an empty slice", none)
		}
		return nil
	})
}
