package repo_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type Invoice struct {
	ID        int64
	Firm      string
	Number    string
	DeletedAt *time.Time
}

type invoices struct {
	schema.Table[Invoice]
	ID        expr.Column[Invoice, int64]
	Firm      expr.Column[Invoice, string]
	Number    expr.Column[Invoice, string]
	DeletedAt expr.Nullable[Invoice, time.Time]
}

var filed = schema.NewMetadata()

var Invoices = schema.Define("invoices", func(t *invoices) {
	schema.Column(t.ID).PrimaryKey()
	schema.Tenant(t.Firm, "firm")
	schema.SoftDelete(t.DeletedAt)
	schema.Unique(t.Firm, t.Number) // among those that are not deleted
}, schema.In(filed))

func openInvoices(ctx context.Context) (*engine.Engine, repo.Repository[Invoice]) {
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(filed))
	if err == nil {
		err = db.CreateAll(ctx)
	}
	if err != nil {
		panic(err)
	}
	return db, repo.New[Invoice](db, repo.OwnUnit())
}

func ExampleWithParameter() {
	db, r := openInvoices(context.Background())
	defer db.Close()
	north := repo.WithParameter(context.Background(), "firm", "north")
	south := repo.WithParameter(context.Background(), "firm", "south")
	fmt.Println(r.Add(north, &Invoice{Number: "1"})) // INSERT fills the firm
	n, err := r.Count(north)
	fmt.Println(n, err)
	n, err = r.Count(south)
	fmt.Println(n, err)
	_, err = r.Count(context.Background())
	fmt.Println(errors.Is(err, repo.ErrFilter))
	n, err = r.Unfiltered("firm").Count(context.Background())
	fmt.Println(n, err)
	// Output:
	// <nil>
	// 1 <nil>
	// 0 <nil>
	// true
	// 1 <nil>
}

func ExampleRepository_Restore() {
	db, r := openInvoices(context.Background())
	defer db.Close()
	ctx := repo.WithParameter(context.Background(), "firm", "north")
	fmt.Println(r.Add(ctx, &Invoice{Number: "1"}, &Invoice{Number: "2"}))
	fmt.Println(uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		first, err := r.One(ctx, Invoices.Number.Eq("1"))
		if err != nil {
			return err
		}
		if err := r.Delete(ctx, first); err != nil { // sets deleted_at
			return err
		}
		live, _ := r.Count(ctx)
		deleted, _ := r.OnlyDeleted().Count(ctx)
		fmt.Println(live, deleted)
		return r.Restore(ctx, first)
	}))
	live, _ := r.Count(ctx)
	purged, err := r.PurgeWhere(ctx, expr.Every[Invoice]()) // the rows go
	fmt.Println(live, purged, err)
	// Output:
	// <nil>
	// 1 1
	// <nil>
	// 2 2 <nil>
}
