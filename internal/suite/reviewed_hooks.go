package suite

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestS41_ReadsInHooksFlushNothing(t *testing.T) {
	f := s.start(t)
	id := f.seed("a")[0]
	h := &Hooked{Name: "h"}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.hooked.Add(ctx, h) })
	reads := map[string]func(ctx context.Context, tx *uow.UnitOfWork) error{
		"Find":  func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.items.Find(ctx)) },
		"Count": func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.items.Count(ctx)) },
		"Select": func(ctx context.Context, tx *uow.UnitOfWork) error {
			return tx.Select(ctx, new([]int), "SELECT id FROM items")
		},
		"Stream": func(ctx context.Context, _ *uow.UnitOfWork) error {
			for _, err := range f.items.Query().Stream(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	for what, read := range reads {
		f.is(f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			e, err := f.items.Get(ctx, id)
			f.must(err)
			h, err := f.hooked.Get(ctx, h.ID)
			f.must(err)
			e.Count = 7
			called := 0
			h.OnAny = func(ctx context.Context, verb string) error {
				called++
				eq(f, verb, "load")
				f.log.Take()
				f.must(read(ctx, tx))
				if n := len(f.writes()); n != 0 {
					t.Errorf("%s in AfterLoad flushed %d statements", what, n)
				}
				return nil
			}
			f.must(second(f.hooked.Query().Reload().All(ctx)))
			eq(f, called, 1)
			h.OnAny = nil
			n, err := f.items.Count(ctx, Items.Count.Eq(7)) // outside they do
			f.must(err)
			eq(f, n, 1)

			called = 0
			tx.OnAfterFlush(func(ctx context.Context) error {
				if called++; called > 1 {
					return nil
				}
				e.Count = 9
				f.log.Take()
				f.must(read(ctx, tx))
				if n := len(f.writes()); n != 0 {
					t.Errorf("%s in OnAfterFlush flushed %d statements", what, n)
				}
				return nil
			})
			e.Count = 8
			f.must(tx.Flush(ctx))
			eq(f, called, 1)
			n, err = f.items.Count(ctx, Items.Count.Eq(9))
			f.must(err)
			eq(f, n, 1)
			return errUndo
		}), errUndo)
	}
}

func (s *suite) TestS26_FlushesInsideOnAfterFlushEnd(t *testing.T) {
	f := s.start(t)
	id := f.seed("a")[0]
	for what, flush := range map[string]func(ctx context.Context, tx *uow.UnitOfWork) error{
		"Flush": func(ctx context.Context, tx *uow.UnitOfWork) error { return tx.Flush(ctx) },
		"UpdateWhere": func(ctx context.Context, _ *uow.UnitOfWork) error {
			return second(f.items.UpdateWhere(ctx, Items.ID.Eq(-1), Items.Count.Set(0)))
		},
		"Savepoint": func(ctx context.Context, tx *uow.UnitOfWork) error {
			return tx.Savepoint(ctx, func(context.Context) error { return nil })
		},
	} {
		for _, endless := range []bool{false, true} {
			calls := 0
			err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				e, err := f.items.Get(ctx, id)
				f.must(err)
				tx.OnAfterFlush(func(ctx context.Context) error {
					if calls++; calls > 5 && !endless || calls > 500 {
						return nil
					}
					e.Count++
					return flush(ctx, tx)
				})
				e.Count++
				return tx.Flush(ctx)
			})
			switch {
			case endless:
				f.says(err, "hooks changed entities in each of 100 flushes")
				eq(f, calls, 100)
			case err != nil:
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	eq(f, f.number("SELECT count FROM items"), 18)
}
