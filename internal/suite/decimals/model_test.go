package decimals_test

import (
	"context"
	"testing"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"
	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type (
	Money string

	// Line has decimals of several scales, and of both kinds of Go types.
	Line struct {
		ID    int64
		Shop  string
		Price Money
		Rate  Money
		Rest  *Money
		Small Money
		Big   Money
		Whole Money
		Size  decimal.Decimal
		Many  int64
	}
	lines struct {
		schema.Table[Line]
		ID    expr.Column[Line, int64]
		Shop  expr.Column[Line, string]
		Price expr.Column[Line, Money]
		Rate  expr.Column[Line, Money]
		Rest  expr.Nullable[Line, Money]
		Small expr.Column[Line, Money]
		Big   expr.Column[Line, Money]
		Whole expr.Column[Line, Money]
		Size  expr.Column[Line, decimal.Decimal]
		Many  expr.Column[Line, int64]
	}
)

var meta = schema.NewMetadata()

var Lines = schema.Define("lines", func(t *lines) {
	schema.Column(t.ID).PrimaryKey()
	schema.Decimal(t.Price, 12, 2)
	schema.Decimal(t.Rate, 10, 4)
	schema.Decimal(t.Rest, 12, 2)
	schema.Decimal(t.Small, 4, 2)
	schema.Decimal(t.Big, 18, 6)
	schema.Decimal(t.Whole, 9, 0)
	schema.Decimal(t.Size, 9, 3)
}, schema.In(meta))

// Vault has decimals of more digits than SQLite computes with.
type (
	Vault struct {
		ID   int64
		Gold Money
	}
	vaults struct {
		schema.Table[Vault]
		ID   expr.Column[Vault, int64]
		Gold expr.Column[Vault, Money]
	}
)

var Vaults = schema.Define("vaults", func(t *vaults) {
	schema.Column(t.ID).PrimaryKey()
	schema.Decimal(t.Gold, 30, 2)
}, schema.In(meta))

func ptr[V any](v V) *V { return &v }

// put stores lines under the keys 1, 2 and so on.
func put(t *testing.T, db *engine.Engine, list ...Line) {
	t.Helper()
	own := repo.New[Line](db, repo.OwnUnit())
	if _, err := own.DeleteWhere(context.Background(), expr.Every[Line]()); err != nil {
		t.Fatal(err)
	}
	var es []*Line
	for i, l := range list {
		l.ID = int64(i + 1)
		es = append(es, &l)
	}
	if err := own.Add(context.Background(), es...); err != nil {
		t.Fatal(err)
	}
}

type cell[R any] struct{ V R }

func cells[R any](rows []cell[R]) []R {
	out := make([]R, len(rows))
	for i, r := range rows {
		out[i] = r.V
	}
	return out
}

// tryRead gives the values of an expression over the lines in the order of their keys.
func tryRead[R any](db *engine.Engine, x expr.Yields[R]) ([]R, error) {
	rows, err := repo.Select(func(c *cell[R]) repo.Columns { return repo.Into(repo.To(&c.V, x)) }).
		From(Lines).OrderBy(Lines.ID.Asc()).All(context.Background(), db)
	return cells(rows), err
}

func read[R any](t *testing.T, db *engine.Engine, x expr.Yields[R]) []R {
	t.Helper()
	out, err := tryRead(db, x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// total gives the one value of an aggregate over the lines that fulfil conditions.
func total[R any](t *testing.T, db *engine.Engine, x expr.Yields[R], where ...expr.Cond) R {
	t.Helper()
	q := repo.Select(func(c *cell[R]) repo.Columns { return repo.Into(repo.To(&c.V, x)) }).From(Lines)
	if len(where) > 0 {
		q = q.Where(where...)
	}
	rows, err := q.All(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	return rows[0].V
}

// found are the keys of the lines that fulfil a condition.
func found(t *testing.T, db *engine.Engine, where expr.Expr[Line]) []int64 {
	t.Helper()
	ls, err := repo.New[Line](db).Where(where).OrderBy(Lines.ID.Asc()).Untracked().All(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out := []int64{}
	for _, l := range ls {
		out = append(out, l.ID)
	}
	return out
}
