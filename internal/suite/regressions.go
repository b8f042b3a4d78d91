package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

// Each of these was found by package property; they are kept as plain tests.

var errNotThis = errors.New("undo")

func (s *suite) TestClearInASavepointThatIsRolledBack(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := f.items.Get(ctx, ids[0])
		f.must(err)
		a.Name = "changed"
		f.must(tx.Flush(ctx))
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(tx.Clear())
			b, err := f.items.Get(ctx, ids[0])
			f.must(err)
			b.Count = 5
			f.must(tx.Flush(ctx))
			return errNotThis
		}), errNotThis)
		var count int
		f.must(tx.Get(ctx, &count, "SELECT count FROM items"))
		eq(f, count, 0)
		return errNotThis
	})
	f.is(err, errNotThis)
}

func (s *suite) TestDetachOfADeletedEntityOutlivesRollback(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(f.items.Delete(ctx, e))
	f.must(tx.Flush(ctx))
	f.must(f.items.Detach(ctx, e))
	e.Name = "mine"
	f.must(tx.Rollback(ctx))
	eq(f, e.Name, "mine")
	f.is(f.items.Detach(ctx, e), uow.ErrNotManaged)
	again, err := f.items.Get(ctx, id)
	f.must(err)
	if again == e {
		t.Error("the detached entity was found")
	}
}

func (s *suite) TestS29_AddedEntitiesKeepWhatTheProgramSetSince(t *testing.T) {
	f := s.start(t)
	e := &Doc{Title: "first"}
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.docs.Add(ctx, e))
		f.must(tx.Savepoint(ctx, func(ctx context.Context) error {
			e.Title = "second"
			return nil
		}))
		return errNotThis
	})
	f.is(err, errNotThis)
	eq(f, *e, Doc{Title: "second"})
}

func (s *suite) TestS29_VersionsOfRowsThatWereNeverSentAreTakenBack(t *testing.T) {
	f := s.start(t)
	f.addDocs("taken")
	chosen, made := &Doc{ID: 1000, Title: "taken"}, &Doc{Title: "other"}
	f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.docs.Add(ctx, chosen, made) })
	eq(f, []Doc{*chosen, *made}, []Doc{{ID: 1000, Title: "taken"}, {Title: "other"}})
}

func (s *suite) TestS35_WhatWasReadInsideASavepointIsReadAgain(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			_, err := f.items.UpdateWhere(ctx, Items.ID.Eq(id), Items.Name.Set("inside"))
			f.must(err)
			e, err := f.items.Get(ctx, id)
			f.must(err)
			eq(f, e.Name, "inside")
			return errNotThis
		}), errNotThis)
		e, err := f.items.Get(ctx, id)
		f.must(err)
		eq(f, e.Name, "ann")
		return nil
	})
}

func (s *suite) TestAnEntityReadInPlaceOfOneThatComesBackLeaves(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "go", Meaning: "move"})
	})
	ctx, tx := f.unit()
	old, err := f.words.Get(ctx, "go")
	f.must(err)
	f.must(f.words.Delete(ctx, old))
	f.must(tx.Flush(ctx))
	next := &Word{Text: "go", Meaning: "a language"}
	f.must(f.words.Add(ctx, next))
	f.must(tx.Flush(ctx))
	f.must(f.words.Detach(ctx, next))
	read, err := f.words.Get(ctx, "go")
	f.must(err)
	f.must(tx.Rollback(ctx))
	f.is(f.words.Detach(ctx, read), uow.ErrNotManaged)
	got, err := f.words.Get(ctx, "go")
	f.must(err)
	if got != old {
		t.Error("the entity whose row is back was not found")
	}
}

func (s *suite) TestMergeOntoANewVersionedEntity(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		e := &Doc{ID: 1000, Title: "new"}
		f.must(f.docs.Add(ctx, e))
		m, err := f.docs.Merge(ctx, &Doc{ID: 1000, Title: "merged", Version: 7})
		f.must(err)
		if m != e {
			t.Error("Merge gave another entity than the new one")
		}
		return nil
	})
	eq(f, f.titles(), []string{"merged"})
}

func (s *suite) TestTwoNewEntitiesForTheKeyOfADeletedOne(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.words.Add(ctx, &Word{Text: "go"}) })
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		old, err := f.words.Get(ctx, "go")
		f.must(err)
		f.must(f.words.Delete(ctx, old))
		f.must(f.words.Add(ctx, &Word{Text: "go", Meaning: "first"}))
		as[*uow.DuplicateError](f, f.words.Add(ctx, &Word{Text: "go", Meaning: "second"}))
		return nil
	})
	eq(f, f.text("SELECT meaning FROM words"), "first")
}

func (s *suite) TestGetByAChangedKeyFlushes(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.words.Add(ctx, &Word{Text: "go"}) })
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.words.Get(ctx, "go")
		f.must(err)
		e.Text = "went"
		f.must(tx.NoAutoflush(func() error {
			if _, err := f.words.Get(ctx, "went"); err == nil {
				t.Error("found without a flush")
			}
			return nil
		}))
		got, err := f.words.Get(ctx, "went")
		f.must(err)
		if got != e {
			t.Error("another pointer")
		}
		return nil
	})
}

func (s *suite) TestS47_KeysThatTheProgramSetInsideOneTable(t *testing.T) {
	f := s.start(t)
	root, child := int64(1000), int64(1001)
	first := &Node{}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.nodes.Add(ctx, first) })
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := f.nodes.Get(ctx, first.ID)
		f.must(err)
		e.ParentID = &root // an update that refers to a new row
		return f.nodes.Add(ctx, &Node{ParentID: &child}, &Node{ID: child, ParentID: &root}, &Node{ID: root})
	})
	eq(f, f.number("SELECT count(*) FROM nodes"), 4)
	eq(f, f.number("SELECT count(*) FROM nodes WHERE parent_id = 1000"), 2)
}

func (s *suite) TestAStreamedEntityThatIsDeletedOrRefreshed(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		var all []*Item
		for e, err := range f.items.Query().Stream(ctx) {
			f.must(err)
			e.Count++
			all = append(all, e)
		}
		slices.SortFunc(all, func(a, b *Item) int { return int(a.ID - b.ID) })
		f.must(f.items.Delete(ctx, all[0]))
		f.must(f.items.Refresh(ctx, all[1])) // which flushes
		got, err := f.items.Get(ctx, ids[1])
		f.must(err)
		if got != all[1] {
			t.Error("a refreshed entity is not found")
		}
		f.must(f.items.Add(ctx, all[0])) // it has left: a plain struct again
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items"), 2)
}

func (s *suite) TestKeysOfNarrowIntegers(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.smalls.Add(ctx, &Small{ID: 5}) })
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		old, added := &Small{ID: 5}, &Small{ID: 7}
		f.must(f.smalls.Attach(ctx, old))
		f.must(f.smalls.Add(ctx, added))
		for _, want := range []*Small{old, added} {
			got, err := f.smalls.Get(ctx, want.ID)
			f.must(err)
			if got != want {
				t.Errorf("key %d gives another pointer", want.ID)
			}
			as[*uow.DuplicateError](f, f.smalls.Add(ctx, &Small{ID: want.ID}))
		}
		all, err := f.smalls.Find(ctx)
		f.must(err)
		for _, e := range all {
			if e != old && e != added {
				t.Errorf("a query gives another pointer for key %d", e.ID)
			}
		}
		return nil
	})
}

func (s *suite) TestS78_AGroupedUpdateOfARowThatIsGone(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob", "cat")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Find(ctx)
		f.must(err)
		_, err = tx.Exec(ctx, f.q("DELETE FROM items WHERE id = ?"), ids[1])
		f.must(err)
		for _, e := range all {
			e.Count = 7
		}
		return nil
	})
	e := as[*uow.StaleError](f, err)
	eq(f, []any{e.Op, e.Keys}, []any{"update", []string{fmt.Sprint(ids[1])}})
	eq(f, f.number("SELECT count(*) FROM items WHERE count = 7"), 0)
}
