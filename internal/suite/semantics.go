package suite

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/internal/suite/watch"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

var errNo = errors.New("no")

func (s *suite) TestS27_S28_AfterCommitValuesStayAndTheNextReadRefreshes(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	e.Count = 1
	f.must(tx.Commit(ctx))
	f.log.Take()
	eq(f, e.Name, "ann") // readable without SQL
	eq(f, e.Count, 1)
	f.quiet("reading fields")
	f.sql("UPDATE items SET name = 'new' WHERE id = ?", id)
	eq(f, e.Name, "ann")
	again, err := f.items.Get(ctx, id)
	f.must(err)
	eq(f, again == e, true)
	eq(f, e.Name, "new")
	f.log.Take()
	_, err = f.items.Get(ctx, id) // refreshed by now
	f.must(err)
	f.quiet("a second Get")
}

func (s *suite) TestS32_ChangesMadeAfterAFailureAreDiscarded(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, ids[0])
	f.must(err)
	e.Count = -5000 // violates a check
	if err := tx.Flush(ctx); !errors.Is(err, dialect.ErrCheck) {
		t.Fatal(err)
	}
	e.Name = "made while nothing could be written"
	f.is(tx.Flush(ctx), uow.ErrRollbackOnly)
	f.must(tx.Rollback(ctx))
	eq(f, e.Name, "ann")
	eq(f, e.Count, 0)
	e.Name = "after"
	f.must(tx.Commit(ctx))
	eq(f, f.text("SELECT name FROM items WHERE id = ?", ids[0]), "after")
}

func (s *suite) TestS33_NoUseOfTheUnitAfterItsEnd(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	var got []error
	use := func(ctx context.Context) {
		_, err := f.items.Get(ctx, id)
		got = append(got, err)
	}
	tx.OnAfterCommit(use)
	tx.OnAfterRollback(use)
	_, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(tx.Commit(ctx))
	f.must(tx.Rollback(ctx))
	eq(f, len(got), 2)
	for _, err := range got {
		f.is(err, uow.ErrConcurrentUse)
	}
	// In Run the unit has ended by then.
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tx.OnAfterCommit(func(context.Context) { _, err := f.items.Get(ctx, id); got = append(got, err) })
		return nil
	})
	f.is(got[2], uow.ErrEnded)
}

func (s *suite) TestS38_CommitAndRollbackActOnTheWholeTransaction(t *testing.T) {
	f := s.start(t)
	ctx, tx := f.unit()
	f.must(f.items.Add(ctx, &Item{Name: "outer"}))
	for _, end := range []func(context.Context) error{tx.Rollback, tx.Commit} {
		inner := &Item{Name: "inner"}
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			f.must(f.items.Add(ctx, inner))
			f.must(tx.Flush(ctx))
			return end(ctx)
		}), uow.ErrInSavepoint)
		eq(f, inner.ID, 0) // the savepoint was gone back to
	}
	eq(f, f.number("SELECT count(*) FROM items"), 0)
	f.must(tx.Savepoint(ctx, func(ctx context.Context) error { return f.items.Add(ctx, &Item{Name: "inner"}) }))
	f.must(tx.Rollback(ctx)) // of what the savepoint did, too
	eq(f, f.number("SELECT count(*) FROM items"), 0)
	f.must(f.items.Add(ctx, &Item{Name: "next"}))
	f.must(tx.Commit(ctx))
	eq(f, f.number("SELECT count(*) FROM items"), 1)
}

func (s *suite) TestS40_ASandboxIsNeverCommitted(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	box, err := f.db.Sandbox(f.ctx)
	f.must(err)
	items := repo.NewKeyed(box, Items.ID)
	f.must(uow.Run(f.ctx, box, func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := items.Get(ctx, id)
		f.must(err)
		e.Name = "boxed"
		f.must(items.Add(ctx, &Item{Name: "boxed, too"}))
		return tx.Commit(ctx)
	}))
	n, err := items.Count(f.ctx)
	f.must(err)
	eq(f, n, int64(2))
	err = uow.Run(f.ctx, box, func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := items.DeleteWhere(ctx, Items.ID.Gt(0))
		f.must(err)
		return errNo
	})
	f.is(err, errNo)
	n, err = items.Count(f.ctx)
	f.must(err)
	eq(f, n, int64(2))
	f.must(box.Close())
	eq(f, f.number("SELECT count(*) FROM items"), 1)
	eq(f, f.text("SELECT name FROM items"), "ann")
}

func (s *suite) TestS45_S52_OrderAndSharingOfStatements(t *testing.T) {
	f := s.start(t)
	var first []*Word
	for _, w := range []string{"m", "c", "x", "a"} {
		first = append(first, &Word{Text: w})
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.words.Add(ctx, first...))
		eq(f, keysOf(tx, ctx), []string{`insert "m"`, `insert "c"`, `insert "x"`, `insert "a"`})
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f, len(f.writes()), 1)
		return nil
	})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ws, err := f.words.Query().OrderBy(Words.Text.Desc()).All(ctx)
		f.must(err)
		for i, w := range ws {
			if i < 2 {
				w.Meaning = "changed"
			} else {
				f.must(f.words.Delete(ctx, w))
			}
		}
		eq(f, keysOf(tx, ctx), []string{`update "m"`, `update "x"`, `delete "a"`, `delete "c"`})
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f, len(f.writes()), 2)
		return nil
	})
}

// keysOf lists a plan's changes as operation and key.
func keysOf(tx *uow.UnitOfWork, ctx context.Context) (out []string) {
	p, err := tx.Plan(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	for _, c := range p.Changes() {
		out = append(out, c.Op.String()+" "+c.Key)
	}
	return out
}

// relFix is what tests of relations work with.
type relFix struct {
	*fix
	writers repo.Keyed[Writer, int64]
	essays  repo.Keyed[Essay, int64]
	links   repo.Keyed[Link, int64]
	genres  repo.Keyed[Genre, string]
	shelves repo.Keyed[Shelf, int64]
}

func (s *suite) related(t *testing.T) *relFix {
	t.Helper()
	db := s.open(t, Writers, Essays, Links, Genres, Shelves)
	f := &relFix{fix: &fix{T: t, db: db, log: watch.Of(db), ctx: t.Context()}}
	f.log.Take()
	t.Cleanup(func() { f.idle() })
	f.writers = repo.NewKeyed(db, Writers.ID)
	f.essays = repo.NewKeyed(db, Essays.ID)
	f.links = repo.NewKeyed(db, Links.ID)
	f.genres = repo.NewKeyed(db, Genres.Name)
	f.shelves = repo.NewKeyed(db, Shelves.ID)
	return f
}

func (s *suite) TestS47_TreesAreInsertedParentsFirst(t *testing.T) {
	f := s.related(t)
	const depth = 20
	all := []*Writer{{Name: "0"}}
	for i := range depth {
		all = append(all, &Writer{Name: "w", Mentor: rel.To(all[i])})
	}
	slices.Reverse(all) // children are added first
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { return f.writers.Add(ctx, all[0]) })
	for i := range depth {
		eq(f.fix, *all[i].MentorID, all[i+1].ID)
	}
	eq(f.fix, f.number("SELECT count(*) FROM writers WHERE mentor_id IS NOT NULL"), depth)
}

func (s *suite) TestS48_ACycleThatCannotBeBrokenIsFoundBeforeSQL(t *testing.T) {
	f := s.related(t)
	a, b := &Link{}, &Link{}
	a.Next, b.Next = rel.To(b), rel.To(a)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error { return f.links.Add(ctx, a, b) })
	as[*uow.CycleError](f.fix, err)
	eq(f.fix, len(f.writes()), 0)
	eq(f.fix, a.ID, int64(0))
}

func (s *suite) TestS49_ACycleOverNullIsWrittenByASecondUpdate(t *testing.T) {
	f := s.related(t)
	a, b := &Writer{Name: "a"}, &Writer{Name: "b"}
	a.Mentor, b.Mentor = rel.To(b), rel.To(a)
	self := &Writer{Name: "self"}
	self.Mentor = rel.To(self)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { return f.writers.Add(ctx, a, b, self) })
	eq(f.fix, *a.MentorID, b.ID)
	eq(f.fix, *b.MentorID, a.ID)
	eq(f.fix, *self.MentorID, self.ID)
	eq(f.fix, f.number("SELECT count(*) FROM writers WHERE mentor_id IS NULL"), 0)
}

func (s *suite) TestS51_AFieldSetOnAnExpiredEntityIsAChange(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	ctx, tx := f.unit()
	e, err := f.items.Get(ctx, id)
	f.must(err)
	f.must(tx.Commit(ctx)) // e is expired now
	e.Name = "set"
	f.log.Take()
	f.must(tx.Commit(ctx))
	for _, q := range f.sent() {
		if strings.HasPrefix(q, "SELECT") {
			t.Errorf("it was loaded: %s", q)
		}
	}
	eq(f, f.text("SELECT name FROM items WHERE id = ?", id), "set")
}

func (s *suite) TestS55_WhatTheDatabaseComputesIsReadBack(t *testing.T) {
	f := s.start(t)
	one, two := &Stamped{}, &Stamped{}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { return f.stamped.Add(ctx, one, two) })
	for _, e := range []*Stamped{one, two} {
		got, err := f.stamped.Untracked().Get(f.ctx, e.ID)
		f.must(err)
		eq(f, *e, *got)
	}
}

func (s *suite) TestS58_KeysAreUsedAgainAcrossFlushes(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "a", Meaning: "first"}, &Word{Text: "b", Meaning: "second"})
	})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := f.words.Get(ctx, "a")
		f.must(err)
		b, err := f.words.Get(ctx, "b")
		f.must(err)
		a.Text = "aside"
		f.must(tx.Flush(ctx))
		b.Text = "a"
		f.must(tx.Flush(ctx))
		a.Text = "b"
		f.must(tx.Flush(ctx))
		for key, want := range map[string]*Word{"a": b, "b": a} {
			got, err := f.words.Get(ctx, key)
			f.must(err)
			eq(f, got == want, true)
		}
		return nil
	})
	eq(f, f.text("SELECT meaning FROM words WHERE text = 'a'"), "second")
	eq(f, f.text("SELECT meaning FROM words WHERE text = 'b'"), "first")
}

func (s *suite) TestS59_AChangedKeyReachesTheChildren(t *testing.T) {
	f := s.related(t)
	shelf := &Shelf{Genre: "novel"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.genres.Add(ctx, &Genre{Name: "novel"}))
		return f.shelves.Add(ctx, shelf)
	})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		g, err := f.genres.Get(ctx, "novel")
		f.must(err)
		loaded, err := f.shelves.Get(ctx, shelf.ID)
		f.must(err)
		g.Name = "fiction"
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f.fix, len(f.writes()), 1)
		eq(f.fix, loaded.Genre, "fiction")
		f.must(tx.Flush(ctx))
		f.quiet("a flush after the cascade")
		return nil
	})
	eq(f.fix, f.text("SELECT genre FROM shelves"), "fiction")
}

func (s *suite) TestS61_TheKeyOfARowThatIsNotLoadedIsAUniqueViolation(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "a", Meaning: "row"})
	})
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "a", Meaning: "other"})
	})
	f.is(err, dialect.ErrUnique)
	violation(f, err, "words")
	eq(f, f.text("SELECT meaning FROM words"), "row")
}

func (s *suite) TestS70_AReferenceWithANetChangeBeatsItsForeignKey(t *testing.T) {
	f := s.related(t)
	ann, bob := &Writer{Name: "ann"}, &Writer{Name: "bob"}
	essay := &Essay{Title: "e", Writer: rel.To(ann)}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.essays.Add(ctx, essay))
		f.must(f.writers.Add(ctx, bob))
		f.must(tx.Flush(ctx))
		eq(f.fix, essay.WriterID, ann.ID)
		essay.WriterID = bob.ID // the field alone
		f.must(tx.Flush(ctx))
		eq(f.fix, essay.WriterID, bob.ID)
		f.must(essay.Writer.Set(bob))
		f.must(tx.Flush(ctx))
		eve := &Writer{Name: "eve"}
		f.must(essay.Writer.Set(eve)) // both: the reference wins
		essay.WriterID = ann.ID
		f.must(tx.Flush(ctx))
		eq(f.fix, essay.WriterID, eve.ID)
		return nil
	})
	eq(f.fix, f.text("SELECT w.name FROM essays e JOIN writers w ON w.id = e.writer_id"), "eve")
}

func (s *suite) TestS76_ARelationThatIsNotLoadedSaysSo(t *testing.T) {
	f := s.related(t)
	essay := &Essay{Title: "e", Writer: rel.To(&Writer{Name: "ann"})}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { return f.essays.Add(ctx, essay) })
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.essays.Get(ctx, essay.ID)
		f.must(err)
		if w, ok := e.Writer.Loaded(); ok || w != nil {
			t.Errorf("got %v, %v", w, ok)
		}
		w, err := f.writers.Get(ctx, e.WriterID)
		f.must(err)
		if es, ok := w.Essays.Loaded(); ok || es != nil {
			t.Errorf("got %v, %v", es, ok)
		}
		return nil
	})
}

func (s *suite) TestS79_ALockingReadOfAChangedEntityWhoseVersionMoved(t *testing.T) {
	f := s.start(t)
	d := f.addDocs("a")[0]
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.docs.Get(ctx, d.ID)
		f.must(err)
		if _, err := tx.Exec(ctx, f.q("UPDATE docs SET version = version + 1, title = 'moved' WHERE id = ?"), d.ID); err != nil {
			return err
		}
		e.Title = "changed before the lock"
		_, err = f.docs.Where(Docs.ID.Eq(d.ID)).ForUpdate().One(ctx)
		return err
	})
	stale := as[*uow.StaleError](f, err)
	eq(f, stale.Entity, "suite.Doc")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // a clean one is overwritten
		e, err := f.docs.Get(ctx, d.ID)
		f.must(err)
		if _, err := tx.Exec(ctx, f.q("UPDATE docs SET version = version + 1, title = 'moved' WHERE id = ?"), d.ID); err != nil {
			return err
		}
		got, err := f.docs.Where(Docs.ID.Eq(d.ID)).ForUpdate().One(ctx)
		f.must(err)
		eq(f, got == e, true)
		eq(f, e.Title, "moved")
		return nil
	})
}

// The trigger that makes a ticket's revision, by database.
var revisionTriggers = map[bool][]string{
	true: {"CREATE TRIGGER revise AFTER UPDATE ON tickets BEGIN UPDATE tickets SET revision = old.revision + 7 WHERE id = new.id; END"},
	false: {
		"CREATE FUNCTION revise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.revision := old.revision + 7; RETURN new; END $$",
		"CREATE TRIGGER revise BEFORE UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION revise()",
	},
}

func (s *suite) TestS77_VersionsMadeByTheDatabase(t *testing.T) {
	db := s.open(t, Tickets)
	f := &fix{T: t, db: db, log: watch.Of(db), ctx: t.Context()}
	t.Cleanup(func() { f.idle() })
	tickets := repo.NewKeyed(db, Tickets.ID)
	for _, q := range revisionTriggers[db.Dialect().Capabilities().SingleWriter] {
		f.sql(q)
	}
	one, two, three := &Ticket{Title: "1"}, &Ticket{Title: "2"}, &Ticket{Title: "3"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(tickets.Add(ctx, one, two, three))
		f.must(tx.Flush(ctx))
		eq(f, []int64{one.Revision, two.Revision, three.Revision}, []int64{100, 100, 100})
		one.Title = "alone"
		f.must(tx.Flush(ctx))
		eq(f, one.Revision, int64(107))
		one.Title, two.Title = "a", "b"
		f.must(tx.Flush(ctx))
		eq(f, []int64{one.Revision, two.Revision}, []int64{114, 107})
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 0)
		return nil
	})
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := tickets.Get(ctx, three.ID)
		f.must(err)
		if _, err := tx.Exec(ctx, "UPDATE tickets SET title = 'other'"); err != nil {
			return err
		}
		e.Title = "mine"
		return nil
	})
	eq(f, as[*uow.StaleError](f, err).Keys, []string{"3"})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		return tickets.Delete(ctx, &Ticket{ID: three.ID, Revision: 100})
	})
	eq(f, f.number("SELECT count(*) FROM tickets"), 2)
}
