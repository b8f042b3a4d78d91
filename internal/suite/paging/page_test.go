package paging_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// TestPagesWhileRowsComeAndGo: what is inserted and deleted between two pages
// neither repeats nor hides another row.
func TestPagesWhileRowsComeAndGo(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		r := rand.New(rand.NewPCG(1, 2))
		es := seeded(t, db, r, 40)
		things := repo.New[Thing](db, repo.OwnUnit()).Untracked()
		q := things.Query().OrderBy(Things.Name.Desc(), Things.Nick.Asc())
		want, err := q.OrderBy(Things.ID.Asc()).All(ctx)
		must(t, err)
		gone, seen := map[int64]bool{}, []int64{}
		after, n := repo.Cursor(""), len(es)
		for {
			p, err := q.Page(ctx, 3, after)
			must(t, err)
			seen = append(seen, ids(p.Items)...)
			if !p.More {
				break
			}
			after = p.Next
			// The rows of this page go, the last one too, on which the cursor stands,
			// and one that is still to come; as many come before them all.
			doomed := append(ids(p.Items), want[len(want)-1-len(gone)].ID)
			gone[doomed[len(doomed)-1]] = true
			_, err = repo.New[Part](db).Untracked().DeleteWhere(ctx, Parts.ThingID.In(doomed...))
			must(t, err)
			_, err = things.DeleteWhere(ctx, Things.ID.In(doomed...))
			must(t, err)
			for range 4 {
				e := randomThing(r, n, false)
				e.Name, n = "zzz", n+1
				_, err := things.InsertAll(ctx, slices.Values([]*Thing{e}))
				must(t, err)
			}
		}
		for i, id := range seen {
			if slices.Contains(seen[:i], id) {
				t.Errorf("row %d came twice", id)
			}
		}
		for _, e := range want {
			if !gone[e.ID] && !slices.Contains(seen, e.ID) {
				t.Errorf("row %d did not come", e.ID)
			}
		}
		if len(gone) == 0 {
			t.Error("nothing was deleted that was still to come")
		}
	})
}

// TestPagesInAUnit: entities of pages are tracked, once each, and the row after
// the page is none of them; a cursor goes by the row, not by what the entity has
// in memory.
func TestPagesInAUnit(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		seeded(t, db, rand.New(rand.NewPCG(3, 4)), 20)
		things := repo.New[Thing](db)
		must(t, uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			q := things.Query().OrderBy(Things.Code.Asc())
			return tx.NoAutoflush(func() error {
				first, err := q.Page(ctx, 5, "")
				must(t, err)
				last := first.Items[4]
				if again, err := things.Get(ctx, last.ID); err != nil || again != last {
					t.Errorf("%p is not %p, %v", again, last, err)
				}
				last.Code = "zzzz" // not flushed: the row has its place
				first, err = q.Page(ctx, 5, "")
				must(t, err)
				if first.Items[4] != last {
					t.Error("an entity came twice for one row")
				}
				second, err := q.Page(ctx, 5, first.Next)
				must(t, err)
				if len(second.Items) != 5 || second.Items[0].Code != "code005" {
					t.Errorf("the second page begins with %s, of %d", second.Items[0].Code, len(second.Items))
				}
				last.Code = "code004"
				return nil
			})
		}))
		if _, err := things.Query().Page(ctx, 5, ""); !errors.Is(err, uow.ErrNoUnit) {
			t.Errorf("without a unit: %v", err)
		}
	})
}

// TestPagesWithRelations: relations are loaded for the entities of the page, in a
// unit and without one, by statements of their own and by a join.
func TestPagesWithRelations(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		seeded(t, db, rand.New(rand.NewPCG(5, 6)), 20)
		check := func(ctx context.Context, q repo.Query[Thing]) error {
			q = q.With(Things.Kind.Join(), Things.Parts).OrderBy(expr.Length(Things.Name).Desc(), Things.Nick.Asc())
			all := allPages(t, ctx, q, 6)
			for _, e := range all {
				kind, ok := e.Kind.Loaded()
				if !ok || kind.ID != e.KindID {
					t.Errorf("thing %d has kind %v, %v", e.ID, kind, ok)
				}
				if parts, ok := e.Parts.Loaded(); !ok || len(parts) != int(e.ID%3) {
					t.Errorf("thing %d has %d parts, %v", e.ID, len(parts), ok)
				}
			}
			if len(all) != 20 {
				t.Errorf("%d things", len(all))
			}
			return nil
		}
		things := repo.New[Thing](db)
		must(t, check(ctx, things.Query().Untracked()))
		must(t, uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			must(t, check(ctx, things.Query().Untracked()))
			return check(ctx, things.Query())
		}))
	})
}

// TestKeysThatCompareEqual: SQLite orders long decimals as floating-point numbers,
// of which several are equal; pages have all rows once even so.
func TestKeysThatCompareEqual(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		ledgers := repo.New[Ledger](db).Untracked()
		var rows []*Ledger
		for i := range 30 {
			rows = append(rows, &Ledger{Number: amount("123456789012345678901234567" + string(rune('0'+i/3)) + ".0"), Year: int32(2000 + i%3), Note: "n"})
		}
		_, err := ledgers.InsertAll(ctx, slices.Values(rows))
		must(t, err)
		for _, order := range [][]expr.Order[Ledger]{nil, {Ledgers.Note.Asc()}, {Ledgers.Number.Desc()}, {Ledgers.Year.Desc(), Ledgers.Number.Asc()}} {
			seen := map[Ledger]bool{}
			for _, e := range allPages(t, ctx, ledgers.Query().OrderBy(order...), 4) {
				if seen[*e] {
					t.Errorf("%v came twice", *e)
				}
				seen[*e] = true
			}
			if len(seen) != len(rows) {
				t.Errorf("%d of %d rows", len(seen), len(rows))
			}
		}
	})
}

// TestCursorsThatAreRefused: a cursor serves its own order of its own table.
func TestCursorsThatAreRefused(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		seeded(t, db, rand.New(rand.NewPCG(7, 8)), 9)
		things := repo.New[Thing](db).Untracked()
		q := things.Query().OrderBy(Things.Name.Asc(), Things.Nick.Desc())
		p, err := q.Page(ctx, 2, "")
		must(t, err)
		if strings.Trim(string(p.Next), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Errorf("%q is not safe in a URL", p.Next)
		}
		for _, good := range []repo.Query[Thing]{q, q.Where(Things.Active.Eq(true)), q.Distinct()} {
			_, err := good.Page(ctx, 5, p.Next)
			must(t, err)
		}
		for name, other := range map[string]repo.Query[Thing]{
			"the key":            things.Query(),
			"a term less":        things.Query().OrderBy(Things.Name.Asc()),
			"a term more":        q.OrderBy(Things.Level.Asc()),
			"other directions":   things.Query().OrderBy(Things.Name.Asc(), Things.Nick.Asc()),
			"NULLs elsewhere":    things.Query().OrderBy(Things.Name.Asc(), Things.Nick.Desc().NullsFirst(), Things.ID.Asc().NullsFirst()),
			"another column":     things.Query().OrderBy(Things.Name.Asc(), Things.Alias.Desc()),
			"turned round":       things.Query().OrderBy(Things.Nick.Desc(), Things.Name.Asc()),
			"another expression": things.Query().OrderBy(expr.Lower(Things.Name).Asc(), Things.Nick.Desc()),
		} {
			if _, err := other.Page(ctx, 2, p.Next); !errors.Is(err, repo.ErrCursor) {
				t.Errorf("%s: %v", name, err)
			}
		}
		coalesce := func(v string) repo.Query[Thing] { return things.Query().OrderBy(expr.Coalesce(Things.Nick, v).Asc()) }
		made, err := coalesce("x").Page(ctx, 2, "")
		must(t, err)
		if _, err := coalesce("y").Page(ctx, 2, made.Next); !errors.Is(err, repo.ErrCursor) {
			t.Errorf("another argument: %v", err)
		}
		kinds, err := repo.New[Kind](db).Untracked().Query().Page(ctx, 1, "")
		must(t, err)
		if _, err := repo.New[Thing](db).Untracked().Query().Page(ctx, 1, kinds.Next); !errors.Is(err, repo.ErrCursor) {
			t.Errorf("another table: %v", err)
		}
		_, err = q.Page(ctx, 2, p.Next[:len(p.Next)-1])
		if !errors.Is(err, repo.ErrCursor) || strings.Contains(err.Error(), string(p.Next[:8])) {
			t.Errorf("cut: %v", err)
		}
	})
}

// TestPagesThatMeanNothing are errors before any SQL.
func TestPagesThatMeanNothing(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		q := repo.New[Thing](db).Untracked().Query()
		for want, f := range map[string]func() error{
			"at least one row": func() error { _, err := q.Page(ctx, 0, ""); return err },
			"no Limit":         func() error { _, err := q.Limit(3).Page(ctx, 1, ""); return err },
			"no Offset":        func() error { _, err := q.Offset(0).Page(ctx, 1, ""); return err },
			"zero Order":       func() error { _, err := q.OrderBy(expr.Order[Thing]{}).Page(ctx, 1, ""); return err },
			"order term 2: its value is another one for each statement": func() error {
				_, err := q.OrderBy(Things.Name.Asc(), expr.NewOrder[Thing](expr.OrderTerm{X: expr.NodeOf(expr.Now())})).Page(ctx, 1, "")
				return err
			},
			"order term 1: its value is another one for each statement": func() error {
				_, err := repo.SelectValue(Things.Name).From(Things).OrderBy(expr.Func[float64]("random").Asc()).Page(ctx, db, 1, "")
				return err
			},
			"zero repository": func() error { var q repo.Query[Thing]; _, err := q.Page(ctx, 1, ""); return err },
		} {
			if err := f(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		p, err := q.Page(ctx, 1, "")
		if err != nil || p.Items == nil || len(p.Items) != 0 || p.More || p.Next != "" {
			t.Errorf("no rows: %+v, %v", p, err)
		}
	})
}

// TestValuesThatCannotBeSentBack are an error that says what to do.
func TestValuesThatCannotBeSentBack(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		seeded(t, db, rand.New(rand.NewPCG(9, 10)), 3)
		q := repo.New[Thing](db).Untracked().Query()
		of := expr.Case(Things.Active.Eq(true), []byte{3}).Else([]byte{1, 2})
		_, err := q.OrderBy(of.Asc().NullsFirst()).Page(ctx, 3, "")
		if db.Dialect().Name() == "postgres" {
			// The driver gives bytea and any type that it does not know as bytes.

			if err == nil || !strings.Contains(err.Error(), "expr.Cast") {
				t.Errorf("%v", err)
			}
		} else {
			must(t, err)
		}
		if n := len(allPages(t, ctx, q.OrderBy(expr.Cast[[]byte](of).Asc()), 1)); n != 3 {
			t.Errorf("%d rows", n)
		}
		known := expr.CaseTo(Things.Active.Eq(true), Things.Data).Else([]byte{1, 2})
		if n := len(allPages(t, ctx, q.OrderBy(known.Asc()), 1)); n != 3 {
			t.Errorf("%d rows by a column's values", n)
		}
	})
}

// TestOrderBesideACast: a column and an expression that bears its name are
// ordered by as what they are, by pages and by selections.
func TestOrderBesideACast(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		seeded(t, db, rand.New(rand.NewPCG(13, 14)), 30)
		q := repo.New[Thing](db).Untracked().Query().OrderBy(Things.KindID.Asc(), expr.Cast[string](Things.ID).Asc(), Things.ID.Asc())
		want, err := q.All(ctx)
		must(t, err)
		if got := allPages(t, ctx, q, 4); !slices.Equal(ids(got), ids(want)) {
			t.Errorf("%v, want %v", ids(got), ids(want))
		}
		type row struct{ Text string }
		rows, err := repo.Select(func(r *row) repo.Columns { return repo.Into(repo.To(&r.Text, expr.Cast[string](Things.ID))) }).
			From(Things).OrderBy(Things.ID.Asc()).All(ctx, db)
		must(t, err)
		for i, r := range rows {
			if r.Text != strconv.Itoa(i+1) {
				t.Fatalf("row %d is %s: ordered as text", i, r.Text)
			}
		}
	})
}
