package values_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// Tally counts items by what a CASE of plain values says of them.
type Tally struct {
	ID    int64
	Grade Grade
	Since time.Time
	Many  int64
}

type tallies struct {
	schema.Table[Tally]
	ID    expr.Column[Tally, int64]
	Grade expr.Column[Tally, Grade]
	Since expr.Column[Tally, time.Time]
	Many  expr.Column[Tally, int64]
}

var Tallies = schema.Define("tallies", func(t *tallies) {
	schema.Column(t.ID).PrimaryKey()
	schema.Enum(t.Grade, "good", "bad").ServerDefault(expr.Val(Grade("good"))).ZeroIsDefault()
}, schema.In(meta))

// A CASE of plain values that is a key of the groups as well as a result is one, in
// whatever form the reader of the result has it.
func TestCaseAsGroupKey(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		ctx := context.Background()
		text := expr.Case(Items.N.Eq(2), "two").Else("other")
		type row struct {
			Is   string
			Many int64
		}
		rows, err := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.Is, text), repo.To(&r.Many, expr.CountAll()))
		}).From(Items).GroupBy(text).Having(expr.CountAll().Gt(0)).OrderBy(text.Asc()).All(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "texts", rows, []row{{"other", 2}, {"two", 3}})

		grade := expr.Case(Items.N.Eq(2), Grade("good")).Else("bad")
		early, late := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
		since := expr.Case(Items.N.Eq(2), late).Else(early)
		tally := func(t *Tally) repo.Columns {
			return repo.Into(repo.To(&t.Grade, grade), repo.To(&t.Since, since), repo.To(&t.Many, expr.CountAll()))
		}
		keys := repo.Select(tally).From(Items).GroupBy(grade, since)
		_ = keys
		own := repo.New[Tally](db, repo.OwnUnit())
		check := func(what string, q repo.Selection[Tally]) {
			t.Helper()
			if _, err := own.DeleteWhere(ctx, expr.Every[Tally]()); err != nil {
				t.Fatal(err)
			}
			if _, err := repo.InsertFrom(ctx, own, q); err != nil {
				t.Errorf("%s: %v", what, err)
				return
			}
			es, err := own.Untracked().Query().OrderBy(Tallies.Many.Asc()).All(ctx)
			if err != nil || len(es) != 2 {
				t.Fatalf("%s: %v %v", what, es, err)
			}
			for i, want := range []Tally{{es[0].ID, "bad", early, 2}, {es[1].ID, "good", late, 3}} {
				same(t, what, *es[i], want)
			}
		}
		check("insert", keys)
		check("insert, ordered", keys.OrderBy(grade.Asc(), since.Asc()).Limit(5))
		check("insert, nested", repo.Select(tally).From(Items).GroupBy(grade, since).Having(expr.Max(grade).Ge("bad")).OrderBy(expr.NullIf(since, late).Asc()))

		stored := repo.Select(func(t *Tally) repo.Columns {
			return repo.Into(repo.To(&t.Grade, Tallies.Grade), repo.To(&t.Since, Tallies.Since), repo.To(&t.Many, Tallies.Many))
		}).From(Tallies)
		for what, q := range map[string]repo.Selection[Tally]{"first": keys.UnionAll(stored), "second": stored.UnionAll(keys)} {
			es, err := q.All(ctx, db)
			if err != nil {
				t.Errorf("union, %s: %v", what, err)
				continue
			}
			slices.SortFunc(es, func(a, b Tally) int { return int(a.Many - b.Many) })
			same(t, "union, "+what, es, []Tally{{Grade: "bad", Since: early, Many: 2}, {Grade: "bad", Since: early, Many: 2}, {Grade: "good", Since: late, Many: 3}, {Grade: "good", Since: late, Many: 3}})
		}
	}, Items, Tallies)
}
