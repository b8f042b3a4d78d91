package suite

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestStreamInAUnit(t *testing.T) {
	f := s.start(t)
	f.seed(many(1000)...)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		n := 0
		for e, err := range f.items.Query().Stream(ctx) {
			f.must(err)
			n++
			e.Score = 1
			switch {
			case n == 100:
				f.must(tx.Flush(ctx))
			case n == 200:
				c, err := f.items.Count(ctx, Items.Score.Eq(1)) // autoflush
				f.must(err)
				eq(f, c, 200)
			case n == 300:
				f.must(f.items.Delete(ctx, e))
			case n == 400:
				f.must(tx.Savepoint(ctx, func(ctx context.Context) error { e.Name = "saved"; return nil }))
			case n == 401:
				f.is(tx.Savepoint(ctx, func(ctx context.Context) error { e.Name = "undone"; f.must(tx.Flush(ctx)); return errUndo }), errUndo)
			case n%300 == 50:
				f.must(f.items.Add(ctx, &Item{Name: "added in the loop"}))
				f.must(tx.Flush(ctx))
			}
			if n > 1100 {
				t.Fatal("rows added in the loop prolong it")
			}
		}
		eq(f, n, 1000)
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE score = 1"), 999)
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'saved'"), 1)
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'undone'"), 0)
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'added in the loop'"), 4)
}

func (s *suite) TestStreamOrders(t *testing.T) {
	f := s.start(t)
	f.seed(many(600)...)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		var ps []*Pair
		for i := range 700 {
			ps = append(ps, &Pair{A: int64(i % 7), B: fmt.Sprintf("%03d", i), N: i})
		}
		return f.pairs.Add(ctx, ps...)
	})
	check := func(ctx context.Context, where string) {
		last := int64(1 << 62)
		n := 0
		q := f.items.Where(Items.Count.Ge(10)).OrderBy(Items.Count.Desc()).Limit(500).Offset(20)
		p := f.pairs.Query()
		if where != "in a unit" {
			q, p = q.Untracked(), p.Untracked()
		}
		for e, err := range q.Stream(ctx) {
			f.must(err)
			if int64(e.Count) >= last {
				t.Fatalf("%s: out of order", where)
			}
			last = int64(e.Count)
			n++
		}
		eq(f, n, 500)
		eq(f, last, 80)
		seen := map[int]bool{}
		for e, err := range p.Stream(ctx) {
			f.must(err)
			seen[e.N] = true
		}
		eq(f, len(seen), 700)
	}
	check(f.ctx, "without a unit")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		check(ctx, "in a unit")
		check(ctx, "untracked in a unit")
		return nil
	})
}

func (s *suite) TestStreamEndsEarly(t *testing.T) {
	f := s.start(t)
	f.seed(many(600)...)
	for range f.items.Untracked().Query().Stream(f.ctx) {
		break
	}
	f.idle()
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		for e, err := range f.items.Query().Stream(ctx) {
			f.must(err)
			e.Name = "first"
			break
		}
		n, err := f.items.Count(ctx, Items.Name.Eq("first"))
		f.must(err)
		eq(f, n, 1)
		for range f.items.Query().Stream(ctx) { // two at once
			for range f.items.Query().OrderBy(Items.Name.Asc()).Stream(ctx) {
				break
			}
			break
		}
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'first'"), 1)
	func() {
		defer func() { _ = recover() }()
		_ = uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			for range f.items.Query().Stream(ctx) {
				panic("in the loop")
			}
			return nil
		})
	}()
	f.idle()

	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error { // an error inside
		n := 0
		for e, err := range f.items.Query().Stream(ctx) {
			if err != nil {
				return err
			}
			if n++; n == 10 {
				e.Count = -2000 // the check
				if err := tx.Flush(ctx); err == nil {
					t.Error("no error")
				}
			}
		}
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)

	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	n := 0
	var last error
	for _, err := range f.items.Untracked().Query().Stream(ctx) {
		if n++; n == 10 {
			cancel()
		}
		last = err
	}
	f.is(last, context.Canceled)
	f.idle()
	for _, err := range f.items.Untracked().Where(expr.Expr[Item]{}).Stream(f.ctx) {
		if err == nil {
			t.Error("a zero condition streams")
		}
	}
	f.idle()
}

func (s *suite) TestAStreamOutlivesItsTransaction(t *testing.T) {
	f := s.start(t)
	f.seed(many(600)...)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		n := 0
		var last error
		for e, err := range f.items.Query().Stream(ctx) {
			if last = err; err != nil {
				break
			}
			e.Score = 1
			if n++; n == 10 {
				f.must(tx.Commit(ctx))
			}
		}
		f.says(last, "committed", "after the loop")
		for range f.items.Query().Stream(ctx) {
			f.must(tx.Commit(ctx))
			f.must(f.words.Add(ctx, &Word{Text: "in the next transaction"}))
			f.must(tx.Flush(ctx))
			break
		}
		// A stream opened in a savepoint that is rolled back before it is closed.
		var stop func()
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			var next func() (*Item, error, bool)
			next, stop = iter.Pull2(f.items.Query().Stream(ctx))
			_, err, _ := next()
			f.must(err)
			return errUndo
		}), errUndo)
		stop()
		return f.words.Add(ctx, &Word{Text: "and after it"})
	})
	eq(f, f.number("SELECT count(*) FROM words"), 2)
	eq(f, f.number("SELECT count(*) FROM items WHERE score = 1"), 256) // the first batch
}
