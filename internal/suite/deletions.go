package suite

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/uow"
)

// tree adds a root with n-1 children and returns all of them.
func (f *contendedFix) tree(n int) []*Branch {
	f.Helper()
	root := &Branch{Name: "root"}
	has(f, f.branches, root)
	all := []*Branch{root}
	for range n - 1 {
		all = append(all, &Branch{ParentID: &root.ID, Name: "child"})
	}
	has(f, f.branches, all[1:]...)
	return all
}

func (s *suite) TestS78_AStaleDeleteBesideACascade(t *testing.T) {
	for _, n := range []int{2, 60} { // in one statement, in several
		f := s.contended(t)
		var es []*Branch
		for i := range n {
			es = append(es, &Branch{Name: fmt.Sprint(i)})
		}
		has(f, f.branches, es...)
		f.sql("UPDATE branches SET version = version + 1 WHERE id = ?", es[1].ID)
		err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.branches.Delete(ctx, es...) })
		eq(f.fix, as[*uow.StaleError](f.fix, err).Keys, []string{fmt.Sprint(es[1].ID)})
		eq(f.fix, f.number("SELECT count(*) FROM branches"), int64(n))
	}
}

func (s *suite) TestS78_ATreeThatGoesByItsOwnCascade(t *testing.T) {
	for _, n := range []int{2, 45, 46, 60, 130} {
		f := s.contended(t)
		es := f.tree(n)
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.branches.Delete(ctx, es...) })
		eq(f.fix, f.number("SELECT count(*) FROM branches"), 0)
	}
}

func (s *suite) TestS78_ACascadeThroughARowThatIsNotLoaded(t *testing.T) {
	f := s.contended(t)
	es := f.tree(2)
	leaf := &Branch{ParentID: &es[1].ID, Name: "leaf"}
	has(f, f.branches, leaf)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.branches.Delete(ctx, es[0], leaf) })
	eq(f.fix, f.number("SELECT count(*) FROM branches"), 0)
}

func (s *suite) TestS78_ARowThatSomebodyElseTookIsNotTheCascades(t *testing.T) {
	f := s.contended(t)
	es := f.tree(3)
	other := &Branch{Name: "other"}
	has(f, f.branches, other)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.branches.Delete(ctx, get(ctx, f, f.branches, other.ID), get(ctx, f, f.branches, es[2].ID)))
		f.must(tx.NoAutoflush(func() error {
			_, err := tx.Exec(ctx, f.q("DELETE FROM branches WHERE id = ?"), es[2].ID)
			return err
		}))
		return nil
	})
	eq(f.fix, as[*uow.StaleError](f.fix, err).Keys, []string{fmt.Sprint(es[2].ID)})
}

func (s *suite) TestS78_TablesThatGoWithEachOther(t *testing.T) {
	f := s.contended(t)
	cock, nest := &Cock{ID: 1}, &Nest{ID: 1, CockID: ptr(int64(1))}
	has(f, f.cocks, cock)
	has(f, f.nests, nest)
	f.sql("UPDATE cocks SET nest_id = 1")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.cocks.Delete(ctx, get(ctx, f, f.cocks, 1)))
		return f.nests.Delete(ctx, get(ctx, f, f.nests, 1))
	})
	eq(f.fix, f.number("SELECT (SELECT count(*) FROM cocks) + (SELECT count(*) FROM nests)"), 0)
}

func (s *suite) TestS47_TreesAreDeletedLeavesFirst(t *testing.T) {
	for _, n := range []int{3, 150} {
		f := s.contended(t)
		var all []*Stone
		var fs []*Folder
		for i := 1; i <= n; i++ { // a tree whose keys grow towards the root
			st, fo := &Stone{ID: int64(n - i + 1)}, &Folder{ID: int64(n - i + 1), Name: fmt.Sprint(i)}
			if i > 1 {
				st.UnderID = ptr(int64(n - i/2 + 1))
				fo.ParentID = ptr(int64(n - i/2 + 1))
			}
			all, fs = append(all, st), append(fs, fo)
		}
		has(f, f.stones, all...)
		has(f, f.folders, fs...)
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			f.must(f.folders.Delete(ctx, fs...))
			return f.stones.Delete(ctx, all...)
		})
		eq(f.fix, f.number("SELECT (SELECT count(*) FROM stones) + (SELECT count(*) FROM folders)"), 0)
	}
}

func (s *suite) TestS49_RowsOfOneTableThatReferToEachOtherAreDeleted(t *testing.T) {
	for _, n := range []int{1, 2, 5, 120} {
		f := s.contended(t)
		var es []*Stone
		var stubs []*Stub
		for i := range n {
			es = append(es, &Stone{ID: int64(i + 1)})
			stubs = append(stubs, &Stub{ID: int64(i + 1), Slug: fmt.Sprint(i)})
		}
		has(f, f.stones, es...)
		has(f, f.stubs, stubs...)
		f.sql(fmt.Sprintf("UPDATE stones SET under_id = id %% %d + 1", n)) // a ring
		f.sql(fmt.Sprintf("UPDATE stubs SET next_id = id %% %d + 1", n))
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			all, err := f.stones.Find(ctx)
			f.must(err)
			f.must(f.stones.Delete(ctx, all...))
			more, err := f.stubs.Find(ctx) // whose version a trigger makes
			f.must(err)
			return f.stubs.Delete(ctx, more...)
		})
		eq(f.fix, f.number("SELECT (SELECT count(*) FROM stones) + (SELECT count(*) FROM stubs)"), 0)
	}
}

func (s *suite) TestS49_RowsOfTwoTablesThatReferToEachOtherAreDeleted(t *testing.T) {
	f := s.start(t)
	for i := int64(1); i <= 3; i++ {
		f.sql("INSERT INTO hens (id) VALUES (?)", i)
		f.sql("INSERT INTO eggs (id, hen_id) VALUES (?, ?)", i, i)
	}
	f.sql("UPDATE hens SET egg_id = id WHERE id < 3")
	pick := func(ctx context.Context, id int64) (*Hen, *Egg) {
		h, err := f.hens.Get(ctx, id)
		f.must(err)
		e, err := f.eggs.Get(ctx, id)
		f.must(err)
		return h, e
	}
	ctx, tx := f.unit()
	h, e := pick(ctx, 1)
	f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
		f.must(f.hens.Delete(ctx, h))
		f.must(f.eggs.Delete(ctx, e))
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f, len(f.writes()), 3)
		return errNotThis
	}), errNotThis)
	again, egg := pick(ctx, 1)
	if again != h || egg != e || *h.EggID != 1 || *e.HenID != 1 {
		t.Error("the rollback did not bring them back as they were")
	}
	f.must(tx.Rollback(ctx))
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		for i := int64(1); i <= 2; i++ {
			h, e := pick(ctx, i)
			f.must(f.hens.Delete(ctx, h))
			f.must(f.eggs.Delete(ctx, e))
		}
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f, len(f.writes()), 3) // for as many rows as there are
		h, e := pick(ctx, 3)      // whose hen has no egg: the order of the tables serves
		f.must(f.eggs.Delete(ctx, e))
		f.must(f.hens.Delete(ctx, h))
		f.must(tx.Flush(ctx))
		eq(f, len(f.writes()), 2)
		return nil
	})
	eq(f, f.number("SELECT (SELECT count(*) FROM hens) + (SELECT count(*) FROM eggs)"), 0)
}

func (s *suite) TestS46_DeletesComeAfterTheSavesOfTheirTable(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Query().OrderBy(Items.ID.Asc()).All(ctx)
		f.must(err)
		f.must(f.items.Delete(ctx, all[0]))
		f.must(f.items.Add(ctx, &Item{Name: "new"}))
		all[1].Name = "changed"
		f.log.Take()
		f.must(tx.Flush(ctx))
		var verbs []string
		for _, q := range f.writes() {
			verb, _, _ := strings.Cut(q, " ")
			verbs = append(verbs, verb)
		}
		eq(f, verbs, []string{"UPDATE", "INSERT", "DELETE"})
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE id = ?", ids[0]), 0)
}

func (s *suite) TestS46_ARowIsMovedBeforeTheOneThatItLeavesGoes(t *testing.T) {
	f := s.contended(t)
	has(f, f.owners, &Owner{ID: 1, Slug: "a"})
	has(f, f.pets, &Pet{ID: 1, OwnerID: 1})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		pet := get(ctx, f, f.pets, 1)
		f.must(f.owners.Delete(ctx, get(ctx, f, f.owners, 1)))
		f.must(f.owners.Add(ctx, &Owner{ID: 2, Slug: "b"}))
		pet.OwnerID = 2
		return nil
	})
	eq(f.fix, f.number("SELECT owner_id FROM pets"), 2)
}

func (s *suite) TestS77_StaleErrorsNameTheEntitiesOfEveryStatement(t *testing.T) {
	f := s.start(t)
	for i := range 60 {
		f.sql("INSERT INTO docs (id, title, body, version) VALUES (?, ?, '', 1)", i+1, fmt.Sprint(i))
	}
	for _, op := range []string{"update", "delete"} {
		err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			all, err := f.docs.Query().OrderBy(Docs.ID.Asc()).All(ctx)
			f.must(err)
			_, err = tx.Exec(ctx, "UPDATE docs SET version = version + 1 WHERE id IN (3, 4, 55)")
			f.must(err)
			for _, d := range all {
				d.Body = "new"
			}
			if op == "delete" {
				return f.docs.Delete(ctx, all...)
			}
			return nil
		})
		e := as[*uow.StaleError](f, err)
		eq(f, []any{e.Op, e.Keys}, []any{op, []string{"3", "4", "55"}})
	}
}

func (s *suite) TestForeignKeyViolationsAreNamed(t *testing.T) {
	f := s.contended(t)
	has(f, f.owners, &Owner{ID: 1, Slug: "a"}, &Owner{ID: 2, Slug: "b"}, &Owner{ID: 3, Slug: "c"}, &Owner{ID: 4, Slug: "d"})
	has(f, f.pets, &Pet{ID: 100, OwnerID: 1}, &Pet{ID: 101, OwnerID: 4})
	has(f, f.deeds, &Deed{ID: 1, OwnerID: 2})
	has(f, f.folders, &Folder{ID: 1, Name: "root"}, &Folder{ID: 2, ParentID: ptr(int64(1)), Name: "x"})
	named := func(err error, table, constraint, op, entity string) {
		t.Helper()
		v := as[*dialect.ForeignKeyViolation](f.fix, err)
		eq(f.fix, []string{v.Table, v.Constraint}, []string{table, constraint})
		e := as[*uow.FlushError](f.fix, err)
		eq(f.fix, []string{e.Op, e.Entity}, []string{op, entity})
	}
	del := func(ids ...int64) error {
		return f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
			for _, id := range ids {
				f.must(f.owners.Delete(ctx, get(ctx, f, f.owners, id)))
			}
			return nil
		})
	}
	named(del(1), "pets", "fk_pets_owner_id", "delete", "suite.Owner")
	named(del(3, 4), "pets", "fk_pets_owner_id", "delete", "suite.Owner")
	named(del(2, 3), "deeds", "fk_deeds_owner_id", "delete", "suite.Owner")
	named(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.folders.Delete(ctx, get(ctx, f, f.folders, 1))
	}), "folders", "fk_folders_parent_id", "delete", "suite.Folder")
	add := func(es ...*Pet) error {
		return f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.pets.Add(ctx, es...) })
	}
	named(add(&Pet{OwnerID: 9}), "pets", "fk_pets_owner_id", "insert", "suite.Pet")
	named(add(&Pet{OwnerID: 1, VetID: ptr(int64(9))}), "pets", "fk_pets_vet_id", "insert", "suite.Pet")
	named(add(&Pet{OwnerID: 1, VetID: ptr(int64(2))}, &Pet{OwnerID: 1, VetID: ptr(int64(9))}), "pets", "fk_pets_vet_id", "insert", "suite.Pet")
	named(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		get(ctx, f, f.pets, 100).VetID = ptr(int64(9))
		return nil
	}), "pets", "fk_pets_vet_id", "update", "suite.Pet")
	v := as[*dialect.ForeignKeyViolation](f.fix, f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return second(f.owners.DeleteWhere(ctx, Owners.ID.In(3, 4)))
	}))
	eq(f.fix, []string{v.Table, v.Constraint}, []string{"pets", "fk_pets_owner_id"})
	v = as[*dialect.ForeignKeyViolation](f.fix, f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return second(f.pets.UpdateWhere(ctx, Pets.ID.Eq(100), Pets.VetID.Set(9)))
	}))
	eq(f.fix, []string{v.Table, v.Constraint}, []string{"pets", "fk_pets_vet_id"})
}
