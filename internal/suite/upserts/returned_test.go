package upserts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// line is what is read of rows that are written.
type line struct {
	Email string
	City  *string
	Text  string
	Made  time.Time
}

func asLine(l *line) repo.Columns {
	return repo.Into(repo.To(&l.Email, Persons.Email), repo.To(&l.City, Persons.City), repo.To(&l.Made, Persons.Made),
		repo.To(&l.Text, joined(expr.Upper(Persons.Name), "/", expr.Cast[string](Persons.Hits), "/v", expr.Cast[string](Persons.Version))))
}

// joined is an expression followed by texts and other expressions.
func joined(x expr.Typed[Person, string, string], more ...any) expr.Value[Person, string, string] {
	out := expr.Concat(x, "")
	for _, m := range more {
		switch m := m.(type) {
		case string:
			out = expr.Concat(out, m)
		case expr.Result[string, string]:
			out = expr.ConcatTo(out, m)
		}
	}
	return out
}

// lines shows rows, in no order.
func lines(rows []line) string {
	out := make([]string, len(rows))
	for i, l := range rows {
		out[i] = l.Email + ":" + l.Text
		if l.City != nil {
			out[i] += "," + *l.City
		}
		if l.Made.IsZero() {
			out[i] += ",never made"
		}
	}
	return strings.Join(out, " ")
}

func inOrder(rows []line) []line {
	slices.SortFunc(rows, func(a, b line) int { return strings.Compare(a.Email, b.Email) })
	return rows
}

func TestUpdateInto(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			a.City = ptr("Ulm") // flushed before
			up := f.persons.Updating(Persons.Hits.SetTo(expr.Add(Persons.Hits, 10))).Where(Persons.Hits.Lt(3))
			rows, err := repo.Returning(ctx, up, asLine)
			f.must(err)
			eq(f, lines(inOrder(rows)), "a:ANN/11/v3,Ulm b:BOB/12/v2")
			eq(f, a.Version, 3) // follows at once
			again, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			eq(f, again == a && a.Hits == 11, true)
			a.Name = "Anna" // not stale
			return nil
		})
		eq(f, f.text(), "a:Anna,Ulm,11,new,3,v4 b:Bob,-,12,old,1,v2 c:Cid,-,3,new,0,v1 ")
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error { // the key itself
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			got, err := repo.ReturningValue(ctx, f.persons.Updating(Persons.ID.SetTo(expr.Add(Persons.ID, 100))).Where(Persons.Email.Eq("a")), Persons.ID)
			eq(f, len(got) == 1 && got[0] == ids[0]+100 && a.ID == ids[0], true)
			return err
		})
		// A join, and a value of the program's in the condition, the assignment and the result.
		f.must(f.priceOf("b", "x", 70))
		got, err := repo.ReturningValue(f.ctx, f.persons.Untracked().Updating(Persons.Status.SetTo(Prices.Item)).
			Join(Prices, expr.On(Prices.Shop, Persons.Email)).Where(Prices.Amount.Gt(50)), joined(Persons.Email, "+", Persons.Status))
		f.must(err)
		eq(f, strings.Join(got, " "), "b+x")
		none, err := repo.Returning(f.ctx, f.persons.Untracked().Updating(Persons.Name.Set("x")).Where(Persons.Name.Eq("nobody")), asLine)
		f.must(err)
		eq(f, none != nil && len(none) == 0, true)
		if _, err := repo.Returning(f.ctx, f.persons.Updating(Persons.Name.Set("x")).Where(Persons.ID.Eq(1)), asLine); !errors.Is(err, uow.ErrNoUnit) {
			t.Errorf("got %v", err)
		}
		err = uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := repo.Returning(ctx, f.persons.Updating(Persons.Name.Set("x")).Where(Persons.ID.Eq(1)), asLine)
			return err
		}, uow.ReadOnly())
		if !errors.Is(err, uow.ErrReadOnly) {
			t.Errorf("got %v", err)
		}
	})
}

func (f *fixture) priceOf(shop, item string, amount int64) error {
	_, err := f.prices.Untracked().InsertAll(f.ctx, each(&Price{Shop: shop, Item: item, Amount: amount, At: time.Now()}))
	return err
}

func TestDeleteInto(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			a.Name = "Al" // flushed before
			rows, err := repo.Returning(ctx, f.persons.Deleting().Where(Persons.Hits.Lt(3)), asLine)
			f.must(err)
			eq(f, lines(inOrder(rows)), "a:AL/1/v2,Aix b:BOB/2/v1")
			if _, err := f.persons.Get(ctx, ids[0]); !errors.Is(err, repo.ErrNotFound) {
				t.Errorf("got %v", err)
			}
			if err := f.persons.Delete(ctx, a); !errors.Is(err, uow.ErrDeleted) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		f.must(f.priceOf("c", "x", 70))
		got, err := repo.ReturningValue(f.ctx, f.persons.Untracked().Deleting().Join(Prices, expr.On(Prices.Shop, Persons.Email)), Persons.Name)
		f.must(err)
		eq(f, strings.Join(got, " "), "Cid")
		eq(f, f.text(), "a:Ann,Aix,1,new,0,v1 b:Bob,-,2,old,0,v1 ")
	})
}

// TestUpsertInto: rows come in the order in which they were given, in several rounds
// where they are of one key.
func TestUpsertInto(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		rows := func() func(func(*Person) bool) {
			return each(&Person{Email: "z", Name: "Zoe"}, &Person{Email: "b", Name: "Ben", Hits: 20}, &Person{Email: "a", Name: "Al", City: ptr("Ulm")}, &Person{Email: "b", Name: "Bo", Hits: 21})
		}
		suffix := "of 'it' $1 ?"
		text := joined(Persons.Email, "=", Persons.Name, expr.Cast[string](Persons.Version), suffix)
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			b, err := f.persons.Get(ctx, ids[1])
			f.must(err)
			got, err := repo.ReturningValue(ctx, f.persons.Upsert(rows()).On(Persons.Email).Update(Persons.Name, Persons.Hits), text)
			f.must(err)
			eq(f, strings.ReplaceAll(strings.Join(got, " "), suffix, ""), "z=Zoe1 b=Ben2 a=Al2 b=Bo3")
			eq(f, strings.Count(strings.Join(got, " "), suffix), 4)
			again, err := f.persons.Get(ctx, ids[1])
			eq(f, again == b && b.Name == "Bo" && b.Hits == 21, true)
			return err
		})
		got, err := repo.Returning(f.ctx, f.persons.Untracked().Upsert(rows()).On(Persons.Email).DoNothing(), asLine)
		f.must(err)
		eq(f, lines(got), "z:ZOE/0/v1")
		// More rows than one statement takes, and keys that the database makes.
		var many []*Person
		for i := range 3000 {
			many = append(many, &Person{Email: fmt.Sprintf("m%04d", 2999-i), Name: "M"})
		}
		names, err := repo.ReturningValue(f.ctx, f.persons.Untracked().Upsert(slices.Values(many)).On(Persons.Email).Update(), expr.Concat(Persons.Email, "!"))
		f.must(err)
		eq(f, len(names), 3000)
		for i, n := range names {
			if n != many[i].Email+"!" {
				t.Fatalf("row %d is %s", i, n)
			}
		}
		tags, err := repo.ReturningValue(f.ctx, f.tags.Untracked().Upsert(each(&Tag{"x"}, &Tag{"y"})).Update(), expr.Concat(Tags.Name, "-"))
		f.must(err)
		eq(f, strings.Join(tags, " "), "x- y-")
	})
}

func TestInsertFromInto(t *testing.T) {
	databases(t, func(f *fixture) {
		f.seed()
		x := repo.Inserting(f.persons, copies().Where(Persons.Hits.Ge(2)))
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			f.must(f.persons.Add(ctx, &Person{Email: "d", Name: "Dan", Hits: 4})) // flushed before
			rows, err := repo.Returning(ctx, x, asLine)
			f.must(err)
			eq(f, lines(inOrder(rows)), "b2:BOB/2/v1 c2:CID/3/v1 d2:DAN/4/v1")
			return nil
		})
		if _, err := repo.Returning(f.ctx, x, asLine); !errors.Is(err, uow.ErrNoUnit) {
			t.Errorf("got %v", err)
		}
		n, err := repo.Inserting(f.persons.Untracked(), copies().Where(Persons.Email.Eq("a"))).Exec(f.ctx)
		f.must(err)
		eq(f, n, 1)
	})
}

// Stamp has a version that a trigger makes.
type Stamp struct{ ID, Version int64 }

type stamps struct {
	schema.Table[Stamp]
	ID      expr.Column[Stamp, int64]
	Version expr.Column[Stamp, int64]
}

var Stamps = schema.Define("stamps", func(t *stamps) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.Version).Version().MadeByDatabase()
}, schema.In(meta))

// TestWhatCannotBeReturned is an error before any SQL.
func TestWhatCannotBeReturned(t *testing.T) {
	databases(t, func(f *fixture) {
		f.seed()
		up := f.persons.Untracked().Updating(Persons.Name.Set("x")).Join(Prices, expr.On(Prices.Shop, Persons.Name))
		alias := schema.As(Persons, "other")
		value := func(x expr.Yields[int64]) func() error {
			return func() error { _, err := repo.ReturningValue(f.ctx, up, x); return err }
		}
		read := func(w repo.Write, of func(*line) repo.Columns) func() error {
			return func() error { _, err := repo.Returning(f.ctx, w, of); return err }
		}
		type whole struct{ Person *Person }
		for want, do := range map[string]func() error{
			"prices.amount is read": value(Prices.Amount),
			"other.id is read":      value(alias.ID),
			"no other rows can be read": func() error {
				_, err := repo.ReturningValue(f.ctx, up, repo.Sub(repo.SelectValue(Prices.Amount).From(Prices)))
				return err
			},
			"goes over rows":               value(expr.Count(Persons.ID)),
			"zero repository":              read(repo.Change[Person]{}, asLine),
			"zero repository or":           read(nil, asLine),
			"zero repository or query":     read(repo.Insert{}, asLine),
			"neither Update nor DoNothing": read(f.persons.Untracked().Upsert(nil), asLine),
			"no condition":                 read(f.persons.Untracked().Deleting(), asLine),
			"no function says":             read(up, nil),
			"entities are not read of rows": func() error {
				_, err := repo.Returning(f.ctx, up, func(w *whole) repo.Columns { return repo.Into(repo.ToEntity(&w.Person, Persons)) })
				return err
			},
			"perhaps after the statement": func() error {
				_, err := repo.ReturningValue(f.ctx, repo.New[Stamp](f.db).Untracked().Updating(Stamps.ID.Set(2)).Where(Stamps.ID.Eq(1)), Stamps.Version)
				return err
			},
		} {
			if err := do(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		eq(f, strings.Contains(f.text(), ":x"), false)
		// What the compiler finds is an error before the flush: the unit goes on.
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			f.must(f.persons.Add(ctx, &Person{Email: "new"}))
			person := &Person{Email: "z"}
			for _, w := range []repo.Write{f.persons.Upsert(each(person)).Update(), f.persons.Updating(Persons.Name.Set("x")).Where(Persons.Hits.Eq(1)), f.persons.Deleting().Where(Persons.Hits.Eq(1))} {
				if _, err := repo.ReturningValue(ctx, w, expr.Value[Person, string, string]{}); err == nil {
					t.Error("a zero expression was read")
				}
			}
			n, err := f.persons.Query().Count(ctx)
			eq(f, n, 4)
			return err
		})
	})
}

// TestWritesIntoOfTenantsAndDeletedRows: rows of others are neither written nor read,
// and what is deleted softly is read as it is now.
func TestWritesIntoOfTenantsAndDeletedRows(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		f := begin(t, db)
		ns := repo.New[Note](db, repo.OwnUnit())
		as := func(tenant int64) context.Context { return repo.WithParameter(t.Context(), "tenant", tenant) }
		f.must(ns.Add(as(1), &Note{ID: 1, Title: "a"}, &Note{ID: 2, Title: "b"}))
		f.must(ns.Add(as(2), &Note{ID: 3, Title: "c"}))
		type gone struct {
			ID      int64
			Deleted *time.Time
		}
		rows, err := repo.Returning(as(1), ns.Deleting().Where(expr.Every[Note]()), func(g *gone) repo.Columns {
			return repo.Into(repo.To(&g.ID, Notes.ID), repo.To(&g.Deleted, Notes.Deleted))
		})
		f.must(err)
		eq(f, len(rows) == 2 && rows[0].Deleted != nil && rows[1].Deleted != nil, true)
		got, err := repo.ReturningValue(as(1), ns.Updating(Notes.Body.Set("x")).Where(expr.Every[Note]()), Notes.ID)
		f.must(err)
		eq(f, len(got), 0)
		if _, err := repo.ReturningValue(as(2), ns.Updating(Notes.Tenant.Set(1)).Where(expr.Every[Note]()), Notes.ID); err == nil {
			t.Error("a row changed hands")
		}
		if _, err := repo.ReturningValue(t.Context(), ns.Deleting().Where(expr.Every[Note]()), Notes.ID); !errors.Is(err, repo.ErrFilter) {
			t.Errorf("got %v", err)
		}
	}, Notes)
}
