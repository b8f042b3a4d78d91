package suite

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// TestAChosenKeyAndTheSequence has a key that the program chose come before those
// that the database makes: PostgreSQL's sequence does not know of it.
func (s *suite) TestAChosenKeyAndTheSequence(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.alls.Add(ctx, &All{ID: 1}) })
	next := &All{}
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return f.alls.Add(ctx, next) })
	if f.db.Dialect().Name() != "postgres" {
		f.must(err)
		eq(f, next.ID, int64(2))
		return
	}
	f.is(err, dialect.ErrUnique)
	f.number("SELECT setval(pg_get_serial_sequence('alls', 'id'), (SELECT max(id) FROM alls))")
	next = &All{}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.alls.Add(ctx, next) })
	eq(f, next.ID, int64(2))
}

// TestAnAssignedExpressionAndTheColumnsSize has an UPDATE compute a text that is
// longer than its column, which only the database could know.
func (s *suite) TestAnAssignedExpressionAndTheColumnsSize(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	n, err := f.items.Untracked().UpdateWhere(f.ctx, Items.Name.Eq("ann"), Items.Name.SetTo(expr.Concat(Items.Name, strings.Repeat("x", 100))))
	if f.db.Dialect().Name() == "postgres" {
		f.is(err, dialect.ErrValue)
		return
	}
	f.must(err)
	eq(f, n, 1)
	eq(f, f.number("SELECT length(name) FROM items"), 103)
	e, err := f.items.Untracked().First(f.ctx)
	f.must(err)
	eq(f, len(e.Name), 103)
}

func (s *suite) TestFloatsThatAreNoNumbers(t *testing.T) {
	f := s.start(t)
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		e := &Item{Score: v}
		err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, e) })
		if math.IsNaN(v) && f.db.Dialect().Name() == "sqlite" {
			f.says(as[*schema.ValueError](f, err), "items.score", "NaN")
			continue
		}
		f.must(err)
		got, err := f.items.Untracked().Get(f.ctx, e.ID)
		f.must(err)
		if got.Score != v && !(math.IsNaN(v) && math.IsNaN(got.Score)) {
			t.Errorf("%v is read as %v", v, got.Score)
		}
	}
}
