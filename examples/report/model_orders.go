package main

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// Status is how far an order has come.
type Status string

// The statuses of orders.
const (
	Open      Status = "open"
	Shipped   Status = "shipped"
	Cancelled Status = "cancelled"
)

// Order is what a customer has bought at once. A deleted one is in the trash and
// in no report but that of the trash.
type Order struct {
	ID         int64
	TenantID   int64
	CustomerID int64
	Number     string
	Status     Status
	Total      int64 // in cents
	Note       string
	PlacedAt   time.Time
	Version    int64
	DeletedAt  *time.Time
	Customer   rel.One[Customer]
	Lines      rel.Many[Line]
	Refunds    rel.Many[Refund]
}

type orders struct {
	schema.Table[Order]
	ID         expr.Column[Order, int64]
	TenantID   expr.Column[Order, int64]
	CustomerID expr.Column[Order, int64]
	Number     expr.Column[Order, string]
	Status     expr.Column[Order, Status]
	Total      expr.Column[Order, int64]
	Note       expr.Column[Order, string]
	PlacedAt   expr.Column[Order, time.Time]
	Version    expr.Column[Order, int64]
	DeletedAt  expr.Nullable[Order, time.Time]
	Customer   rel.ToOne[Order, Customer]
	Lines      rel.ToMany[Order, Line]
	Refunds    rel.ToMany[Order, Refund]
}

// Orders is the table of orders.
var Orders = schema.Define("orders", func(t *orders) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.TenantID).References(Tenants.ID)
	schema.Column(t.CustomerID).References(Customers.ID)
	schema.Enum(t.Status, Cancelled, Open, Shipped).Default(Open) // by alphabet: PostgreSQL orders by this list, SQLite by the text
	schema.Column(t.Version).Version()
	schema.Tenant(t.TenantID, tenancy)
	schema.SoftDelete(t.DeletedAt)
	schema.Unique(t.TenantID, t.Number)
	schema.Index(t.TenantID, t.PlacedAt, t.ID) // for pages by date
	schema.Index(t.CustomerID)
	rel.Via(t.Customer, t.CustomerID).BackPopulates(Customers.Orders)
})

// Line is a product in an order. It goes when the order's row goes.
type Line struct {
	OrderID   int64
	ProductID int64
	TenantID  int64
	Pieces    int64
	Price     int64 // of a piece, when it was sold
	Order     rel.One[Order]
	Product   rel.One[Product]
}

type lines struct {
	schema.Table[Line]
	OrderID   expr.Column[Line, int64]
	ProductID expr.Column[Line, int64]
	TenantID  expr.Column[Line, int64]
	Pieces    expr.Column[Line, int64]
	Price     expr.Column[Line, int64]
	Order     rel.ToOne[Line, Order]
	Product   rel.ToOne[Line, Product]
}

// Lines is the table of lines. Passive leaves them to the database: while an
// order is in the trash they stay as they are, so that it can come back.
var Lines = schema.Define("lines", func(t *lines) {
	schema.PrimaryKey(t.OrderID, t.ProductID)
	schema.Column(t.OrderID).References(Orders.ID).OnDelete(schema.Cascade)
	schema.Column(t.ProductID).References(Products.ID)
	schema.Tenant(t.TenantID, tenancy)
	schema.Index(t.ProductID)
	rel.Via(t.Order, t.OrderID).BackPopulates(Orders.Lines).Passive()
	rel.Via(t.Product, t.ProductID)
})

// Refund is money that went back.
type Refund struct {
	ID         int64
	TenantID   int64
	OrderID    int64
	Amount     int64
	RefundedAt time.Time
	Order      rel.One[Order]
}

type refunds struct {
	schema.Table[Refund]
	ID         expr.Column[Refund, int64]
	TenantID   expr.Column[Refund, int64]
	OrderID    expr.Column[Refund, int64]
	Amount     expr.Column[Refund, int64]
	RefundedAt expr.Column[Refund, time.Time]
	Order      rel.ToOne[Refund, Order]
}

// Refunds is the table of refunds.
var Refunds = schema.Define("refunds", func(t *refunds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.OrderID).References(Orders.ID).OnDelete(schema.Cascade)
	schema.Tenant(t.TenantID, tenancy)
	schema.Index(t.OrderID)
	rel.Via(t.Order, t.OrderID).BackPopulates(Orders.Refunds).Passive()
})

// DailyTotal is what a day brought, made by the nightly job.
type DailyTotal struct {
	TenantID int64
	Day      time.Time
	Orders   int64
	Revenue  int64
	Refunded int64
}

type dailyTotals struct {
	schema.Table[DailyTotal]
	TenantID expr.Column[DailyTotal, int64]
	Day      expr.Column[DailyTotal, time.Time]
	Orders   expr.Column[DailyTotal, int64]
	Revenue  expr.Column[DailyTotal, int64]
	Refunded expr.Column[DailyTotal, int64]
}

// DailyTotals is the table that the nightly job keeps.
var DailyTotals = schema.Define("daily_totals", func(t *dailyTotals) {
	schema.PrimaryKey(t.TenantID, t.Day)
	schema.Tenant(t.TenantID, tenancy)
})
