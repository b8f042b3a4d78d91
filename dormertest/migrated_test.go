package dormertest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// ran counts how often a revision's code has run.
var ran int

func revisions(fail error) migrate.Set {
	var s migrate.Set
	s.Add(migrate.Revision{ID: "a1", Upgrade: func(op *migrate.Op) {
		op.CreateTable("users", schema.Col("id", schema.BigInt()).Identity(), schema.Col("name", schema.LongText()), schema.Key("id"))
		op.Run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			ran++
			return errors.Join(fail, repo.New[User](tx.Engine()).Add(ctx, &User{Name: "first"}))
		})
	}})
	s.Add(migrate.Revision{ID: "b1", Parents: []string{"a1"}, Upgrade: func(op *migrate.Op) { op.AddUnique("users", "uq_name", "name") }})
	s.Add(migrate.Revision{ID: "b2", Parents: []string{"a1"}})
	return s
}

func TestMigrated(t *testing.T) {
	set := revisions(nil)
	ran = 0
	for range 3 {
		t.Run("each its own", func(t *testing.T) {
			for _, db := range []*engine.Engine{dormertest.Migrated(t, set), dormertest.OpenMigrated(t, "sqlite://:memory:", set)} {
				add(t, db, "the same in each")
				if n, err := repo.New[User](db).Count(t.Context()); n != 2 || err != nil {
					t.Errorf("%d users, %v", n, err)
				}
				if err := migrate.CheckHeads(t.Context(), db, set); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if ran != 1+3 { // in memory there is no template
		t.Errorf("migrated %d times", ran)
	}
	if got := tables(t, dormertest.SQLite(t, Users)); got != "users" {
		t.Errorf("without revisions: %s", got)
	}
	if got := tables(t, dormertest.Migrated(t, migrate.Set{})); got != "" {
		t.Errorf("no revisions: %s", got)
	}
}

func TestMigratedFails(t *testing.T) {
	f := &fatal{TB: t}
	done := make(chan struct{})
	go func() { defer close(done); dormertest.Migrated(f, revisions(errors.New("boom"))) }()
	<-done
	if !strings.HasPrefix(f.msg, "dormertest: migrate: upgrade of revision a1") || !strings.Contains(f.msg, "boom") {
		t.Errorf("%q", f.msg)
	}
}
