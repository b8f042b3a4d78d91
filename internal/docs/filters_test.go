package docs

import (
	"context"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type Draft struct {
	ID        int64
	Title     string
	DeletedAt *time.Time
}

type drafts struct {
	schema.Table[Draft]
	ID        expr.Column[Draft, int64]
	Title     expr.Column[Draft, string]
	DeletedAt expr.Nullable[Draft, time.Time]
}

var Drafts = schema.Define("drafts", func(t *drafts) {
	schema.Column(t.ID).PrimaryKey()
	schema.SoftDelete(t.DeletedAt)
}, schema.In(schema.NewMetadata()))

func TestSoftDelete(t *testing.T) {
	db := dormertest.SQLite(t, Drafts)
	drafts := repo.NewKeyed(db, Drafts.ID)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		must(drafts.Add(ctx, &Draft{Title: "a"}, &Draft{Title: "b"}))
		d, err := drafts.One(ctx, Drafts.Title.Eq("a"))
		must(err)
		err = drafts.Delete(ctx, d)
		must(err)
		live, err := drafts.Find(ctx)
		must(err)
		all, err := drafts.WithDeleted().Find(ctx)
		must(err)
		if len(live) != 1 || len(all) != 2 {
			t.Errorf("%d of %d", len(live), len(all))
		}
		err = drafts.Restore(ctx, d)
		must(err)
		err = drafts.Purge(ctx, d)
		return err
	}))
	n, err := drafts.Untracked().WithDeleted().Count(t.Context())
	must(err)
	if n != 1 {
		t.Error(n)
	}
}
