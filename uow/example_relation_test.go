package uow_test

import (
	"context"
	"fmt"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type Order struct {
	ID    int64
	Buyer string
	Lines rel.Many[Line]
}

type orders struct {
	schema.Table[Order]
	ID    expr.Column[Order, int64]
	Buyer expr.Column[Order, string]
	Lines rel.ToMany[Order, Line]
}

type Line struct {
	ID      int64
	Item    string
	OrderID int64
	Order   rel.One[Order]
}

type lines struct {
	schema.Table[Line]
	ID      expr.Column[Line, int64]
	Item    expr.Column[Line, string]
	OrderID expr.Column[Line, int64]
	Order   rel.ToOne[Line, Order]
}

var (
	shop   = schema.NewMetadata()
	Orders = schema.Define("orders", func(t *orders) {
		schema.Column(t.ID).PrimaryKey()
	}, schema.In(shop))
	Lines = schema.Define("lines", func(t *lines) {
		schema.Column(t.ID).PrimaryKey()
		schema.Column(t.OrderID).References(Orders.ID)
		rel.Via(t.Order, t.OrderID).BackPopulates(Orders.Lines).Own()
	}, schema.In(shop))
)

// The plan lists what a deletion takes along, loaded or not, and why.
func ExampleUnitOfWork_Plan_cascade() {
	ctx := context.Background()
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(shop))
	if err != nil {
		panic(err)
	}
	defer db.Close()
	if err := db.CreateAll(ctx); err != nil {
		panic(err)
	}
	orders := repo.NewKeyed(db, Orders.ID)
	err = uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		err := orders.Add(ctx, &Order{Buyer: "ann", Lines: rel.Of(&Line{Item: "tea"}, &Line{Item: "milk"})})
		if err != nil {
			return err
		}
		plan, err := tx.Plan(ctx)
		fmt.Print(plan)
		return err
	})
	fmt.Println(err)
	err = uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		o, err := orders.Get(ctx, 1)
		if err != nil {
			return err
		}
		if err := orders.Delete(ctx, o); err != nil {
			return err
		}
		plan, err := tx.Plan(ctx)
		fmt.Print(plan)
		return err
	})
	fmt.Println(err)
	// Output:
	// insert orders
	// insert lines
	// insert lines
	// <nil>
	// delete lines key 1: cascade of uow_test.Order.Lines
	// delete lines key 2: cascade of uow_test.Order.Lines
	// delete orders key 1
	// <nil>
}
