package suite

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// docsNamed are new docs with these titles.
func docsNamed(titles ...string) []*Doc {
	var es []*Doc
	for _, title := range titles {
		es = append(es, &Doc{Title: title})
	}
	return es
}

// asBuilt fails the test unless the docs are as docsNamed made them.
func (f *fix) asBuilt(what string, es []*Doc) {
	f.Helper()
	for _, e := range es {
		if e.ID != 0 || e.Version != 0 {
			f.Errorf("%s: %+v", what, *e)
		}
	}
}

func (s *suite) TestInsertAllThatFailsLeavesNothingInTheEntities(t *testing.T) {
	f := s.start(t)
	many := make([]string, 2500)
	for i := range many {
		many[i] = fmt.Sprint("title ", i)
	}
	for what, opts := range map[string][]repo.InsertOption{"without keys": nil, "with keys": {repo.Keys()}} {
		for name, es := range map[string][]*Doc{
			"a value":          docsNamed("a", "b\x00"),
			"a constraint":     docsNamed("a", "b", "a"),
			"in a later batch": docsNamed(append(many, "title 0")...),
			"nil":              append(docsNamed(many...), nil),
		} {
			what := what + ", " + name
			_ = f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
				_, err := f.docs.InsertAll(ctx, each(es...), opts...)
				if err == nil {
					t.Errorf("%s: no error", what)
				}
				if es[len(es)-1] == nil {
					es = es[:len(es)-1]
				}
				f.asBuilt(what+", at once", es)
				return err
			})
			f.asBuilt(what, es)
		}
	}
	eq(f, f.number("SELECT count(*) FROM docs"), 0)
}

func (s *suite) TestInsertAllThatIsRolledBackLeavesNothingInTheEntities(t *testing.T) {
	f := s.start(t)
	for what, opts := range map[string][]repo.InsertOption{"without keys": nil, "with keys": {repo.Keys()}} {
		es := docsNamed("a", "b", "c")
		f.is(f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.must(second(f.docs.InsertAll(ctx, each(es...), opts...)))
			eq(f, es[0].ID != 0, opts != nil)
			return errUndo
		}), errUndo)
		f.asBuilt(what+", rollback", es)

		before, in := docsNamed(what+" before"), docsNamed(what+" d", what+" e")
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.must(second(f.docs.InsertAll(ctx, each(before...), opts...)))
			f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
				f.must(tx.Savepoint(ctx, func(ctx context.Context) error {
					return second(f.docs.InsertAll(ctx, each(in...), opts...))
				}))
				return errUndo
			}), errUndo)
			f.asBuilt(what+", savepoint", in)
			eq(f, before[0].ID != 0, opts != nil)
			return nil
		})
		eq(f, before[0].ID != 0, opts != nil) // what is committed stays
		eq(f, before[0].Version, 1)
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { return f.docs.Add(ctx, in...) })

		// Each attempt of a Retry finds them as the first one did.
		again, n := docsNamed(what+" f", what+" g"), 0
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.asBuilt(what+", retry", again)
			f.must(f.docs.Add(ctx, &Doc{Title: fmt.Sprint(what, n)}))
			f.must(second(f.docs.InsertAll(ctx, each(again...), opts...)))
			if n++; n < 3 {
				return &dialect.SerializationFailure{}
			}
			return nil
		}, uow.Retry(3))
		eq(f, n, 3)
	}
	d := &Defaulted{}
	f.is(f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(second(f.defaulted.InsertAll(ctx, each(d), repo.Keys())))
		eq(f, d.Level, 3)
		return errUndo
	}), errUndo)
	eq(f, *d, Defaulted{}) // defaults, Dormer's and the database's, are taken out, too
}

func (s *suite) TestAnEntityOfInsertAllThatIsManagedAfterwardsIsUnmanagedByARollback(t *testing.T) {
	f := s.start(t)
	ctx, tx := f.unit()
	e := &Doc{Title: "a"}
	f.must(second(f.docs.InsertAll(ctx, each(e), repo.Keys())))
	f.must(f.docs.Attach(ctx, e))
	e.Title = "b"
	f.must(tx.Flush(ctx))
	eq(f, e.Version, 2)
	f.must(tx.Rollback(ctx))
	f.asBuilt("rollback", []*Doc{e})
	eq(f, e.Title, "a") // what the program set while it was managed is taken back, as ever
	f.must(f.docs.Add(ctx, e))
	f.must(tx.Commit(ctx))
	eq(f, f.number("SELECT count(*) FROM docs WHERE title = 'a'"), 1)
}

func (s *suite) TestInsertAllHoldsNoEntities(t *testing.T) {
	f := s.start(t)
	const n = 20_000
	var gone atomic.Int64
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(second(f.docs.InsertAll(ctx, func(yield func(*Doc) bool) {
			for i := range n {
				e := &Doc{Title: fmt.Sprint("title ", i)}
				runtime.AddCleanup(e, func(*atomic.Int64) { gone.Add(1) }, nil)
				if !yield(e) {
					return
				}
			}
		}, repo.Keys())))
		for end := time.Now().Add(10 * time.Second); gone.Load() < n*9/10 && time.Now().Before(end); {
			runtime.GC()
		}
		if left := n - gone.Load(); left > n/10 {
			t.Errorf("%d of %d entities are held", left, n)
		}
		return nil
	})
}

func (s *suite) TestInsertAllRefusesOneEntityForTwoRows(t *testing.T) {
	f := s.start(t)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		var e Doc
		return second(f.docs.InsertAll(ctx, func(yield func(*Doc) bool) {
			for i := range 3 {
				e.Title = fmt.Sprint("title ", i)
				if !yield(&e) {
					return
				}
			}
		}))
	})
	f.is(err, uow.ErrRepeated)
	f.says(err, "suite.Doc", "row 2", "a new one for each row")
	eq(f, f.number("SELECT count(*) FROM docs"), 0)
	same := &Doc{Title: "same"}
	f.is(f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		return second(f.docs.InsertAll(ctx, each(same, &Doc{Title: "other"}, same)))
	}), uow.ErrRepeated)
	f.asBuilt("refused", []*Doc{same})
}
