package dormertest_test

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

type userService struct{ repo.Keyed[User, int64] }

func (s userService) rename(ctx context.Context, id int64, name string) error {
	u, err := s.Get(ctx, id)
	if err == nil {
		u.Name = name
	}
	return err
}

func Example() {
	// func TestRename(t *testing.T) {
	test := func(t *testing.T) {
		t.Parallel()
		db := dormertest.SQLite(t, Users)
		users := userService{repo.NewKeyed(db, Users.ID)}

		err := uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			ann := &User{Name: "Ann"}
			if err := users.Add(ctx, ann); err != nil {
				return err
			}
			if err := tx.Flush(ctx); err != nil {
				return err
			}
			return users.rename(ctx, ann.ID, "Anna")
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := users.Count(t.Context(), Users.Name.Eq("Anna")); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	_ = test
}

// TestExample runs what the example shows.
func TestExample(t *testing.T) {
	db := dormertest.SQLite(t, Users)
	users := userService{repo.NewKeyed(db, Users.ID)}
	add(t, db, "Ann")
	if err := uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error { return users.rename(ctx, 1, "Anna") }); err != nil {
		t.Fatal(err)
	}
	if n, err := users.Count(t.Context(), Users.Name.Eq("Anna")); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
