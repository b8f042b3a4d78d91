package values_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type (
	Grade string
	Price string

	// Item has a column of each kind that the functions take.
	Item struct {
		ID    int64
		N     int64
		Small int32
		M     *int64
		F     float64
		G     *float64
		S     string
		O     *string
		Grade Grade
		At    time.Time
		Seen  *time.Time
		Doc   json.RawMessage
		Data  schema.JSON[map[string]any]
		Tags  []string
		Nums  []int64
		Marks []float64
		Price Price
		Rate  float64
	}
	items struct {
		schema.Table[Item]
		ID    expr.Column[Item, int64]
		N     expr.Column[Item, int64]
		Small expr.Column[Item, int32]
		M     expr.Nullable[Item, int64]
		F     expr.Column[Item, float64]
		G     expr.Nullable[Item, float64]
		S     expr.Column[Item, string]
		O     expr.Nullable[Item, string]
		Grade expr.Column[Item, Grade]
		At    expr.Column[Item, time.Time]
		Seen  expr.Nullable[Item, time.Time]
		Doc   expr.Column[Item, json.RawMessage]
		Data  expr.Column[Item, schema.JSON[map[string]any]]
		Tags  expr.Column[Item, []string]
		Nums  expr.Column[Item, []int64]
		Marks expr.Column[Item, []float64]
		Price expr.Column[Item, Price]
		Rate  expr.Column[Item, float64]
	}
)

var meta = schema.NewMetadata()

var Items = schema.Define("items", func(t *items) {
	schema.Column(t.ID).PrimaryKey()
	schema.Enum(t.Grade, "good", "bad").ServerDefault(expr.Val(Grade("good"))).ZeroIsDefault()
	schema.Decimal(t.Price, 12, 2)
}, schema.In(meta))

func ptr[V any](v V) *V { return &v }

// fill gives an item what its columns must have.
func fill(it Item) *Item {
	if it.Grade == "" {
		it.Grade = "good"
	}
	if it.Price == "" {
		it.Price = "0.00"
	}
	if it.Doc == nil {
		it.Doc = json.RawMessage(`{}`)
	}
	if it.At.IsZero() {
		it.At = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return &it
}

// put stores items under the keys 1, 2 and so on.
func put(t *testing.T, db *engine.Engine, list ...Item) {
	t.Helper()
	own := repo.New[Item](db, repo.OwnUnit())
	if _, err := repo.New[Item](db, repo.OwnUnit()).DeleteWhere(context.Background(), expr.Every[Item]()); err != nil {
		t.Fatal(err)
	}
	var es []*Item
	for i, it := range list {
		it.ID = int64(i + 1)
		es = append(es, fill(it))
	}
	if err := own.Add(context.Background(), es...); err != nil {
		t.Fatal(err)
	}
}

type cell[R any] struct{ V R }

// read gives the values of an expression over the items in the order of their keys.
func read[R any](t *testing.T, db *engine.Engine, x expr.Yields[R]) []R {
	t.Helper()
	rows, err := repo.Select(func(c *cell[R]) repo.Columns { return repo.Into(repo.To(&c.V, x)) }).
		From(Items).OrderBy(Items.ID.Asc()).All(context.Background(), db)
	return cells(t, rows, err)
}

// total gives the one value of an aggregate over the items.
func total[R any](t *testing.T, db *engine.Engine, x expr.Yields[R]) R {
	t.Helper()
	rows, err := repo.Select(func(c *cell[R]) repo.Columns { return repo.Into(repo.To(&c.V, x)) }).
		From(Items).All(context.Background(), db)
	got := cells(t, rows, err)
	if len(got) != 1 {
		t.Fatalf("%d rows", len(got))
	}
	return got[0]
}

func cells[R any](t *testing.T, rows []cell[R], err error) []R {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]R, len(rows))
	for i, r := range rows {
		out[i] = r.V
	}
	return out
}

// ids are the keys of the items that meet a condition.
func ids(t *testing.T, db *engine.Engine, cond expr.Expr[Item]) []int64 {
	t.Helper()
	rows, err := repo.New[Item](db).Untracked().Where(cond).OrderBy(Items.ID.Asc()).All(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out := []int64{}
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

// failure is the error of an expression among the results.
func failure[R any](db *engine.Engine, x expr.Yields[R]) error {
	_, err := repo.Select(func(c *cell[R]) repo.Columns { return repo.Into(repo.To(&c.V, x)) }).From(Items).All(context.Background(), db)
	return err
}

// each computes a value in Go of each item.
func each[R any](list []Item, f func(Item) R) []R {
	out := make([]R, len(list))
	for i, it := range list {
		out[i] = f(it)
	}
	return out
}

func same[R any](t *testing.T, what string, got, want R) {
	t.Helper()
	g, w := show(got), show(want)
	if g == w {
		return
	}
	at := 0
	for at < len(g) && at < len(w) && g[at] == w[at] {
		at++
	}
	near := func(s string) string { return s[max(0, min(at-30, len(s))):min(at+60, len(s))] }
	t.Errorf("%s: got …%s…, want …%s…", what, near(g), near(w))
}

// show writes pointers as what they point to.
func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
