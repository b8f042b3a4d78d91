package suite

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
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
