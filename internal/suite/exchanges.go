package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestD5_AnEarlyDeletionSparesRowsThatMoveAway(t *testing.T) {
	f := s.contended(t)
	has(f, f.owners, &Owner{ID: 1, Slug: "a"})
	has(f, f.pets, &Pet{ID: 1, OwnerID: 1})
	has(f, f.wards, &Ward{ID: 1, OwnerID: 1})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		pet, ward := get(ctx, f, f.pets, 1), get(ctx, f, f.wards, 1)
		f.must(f.owners.Delete(ctx, get(ctx, f, f.owners, 1)))
		f.must(f.owners.Add(ctx, &Owner{ID: 50, Slug: "a"}))
		pet.OwnerID, ward.OwnerID = 50, 50
		return nil
	})
	eq(f.fix, f.text("SELECT slug FROM owners WHERE id = 50"), "a")
	eq(f.fix, f.number("SELECT count(*) FROM owners"), 1)
	eq(f.fix, f.number("SELECT count(*) FROM pets JOIN wards ON pets.owner_id = wards.owner_id WHERE wards.owner_id = 50"), 1)
}

func (s *suite) TestD5_ARowSetAsideToBeDeletedComesBack(t *testing.T) {
	f := s.contended(t)
	has(f, f.owners, &Owner{ID: 1, Slug: "a"})
	has(f, f.pets, &Pet{ID: 1, OwnerID: 1})
	ctx, tx := f.unit()
	pet, old := get(ctx, f, f.pets, 1), get(ctx, f, f.owners, 1)
	f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
		f.must(f.owners.Delete(ctx, old))
		f.must(f.owners.Add(ctx, &Owner{ID: 50, Slug: "a"}))
		pet.OwnerID = 50
		f.must(tx.Flush(ctx))
		return errNotThis
	}), errNotThis)
	eq(f.fix, *get(ctx, f, f.owners, 1), Owner{ID: 1, Slug: "a"})
	if get(ctx, f, f.owners, 1) != old {
		t.Error("the owner came back as another pointer")
	}
	old.Slug = "b"
	f.must(tx.Commit(ctx))
	eq(f.fix, f.text("SELECT slug FROM owners"), "b")
}

func (s *suite) TestD5_RowsThatReferToAnEarlyDeletionGoBeforeIt(t *testing.T) {
	f := s.contended(t)
	has(f, f.owners, &Owner{ID: 1, Slug: "a"}, &Owner{ID: 2, Slug: "b"})
	has(f, f.pets, &Pet{ID: 1, OwnerID: 1}, &Pet{ID: 2, OwnerID: 2})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.owners.Delete(ctx, get(ctx, f, f.owners, 1)))
		f.must(f.pets.Delete(ctx, get(ctx, f, f.pets, 1), get(ctx, f, f.pets, 2)))
		f.must(f.owners.Add(ctx, &Owner{ID: 50, Slug: "a"}))
		f.log.Take()
		f.must(tx.Flush(ctx))
		eq(f.fix, len(f.writes()), 4) // the pet, its owner, the new owner, and the other pet in its place
		return nil
	})
	eq(f.fix, f.number("SELECT count(*) FROM pets"), 0)
	eq(f.fix, f.number("SELECT sum(id) FROM owners"), 52)
}

func (s *suite) TestD5_AnEarlyDeletionTakesTheRowsOfItsOwnTable(t *testing.T) {
	f := s.contended(t)
	has(f, f.folders, &Folder{ID: 9, Name: "root"}, &Folder{ID: 20, ParentID: ptr(int64(9)), Name: "p"})
	has(f, f.folders, &Folder{ID: 21, ParentID: ptr(int64(20)), Name: "c"}, &Folder{ID: 22, ParentID: ptr(int64(21)), Name: "d"})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.folders.Delete(ctx, get(ctx, f, f.folders, 20), get(ctx, f, f.folders, 21), get(ctx, f, f.folders, 22)))
		return f.folders.Add(ctx, &Folder{ID: 30, ParentID: ptr(int64(9)), Name: "p"})
	})
	eq(f.fix, f.number("SELECT sum(id) FROM folders"), 39)
}

func (s *suite) TestD5_AValueGivenUpByAnUpdateThatWaits(t *testing.T) {
	f := s.contended(t)
	has(f, f.folders, &Folder{ID: 9, Name: "root"})
	has(f, f.folders, &Folder{ID: 10, ParentID: ptr(int64(9)), Name: "a"}, &Folder{ID: 11, ParentID: ptr(int64(9)), Name: "b"})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, b := get(ctx, f, f.folders, 10), get(ctx, f, f.folders, 11)
		a.ParentID = ptr(int64(40)) // a new row
		b.Name = "a"                // what a gives up, and its own goes to a new one
		return f.folders.Add(ctx, &Folder{ID: 40, ParentID: ptr(int64(9)), Name: "folder"}, &Folder{ID: 41, ParentID: ptr(int64(9)), Name: "b"})
	})
	eq(f.fix, f.number("SELECT sum(id) FROM folders WHERE parent_id = 9 AND name = 'a'"), 11)
	eq(f.fix, f.number("SELECT sum(id) FROM folders WHERE parent_id = 9 AND name = 'b'"), 41)
	eq(f.fix, f.number("SELECT sum(id) FROM folders WHERE parent_id = 40 AND name = 'a'"), 10)
}

func (s *suite) TestD5_ValuesOfEveryTypeAreExchanged(t *testing.T) {
	for name, swap := range map[string]func(a, b *Seat){
		"uint32":  func(a, b *Seat) { a.U32, b.U32 = b.U32, a.U32 },
		"uint64":  func(a, b *Seat) { a.U64, b.U64 = b.U64, a.U64 },
		"int8":    func(a, b *Seat) { a.I8, b.I8 = b.I8, a.I8 },
		"checked": func(a, b *Seat) { a.Row, b.Row = b.Row, a.Row },
		"short":   func(a, b *Seat) { a.Kind, b.Kind = b.Kind, a.Kind },
		"float":   func(a, b *Seat) { a.Rate, b.Rate = b.Rate, a.Rate },
		"all": func(a, b *Seat) {
			x := *a
			*a, *b = *b, x
			a.ID, b.ID = b.ID, a.ID
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := s.contended(t)
			a, b := Seat{1, 1, 1, 1, 1, "abc", 1}, Seat{2, 2, 2, 2, 2, "abd", 2}
			has(f, f.seats, ptr(a), ptr(b))
			swap(&a, &b)
			f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
				*get(ctx, f, f.seats, 1), *get(ctx, f, f.seats, 2) = a, b
				return nil
			})
			all, err := f.seats.Untracked().Query().OrderBy(Seats.ID.Asc()).All(f.ctx)
			f.must(err)
			eq(f.fix, []Seat{*all[0], *all[1]}, []Seat{a, b})
		})
	}
}

func (s *suite) TestD5_AnEnumIsExchanged(t *testing.T) {
	f := s.contended(t)
	has(f, f.owners, &Owner{ID: 1, Slug: "a"})
	has(f, f.duties, &Duty{ID: 1, OwnerID: 1, Role: "boss"}, &Duty{ID: 2, OwnerID: 1, Role: "hand"})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, b := get(ctx, f, f.duties, 1), get(ctx, f, f.duties, 2)
		a.Role, b.Role = b.Role, a.Role
		return nil
	})
	eq(f.fix, f.text("SELECT role FROM duties WHERE id = 1"), "hand")
	eq(f.fix, f.text("SELECT role FROM duties WHERE id = 2"), "boss")
}

func (s *suite) TestD5_WhereNoValueIsLeftTheErrorSaysSo(t *testing.T) {
	f := s.contended(t)
	has(f, f.owners, &Owner{ID: 1, Slug: "a"}, &Owner{ID: 2, Slug: "b"})
	has(f, f.deeds, &Deed{ID: 1, OwnerID: 1}, &Deed{ID: 2, OwnerID: 2})
	swap := func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, b := get(ctx, f, f.deeds, 1), get(ctx, f, f.deeds, 2)
		a.OwnerID, b.OwnerID = b.OwnerID, a.OwnerID
		return nil
	}
	e := as[*uow.ExchangeError](f.fix, f.fails(swap))
	eq(f.fix, []any{e.Table, fmt.Sprint(e.Columns), e.Key}, []any{"deeds", "[owner_id]", "2"})
	f.says(e, "deeds", "owner_id")
	has(f, f.owners, &Owner{ID: 3, Slug: "c"}) // whose place serves in between
	f.run(swap)
	eq(f.fix, f.number("SELECT owner_id FROM deeds WHERE id = 1"), 2)
	eq(f.fix, f.number("SELECT owner_id FROM deeds WHERE id = 2"), 1)
}

func (s *suite) TestD5_AnExchangeUnderAVersionOfTheDatabase(t *testing.T) {
	f := s.contended(t)
	has(f, f.stubs, &Stub{ID: 1, Slug: "a"}, &Stub{ID: 2, Slug: "b"})
	turn := func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, b := get(ctx, f, f.stubs, 1), get(ctx, f, f.stubs, 2)
		a.Slug, b.Slug = b.Slug, a.Slug
		f.must(tx.Flush(ctx))
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f.fix, len(p.Changes()), 0)
		a.Slug += "!" // the version that the unit holds is the row's
		return nil
	}
	f.run(turn)
	eq(f.fix, f.text("SELECT max(CASE id WHEN 1 THEN slug END) || max(CASE id WHEN 2 THEN slug END) FROM stubs"), "b!a")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, b := get(ctx, f, f.stubs, 1), get(ctx, f, f.stubs, 2)
		if _, err := tx.Exec(ctx, "UPDATE stubs SET next_id = 1"); err != nil {
			return err
		}
		a.Slug, b.Slug = b.Slug, a.Slug
		return nil
	})
	eq(f.fix, as[*uow.StaleError](f.fix, err).Op, "update")
}

func (s *suite) TestD5_AValueFromADefaultIsTaken(t *testing.T) {
	f := s.contended(t)
	has(f, f.labels, &Label{ID: 1})
	next := &Label{}
	turn := func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.labels.Delete(ctx, get(ctx, f, f.labels, 1)))
		f.must(f.labels.Add(ctx, next))
		return tx.Flush(ctx)
	}
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error { return errors.Join(turn(ctx, tx), errNotThis) })
	if unique := new(dialect.UniqueViolation); errors.As(err, &unique) {
		f.Fatal(err)
	}
	eq(f.fix, *next, Label{})
	f.run(turn)
	eq(f.fix, []string{next.Name, next.Code}, []string{"main", "made"})
	eq(f.fix, f.number("SELECT count(*) FROM labels"), 1)
}

func (s *suite) TestS53_ChosenAndMadeKeysInOneFlush(t *testing.T) {
	for name, es := range map[string][]*Owner{
		"chosen first":    {{ID: 3, Slug: "x"}, {Slug: "y"}, {Slug: "z"}},
		"chosen last":     {{Slug: "x"}, {Slug: "y"}, {ID: 3, Slug: "z"}},
		"one made first":  {{Slug: "x"}, {ID: 3, Slug: "y"}},
		"one made last":   {{ID: 3, Slug: "y"}, {Slug: "x"}},
		"several shapes":  {{Slug: "x"}, {ID: 4, Slug: "y"}, {Slug: "z"}, {ID: 3, Slug: "w"}},
		"chosen negative": {{ID: -5, Slug: "x"}, {Slug: "y"}, {Slug: "z"}},
	} {
		for _, way := range []string{"Add", "InsertAll"} {
			t.Run(name+" by "+way, func(t *testing.T) {
				f := s.contended(t)
				if !f.db.Dialect().Capabilities().SingleWriter {
					// A sequence does not know of keys that programs chose; the start keeps it clear of them.
					f.sql("ALTER TABLE owners ALTER COLUMN id RESTART WITH 3000")
				} else {
					has(f, f.owners, &Owner{Slug: "a"}, &Owner{Slug: "b"})
				}
				f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
					mine := make([]*Owner, len(es))
					for i, e := range es {
						mine[i] = ptr(*e)
					}
					if way == "Add" {
						return f.owners.Add(ctx, mine...)
					}
					return second(f.owners.InsertAll(ctx, slices.Values(mine)))
				})
				for _, e := range es {
					if id := f.number("SELECT id FROM owners WHERE slug = ?", e.Slug); e.ID != 0 && id != e.ID {
						t.Errorf("the chosen key %d is %d", e.ID, id)
					}
				}
			})
		}
	}
}
