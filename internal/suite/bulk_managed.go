package suite

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// What bulk writes mean for entities that the unit has.

func (s *suite) TestS80_DeleteWhereMovesEntitiesToDeleted(t *testing.T) {
	f := s.start(t)
	ds := f.addDocs("a", "b", "c")
	var c *Doc
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
		b, err := f.docs.Get(ctx, ds[1].ID)
		f.must(err)
		c, err = f.docs.Get(ctx, ds[2].ID)
		f.must(err)
		n, err := f.docs.DeleteWhere(ctx, Docs.Title.Ne("b"))
		f.must(err)
		eq(f, n, 2)
		f.log.Take()
		for _, err := range []error{f.docs.Add(ctx, c), f.docs.Attach(ctx, c), f.docs.Delete(ctx, c), f.docs.Refresh(ctx, c)} {
			f.is(err, uow.ErrDeleted)
		}
		c.Title = "written by nobody"
		b.Body = "written"
		f.must(tx.Flush(ctx))
		_, err = f.docs.Get(ctx, c.ID)
		f.is(err, repo.ErrNotFound)
		fresh := &Doc{ID: c.ID, Title: "in its place"} // the key is free
		f.must(f.docs.Add(ctx, fresh))
		f.must(tx.Flush(ctx))
		got, err := f.docs.Get(ctx, c.ID)
		f.must(err)
		eq(f, got == fresh, true)
		return errUndo
	})
	eq(f, *c, Doc{ID: ds[2].ID, Title: "c", Version: 1})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // by an explicit rollback it is managed again
		c, err := f.docs.Get(ctx, ds[2].ID)
		f.must(err)
		f.must(second(f.docs.DeleteWhere(ctx, expr.Every[Doc]())))
		f.must(tx.Rollback(ctx))
		c.Body = "back"
		return nil
	})
	eq(f, f.text("SELECT body FROM docs WHERE id = ?", ds[2].ID), "back")
}

func (s *suite) TestS80_AnEntityDeletedInBulkWritesIntoNoOtherRow(t *testing.T) {
	f := s.start(t)
	ds := f.addDocs("a", "b", "c")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		c, err := f.docs.Get(ctx, ds[2].ID)
		f.must(err)
		f.must(second(f.docs.DeleteWhere(ctx, Docs.ID.Eq(c.ID))))
		f.must(f.docs.Add(ctx, &Doc{Title: "fresh"})) // SQLite hands the key out again
		f.must(tx.Flush(ctx))
		c.Body = "of a row that is gone"
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM docs WHERE body <> ''"), 0)
	eq(f, f.number("SELECT count(*) FROM docs"), 3)
}

func (s *suite) TestARowPutWhereAManagedOneHadBeen(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		b, err := f.items.Get(ctx, ids[1])
		f.must(err)
		_, err = tx.Exec(ctx, f.q("DELETE FROM items WHERE id = ?"), ids[1]) // unknown to the unit
		f.must(err)
		as[*uow.DuplicateError](f, f.items.Add(ctx, &Item{ID: ids[1]}))
		fresh := &Item{Name: "fresh"}
		f.must(f.items.Add(ctx, fresh))
		f.must(tx.Flush(ctx))
		if fresh.ID == b.ID { // SQLite hands the key out again: b's row is known to be gone
			b.Name = "of a row that is gone"
			f.must(tx.Flush(ctx))
			f.is(f.items.Refresh(ctx, b), uow.ErrDeleted)
		}
		return nil
	})
	eq(f, f.text("SELECT max(name) FROM items"), "fresh")
	eq(f, f.number("SELECT count(*) FROM items"), 2)
}

func (s *suite) TestS80_DeleteWhereTakesChildrenAlong(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.authors.Add(ctx, &Author{ID: 1}))
		f.must(f.books.Add(ctx, &Book{ID: 1, AuthorID: 1}, &Book{ID: 2, AuthorID: 1}))
		return f.chapters.Add(ctx, &Chapter{ID: 1, BookID: 1}, &Chapter{ID: 2, BookID: 2})
	})
	for _, loaded := range []bool{true, false} { // the parent
		f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			if loaded {
				f.must(second(f.books.Find(ctx)))
			}
			c, err := f.chapters.Get(ctx, 1)
			f.must(err)
			other, err := f.chapters.Get(ctx, 2)
			f.must(err)
			f.must(second(f.books.DeleteWhere(ctx, Books.ID.Eq(1))))
			_, err = f.chapters.Get(ctx, 1)
			f.is(err, repo.ErrNotFound)
			f.is(f.chapters.Add(ctx, c), uow.ErrDeleted)
			got, err := f.chapters.Get(ctx, 2)
			f.must(err)
			eq(f, got == other, true)
			c.BookID = 2
			f.must(tx.Flush(ctx)) // not stale
			f.must(tx.Rollback(ctx))
			eq(f, c.BookID, 1)
			got, err = f.chapters.Get(ctx, 1)
			f.must(err)
			eq(f, got == c, true)
			return errUndo
		})
	}
}

func (s *suite) TestS80_UpdateWhereThenAFieldIsSet(t *testing.T) {
	f := s.start(t)
	d := f.addDocs("a")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.docs.Get(ctx, d.ID)
		f.must(err)
		f.must(second(f.docs.UpdateWhere(ctx, Docs.ID.Eq(d.ID), Docs.Body.Set("bulk"))))
		eq(f, e.Version, 2)
		e.Title = "z"
		f.must(tx.Flush(ctx))
		eq(f, e.Version, 3)
		f.must(second(f.docs.UpdateWhere(ctx, Docs.ID.Eq(d.ID), Docs.Body.Set("again"))))
		return f.docs.Delete(ctx, e)
	})
	eq(f, f.number("SELECT count(*) FROM docs"), 0)
	d = f.addDocs("b")[0]
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) (err error) { // and taken back
		d, err = f.docs.Get(ctx, d.ID)
		f.must(err)
		f.must(second(f.docs.UpdateWhere(ctx, expr.Every[Doc](), Docs.Body.Set("bulk"))))
		return errUndo
	})
	eq(f, []any{d.Version, d.Body}, []any{int64(1), ""})
}

func (s *suite) TestS80_UpdateWhereHidesNoOthersChange(t *testing.T) {
	f := s.start(t)
	d := f.addDocs("a")[0]
	m := &Dated{Title: "a"}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.dateds.Add(ctx, m) })
	for _, versioned := range []string{"counter", "time"} {
		err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			e, err := f.docs.Get(ctx, d.ID)
			f.must(err)
			g, err := f.dateds.Get(ctx, m.ID)
			f.must(err)
			f.must(tx.Commit(ctx))
			f.sql("UPDATE docs SET version = version + 1, body = 'theirs'")
			f.run(func(context.Context, *uow.UnitOfWork) error {
				return second(repo.New[Dated](f.db, repo.OwnUnit()).UpdateWhere(f.ctx, expr.Every[Dated](), Dateds.Title.Set("theirs")))
			})
			f.must(second(f.docs.UpdateWhere(ctx, expr.Every[Doc](), Docs.Title.Set("bulk"))))
			f.must(second(f.dateds.UpdateWhere(ctx, expr.Every[Dated](), Dateds.Title.Set("bulk"))))
			if versioned == "counter" {
				e.Body = "mine"
			} else {
				g.Title = "mine"
			}
			return nil
		})
		as[*uow.StaleError](f, err)
	}
}

func (s *suite) TestS77_BulkWritesCountTimeVersions(t *testing.T) {
	f := s.start(t)
	d := &Dated{Title: "a"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.dateds.Add(ctx, d))
		f.must(tx.Flush(ctx))
		last := d.Changed
		for i := range 20 { // faster than any clock of a database, and inside one transaction
			f.must(second(f.dateds.UpdateWhere(ctx, Dateds.ID.Eq(d.ID), Dateds.Title.Set("x"))))
			got, err := f.dateds.Untracked().Get(ctx, d.ID)
			f.must(err)
			if !got.Changed.After(last) {
				t.Fatalf("round %d: version %v after %v", i, got.Changed, last)
			}
			eq(f, d.Changed.Equal(got.Changed), true)
			last = got.Changed
			d.Title = fmt.Sprint(i)
			f.must(tx.Flush(ctx))
			if !d.Changed.After(last) {
				t.Fatalf("round %d: version %v after %v", i, d.Changed, last)
			}
			last = d.Changed
		}
		return nil
	})
	future := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // made by a clock that is ahead
		f.must(second(f.dateds.UpdateWhere(ctx, Dateds.ID.Eq(d.ID), Dateds.Changed.Set(future))))
		f.must(second(f.dateds.UpdateWhere(ctx, Dateds.ID.Eq(d.ID), Dateds.Title.Set("x"))))
		got, err := f.dateds.Untracked().Get(ctx, d.ID)
		f.must(err)
		eq(f, got.Changed.Equal(future.Add(time.Microsecond)), true)
		return nil
	})
	bulk := repo.New[Dated](f.db, repo.OwnUnit())
	for range 50 { // another's transaction within the same tick
		old, err := f.dateds.Untracked().Get(f.ctx, d.ID)
		f.must(err)
		f.must(second(bulk.UpdateWhere(f.ctx, Dateds.ID.Eq(d.ID), Dateds.Title.Set("theirs"))))
		err = uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			f.must(f.dateds.Attach(ctx, old))
			old.Title = "mine"
			return nil
		})
		var stale *uow.StaleError
		if !errors.As(err, &stale) {
			t.Fatalf("an update was lost: %v", err)
		}
	}
}
