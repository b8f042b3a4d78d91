package values_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

// What goes by the order of arrays and documents goes by theirs, or is refused.
func TestOrderOfArraysAndDocuments(t *testing.T) {
	list := []Item{{Nums: []int64{2}, Tags: []string{`a"b`}, Doc: json.RawMessage(`{"a":10}`)}, {Nums: []int64{10}, Tags: []string{"a b"}, Doc: json.RawMessage(`{"a":9}`)},
		{Nums: []int64{}, Tags: []string{"a"}, Doc: json.RawMessage(`[1]`)}, {Nums: []int64{2, 0}, Tags: []string{}, Doc: json.RawMessage(`"x"`)}}
	ctx := context.Background()
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		asText := db.Dialect().Capabilities().DocumentsAreText
		r := repo.New[Item](db).Untracked()
		refused := func(what string, err error) bool {
			t.Helper()
			var u *dialect.UnsupportedError
			if asText != errors.As(err, &u) || !asText && err != nil {
				t.Errorf("%s: %v", what, err)
			}
			return err != nil
		}
		found := func(what string, q repo.Query[Item], want ...int64) {
			t.Helper()
			rows, err := q.All(ctx)
			if !refused(what, err) {
				same(t, what, each(deref(rows), func(i Item) int64 { return i.ID }), want)
			}
		}
		by := func(o expr.Order[Item]) repo.Query[Item] { return r.Query().OrderBy(o) }
		found("nums", by(Items.Nums.Asc()), 3, 1, 4, 2)
		found("nums descending", by(Items.Nums.Desc()), 2, 4, 1, 3)
		found("of a case", by(expr.NullIf(Items.Nums, []int64{99}).Asc()), 3, 1, 4, 2)
		found("of documents", by(Items.Doc.Asc()), 4, 3, 2, 1)
		found("of typed documents", by(Items.Data.Asc()).OrderBy(Items.ID.Asc()), 1, 2, 3, 4)
		where := func(c expr.Expr[Item]) repo.Query[Item] { return r.Where(c).OrderBy(Items.ID.Asc()) }
		found("less", where(Items.Nums.Lt([]int64{10})), 1, 3, 4)
		found("less or equal", where(Items.Nums.Le([]int64{10})), 1, 2, 3, 4)
		found("greater", where(Items.Nums.Gt([]int64{2, 0})), 2)
		found("greater or equal", where(Items.Nums.GeTo(Items.Nums)), 1, 2, 3, 4)
		found("between", where(Items.Nums.Between([]int64{2}, []int64{9})), 1, 4)
		found("documents greater", where(Items.Doc.Gt(json.RawMessage(`{"a":9}`))), 1)
		found("a row", where(expr.Tuple2(Items.Nums, Items.ID).Lt([]int64{10}, 0)), 1, 3, 4)
		refused("max", failure(db, expr.Max(Items.Nums)))
		refused("min of a window", failure(db, expr.Min(Items.Tags).Over(expr.Window())))
		refused("greatest", failure(db, expr.Greatest(Items.Nums, []int64{9})))
		refused("least of documents", failure(db, expr.Least(Items.Doc, json.RawMessage(`{}`))))
		refused("an order of a window", failure(db, expr.RowNumber().Over(expr.Window().OrderBy(Items.Tags.Asc()))))
		_, err := r.Query().OrderBy(Items.Nums.Asc()).Page(ctx, 2, "")
		refused("a page", err)
		lists := repo.SelectValue(Items.Nums).From(Items)
		_, err = lists.OrderBy(Items.Nums.Asc()).Page(ctx, db, 2, "")
		refused("a page of a selection", err)

		same(t, "equal", ids(t, db, Items.Nums.Eq([]int64{2, 0})), []int64{4})
		same(t, "different", ids(t, db, Items.Nums.Ne([]int64{2, 0})), []int64{1, 2, 3})
		same(t, "in", ids(t, db, Items.Nums.In([]int64{2}, []int64{})), []int64{1, 3})
		same(t, "a row that is equal", ids(t, db, expr.Tuple2(Items.Nums, Items.ID).Eq([]int64{2}, 1)), []int64{1})
		if n, err := lists.Distinct().All(ctx, db); err != nil || len(n) != 4 {
			t.Errorf("distinct: %v, %v", n, err)
		}
		if n, err := lists.GroupBy(Items.Nums).All(ctx, db); err != nil || len(n) != 4 {
			t.Errorf("groups: %v, %v", n, err)
		}
		for what, q := range map[string]repo.Selection[[]int64]{"distinct": lists.Distinct(), "groups": lists.GroupBy(Items.Nums), "a union": lists.Union(lists)} {
			n, after := 0, repo.Cursor("")
			for {
				p, err := q.Page(ctx, db, 3, after)
				if err != nil {
					t.Errorf("pages of %s: %v", what, err)
					break
				}
				if n, after = n+len(p.Items), p.Next; !p.More {
					break
				}
			}
			same(t, "pages of "+what, n, 4)
		}
	}, Items)
}

func deref(ps []*Item) (out []Item) {
	for _, p := range ps {
		out = append(out, *p)
	}
	return out
}
