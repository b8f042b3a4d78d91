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
	"github.com/dormer-orm/dormer/schema"
)

type (
	Mark struct {
		ID   int64
		On   bool
		Off  *bool
		Key  [16]byte
		Data []byte
		Doc  json.RawMessage
	}
	marks struct {
		schema.Table[Mark]
		ID   expr.Column[Mark, int64]
		On   expr.Column[Mark, bool]
		Off  expr.Nullable[Mark, bool]
		Key  expr.Column[Mark, [16]byte]
		Data expr.Column[Mark, []byte]
		Doc  expr.Column[Mark, json.RawMessage]
	}
)

var Marks = schema.Define("marks", func(t *marks) { schema.Column(t.ID).PrimaryKey() }, schema.In(meta))

func onlyMark[R any](db *engine.Engine, x expr.Yields[R]) (R, error) {
	return repo.SelectValue(x).From(Marks).One(context.Background(), db)
}

// Max and Min of what PostgreSQL has none of are found another way, or refused.
func TestExtremesOfAllKinds(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		few := db.Dialect().Capabilities().FewExtremes
		bools := func(what string, x expr.Agg[bool, *bool], want *bool) {
			t.Helper()
			got, err := onlyMark(db, x)
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			same(t, what, got, want)
		}
		bools("of no rows", expr.Max(Marks.On), nil)
		doc := json.RawMessage(`{}`)
		if err := repo.New[Mark](db, repo.OwnUnit()).Add(context.Background(), &Mark{ID: 1, On: true, Key: [16]byte{1}, Data: []byte{1}, Doc: doc},
			&Mark{ID: 2, Off: ptr(false), Key: [16]byte{2}, Data: []byte{2}, Doc: doc}); err != nil {
			t.Fatal(err)
		}
		bools("max", expr.Max(Marks.On), ptr(true))
		bools("min", expr.Min(Marks.On), ptr(false))
		bools("max with NULL", expr.Max(Marks.Off), ptr(false))
		bools("max of a case", expr.Max(expr.Case(Marks.ID.Gt(1), true).Else(false)), ptr(true))
		bools("filtered", expr.Max(Marks.On).Filter(Marks.ID.Gt(1)), ptr(false))
		over, err := repo.SelectValue(expr.Min(Marks.On).Over(expr.Window().OrderBy(Marks.ID.Asc()))).From(Marks).OrderBy(Marks.ID.Asc()).All(context.Background(), db)
		if err != nil {
			t.Error(err)
		}
		same(t, "of a window", over, []*bool{ptr(true), ptr(false)})

		refused := func(what string, got any, err error, want any, unsupported bool) {
			t.Helper()
			if unsupported != errors.Is(err, dialect.ErrUnsupported) || !unsupported && err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if err == nil {
				same(t, what, got, want)
			}
		}
		key, err := onlyMark(db, expr.Max(Marks.Key))
		refused("UUIDs", key, err, any(&[16]byte{2}), few)
		data, err := onlyMark(db, expr.Min(Marks.Data))
		refused("bytes", data, err, any([]byte{1}), few)
		_, err = onlyMark(db, expr.Max(Marks.Doc))
		refused("documents", nil, err, nil, true)
	}, Marks)
}

func TestLengthsAndDistinctTexts(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, Item{S: "a", Price: "10.50", Grade: "bad"}, Item{S: "b", Price: "-1.25"}, Item{S: "a"})
		same(t, "of decimals", read(t, db, expr.Length(Items.Price)), []int64{5, 5, 4})
		same(t, "of enums", read(t, db, expr.Length(Items.Grade)), []int64{3, 4, 4})
		caps := db.Dialect().Capabilities()
		if err := failure(db, expr.Length(Items.Doc)); caps.DocumentsAreText != (err == nil) || err != nil && !errors.Is(err, dialect.ErrUnsupported) {
			t.Errorf("of documents: %v", err)
		}
		texts := expr.StringAgg(Items.S, ",").Distinct()
		for what, x := range map[string]expr.Agg[string, *string]{"by others": texts.OrderBy(Items.ID.Desc()), "by more": texts.OrderBy(Items.S.Asc(), Items.ID.Asc()), "by parts": texts.OrderBy(expr.Lower(Items.S).Asc())} {
			if err := failure(db, x); !errors.Is(err, dialect.ErrUnsupported) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if caps.DistinctAggregateArgs {
			same(t, "by themselves", total(t, db, texts.OrderBy(Items.S.Desc())), ptr("b,a"))
		}
	}, Items)
}

// All rows make one where there is an aggregate anywhere, or a HAVING.
func TestOneRowOfAll(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		one := repo.SelectValue(expr.Val(7)).From(Items)
		rows := func(what string, q repo.Selection[int], want ...int) {
			t.Helper()
			got, err := q.All(ctx, db)
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			same(t, what, got, append([]int{}, want...))
		}
		for _, n := range []int{0, 3} {
			put(t, db, make([]Item, n)...)
			rows("an order", one.OrderBy(expr.CountAll().Desc()), 7)
			rows("a condition that holds", one.Having(expr.CountAll().Eq(int64(n))), 7)
			rows("one that does not", one.Having(expr.CountAll().Gt(int64(n))))
			rows("both", one.Having(expr.CountAll().Le(int64(n))).OrderBy(expr.Max(Items.N).Asc()), 7)
			rows("of nothing", one.Having(expr.AllOf()), 7)
			rows("of some", one.Where(Items.ID.Gt(1)).Having(expr.CountAll().Lt(int64(max(n, 1)))), 7)
			rows("over a window", repo.SelectValue(expr.Cast[int](expr.RowNumber().Over(expr.Window()).Value())).From(Items).Having(expr.CountAll().Ge(0)), 1)
			got, err := repo.SelectValue(expr.Val("x")).From(Items).Where(repo.Exists[Item](one.Having(expr.CountAll().Eq(int64(n))))).Having(expr.CountAll().Ge(0)).All(ctx, db)
			if err != nil {
				t.Error(err)
			}
			same(t, "within", got, []string{"x"})
		}
		_, err := repo.SelectValue(repo.Sub(one.Limit(1))).From(Items).Having(expr.CountAll().Gt(1)).All(ctx, db)
		if db.Dialect().Capabilities().OneRowByResults != errors.Is(err, dialect.ErrUnsupported) {
			t.Errorf("a query of one row of all: %v", err)
		}
	}, Items)
}
