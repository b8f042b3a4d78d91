package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/suite/watch"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Open opens a database of the test's own that has the tables, as package
// dormertest does.
type Open func(t testing.TB, tables ...schema.Handle) *engine.Engine

// Run runs all tests, each on databases that open gives it. Each fails that leaves
// a connection in use or a goroutine behind.
func Run(t *testing.T, open Open) {
	t.Run("Open", func(t *testing.T) { open(t, everyTable...) }) // makes what lives as long as the process
	s := &suite{open: open}
	v := reflect.ValueOf(s)
	ran := 0
	for i := range v.NumMethod() {
		name := v.Type().Method(i).Name
		if f, ok := v.Method(i).Interface().(func(*testing.T)); ok && strings.HasPrefix(name, "Test") {
			ran++
			t.Run(strings.TrimPrefix(name, "Test"), func(t *testing.T) {
				before := goleak.IgnoreCurrent()
				t.Cleanup(func() { // after all that the test itself cleans up
					if err := goleak.Find(before); err != nil {
						t.Error(err)
					}
				})
				f(t)
			})
		}
	}
	if ran < 100 {
		t.Errorf("only %d tests were found", ran)
	}
}

// suite has the tests as methods.
type suite struct{ open Open }

// fix is what a test works with: a database with every table, and repositories.
type fix struct {
	*testing.T
	db  *engine.Engine
	log *watch.Log
	ctx context.Context

	items     repo.Keyed[Item, int64]
	docs      repo.Keyed[Doc, int64]
	dateds    repo.Keyed[Dated, int64]
	words     repo.Keyed[Word, string]
	tokens    repo.Keyed[Token, [16]byte]
	smalls    repo.Keyed[Small, int32]
	pairs     repo.Keyed2[Pair, int64, string]
	authors   repo.Keyed[Author, int64]
	books     repo.Keyed[Book, int64]
	chapters  repo.Keyed[Chapter, int64]
	nodes     repo.Keyed[Node, int64]
	hens      repo.Keyed[Hen, int64]
	eggs      repo.Keyed[Egg, int64]
	defaulted repo.Keyed[Defaulted, int64]
	stamped   repo.Keyed[Stamped, int64]
	hooked    repo.Keyed[Hooked, int64]
	softly    repo.Keyed[Softly, int64]
	alls      repo.Keyed[All, int64]
}

func (s *suite) start(t *testing.T) *fix {
	t.Helper()
	f := on(t, s.open(t, everyTable...))
	t.Cleanup(func() { f.idle() })
	return f
}

// on makes the fixture for a database.
func on(t *testing.T, db *engine.Engine) *fix {
	f := &fix{T: t, db: db, log: watch.Of(db), ctx: t.Context()}
	f.log.Take()
	f.items = repo.NewKeyed(db, Items.ID)
	f.docs = repo.NewKeyed(db, Docs.ID)
	f.dateds = repo.NewKeyed(db, Dateds.ID)
	f.words = repo.NewKeyed(db, Words.Text)
	f.tokens = repo.NewKeyed(db, Tokens.ID)
	f.smalls = repo.NewKeyed(db, Smalls.ID)
	f.pairs = repo.NewKeyed2(db, Pairs.A, Pairs.B)
	f.authors = repo.NewKeyed(db, Authors.ID)
	f.books = repo.NewKeyed(db, Books.ID)
	f.chapters = repo.NewKeyed(db, Chapters.ID)
	f.nodes = repo.NewKeyed(db, Nodes.ID)
	f.hens = repo.NewKeyed(db, Hens.ID)
	f.eggs = repo.NewKeyed(db, Eggs.ID)
	f.defaulted = repo.NewKeyed(db, Defaulteds.ID)
	f.stamped = repo.NewKeyed(db, Stampeds.ID)
	f.hooked = repo.NewKeyed(db, Hookeds.ID)
	f.softly = repo.NewKeyed(db, Softlies.ID)
	f.alls = repo.NewKeyed(db, Alls.ID)
	return f
}

// idle fails the test if a connection is still in use.
func (f *fix) idle() {
	f.Helper()
	if n := f.db.DB().Stats().InUse; n != 0 {
		f.Errorf("%d connections are still in use", n)
	}
}

type block = func(ctx context.Context, tx *uow.UnitOfWork) error

// run runs fn in a unit of work, which must succeed.
func (f *fix) run(fn block, opts ...uow.Option) {
	f.Helper()
	if err := uow.Run(f.ctx, f.db, fn, opts...); err != nil {
		f.Fatal(err)
	}
}

// fails runs fn in a unit of work, which must fail, and returns the error.
func (f *fix) fails(fn block, opts ...uow.Option) error {
	f.Helper()
	err := uow.Run(f.ctx, f.db, fn, opts...)
	if err == nil {
		f.Fatal("no error")
	}
	return err
}

// unit returns a unit of work and a context that carries it; both are closed
// when the test ends.
func (f *fix) unit(opts ...uow.Option) (context.Context, *uow.UnitOfWork) {
	tx := uow.New(f.db, opts...)
	f.Cleanup(func() {
		if err := tx.Close(); err != nil {
			f.Error(err)
		}
	})
	return uow.With(f.ctx, tx), tx
}

func (f *fix) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// is fails the test unless err is of the kind.
func (f *fix) is(err, kind error) {
	f.Helper()
	if !errors.Is(err, kind) {
		f.Fatalf("error %v, want %v", err, kind)
	}
}

// says fails the test unless the message has all parts.
func (f *fix) says(err error, parts ...string) {
	f.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			f.Errorf("error %v does not say %q", err, p)
		}
	}
}

// as fails the test unless err wraps an E, which it returns.
func as[E error](f *fix, err error) (e E) {
	f.Helper()
	if !errors.As(err, &e) {
		f.Fatalf("error %v, want a %T", err, e)
	}
	return e
}

func eq[V any](f *fix, got, want V) {
	f.Helper()
	if !reflect.DeepEqual(got, want) {
		f.Fatalf("got %v, want %v", show(got), show(want))
	}
}

func show(v any) string {
	s := fmt.Sprintf("%+v", v)
	if len(s) > 2000 {
		s = s[:2000] + "…"
	}
	return s
}

// sent returns the statements since the last call, transaction control aside.
func (f *fix) sent() []string {
	var out []string
	for _, s := range f.log.Take() {
		verb, _, _ := strings.Cut(s.SQL, " ")
		switch verb {
		case "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA":
			continue
		}
		out = append(out, s.SQL)
	}
	return out
}

// writes returns the INSERTs, UPDATEs and DELETEs since the last call.
func (f *fix) writes() []string {
	var out []string
	for _, s := range f.sent() {
		for _, verb := range []string{"INSERT", "UPDATE", "DELETE", "WITH"} {
			if strings.HasPrefix(s, verb) {
				out = append(out, s)
			}
		}
	}
	return out
}

// quiet fails the test if any statement was sent since the last look.
func (f *fix) quiet(what string) {
	f.Helper()
	if s := f.sent(); len(s) != 0 {
		f.Fatalf("%s sent %d statements: %s", what, len(s), s)
	}
}

// sql runs a statement outside every unit of work.
func (f *fix) sql(query string, args ...any) {
	f.Helper()
	if _, err := f.db.Exec(f.ctx, f.db.Rebind(query), args...); err != nil {
		f.Fatal(err)
	}
}

// q gives a query the database's placeholders in place of ?.
func (f *fix) q(query string) string { return f.db.Rebind(query) }

// number asks the database for a number, outside every unit of work.
func (f *fix) number(query string, args ...any) (n int64) {
	f.Helper()
	if err := f.db.Get(f.ctx, &n, f.db.Rebind(query), args...); err != nil {
		f.Fatal(err)
	}
	return n
}

// text asks the database for a text, "NULL" for NULL.
func (f *fix) text(query string, args ...any) string {
	f.Helper()
	var s sql.NullString
	if err := f.db.Get(f.ctx, &s, f.db.Rebind(query), args...); err != nil {
		f.Fatal(err)
	}
	if !s.Valid {
		return "NULL"
	}
	return s.String
}

// seed stores items with these names and returns their keys.
func (f *fix) seed(names ...string) []int64 {
	f.Helper()
	var es []*Item
	for i, n := range names {
		es = append(es, &Item{Name: n, Count: i})
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, es...) })
	var ids []int64
	for _, e := range es {
		ids = append(ids, e.ID)
	}
	f.log.Take()
	return ids
}

// many are n different names.
func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("item ", i)
	}
	return out
}
