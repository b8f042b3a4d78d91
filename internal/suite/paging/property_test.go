package paging_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

func pick[V any](r *rand.Rand, of ...V) V { return of[r.IntN(len(of))] }

// maybe is nil one time in three.
func maybe[V any](r *rand.Rand, v V) *V {
	if r.IntN(3) == 0 {
		return nil
	}
	return &v
}

var (
	texts = []string{"", "a", "A", "b", "it's", `"`, `\`, "%_", "é", "日本", "🙂", "a\nb", "a,b", "-x", "\u00a0", "zz"}
	times = []time.Time{
		{}, time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC), time.Date(2026, 3, 1, 12, 0, 0, 123457000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	}
	prices = []amount{"-9999999999.99", "-1.00", "-0.01", "0.00", "0.10", "9.00", "10.00", "9999999999.99"}
	huge   = []amount{"0.00", "9007199254740993.00", "9007199254740992.00", "9007199254740993.01", "-12345678901234567890123456.78"}
	tokens = [][16]byte{{}, {1}, {15: 1}, {0: 255}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}
)

// randomThing has values that are often those of other things.
func randomThing(r *rand.Rand, n int, nan bool) *Thing {
	floats := []float64{0, 0.1, -0.1, 1.0 / 3, math.MaxFloat64, -math.MaxFloat64, 5e-324, math.Inf(1), math.Inf(-1)}
	if nan {
		floats = append(floats, math.NaN())
	}
	e := &Thing{
		Name: pick(r, texts...), Nick: maybe(r, pick(r, texts...)), Level: pick[level](r, -32768, 0, 7, 32767),
		Big: pick[uint64](r, 0, 1, math.MaxInt64-1, math.MaxInt64), Count: sql.Null[int32]{V: pick[int32](r, -1, 0, math.MaxInt32), Valid: r.IntN(3) > 0},
		Score: pick(r, floats...), Ratio: maybe(r, pick[float32](r, 0.1, -0.1, 16777216, math.MaxFloat32, 1e-45)),
		Active: pick(r, true, false), Flag: maybe(r, pick(r, true, false)), At: pick(r, times...), Seen: maybe(r, pick(r, times...)),
		Price: pick(r, prices...), Rate: maybe(r, pick[amount](r, "0.001", "-0.001", "10.000", "9.000")), Huge: pick(r, huge...),
		Token: pick(r, tokens...), Mark: maybe(r, pick(r, tokens...)), Status: pick[status](r, "new", "it's", "done"),
		Data: pick(r, []byte{}, []byte{0}, []byte{0, 255}, []byte(`\x`), []byte("12"), []byte("a'b")),
		Tags: pick(r, []string{}, []string{"a"}, []string{"a", "b"}, []string{`"`, `\`, "{,}"}),
		Code: fmt.Sprintf("code%03d", n), KindID: int64(1 + r.IntN(2)),
	}
	if r.IntN(2) == 0 {
		e.Alias = ptr(fmt.Sprintf("alias%d", n))
	}
	return e
}

// seeded are n things in the database, with two kinds and some parts each.
func seeded(t testing.TB, db *engine.Engine, r *rand.Rand, n int) []*Thing {
	t.Helper()
	ctx := context.Background()
	nan := db.Dialect().Name() == "postgres"
	var es []*Thing
	for i := range n {
		es = append(es, randomThing(r, i, nan))
	}
	must(t, uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if err := repo.New[Kind](db).Add(ctx, &Kind{ID: 1, Title: "one"}, &Kind{ID: 2, Title: "two"}); err != nil {
			return err
		}
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		if err := repo.New[Thing](db).Add(ctx, es...); err != nil {
			return err
		}
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		var ps []*Part
		for _, e := range es {
			for i := range int(e.ID % 3) {
				ps = append(ps, &Part{Label: fmt.Sprint(i), ThingID: e.ID})
			}
		}
		return repo.New[Part](db).Add(ctx, ps...)
	}))
	return es
}

// sortable is a column or value that can be ordered by.
type sortable interface {
	Asc() expr.Order[Thing]
	Desc() expr.Order[Thing]
}

func columns(db *engine.Engine) []sortable {
	var tags sortable = Things.Tags
	if db.Dialect().Capabilities().DocumentsAreText {
		tags = expr.Cast[string](Things.Tags)
	}
	return []sortable{
		Things.Name, Things.Nick, Things.Level, Things.Big, Things.Count, Things.Score, Things.Ratio, Things.Active, Things.Flag,
		Things.At, Things.Seen, Things.Price, Things.Rate, Things.Huge, Things.Token, Things.Mark, Things.Status, Things.Data,
		tags, Things.Code, Things.Alias, Things.ID, Things.KindID,
	}
}

func expressions() []sortable {
	return []sortable{
		expr.Lower(Things.Name), expr.Coalesce(Things.Nick, "none"), expr.Length(Things.Name), expr.Mul(Things.KindID, 2),
		expr.Coalesce(Things.Seen, times[1]), expr.TruncDay(Things.At), expr.NullIf(Things.Token, tokens[1]),
		expr.Case(Things.Level.Lt(1), "low").When(Things.Active.Eq(true), "it's").Else("high"), expr.Case(Things.Active.Eq(true), times[1]).End(),
		expr.Cast[string](Things.Status), expr.Cast[float64](Things.Level), expr.Optional(Things.Price), expr.Neg(Things.Score), expr.Year(Things.At),
		Things.Parts.Count(),
	}
}

func randomOrder(r *rand.Rand, from []sortable) (terms []expr.Order[Thing]) {
	for range r.IntN(4) {
		x := pick(r, from...)
		o := x.Asc()
		if r.IntN(2) == 0 {
			o = x.Desc()
		}
		switch r.IntN(3) {
		case 0:
			o = o.NullsFirst()
		case 1:
			o = o.NullsLast()
		}
		terms = append(terms, o)
	}
	return terms
}

// TestPagesAreTheQuery: pages of any size, of random rows in random orders, are
// together just what one query gives, in its order.
func TestPagesAreTheQuery(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 1))
		ctx := context.Background()
		seeded(t, db, r, 70)
		all := repo.New[Thing](db).Untracked()
		from := append(append(columns(db), columns(db)...), expressions()...)
		check := func(q repo.Query[Thing], terms []expr.Order[Thing], size int) {
			t.Helper()
			want, err := q.OrderBy(terms...).OrderBy(Things.ID.Asc()).All(ctx)
			must(t, err)
			q = q.OrderBy(terms...)
			text, args, err := q.SQL(db.Dialect())
			must(t, err)
			got := allPages(t, ctx, q, size)
			if !slices.Equal(ids(got), ids(want)) {
				t.Fatalf("pages of %d of %s %v:\n%v, the query gives\n%v", size, text, args, ids(got), ids(want))
			}
		}
		for _, x := range from { // each by itself, row by row and in both directions
			check(all.Query(), []expr.Order[Thing]{x.Asc()}, 1)
			check(all.Query(), []expr.Order[Thing]{x.Desc()}, 1+r.IntN(3))
			check(all.Query(), []expr.Order[Thing]{x.Asc().NullsFirst()}, 1+r.IntN(9))
			check(all.Query(), []expr.Order[Thing]{x.Desc().NullsLast()}, 1+r.IntN(9))
		}
		for range 60 {
			q := all.Query()
			if r.IntN(3) == 0 {
				q = q.Where(expr.Or(Things.Active.Eq(true), Things.Nick.IsNull()))
			}
			check(q, randomOrder(r, from), pick(r, 1, 2, 3, 7, 35, 69, 70, 71, math.MaxInt))
		}
	})
}

func ids(es []*Thing) (out []int64) {
	for _, e := range es {
		out = append(out, e.ID)
	}
	return out
}

// allPages reads a query page by page.
func allPages[T any](t testing.TB, ctx context.Context, q repo.Query[T], size int) (all []*T) {
	t.Helper()
	after := repo.Cursor("")
	for range 10000 {
		p, err := q.Page(ctx, size, after)
		must(t, err)
		if p.More != (p.Next != "") {
			t.Fatalf("More is %v and Next %q", p.More, p.Next)
		}
		if len(p.Items) > size || p.More && len(p.Items) != size || p.Items == nil {
			t.Fatalf("%d items of %d, more: %v", len(p.Items), size, p.More)
		}
		all = append(all, p.Items...)
		if !p.More {
			return all
		}
		after = p.Next
	}
	t.Fatal("the pages have no end")
	return nil
}
