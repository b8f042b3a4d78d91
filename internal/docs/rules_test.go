package docs

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

func TestBulkWritesAlwaysFlush(t *testing.T) {
	f := start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		u, err := f.users.Get(ctx, 2)
		f.must(err)
		return tx.NoAutoflush(func() error {
			u.Age = 50
			n, err := f.users.UpdateWhere(ctx, Users.Age.Eq(50), Users.Name.Set("Bobby"))
			eq(f, n, 1)
			return err
		})
	})
	eq(f, f.text("SELECT name FROM users WHERE id = 2"), "Bobby")
}

func TestGetOfAChangedKey(t *testing.T) {
	f := start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		c, err := f.users.Get(ctx, 7)
		f.must(err)
		c.ID = 70
		f.log.take()
		old, err := f.users.Get(ctx, 7) // its row has that key yet
		f.must(err)
		eq(f, old, c)
		eq(f, len(f.log.take()), 0)
		got, err := f.users.Get(ctx, 70)
		f.must(err)
		eq(f, got, c)
		eq(f, strings.Join(f.log.take(), ", "), "SELECT, UPDATE")
		return nil
	})
}

func TestLockWithoutAutoflush(t *testing.T) {
	f := start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		c, err := f.users.Get(ctx, 7)
		f.must(err)
		c.Name = "changed"
		return tx.NoAutoflush(func() error {
			_, err := f.users.Where(Users.ID.Eq(7)).ForUpdate().One(ctx)
			if !errors.Is(err, uow.ErrChanged) {
				t.Error(err)
			}
			eq(f, c.Name, "changed")
			return nil
		})
	})
}
