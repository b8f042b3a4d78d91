package suite

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestS16_AddIsNewAndAttachIsManaged(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		fresh := &Item{Name: "bob"}
		f.must(f.items.Add(ctx, fresh))
		old := &Item{ID: id, Name: "taken as the row's"}
		f.must(f.items.Attach(ctx, old))
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 1)
		old.Count = 7
		f.must(tx.Flush(ctx))
		got, err := f.items.Get(ctx, id)
		f.must(err)
		if got != old {
			t.Error("Get gives another pointer than the attached one")
		}
		return nil
	})
	eq(f, f.text("SELECT name FROM items WHERE id = ?", id), "ann") // only what changed was written
	eq(f, f.number("SELECT count FROM items WHERE id = ?", id), 7)
	eq(f, f.number("SELECT count(*) FROM items"), 2)
}

func (s *suite) TestAddTwiceDoesNothing(t *testing.T) {
	f := s.start(t)
	e := &Item{Name: "ann"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, e, e))
		f.must(f.items.Add(ctx, e))
		f.must(tx.Flush(ctx))
		f.must(f.items.Add(ctx, e)) // managed by now
		f.must(f.items.Attach(ctx, e))
		f.must(f.items.Add(ctx))
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items"), 1)
}

func (s *suite) TestAddWithAChosenKeyInserts(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.items.Add(ctx, &Item{ID: 500, Name: "chosen"}, &Item{ID: -3, Name: "negative"}, &Item{Name: "made"})
	})
	eq(f, f.text("SELECT name FROM items WHERE id = 500"), "chosen")
	eq(f, f.text("SELECT name FROM items WHERE id = -3"), "negative")
	eq(f, f.number("SELECT count(*) FROM items"), 3)
	// A row that exists is never updated by Add.
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.items.Add(ctx, &Item{ID: 500, Name: "other"})
	})
	violation(f, err, "items")
	eq(f, f.text("SELECT name FROM items WHERE id = 500"), "chosen")
}

func (s *suite) TestS17_DuplicateIdentityIsRefused(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		_, err := f.items.Get(ctx, id)
		f.must(err)
		for _, err := range []error{
			f.items.Add(ctx, &Item{ID: id}),
			f.items.Attach(ctx, &Item{ID: id}),
			f.items.Delete(ctx, &Item{ID: id}),
		} {
			e := as[*uow.DuplicateError](f, err)
			eq(f, e.Entity, "suite.Item")
			f.says(err, "Item", "Merge")
		}
		f.must(f.pairs.Add(ctx, &Pair{A: 1, B: "b"}))
		e := as[*uow.DuplicateError](f, f.pairs.Add(ctx, &Pair{A: 1, B: "b"}))
		eq(f, e.Key, `1/"b"`)
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items"), 1)
}

func (s *suite) TestS18_AttachedToAnotherLiveUnit(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx1, tx1 := f.unit(uow.ReadOnly())
	ctx2, tx2 := f.unit(uow.ReadOnly())
	e, err := f.items.Get(ctx1, id)
	f.must(err)
	f.is(f.items.Attach(ctx2, e), uow.ErrAttached)
	f.must(f.items.Detach(ctx1, e))
	f.must(f.items.Attach(ctx2, e))
	f.is(f.items.Attach(ctx1, e), uow.ErrAttached)
	f.must(tx2.Close())
	f.must(f.items.Attach(ctx1, e)) // the other one has ended
	f.must(tx1.Close())

	ctx3, tx3 := f.unit()
	ctx4, tx4 := f.unit()
	n := &Item{Name: "new"}
	f.must(f.items.Add(ctx3, n))
	f.is(f.items.Add(ctx4, n), uow.ErrAttached)
	f.is(f.items.Delete(ctx4, n), uow.ErrAttached)
	f.must(tx3.Rollback(ctx3))
	f.must(f.items.Add(ctx4, n))
	f.must(tx4.Commit(ctx4))
	eq(f, f.number("SELECT count(*) FROM items"), 2)
}

func (s *suite) TestS19_DeleteByVerb(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob", "cat")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.is(f.items.Delete(ctx, &Item{Name: "no key"}), uow.ErrKey)
		n := &Item{Name: "new"}
		f.must(f.items.Add(ctx, n))
		if err := f.items.Delete(ctx, n); err == nil {
			t.Error("a new entity was deleted")
		}
		f.must(f.items.Detach(ctx, n))
		e, err := f.items.Get(ctx, ids[0])
		f.must(err)
		f.must(f.items.Delete(ctx, e, e))
		return f.items.Delete(ctx, &Item{ID: ids[1]}) // unmanaged with a full key
	})
	eq(f, f.text("SELECT max(name) FROM items"), "cat")
	eq(f, f.number("SELECT count(*) FROM items"), 1)
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Delete(ctx, &Item{ID: 999}) })
	e := as[*uow.StaleError](f, err) // S78
	eq(f, []any{e.Entity, e.Keys, e.Op}, []any{"suite.Item", []string{"999"}, "delete"})
}

func (s *suite) TestS20_DeleteThenAddCancels(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		f.must(f.items.Delete(ctx, e))
		f.must(f.items.Add(ctx, e))
		f.log.Take()
		f.must(tx.Flush(ctx))
		f.quiet("a cancelled delete")
		e.Name = "still here"
		return nil
	})
	eq(f, f.text("SELECT name FROM items"), "still here")
}

func (s *suite) TestS21_AddAfterAFlushedDelete(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	var e *Item
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
		e, err = f.items.Get(ctx, id)
		f.must(err)
		f.must(f.items.Delete(ctx, e))
		f.must(tx.Flush(ctx))
		f.is(f.items.Add(ctx, e), uow.ErrDeleted)
		f.is(f.items.Attach(ctx, e), uow.ErrDeleted)
		f.is(f.items.Delete(ctx, e), uow.ErrDeleted)
		f.is(f.items.Refresh(ctx, e), uow.ErrDeleted)
		f.must(f.items.Detach(ctx, e))
		return f.items.Add(ctx, e) // a plain struct again
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE id = ?", id), 1)
}

func (s *suite) TestS22_D1_DeletedIsDetachedAfterCommit(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(f.items.Delete(ctx, e))
	f.must(tx.Commit(ctx))
	f.is(f.items.Detach(ctx, e), uow.ErrNotManaged)
	f.must(f.items.Add(ctx, e)) // the second life of a plain struct
	f.must(tx.Commit(ctx))
	eq(f, f.number("SELECT count(*) FROM items WHERE id = ?", id), 1)
}

func (s *suite) TestS23_Detach(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	undo := errors.New("undo")
	var kept *Item
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		n := &Item{Name: "new"}
		f.must(f.items.Add(ctx, n))
		f.must(f.items.Detach(ctx, n))
		a, err := f.items.Get(ctx, ids[0])
		f.must(err)
		a.Name = "not written"
		f.must(f.items.Detach(ctx, a))
		f.log.Take()
		f.must(tx.Flush(ctx))
		f.quiet("a flush of detached entities")
		f.is(f.items.Detach(ctx, a), uow.ErrNotManaged)
		f.is(f.items.Refresh(ctx, a), uow.ErrNotManaged)
		again, err := f.items.Get(ctx, ids[0])
		f.must(err)
		if again == a || again.Name != "ann" {
			t.Errorf("%+v", again)
		}
		kept = a
		return undo
	})
	f.is(err, undo)
	eq(f, kept.Name, "not written") // a rollback does not restore it
}

func (s *suite) TestDetachOfAChosenKeyFreesIt(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, b := &Word{Text: "cat", Meaning: "a"}, &Word{Text: "cat", Meaning: "b"}
		f.must(f.words.Add(ctx, a))
		f.must(f.words.Detach(ctx, a))
		return f.words.Add(ctx, b)
	})
	eq(f, f.text("SELECT meaning FROM words"), "b")
}

func (s *suite) TestS72_MergeCopiesOntoTheManagedEntity(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.sql("UPDATE items SET email = 'old@x'")
	src := &Item{ID: id, Name: "merged", Email: nil, Data: []byte("d"), Tags: []string{"t"}}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := f.items.Merge(ctx, src)
		f.must(err)
		if m == src {
			t.Error("Merge returned its source")
		}
		if got, _ := f.items.Get(ctx, id); got != m {
			t.Error("what Merge returned is not managed")
		}
		m2, err := f.items.Merge(ctx, m) // managed itself
		f.must(err)
		if m2 != m {
			t.Error("Merge of a managed entity gives another")
		}
		src.Data[0], src.Tags[0] = 'x', "x" // by value: the copy does not follow
		eq(f, []any{string(m.Data), m.Tags[0]}, []any{"d", "t"})
		return nil
	})
	eq(f, f.text("SELECT email FROM items"), "NULL") // nil is a value
	eq(f, f.text("SELECT name FROM items"), "merged")
}

func (s *suite) TestS73_MergeWithoutARowIsNew(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.log.Take()
		m, err := f.items.Merge(ctx, &Item{Name: "no key"})
		f.must(err)
		f.quiet("Merge without a key")
		n, err := f.items.Merge(ctx, &Item{ID: 77, Name: "unknown key"})
		f.must(err)
		eq(f, m.Name+n.Name, "no keyunknown key")
		_, err = f.items.Merge(ctx, nil)
		f.is(err, uow.ErrNilEntity)
		return nil
	})
	eq(f, f.text("SELECT name FROM items WHERE id = 77"), "unknown key")
	eq(f, f.number("SELECT count(*) FROM items"), 2)
}

func (s *suite) TestS74_MergeOfAStaleVersion(t *testing.T) {
	f := s.start(t)
	f.sql("INSERT INTO docs (id, title, body, version) VALUES (1, 't', 'b', 3)")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		_, err := f.docs.Merge(ctx, &Doc{ID: 1, Title: "x", Version: 2})
		as[*uow.StaleError](f, err)
		m, err := f.docs.Merge(ctx, &Doc{ID: 1, Title: "x", Version: 3})
		f.must(err)
		eq(f, *m, Doc{ID: 1, Title: "x", Version: 3})
		return nil
	})
	eq(f, f.number("SELECT version FROM docs"), 4)
}

func (s *suite) TestS75_RefreshDropsChanges(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob", "cat")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Query().OrderBy(Items.ID.Asc()).All(ctx)
		f.must(err)
		a, b, c := all[0], all[1], all[2]
		a.Name, b.Name = "lost", "written"
		f.must(f.items.Refresh(ctx, a))
		eq(f, a.Name, "ann")
		var name string
		f.must(tx.Get(ctx, &name, f.q("SELECT name FROM items WHERE id = ?"), ids[1]))
		eq(f, name, "written")
		f.is(f.items.Refresh(ctx, &Item{ID: ids[0]}), uow.ErrNotManaged)
		n := &Item{}
		f.must(f.items.Add(ctx, n))
		f.is(f.items.Refresh(ctx, n), uow.ErrNotManaged)
		f.must(f.items.Detach(ctx, n))
		_, err = tx.Exec(ctx, f.q("DELETE FROM items WHERE id = ?"), ids[2])
		f.must(err)
		e := as[*uow.StaleError](f, f.items.Refresh(ctx, c))
		eq(f, e.Entity, "suite.Item")
		return nil
	})
}

func (s *suite) TestNilEntities(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ok := &Item{Name: "ok"}
		for verb, err := range map[string]error{
			"add": f.items.Add(ctx, ok, nil), "attach": f.items.Attach(ctx, nil), "delete": f.items.Delete(ctx, nil),
			"refresh": f.items.Refresh(ctx, nil), "detach": f.items.Detach(ctx, nil), "expect": f.items.Expect(ctx, nil, 1),
		} {
			f.is(err, uow.ErrNilEntity)
			f.says(err, verb)
		}
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items"), 0) // none is touched where one is nil
}

func (s *suite) TestExpect(t *testing.T) {
	f := s.start(t)
	f.sql("INSERT INTO docs (id, title, body, version) VALUES (1, 't', 'b', 3)")
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		d, err := f.docs.Get(ctx, 1)
		f.must(err)
		f.must(f.docs.Expect(ctx, d, 3))
		e := as[*uow.StaleError](f, f.docs.Expect(ctx, d, 2))
		eq(f, e.Keys, []string{"1"})
		f.is(f.docs.Expect(ctx, &Doc{ID: 1}, 3), uow.ErrNotManaged)
		i, err := f.items.Get(ctx, id)
		f.must(err)
		f.says(f.items.Expect(ctx, i, 1), "version column", "items")
		return nil
	})
}

func (s *suite) TestReadOnlyUnit(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		f.is(f.items.Add(ctx, &Item{}), uow.ErrReadOnly)
		f.is(f.items.Delete(ctx, e), uow.ErrReadOnly)
		f.is(second(f.items.Merge(ctx, &Item{ID: 9})), uow.ErrReadOnly)
		f.is(second(f.items.UpdateWhere(ctx, Items.ID.Eq(1), Items.Name.Set("x"))), uow.ErrReadOnly)
		f.is(second(f.items.DeleteWhere(ctx, Items.ID.Eq(1))), uow.ErrReadOnly)
		f.is(second(f.items.InsertAll(ctx, each(&Item{}))), uow.ErrReadOnly)
		_, err = f.items.Find(ctx)
		return err
	}, uow.ReadOnly())
	var e *Item
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
		e, err = f.items.Get(ctx, id)
		f.must(err)
		e.Name = "changed"
		return nil
	}, uow.ReadOnly())
	f.is(err, uow.ErrReadOnly)
	f.says(err, "suite.Item", "Name")
	eq(f, e.Name, "ann")
	eq(f, f.text("SELECT name FROM items"), "ann")
}

func (s *suite) TestReadOnlyReachesHandWrittenSQL(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := tx.Exec(ctx, "UPDATE items SET name = 'x'")
		return err
	}, uow.ReadOnly())
	f.is(err, dialect.ErrReadOnly)
	eq(f, f.text("SELECT name FROM items"), "ann")
	for range 20 { // every connection writes again
		f.sql("UPDATE items SET count = count + 1")
	}
	eq(f, f.number("SELECT count FROM items"), 20)
}

func (s *suite) TestUseAfterTheEnd(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	var ended context.Context
	var tx *uow.UnitOfWork
	f.run(func(ctx context.Context, u *uow.UnitOfWork) error {
		ended, tx = ctx, u
		return nil
	})
	for _, err := range []error{
		second(f.items.Get(ended, id)), second(f.items.Find(ended)), f.items.Add(ended, &Item{}), tx.Flush(ended), tx.Commit(ended), tx.Rollback(ended),
		tx.Clear(), second(tx.Plan(ended)), second(tx.Exec(ended, "SELECT 1")), tx.Savepoint(ended, func(context.Context) error { return nil }),
		tx.NoAutoflush(func() error { return nil }), second(f.items.Untracked().Find(ended)), second(f.items.Count(ended)),
		uow.Run(ended, f.db, func(context.Context, *uow.UnitOfWork) error { return nil }),
	} {
		f.is(err, uow.ErrEnded)
	}
	f.must(tx.Close())
	if _, ok := uow.From(ended, f.db); ok {
		t.Error("From gives a unit that has ended")
	}
	_, err := f.items.Untracked().Find(uow.Without(ended))
	f.must(err)
	f.must(uow.Run(ended, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.items.Get(ctx, id)) }, uow.RequiresNew()))
}
