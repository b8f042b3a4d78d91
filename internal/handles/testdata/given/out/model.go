package given

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type Item struct {
	ID    int64
	Price int64
}

var Stock = schema.Define[Item]("given_items", func(t *itemTable) {
	schema.Column(t.ID).PrimaryKey()
	schema.Number(t.Price).Default(1).ZeroIsDefault()
})

type Order struct {
	ID   int64
	Note string
}

var Orders = schema.Define[Order, orderTable]("given_orders", func(t *orderTable) {
	schema.Column(t.ID).PrimaryKey()
})

type Bill struct{ ID int64 }

type bills struct {
	schema.Table[Bill]
	ID expr.Column[Bill, int64]
}

var Bills = schema.Define("bills", func(t *bills) {
	schema.Column(t.ID).PrimaryKey()
})
