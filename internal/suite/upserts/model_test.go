// Package upserts_test runs upserts, INSERT FROM SELECT, and UPDATE and DELETE that
// join other tables or return rows.
package upserts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var meta = schema.NewMetadata()

// Person has a key that the database makes, and an address that is one of a kind.
type Person struct {
	ID      int64
	Email   string
	Name    string
	City    *string
	Hits    int
	Status  string
	Made    time.Time
	Changed int64
	Version int
}

type persons struct {
	schema.Table[Person]
	ID      expr.Column[Person, int64]
	Email   expr.Column[Person, string]
	Name    expr.Column[Person, string]
	City    expr.Nullable[Person, string]
	Hits    expr.Column[Person, int]
	Status  expr.Column[Person, string]
	Made    expr.Column[Person, time.Time]
	Changed expr.Column[Person, int64]
	Version expr.Column[Person, int]
}

var Persons = schema.Define("persons", func(t *persons) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Email).Unique().Size(100)
	schema.Text(t.Name).Size(40)
	schema.Text(t.Status).Default("new").ZeroIsDefault()
	schema.Column(t.Made).ServerDefault(expr.Now())
	schema.Column(t.Changed).OnUpdate(expr.Add(t.Changed, 1))
	schema.Column(t.Version).Version()
}, schema.In(meta))

// Price has a key of two parts and a version that is a time.
type Price struct {
	Shop, Item string
	Amount     int64
	At         time.Time
}

type prices struct {
	schema.Table[Price]
	Shop   expr.Column[Price, string]
	Item   expr.Column[Price, string]
	Amount expr.Column[Price, int64]
	At     expr.Column[Price, time.Time]
}

var Prices = schema.Define("prices", func(t *prices) {
	schema.PrimaryKey[Price](t.Shop, t.Item)
	schema.Column(t.At).Version()
	schema.Check("not_negative", t.Amount.Ge(0))
}, schema.In(meta))

// Page has a slug that is one of a kind on its site while the page is live.
type Page struct {
	ID   int64
	Site int64
	Slug *string
	Live bool
	Body string
}

type pages struct {
	schema.Table[Page]
	ID   expr.Column[Page, int64]
	Site expr.Column[Page, int64]
	Slug expr.Nullable[Page, string]
	Live expr.Column[Page, bool]
	Body expr.Column[Page, string]
}

var Pages = schema.Define("pages", func(t *pages) {
	schema.Column(t.ID).PrimaryKey()
	schema.Index[Page](t.Site, t.Slug).Unique().Where(t.Live.Eq(true)).Name("live_slug")
	schema.Index[Page](expr.Lower(t.Body)).Name("by_body")
}, schema.In(meta))

// Tag is a key and nothing else.
type Tag struct{ Name string }

type tags struct {
	schema.Table[Tag]
	Name expr.Column[Tag, string]
}

var Tags = schema.Define("tags", func(t *tags) { schema.Column(t.Name).PrimaryKey() }, schema.In(meta))

var all = []schema.Handle{Persons, Prices, Pages, Tags}

type fixture struct {
	*testing.T
	ctx     context.Context
	db      *engine.Engine
	persons repo.Repository[Person]
	prices  repo.Repository[Price]
	pages   repo.Repository[Page]
	tags    repo.Repository[Tag]
}

func begin(t *testing.T, db *engine.Engine) *fixture {
	return &fixture{t, t.Context(), db, repo.New[Person](db), repo.New[Price](db), repo.New[Page](db), repo.New[Tag](db)}
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) run(block func(ctx context.Context, tx *uow.UnitOfWork) error) {
	f.Helper()
	f.must(uow.Run(f.ctx, f.db, block))
}

var errUndo = errors.New("undo")

// undone runs a block that is rolled back.
func (f *fixture) undone(block func(ctx context.Context, tx *uow.UnitOfWork) error) {
	f.Helper()
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if err := block(ctx, tx); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		f.Fatal(err)
	}
}

func eq[V comparable](t testing.TB, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func each[T any](es ...*T) func(func(*T) bool) { return slices.Values(es) }

// text shows the persons by address.
func (f *fixture) text() string {
	f.Helper()
	es, err := f.persons.Untracked().Query().OrderBy(Persons.Email.Asc()).All(f.ctx)
	f.must(err)
	return show(es)
}

func show(es []*Person) string {
	out := ""
	for _, e := range es {
		city := "-"
		if e.City != nil {
			city = *e.City
		}
		out += fmt.Sprintf("%s:%s,%s,%d,%s,%d,v%d ", e.Email, e.Name, city, e.Hits, e.Status, e.Changed, e.Version)
	}
	return out
}

func ptr[V any](v V) *V { return &v }
