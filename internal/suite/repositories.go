package suite

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestReadingWithoutAUnit(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann", "bob")[0]
	ctx := f.ctx
	for _, err := range []error{
		second(f.items.Get(ctx, id)), second(f.items.Find(ctx)), second(f.items.First(ctx)), second(f.items.One(ctx)),
		f.items.Add(ctx, &Item{}), f.items.Delete(ctx, &Item{ID: id}), f.items.Attach(ctx, &Item{ID: id}),
		second(f.items.UpdateWhere(ctx, Items.ID.Eq(1), Items.Name.Set("x"))), second(f.items.Merge(ctx, &Item{ID: id})),
	} {
		f.is(err, uow.ErrNoUnit)
		f.says(err, "uow.Run", "Untracked", "items")
	}
	for _, err := range f.items.Query().Stream(ctx) {
		f.is(err, uow.ErrNoUnit)
	}

	free := f.items.Untracked()
	a, err := free.Get(ctx, id)
	f.must(err)
	b, err := free.Get(ctx, id)
	f.must(err)
	if a == b || a.Name != "ann" {
		t.Error("untracked entities are shared")
	}
	_, err = free.Get(ctx, 99)
	f.is(err, repo.ErrNotFound)
	all, err := free.Find(ctx)
	f.must(err)
	eq(f, len(all), 2)
	n, err := f.items.Count(ctx)
	f.must(err)
	eq(f, n, 2)
	got := 0
	for e, err := range free.Query().Stream(ctx) {
		f.must(err)
		got++
		e.Name = "nobody tracks this"
		eq(f, e.Name, "nobody tracks this")
	}
	eq(f, got, 2)
	eq(f, f.number("SELECT count(*) FROM items WHERE name LIKE 'nobody%'"), 0)
}

func second[V any](_ V, err error) error { return err }

func (s *suite) TestUntrackedInAUnitReadsItsTransaction(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.First(ctx)
		f.must(err)
		e.Name = "changed"
		free, err := f.items.Untracked().First(ctx) // autoflush
		f.must(err)
		if free == e || free.Name != "changed" {
			t.Errorf("%+v", free)
		}
		free.Name = "lost"
		return nil
	})
	eq(f, f.text("SELECT name FROM items"), "changed")
}

func (s *suite) TestZeroValuesReturnErrors(t *testing.T) {
	f := s.start(t)
	var r repo.Repository[Item]
	var k repo.Keyed[Item, int64]
	var q repo.Query[Item]
	_, err := r.Get(f.ctx, 1)
	f.is(err, repo.ErrZero)
	_, err = k.Get(f.ctx, 1)
	f.is(err, repo.ErrZero)
	_, err = q.All(f.ctx)
	f.is(err, repo.ErrZero)
	_, err = q.Count(f.ctx)
	f.is(err, repo.ErrZero)
	f.is(r.Add(f.ctx, &Item{}), repo.ErrZero)
	_, err = r.UpdateWhere(f.ctx, Items.ID.Eq(1), Items.Name.Set("x"))
	f.is(err, repo.ErrZero)
	for _, err := range r.Query().Stream(f.ctx) {
		f.is(err, repo.ErrZero)
	}
	_, err = k.Untracked().Find(f.ctx)
	f.is(err, repo.ErrZero)
	eq(f, r.Engine() == nil, true)
}

func (s *suite) TestWrongRepositoriesPanic(t *testing.T) {
	f := s.start(t)
	for name, make := range map[string]func(){
		"no table":     func() { repo.New[struct{ X int }](f.db) },
		"no key":       func() { repo.NewKeyed(f.db, Items.Name) },
		"half a key":   func() { repo.NewKeyed(f.db, Pairs.A) },
		"wrong order":  func() { repo.NewKeyed2(f.db, Pairs.B, Pairs.A) },
		"nil engine":   func() { repo.New[Item](nil) },
		"a nil engine": func() { repo.New[Item]((*uow.UnitOfWork)(nil)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			make()
		}()
	}
}

func (s *suite) TestRepositoryBoundToAUnit(t *testing.T) {
	f := s.start(t)
	_, tx := f.unit()
	r := repo.New[Item](tx)
	f.must(r.Add(f.ctx, &Item{Name: "bound"})) // whatever ctx carries
	f.must(tx.Commit(f.ctx))
	eq(f, f.number("SELECT count(*) FROM items"), 1)
	f.must(tx.Close())
	f.is(r.Add(f.ctx, &Item{}), uow.ErrEnded)
	_, err := r.Get(f.ctx, 1)
	f.is(err, uow.ErrEnded)
}

func (s *suite) TestSQLWithoutADatabase(t *testing.T) {
	f := s.start(t)
	q, args, err := f.items.Where(Items.Name.Eq("ann")).Limit(3).SQL(f.db.Dialect())
	f.must(err)
	f.quiet("SQL")
	if q == "" || len(args) == 0 || args[0] != "ann" {
		t.Errorf("%s, %v", q, args)
	}
	_, _, err = f.items.Where(Items.Name.Eq("ann")).Limit(-3).SQL(f.db.Dialect())
	if err == nil {
		t.Error("no error")
	}
}

func (s *suite) TestOwnUnit(t *testing.T) {
	f := s.start(t)
	r := repo.New[Item](f.db, repo.OwnUnit())
	e := &Item{Name: "own"}
	f.must(r.Add(f.ctx, e))
	eq(f, f.number("SELECT count(*) FROM items WHERE id = ?", e.ID), 1)
	m, err := r.Merge(f.ctx, &Item{ID: e.ID, Name: "merged"})
	f.must(err)
	eq(f, m.Name, "merged")
	eq(f, f.text("SELECT name FROM items"), "merged")
	n, err := r.UpdateWhere(f.ctx, Items.ID.Eq(e.ID), Items.Name.Set("set"))
	f.must(err)
	eq(f, n, 1)
	f.must(r.Delete(f.ctx, e))
	eq(f, f.number("SELECT count(*) FROM items"), 0)
	_, err = r.Find(f.ctx) // tracked reads need a unit all the same
	f.is(err, uow.ErrNoUnit)

	err = uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(r.Add(ctx, &Item{Name: "joined"}))
		return errors.New("undo")
	})
	f.says(err, "undo")
	eq(f, f.number("SELECT count(*) FROM items"), 0)
}
