package given

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type itemTable struct {
	schema.Table[Item]
	ID    expr.Column[Item, int64]
	Price expr.Column[Item, int64]
}

type orderTable struct {
	schema.Table[Order]
	ID   expr.Column[Order, int64]
	Note expr.Column[Order, string]
}
