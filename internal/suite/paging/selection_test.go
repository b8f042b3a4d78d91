package paging_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// selected is a row of the selections here, whatever they read.
type selected struct {
	Thing, Part, Kind *int64
	Text              *string
	N                 int64
}

// pagesOf are all rows of a selection, read in pages.
func pagesOf[S any](t testing.TB, ctx context.Context, db *engine.Engine, q repo.Selection[S], size int) (all []S) {
	t.Helper()
	after := repo.Cursor("")
	for n := 0; ; n++ {
		p, err := q.Page(ctx, db, size, after)
		must(t, err)
		all = append(all, p.Items...)
		if p.More != (p.Next != "") || p.More && len(p.Items) != size || n > 5000 {
			t.Fatalf("page %d of %d rows, more: %v, next: %q", n, len(p.Items), p.More, p.Next)
		}
		if !p.More {
			return all
		}
		after = p.Next
	}
}

// show is what a row holds, without pointers.
func show(x any) string {
	v := reflect.ValueOf(x)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return fmt.Sprint(v.Interface())
	}
	out := ""
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Pointer && !f.IsNil() {
			f = f.Elem()
		}
		out += fmt.Sprintf("%v ", f.Interface())
	}
	return out
}

// samePages checks that the pages of a selection are together what All returns, each
// row as often.
func samePages[S any](t *testing.T, name string, db *engine.Engine, q repo.Selection[S], atLeast int) {
	t.Helper()
	ctx := context.Background()
	all, err := q.All(ctx, db)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if len(all) < atLeast {
		t.Errorf("%s: %d rows prove nothing", name, len(all))
	}
	one, err := q.Page(ctx, db, len(all)+1, "")
	if err != nil || one.More || len(one.Items) != len(all) {
		t.Errorf("%s: a page of all has %d of %d rows, %v", name, len(one.Items), len(all), err)
		return
	}
	left := map[string]int{}
	for _, row := range all {
		left[show(row)]++
	}
	for _, size := range []int{1, 3, 7} {
		got := pagesOf(t, ctx, db, q, size)
		if len(got) != len(all) {
			t.Errorf("%s: pages of %d have %d of %d rows", name, size, len(got), len(all))
			continue
		}
		counted := map[string]int{}
		for i, row := range got {
			counted[show(row)]++
			if show(row) != show(one.Items[i]) {
				t.Fatalf("%s: row %d of pages of %d is %s, not %s", name, i, size, show(row), show(one.Items[i]))
			}
		}
		if !reflect.DeepEqual(counted, left) {
			t.Errorf("%s: pages of %d have other rows", name, size)
		}
	}
}

func into(f func(s *selected) []repo.Target) repo.Selection[selected] {
	return repo.Select(func(s *selected) repo.Columns { return repo.Into(f(s)...) })
}

// TestPagesOfSelections: joins of every kind, groups, DISTINCT, set operations and
// queries within queries, in random orders with NULLs among what they go by.
func TestPagesOfSelections(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		r := rand.New(rand.NewPCG(21, 22))
		seeded(t, db, r, 40)
		must(t, uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error { // of which there is nothing
			return repo.New[Kind](db).Add(ctx, &Kind{ID: 3, Title: "one"}, &Kind{ID: 4, Title: "four"})
		}))
		plain := into(func(s *selected) []repo.Target {
			return []repo.Target{repo.To(&s.Thing, expr.Optional(Things.ID)), repo.To(&s.Text, Things.Nick)}
		}).From(Things)
		for range 25 {
			q := plain
			for _, o := range randomOrder(r, append(columns(db), expressions()...)) {
				q = q.OrderBy(o)
			}
			samePages(t, "in random order", db, q, 40)
		}
		with := func(x expr.Yields[*int64], f func(s *selected) **int64) func(s *selected) []repo.Target {
			return func(s *selected) []repo.Target {
				return []repo.Target{repo.To(&s.Thing, expr.Optional(Things.ID)), repo.To(f(s), x)}
			}
		}
		part := with(expr.Optional(Parts.ID), func(s *selected) **int64 { return &s.Part })
		kind := with(expr.Optional(Kinds.ID), func(s *selected) **int64 { return &s.Kind })
		few := expr.AllOf(expr.On(Parts.ThingID, Things.ID), Parts.Label.Eq("1"))
		samePages(t, "one to many", db, into(part).From(Things).Join(Parts, expr.On(Parts.ThingID, Things.ID)).OrderBy(Things.Level.Desc()), 30)
		samePages(t, "left join", db, into(part).From(Things).LeftJoin(Parts, few).OrderBy(expr.Optional(Parts.Label).Asc().NullsFirst(), Things.Level.Asc()), 30)
		samePages(t, "left join, NULLs last", db, into(part).From(Things).LeftJoin(Parts, few).OrderBy(Parts.ID.Desc().NullsLast()), 30)
		samePages(t, "right join", db, into(kind).From(Things).RightJoin(Kinds, expr.On(Things.KindID, Kinds.ID)).OrderBy(Things.Nick.Asc(), Kinds.Title.Desc()), 42)
		samePages(t, "full join", db, into(kind).From(Things).FullJoin(Kinds, expr.On(Things.KindID, Kinds.ID)).OrderBy(Things.Level.Desc()), 42)
		samePages(t, "cross join", db, into(kind).From(Things).CrossJoin(Kinds).OrderBy(Kinds.Title.Asc()), 160)
		twin := schema.As(Things, "twin")
		samePages(t, "of itself", db, into(with(expr.Optional(twin.ID), func(s *selected) **int64 { return &s.Kind })).
			From(Things).LeftJoin(twin, expr.AllOf(expr.On(twin.Level, Things.Level), expr.On(twin.Active, Things.Active))).OrderBy(twin.Nick.Desc()), 40)

		count := into(func(s *selected) []repo.Target {
			return []repo.Target{repo.To(&s.Text, Things.Nick), repo.To(&s.N, expr.Count(Things.ID))}
		}).From(Things)
		groups := count.GroupBy(Things.Nick, Things.Level).OrderBy(expr.Count(Things.ID).Desc())
		samePages(t, "groups", db, groups, 12)
		samePages(t, "groups by what is not read", db, count.GroupBy(Things.Nick, expr.Coalesce(Things.Alias, "none")).Having(expr.Count(Things.ID).Ge(1)).OrderBy(expr.Max(Things.Level).Asc(), Things.Nick.Desc()), 12)
		samePages(t, "groups of a join", db, into(func(s *selected) []repo.Target {
			return []repo.Target{repo.To(&s.Kind, expr.Optional(Kinds.ID)), repo.To(&s.Text, expr.Optional(Kinds.Title)), repo.To(&s.N, expr.Count(Things.ID))}
		}).From(Kinds).LeftJoin(Things, expr.On(Things.KindID, Kinds.ID)).GroupBy(Kinds.ID, Kinds.Title).OrderBy(expr.Max(Things.Seen).Desc(), Kinds.Title.Asc()), 4)
		samePages(t, "groups of decimals", db, into(func(s *selected) []repo.Target {
			return []repo.Target{repo.To(&s.N, expr.Count(Things.ID))}
		}).From(Things).GroupBy(Things.Huge), 4)
		samePages(t, "all in one row", db, into(func(s *selected) []repo.Target { return []repo.Target{repo.To(&s.N, expr.Count(Things.ID))} }).From(Things), 1)

		texts := into(func(s *selected) []repo.Target {
			return []repo.Target{repo.To(&s.Text, Things.Nick), repo.To(&s.N, expr.Length(Things.Name))}
		}).From(Things).Distinct()
		samePages(t, "distinct", db, texts.OrderBy(Things.Nick.Desc()), 12)
		samePages(t, "distinct, with the key", db, plain.Distinct().OrderBy(Things.Nick.Asc()), 40)
		samePages(t, "distinct groups", db, count.GroupBy(Things.Nick, Things.Level).Distinct().OrderBy(expr.Count(Things.ID).Asc()), 5)
		lengths := into(func(s *selected) []repo.Target {
			return []repo.Target{repo.To(&s.Text, expr.Optional(Things.Name)), repo.To(&s.N, expr.Val[int64](0))}
		}).From(Things)
		samePages(t, "union", db, texts.Union(lengths).OrderBy(Things.Nick.Asc()), 20)
		samePages(t, "except", db, texts.Except(lengths.Where(Things.ID.Lt(20))), 5)
		samePages(t, "union of all", db, texts.UnionAll(texts.Where(Things.Nick.Eq("nowhere"))).OrderBy(expr.Length(Things.Name).Asc()).
			UniqueBy(Things.Nick, expr.Length(Things.Name)), 12)

		stats := repo.As[selections](groups, "stats")
		top := repo.SelectValue(stats.N).From(stats)
		if _, err := top.Page(t.Context(), db, 2, ""); err == nil || !strings.Contains(err.Error(), "UniqueBy") {
			t.Errorf("groups by what is not read, within: %v", err)
		}
		rows := repo.As[keys](plain.Where(Things.ID.Gt(3)), "rows")
		samePages(t, "of a query", db, repo.SelectValue(rows.Text).From(rows).OrderBy(rows.Text.Desc()), 30)
		if db.Dialect().Name() == "postgres" { // one of each nick, but the same lengths
			firsts := repo.As[selections](into(func(s *selected) []repo.Target {
				return []repo.Target{repo.To(&s.Text, Things.Nick), repo.To(&s.N, expr.Length(Things.Name))}
			}).From(Things).DistinctOn(Things.Nick, Things.Level).OrderBy(Things.Nick.Asc(), Things.Level.Asc()), "firsts")
			if _, err := repo.SelectValue(firsts.N).From(firsts).Page(t.Context(), db, 2, ""); err == nil || !strings.Contains(err.Error(), "UniqueBy") {
				t.Errorf("the first of each: %v", err)
			}
			firsts = repo.As[selections](into(func(s *selected) []repo.Target {
				return []repo.Target{repo.To(&s.Text, Things.Nick), repo.To(&s.N, expr.Length(Things.Name))}
			}).From(Things).DistinctOn(Things.Nick).OrderBy(Things.Nick.Asc(), Things.Level.Asc()), "firsts")
			rolled := count.GroupBy(expr.Rollup(Things.Nick, Things.Level)).OrderBy(expr.Count(Things.ID).Desc(), Things.Nick.Asc().NullsFirst())
			samePages(t, "rolled up", db, rolled.UniqueBy(Things.Nick, Things.Level, expr.Grouping(Things.Nick), expr.Grouping(Things.Level)), 20)
			samePages(t, "the first of each", db, repo.SelectValue(firsts.N).From(firsts).OrderBy(firsts.N.Asc()), 5)
		}
		known := repo.CTE[selections](count.GroupBy(Things.Nick), "known")
		samePages(t, "of groups", db, repo.SelectValue(known.N).From(known).Join(Things, expr.On(Things.Nick, known.Text)).OrderBy(known.N.Desc()), 20)
	})
}

type selections struct {
	schema.Table[selected]
	Text expr.Nullable[selected, string]
	N    expr.Column[selected, int64]
}

type keys struct {
	schema.Table[selected]
	Thing expr.Nullable[selected, int64]
	Text  expr.Nullable[selected, string]
}

// refusesCursor checks that a cursor is not one of a selection's.
func refusesCursor[S any](t *testing.T, name string, db *engine.Engine, q repo.Selection[S], c repo.Cursor) {
	t.Helper()
	if _, err := q.Page(context.Background(), db, 2, c); !errors.Is(err, repo.ErrCursor) {
		t.Errorf("%s: %v", name, err)
	}
}

// TestCursorsOfSelections serve the order of the same tables and queries, whatever the
// conditions.
func TestCursorsOfSelections(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		seeded(t, db, rand.New(rand.NewPCG(23, 24)), 20)
		plain := into(func(s *selected) []repo.Target { return []repo.Target{repo.To(&s.Thing, expr.Optional(Things.ID))} })
		by := func(v string) repo.Selection[selected] {
			return plain.From(Things).OrderBy(expr.Coalesce(Things.Nick, v).Asc())
		}
		q := by("x")
		p, err := q.Page(ctx, db, 2, "")
		must(t, err)
		for _, good := range []repo.Selection[selected]{q, q.Where(Things.Active.Eq(true)), q.Where(Things.Active.Eq(false), Things.ID.Gt(3))} {
			_, err := good.Page(ctx, db, 5, p.Next)
			must(t, err)
		}
		refusesCursor(t, "another argument", db, by("y"), p.Next)
		refusesCursor(t, "another order", db, plain.From(Things).OrderBy(Things.Nick.Asc()), p.Next)
		refusesCursor(t, "another direction", db, plain.From(Things).OrderBy(expr.Coalesce(Things.Nick, "x").Desc()), p.Next)
		refusesCursor(t, "a term more", db, q.OrderBy(Things.Level.Asc()), p.Next)
		refusesCursor(t, "a table more", db, q.Join(Kinds, expr.On(Things.KindID, Kinds.ID)), p.Next)
		refusesCursor(t, "groups", db, q.GroupBy(Things.ID), p.Next[1:])
		refusesCursor(t, "cut", db, q, p.Next[:len(p.Next)-1])
		other := schema.As(Things, "other")
		refusesCursor(t, "an alias", db, into(func(s *selected) []repo.Target { return []repo.Target{repo.To(&s.Thing, expr.Optional(other.ID))} }).
			From(other).OrderBy(expr.Coalesce(other.Nick, "x").Asc()), p.Next)
		twin := schema.As(Things, "twin")
		self := plain.From(Things).Join(twin, expr.On(Things.Level, twin.Level))
		p, err = self.OrderBy(expr.Lower(Things.Name).Asc()).Page(ctx, db, 2, "")
		must(t, err)
		refusesCursor(t, "the same of an alias", db, self.OrderBy(expr.Lower(twin.Name).Asc()), p.Next)
		entities, err := repo.New[Thing](db).Untracked().Query().Page(ctx, 2, "")
		must(t, err)
		refusesCursor(t, "of entities", db, plain.From(Things), entities.Next)
		// The conditions of a query that is read are none of the cursor's, either.
		since := func(id int64) repo.Selection[*string] {
			rows := repo.As[keys](into(func(s *selected) []repo.Target {
				return []repo.Target{repo.To(&s.Thing, expr.Optional(Things.ID)), repo.To(&s.Text, Things.Nick)}
			}).From(Things).Where(Things.ID.Gt(id)), "rows")
			return repo.SelectValue(rows.Text).From(rows).OrderBy(expr.Coalesce(rows.Text, "none").Desc())
		}
		late, err := since(1).Page(ctx, db, 2, "")
		must(t, err)
		_, err = since(2).Page(ctx, db, 2, late.Next)
		must(t, err)
	})
}

// TestPagesOfSelectionsThatMeanNothing are errors before any SQL.
func TestPagesOfSelectionsThatMeanNothing(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		q := repo.SelectValue(Things.Name).From(Things)
		page := func(q repo.Selection[string], size int) func() error {
			return func() error { _, err := q.Page(context.Background(), db, size, ""); return err }
		}
		window := into(func(s *selected) []repo.Target {
			return []repo.Target{repo.To(&s.N, expr.RowNumber().Over(expr.Window().OrderBy(Things.Name.Asc())))}
		}).From(Things)
		for want, f := range map[string]func() error{
			"at least one row":              page(q, 0),
			"no Limit":                      page(q.Limit(3), 1),
			"no Offset":                     page(q.Offset(0), 1),
			"zero Order":                    page(q.OrderBy(expr.Order[Thing]{}), 1),
			"zero":                          page(repo.Selection[string]{}, 1),
			"tell the rows of u apart":      page(q.UnionAll(q), 1),
			"UniqueBy of a nil expression":  page(q.UniqueBy(nil), 1),
			"add it to GroupBy":             page(q.GroupBy(Things.Name).OrderBy(Things.Level.Asc()), 1),
			"none of the results":           page(q.Distinct().OrderBy(Things.Level.Asc()), 1),
			"not in FROM":                   page(q.UniqueBy(Kinds.ID), 1),
			"expr.Grouping":                 page(repo.SelectValue(expr.Coalesce(Things.Name, "all")).From(Things).GroupBy(expr.Rollup(Things.Name)), 1),
			"make the selection a subquery": func() error { _, err := window.Page(context.Background(), db, 1, ""); return err },
		} {
			if err := f(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		p, err := q.Page(context.Background(), db, 1, "")
		if err != nil || p.Items == nil || len(p.Items) != 0 || p.More || p.Next != "" {
			t.Errorf("no rows: %+v, %v", p, err)
		}
	})
}

// TestPagesOfSelectionsInAUnit: a page sees what is pending; entities beside values
// are the unit's, and the row after the page is none of them.
func TestPagesOfSelectionsInAUnit(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		es := seeded(t, db, rand.New(rand.NewPCG(25, 26)), 6)
		type row struct {
			Thing *Thing
			Part  *Part
			Code  string
		}
		q := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.ToEntity(&r.Thing, Things), repo.ToEntity(&r.Part, Parts), repo.To(&r.Code, Things.Code))
		}).From(Things).LeftJoin(Parts, expr.On(Parts.ThingID, Things.ID)).OrderBy(Things.Code.Asc(), Parts.Label.Desc().NullsLast())
		must(t, uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			first, err := repo.New[Thing](db).Get(ctx, es[0].ID)
			must(t, err)
			first.Code = "zzz" // flushed before: its rows are the last ones
			after, seen := repo.Cursor(""), map[string]bool{}
			for {
				p, err := q.Page(ctx, tx, 2, after)
				must(t, err)
				for _, r := range p.Items {
					key := fmt.Sprint(r.Thing.ID, "-")
					if r.Part != nil {
						key += fmt.Sprint(r.Part.ID)
					}
					if again, err := repo.New[Thing](db).Get(ctx, r.Thing.ID); err != nil || again != r.Thing || seen[key] || r.Code != again.Code {
						t.Errorf("row %s: %p, %p, %v", key, again, r.Thing, err)
					}
					seen[key] = true
				}
				if !p.More {
					if p.Items[len(p.Items)-1].Thing != first {
						t.Error("the change of the unit was not seen")
					}
					break
				}
				after = p.Next
			}
			if len(seen) != 8 {
				t.Errorf("%d rows", len(seen))
			}
			return nil
		}))
	})
}
