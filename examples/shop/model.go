package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// Customer is somebody who buys.
type Customer struct {
	ID     int64
	Name   string
	Orders rel.Many[Order]
}

type customers struct {
	schema.Table[Customer]
	ID     expr.Column[Customer, int64]
	Name   expr.Column[Customer, string]
	Orders rel.ToMany[Customer, Order]
}

// Customers is the table of customers.
var Customers = schema.Define("customers", func(t *customers) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100).Unique()
})

// Product is what can be bought.
type Product struct {
	ID    int64
	Name  string
	Price int64 // in cents
	Stock rel.One[Stock]
}

type products struct {
	schema.Table[Product]
	ID    expr.Column[Product, int64]
	Name  expr.Column[Product, string]
	Stock rel.ToOne[Product, Stock]
}

// Products is the table of products.
var Products = schema.Define("products", func(t *products) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100).Unique()
})

// Stock is how many pieces there are of a product. Two who sell from one row at
// once are told apart by its version: the second to write is stale.
type Stock struct {
	ProductID int64
	Delivered int64 // ever
	OnHand    int64
	Version   int64
	Product   rel.One[Product]
}

type stocks struct {
	schema.Table[Stock]
	ProductID expr.Column[Stock, int64]
	OnHand    expr.Column[Stock, int64]
	Version   expr.Column[Stock, int64]
	Product   rel.ToOne[Stock, Product]
}

// Stocks is the table of stock, one row a product.
var Stocks = schema.Define("stocks", func(t *stocks) {
	schema.Column(t.ProductID).PrimaryKey().References(Products.ID)
	schema.Column(t.Version).Version()
	schema.Check("stocks_on_hand", t.OnHand.Ge(0)) // the last resort
	rel.Via(t.Product, t.ProductID).BackPopulates(Products.Stock)
})

// Order is a basket that was sold.
type Order struct {
	ID         int64
	CustomerID int64
	Total      int64 // in cents
	Customer   rel.One[Customer]
	Lines      rel.Many[Line]
	Request    rel.One[Request]
}

type orders struct {
	schema.Table[Order]
	ID         expr.Column[Order, int64]
	CustomerID expr.Column[Order, int64]
	Customer   rel.ToOne[Order, Customer]
	Lines      rel.ToMany[Order, Line]
	Request    rel.ToOne[Order, Request]
}

// Orders is the table of orders.
var Orders = schema.Define("orders", func(t *orders) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.CustomerID).References(Customers.ID)
	schema.Index(t.CustomerID)
	rel.Via(t.Customer, t.CustomerID).BackPopulates(Customers.Orders)
})

// Line is one product of an order. The order owns it.
type Line struct {
	OrderID   int64
	ProductID int64
	Pieces    int64
	Price     int64 // of a piece, in cents, when it was sold
	Order     rel.One[Order]
	Product   rel.One[Product]
}

type lines struct {
	schema.Table[Line]
	OrderID   expr.Column[Line, int64]
	ProductID expr.Column[Line, int64]
	Pieces    expr.Column[Line, int64]
	Order     rel.ToOne[Line, Order]
	Product   rel.ToOne[Line, Product]
}

// Lines is the table of lines, at most one for a product of an order.
var Lines = schema.Define("lines", func(t *lines) {
	schema.PrimaryKey(t.OrderID, t.ProductID)
	schema.Column(t.OrderID).References(Orders.ID).OnDelete(schema.Cascade)
	schema.Column(t.ProductID).References(Products.ID)
	schema.Index(t.ProductID)
	schema.Check("lines_pieces", t.Pieces.Gt(0))
	rel.Via(t.Order, t.OrderID).BackPopulates(Orders.Lines).Own()
	rel.Via(t.Product, t.ProductID)
})

// Request says which order a buyer's request made. Its key comes from the buyer,
// who sends the request again when in doubt: only one can be stored.
type Request struct {
	ID      string
	OrderID int64
	Order   rel.One[Order]
}

type requests struct {
	schema.Table[Request]
	ID      expr.Column[Request, string]
	OrderID expr.Column[Request, int64]
	Order   rel.ToOne[Request, Order]
}

// Requests is the idempotency table.
var Requests = schema.Define("requests", func(t *requests) {
	schema.Text(t.ID).Size(64).PrimaryKey()
	schema.Column(t.OrderID).Unique().References(Orders.ID)
	rel.Via(t.Order, t.OrderID).BackPopulates(Orders.Request)
})
