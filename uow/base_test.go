package uow_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

// A unit of work of a joined engine is that of the engine it is part of.
func TestUnitOfAJoinedEngine(t *testing.T) {
	db, err := engine.Open("sqlite:///" + t.TempDir() + "/base.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	c, err := db.Acquire(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	if err := c.Begin(ctx, engine.TxOptions{}); err != nil {
		t.Fatal(err)
	}
	joined, err := c.Joined()
	if err != nil {
		t.Fatal(err)
	}
	defer joined.Close()
	err = uow.Run(ctx, joined, func(ctx context.Context, u *uow.UnitOfWork) error {
		if _, err := u.Exec(ctx, "CREATE TABLE made (id INTEGER)"); err != nil {
			return err
		}
		if found, ok := uow.From(ctx, db); !ok || found != u {
			t.Errorf("found %p of %p", found, u)
		}
		if err := uow.Run(ctx, db, func(_ context.Context, inner *uow.UnitOfWork) error {
			if inner != u {
				t.Error("a unit of its own")
			}
			return nil
		}); err != nil {
			return err
		}
		err := uow.Run(ctx, db, func(ctx context.Context, inner *uow.UnitOfWork) error {
			_, err := inner.Exec(ctx, "INSERT INTO made VALUES (1)")
			return err
		}, uow.RequiresNew())
		if !errors.Is(err, uow.ErrSelfWait) {
			t.Errorf("a new unit waits for the one around it: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
