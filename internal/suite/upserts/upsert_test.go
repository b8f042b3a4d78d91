package upserts_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// databases runs a test on every database, with all tables.
func databases(t *testing.T, test func(f *fixture)) {
	t.Helper()
	both.Databases(t, func(t *testing.T, db *engine.Engine) { test(begin(t, db)) }, all...)
}

// seed adds three persons and returns their keys.
func (f *fixture) seed() []int64 {
	f.Helper()
	es := []*Person{{Email: "a", Name: "Ann", City: ptr("Aix"), Hits: 1}, {Email: "b", Name: "Bob", Hits: 2, Status: "old"}, {Email: "c", Name: "Cid", Hits: 3}}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.persons.Add(ctx, es...) })
	return []int64{es[0].ID, es[1].ID, es[2].ID}
}

func TestUpsert(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		given := []*Person{{Email: "b", Name: "Ben", Hits: 20}, {Email: "d", Name: "Dan", Hits: 40, Version: 9}, {Email: "a", Name: "Ada", City: ptr("Ars"), Status: "kept"}}
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.persons.Upsert(each(given...)).On(Persons.Email).Update().Exec(ctx)
			eq(f, n, 3)
			return err
		})
		// What has only a default in the new row stays; the version and OnUpdate follow.
		eq(f, f.text(), "a:Ada,Ars,0,kept,1,v2 b:Ben,-,20,old,1,v2 c:Cid,-,3,new,0,v1 d:Dan,-,40,new,0,v1 ")
		eq(f, *given[1], Person{Email: "d", Name: "Dan", Hits: 40, Version: 9}) // as it was given
		got, err := f.persons.Untracked().Get(f.ctx, ids[1])
		f.must(err)
		eq(f, got.Email, "b")

		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.persons.Upsert(each(&Person{Email: "a", Name: "no", City: nil, Hits: 5}, &Person{Email: "e", Name: "Eve", Hits: 6})).On(Persons.Email).Update(Persons.Hits, Persons.City).Exec(ctx)
			eq(f, n, 2)
			return err
		})
		eq(f, f.text(), "a:Ada,-,5,kept,2,v3 b:Ben,-,20,old,1,v2 c:Cid,-,3,new,0,v1 d:Dan,-,40,new,0,v1 e:Eve,-,6,new,0,v1 ")

		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.persons.Upsert(each(&Person{Email: "a", Name: "no"}, &Person{Email: "f", Name: "Fay"})).On(Persons.Email).DoNothing().Exec(ctx)
			eq(f, n, 1)
			return err
		})
		eq(f, strings.Count(f.text(), "no"), 0)
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // by the primary key
			n, err := f.persons.Upsert(each(&Person{ID: ids[0], Email: "z", Name: "Zoe"}, &Person{Email: "y", Name: "Yan"})).Update().Exec(ctx)
			eq(f, n, 2)
			return err
		})
		got, err = f.persons.Untracked().Get(f.ctx, ids[0])
		f.must(err)
		eq(f, show([]*Person{got}), "z:Zoe,-,0,kept,3,v4 ")
	})
}

func TestUpsertByOtherKeys(t *testing.T) {
	databases(t, func(f *fixture) {
		upsert := func(ps ...*Price) {
			f.Helper()
			f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
				n, err := f.prices.Upsert(each(ps...)).Update().Exec(ctx)
				eq(f, n, int64(len(ps)))
				return err
			})
		}
		versions := func() (out []time.Time) {
			es, err := f.prices.Untracked().Query().OrderBy(Prices.Shop.Asc(), Prices.Item.Asc()).All(f.ctx)
			f.must(err)
			for _, e := range es {
				out = append(out, e.At)
			}
			return out
		}
		upsert(&Price{Shop: "x", Item: "1", Amount: 1}, &Price{Shop: "x", Item: "2", Amount: 2})
		before := versions()
		upsert(&Price{Shop: "x", Item: "2", Amount: 20}, &Price{Shop: "y", Item: "2", Amount: 3})
		after := versions()
		if len(after) != 3 || !after[0].Equal(before[0]) || !after[1].After(before[1]) {
			t.Errorf("versions %v, then %v", before, after)
		}
		// A version in the future goes on from there.
		future := time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
		_, err := f.prices.Untracked().UpdateWhere(f.ctx, Prices.Item.Eq("2"), Prices.At.Set(future))
		f.must(err)
		upsert(&Price{Shop: "x", Item: "2", Amount: 21})
		eq(f, versions()[1], future.Add(time.Microsecond))

		// A partial index: rows that are not in it conflict with none.
		slug := func(live bool, body string) *Page { return &Page{Site: 1, Slug: ptr("s"), Live: live, Body: body} }
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.pages.Upsert(each(slug(false, "1"), slug(true, "2"), slug(false, "3"), slug(true, "4"), &Page{Site: 1, Live: true, Body: "5"}, &Page{Site: 1, Live: true, Body: "6"})).
				On(Pages.Slug, Pages.Site).Update(Pages.Body).Exec(ctx)
			eq(f, n, 6)
			return err
		})
		es, err := f.pages.Untracked().Query().OrderBy(Pages.Body.Asc()).All(f.ctx)
		f.must(err)
		bodies := ""
		for _, e := range es {
			bodies += e.Body
		}
		eq(f, bodies, "13456")

		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // a row that is its key alone
			for range 2 {
				n, err := f.tags.Upsert(each(&Tag{"a"}, &Tag{"b"})).Update().Exec(ctx)
				f.must(err)
				eq(f, n, 2)
			}
			n, err := f.tags.Upsert(each(&Tag{"b"}, &Tag{"c"})).DoNothing().Exec(ctx)
			eq(f, n, 1)
			return err
		})
	})
}

// Rows of one key in one upsert take effect in order, whatever statements they are
// written in.
func TestUpsertOfOneKeyTwice(t *testing.T) {
	databases(t, func(f *fixture) {
		f.seed()
		rows := func(yield func(*Person) bool) {
			for i := range 2500 {
				if !yield(&Person{Email: fmt.Sprint("k", i%3), Name: fmt.Sprint("n", i), Hits: i}) {
					return
				}
			}
		}
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.persons.Upsert(rows).On(Persons.Email).Update(Persons.Hits).Exec(ctx)
			f.must(err)
			eq(f, n, 2500)
			es, err := f.persons.Query().Where(Persons.Hits.Gt(10)).OrderBy(Persons.Email.Asc()).All(ctx)
			f.must(err)
			eq(f, show(es), "k0:n0,-,2499,new,833,v834 k1:n1,-,2497,new,832,v833 k2:n2,-,2498,new,832,v833 ")
			return nil
		})
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.persons.Upsert(rows).On(Persons.Email).DoNothing().Exec(ctx)
			eq(f, n, 3)
			return err
		})
		if got := f.text(); !strings.Contains(got, "k0:n0,-,0,") || !strings.Contains(got, "k2:n2,-,2,") {
			t.Error(got)
		}
	})
}

func TestUpsertAll(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		given := func() iter.Seq[*Person] {
			return each(&Person{Email: "d", Name: "Dan"}, &Person{Email: "b", Name: "Ben", Hits: 7}, &Person{Email: "e", Name: "Eve"}, &Person{Email: "a", Name: "Ada"})
		}
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			bob, err := f.persons.Get(ctx, ids[1])
			f.must(err)
			es, err := f.persons.Upsert(given()).On(Persons.Email).Update(Persons.Name).All(ctx)
			f.must(err)
			eq(f, show(es), "d:Dan,-,0,new,0,v1 b:Ben,-,2,old,1,v2 e:Eve,-,0,new,0,v1 a:Ada,Aix,1,new,1,v2 ")
			eq(f, es[1] == bob, true)
			eq(f, es[3].ID, ids[0])
			again, err := f.persons.Get(ctx, es[0].ID)
			f.must(err)
			eq(f, again == es[0], true)
			p, err := tx.Plan(ctx)
			f.must(err)
			eq(f, len(p.Changes()), 0)
			es[0].Hits, bob.Hits = 11, 12 // tracked, with the row's version
			return nil
		})
		eq(f, f.text(), "a:Ada,Aix,1,new,1,v2 b:Ben,-,12,old,2,v3 c:Cid,-,3,new,0,v1 d:Dan,-,11,new,1,v2 e:Eve,-,0,new,0,v1 ")

		// Only new rows come back from DoNothing.
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			es, err := f.persons.Upsert(each(&Person{Email: "a"}, &Person{Email: "g", Name: "Gil"}, &Person{Email: "g", Name: "Guy"})).On(Persons.Email).DoNothing().All(ctx)
			eq(f, show(es), "g:Gil,-,0,new,0,v1 ")
			return err
		})
		es, err := f.persons.Untracked().Upsert(given()).On(Persons.Email).Update().All(f.ctx)
		f.must(err)
		eq(f, show(es), "d:Dan,-,0,new,2,v3 b:Ben,-,7,old,3,v4 e:Eve,-,0,new,1,v2 a:Ada,-,0,new,2,v3 ")
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error { // untracked within a unit
			bob, err := f.persons.Get(ctx, ids[1])
			f.must(err)
			es, err := f.persons.Untracked().Upsert(each(&Person{Email: "b", Name: "Bea"})).On(Persons.Email).Update(Persons.Name).All(ctx)
			f.must(err)
			eq(f, es[0] != bob && es[0].Name == "Bea", true)
			got, err := f.persons.Get(ctx, ids[1]) // expired
			eq(f, got == bob && bob.Name == "Bea", true)
			return err
		})
		// Keys that are NULL in part are told apart by the primary key.
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			es, err := f.pages.Upsert(each(&Page{Site: 1, Live: true, Body: "x"}, &Page{Site: 1, Live: true, Body: "y"}, &Page{Site: 1, Slug: ptr("s"), Live: true, Body: "z"})).On(Pages.Site, Pages.Slug).Update().All(ctx)
			f.must(err)
			eq(f, es[0].Body+es[1].Body+es[2].Body, "xyz")
			return nil
		})
	})
}

func TestUpsertKeys(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		made := []*Person{{Email: "new1", Name: "N"}, {Email: "b", Name: "B"}, {Email: "new2", Name: "M"}, {Email: "new2", Name: "O"}}
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := f.persons.Upsert(each(made...)).On(Persons.Email).Update().Exec(ctx, repo.Keys())
			f.must(err)
			eq(f, made[1].ID, ids[1])
			eq(f, made[2].ID, made[3].ID)
			for _, m := range made {
				got, err := f.persons.Get(ctx, m.ID)
				f.must(err)
				eq(f, got.Email, m.Email)
			}
			return nil
		})
		for _, m := range made { // the rows are gone
			eq(f, m.ID, 0)
		}
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := f.persons.Upsert(each(made...)).On(Persons.Email).DoNothing().Exec(ctx, repo.Keys())
			eq(f, made[0].ID > 0 && made[1].ID == 0 && made[2].ID > 0 && made[3].ID == 0, true)
			return err
		})
		// Keys grow in the order of the rows, whatever statements these are written in.
		var mixed []*Person
		for i := range 10 {
			p := &Person{Email: fmt.Sprint("m", i), Name: "m"}
			if i%2 == 0 {
				p.Status = "said"
			}
			mixed = append(mixed, p)
		}
		f.undone(func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := f.persons.Upsert(each(mixed...)).On(Persons.Email).Update().Exec(ctx, repo.Keys())
			for i := range mixed[1:] {
				eq(f, mixed[i].ID < mixed[i+1].ID, true)
			}
			return err
		})
		// A key that the program has chosen is kept free of those that are made.
		top := made[2].ID + 1
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := f.persons.Upsert(each(&Person{Email: "m", Name: "made"}, &Person{ID: top + 50, Email: "c2", Name: "chosen"}, &Person{Email: "o"})).On(Persons.Email).Update().Exec(ctx)
			return err
		})
	})
}

// S80: entities of the unit are in step with what an upsert wrote.
func TestS80_UpsertKeepsTheIdentityMapInStep(t *testing.T) {
	databases(t, func(f *fixture) {
		ids := f.seed()
		f.undone(func(ctx context.Context, tx *uow.UnitOfWork) error {
			a, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			b, err := f.persons.Get(ctx, ids[1])
			f.must(err)
			a.City = ptr("Ulm") // flushed before
			_, err = f.persons.Upsert(each(&Person{Email: "a", Name: "Ada"}, &Person{Email: "x", Name: "new"})).On(Persons.Email).Update(Persons.Name).Exec(ctx)
			f.must(err)
			eq(f, a.Version, 3)
			a.Hits = 99
			f.must(tx.Flush(ctx)) // not stale
			got, err := f.persons.Get(ctx, ids[0])
			f.must(err)
			eq(f, got == a, true)
			eq(f, show([]*Person{a, b}), "a:Ada,Ulm,99,new,3,v4 b:Bob,-,2,old,0,v1 ")
			return nil
		})
		eq(f, f.text(), "a:Ann,Aix,1,new,0,v1 b:Bob,-,2,old,0,v1 c:Cid,-,3,new,0,v1 ")
	})
}

func TestUpsertOfWhatIsWrong(t *testing.T) {
	databases(t, func(f *fixture) {
		f.seed()
		one := func() iter.Seq[*Person] { return each(&Person{Email: "a", Name: "n"}) }
		for want, x := range map[string]repo.Upsert[Person]{
			"neither Update nor DoNothing":                         f.persons.Upsert(one()).On(Persons.Email),
			"On without columns":                                   f.persons.Upsert(one()).On().Update(),
			"On is said twice":                                     f.persons.Upsert(one()).On(Persons.Email).On(Persons.ID).Update(),
			"Update after Update or DoNothing":                     f.persons.Upsert(one()).DoNothing().Update(),
			"DoNothing after Update or DoNothing":                  f.persons.Upsert(one()).Update().DoNothing(),
			"there is the primary key (id), uq_persons_email (em":  f.persons.Upsert(one()).On(Persons.Name).Update(),
			"On names column email twice":                          f.persons.Upsert(one()).On(Persons.Email, Persons.Email).Update(),
			"Update of id, which is part of the key":               f.persons.Upsert(one()).On(Persons.Email).Update(Persons.ID),
			"Update of version: the version is counted up by itse": f.persons.Upsert(one()).On(Persons.Email).Update(Persons.Version),
			"zero repository":                                      repo.Repository[Person]{}.Upsert(one()).Update(),
		} {
			if _, err := x.Exec(f.ctx); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("want %q, got %v", want, err)
			}
			if _, err := x.All(f.ctx); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("All: want %q, got %v", want, err)
			}
		}
		if _, err := f.persons.Upsert(one()).Update().Exec(f.ctx); !errors.Is(err, uow.ErrNoUnit) {
			t.Errorf("got %v", err)
		}
		fails := func(want error, rows iter.Seq[*Person]) error {
			f.Helper()
			err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
				_, err := f.persons.Upsert(rows).On(Persons.Email).Update().Exec(ctx)
				return err
			})
			if err == nil || want != nil && !errors.Is(err, want) {
				f.Errorf("want %v, got %v", want, err)
			}
			return err
		}
		fails(uow.ErrNilEntity, each(&Person{Email: "q"}, nil))
		p := &Person{Email: "q"}
		fails(uow.ErrRepeated, each(p, p))
		err := fails(dialect.ErrUnique, each(&Person{Email: "q", Name: "q"}, &Person{ID: 1, Email: "r"})) // the key, not the address
		var fault *uow.FlushError
		var unique *dialect.UniqueViolation
		if !errors.As(err, &fault) || fault.Op != "upsert" || !errors.As(err, &unique) || unique.Table != "persons" || fmt.Sprint(unique.Columns) != "[id]" {
			t.Errorf("got %#v, %#v", fault, unique)
		}
		long := &Person{Email: "s", Name: strings.Repeat("x", 41)}
		if err := fails(nil, each(&Person{Email: "q"}, long)); errors.As(err, &fault) && fault.Fault != any(long) {
			t.Errorf("at fault is %v", fault.Fault)
		}
		eq(f, *long, Person{Email: "s", Name: strings.Repeat("x", 41)})
		ctx, cancel := context.WithCancel(f.ctx)
		err = uow.Run(f.ctx, f.db, func(unit context.Context, tx *uow.UnitOfWork) error {
			_, err := f.persons.Upsert(func(yield func(*Person) bool) {
				cancel()
				yield(&Person{Email: "q"})
			}).On(Persons.Email).Update().Exec(uow.With(ctx, tx))
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		err = uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := f.persons.Upsert(one()).On(Persons.Email).Update().Exec(ctx)
			return err
		}, uow.ReadOnly())
		if !errors.Is(err, uow.ErrReadOnly) {
			t.Errorf("got %v", err)
		}
		eq(f, f.text(), "a:Ann,Aix,1,new,0,v1 b:Bob,-,2,old,0,v1 c:Cid,-,3,new,0,v1 ")
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.persons.Upsert(nil).Update().Exec(ctx)
			f.must(err)
			eq(f, n, 0)
			es, err := f.persons.Upsert(each[Person]()).Update().All(ctx)
			eq(f, es != nil && len(es) == 0, true)
			return err
		})
		own := repo.New[Person](f.db, repo.OwnUnit())
		n, err := own.Upsert(one()).On(Persons.Email).Update(Persons.Name).Exec(f.ctx)
		f.must(err)
		eq(f, n, 1)
		es, err := own.Upsert(one()).On(Persons.Email).Update(Persons.Name).All(f.ctx)
		f.must(err)
		eq(f, show(es), "a:n,Aix,1,new,2,v3 ")
	})
}

// TestUpsertsOfOneKeyWithoutAUnit: rows of one key are one entity, as it is after the last, where no unit says so.
func TestUpsertsOfOneKeyWithoutAUnit(t *testing.T) {
	databases(t, func(f *fixture) {
		f.seed()
		rows := func(yield func(*Person) bool) {
			for _, s := range []string{"a:one", "b:two", "a:three", "new:x", "new:y", "a:four"} {
				email, name, _ := strings.Cut(s, ":")
				if !yield(&Person{Email: email, Name: name}) {
					return
				}
			}
		}
		own := repo.New[Person](f.db, repo.OwnUnit())
		es, err := own.Upsert(rows).On(Persons.Email).Update(Persons.Name).All(f.ctx)
		f.must(err)
		var names []string
		for _, e := range es {
			names = append(names, e.Email+":"+e.Name)
		}
		eq(f, strings.Join(names, " "), "a:four b:two a:four new:y new:y a:four")
		eq(f, es[0] == es[2] && es[0] == es[5] && es[3] == es[4], true)
	})
}
