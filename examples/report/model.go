package main

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// tenancy is the filter, and the context's parameter, that says whose rows are
// seen and written. All tables but that of the tenants have it.
const tenancy = "tenant"

// Tenant is a shop that rents the back end.
type Tenant struct {
	ID   int64
	Slug string // in URLs
	Name string
}

type tenants struct {
	schema.Table[Tenant]
	ID   expr.Column[Tenant, int64]
	Slug expr.Column[Tenant, string]
}

// Tenants is the one table that belongs to nobody.
var Tenants = schema.Define("tenants", func(t *tenants) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Slug).Size(40).Unique()
})

// Category is a shelf, within another one or at the top.
type Category struct {
	ID       int64
	TenantID int64
	ParentID *int64
	Name     string
}

type categories struct {
	schema.Table[Category]
	ID       expr.Column[Category, int64]
	TenantID expr.Column[Category, int64]
	ParentID expr.Nullable[Category, int64]
	Name     expr.Column[Category, string]
}

// Categories is the tree of shelves.
var Categories = schema.Define("categories", func(t *categories) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.TenantID).References(Tenants.ID)
	schema.Column(t.ParentID).References(t.ID)
	schema.Tenant(t.TenantID, tenancy)
	schema.Unique(t.TenantID, t.Name)
})

// Attributes are what only some products have.
type Attributes struct {
	Colour string   `json:"colour"`
	Grams  int64    `json:"grams"`
	Fair   bool     `json:"fair,omitempty"`
	Tags   []string `json:"tags"`
}

// Product is what is sold.
type Product struct {
	ID         int64
	TenantID   int64
	CategoryID int64
	SKU        string
	Name       string
	Price      int64 // in cents
	Attributes schema.JSON[Attributes]
	Version    int64
	Category   rel.One[Category]
}

type products struct {
	schema.Table[Product]
	ID         expr.Column[Product, int64]
	TenantID   expr.Column[Product, int64]
	CategoryID expr.Column[Product, int64]
	SKU        expr.Column[Product, string]
	Name       expr.Column[Product, string]
	Price      expr.Column[Product, int64]
	Attributes expr.Column[Product, schema.JSON[Attributes]]
	Version    expr.Column[Product, int64]
	Category   rel.ToOne[Product, Category]
}

// Products is the table of products.
var Products = schema.Define("products", func(t *products) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.TenantID).References(Tenants.ID)
	schema.Column(t.CategoryID).References(Categories.ID)
	schema.Column(t.Version).Version()
	schema.Tenant(t.TenantID, tenancy)
	schema.Unique(t.TenantID, t.SKU)
	schema.Index(t.CategoryID)
	rel.Via(t.Category, t.CategoryID)
})

// Customer is somebody who may have bought. A deleted one is in the trash; the
// orders stay in the books.
type Customer struct {
	ID        int64
	TenantID  int64
	Name      string
	Email     string
	Country   string
	DeletedAt *time.Time
	Orders    rel.Many[Order]
}

type customers struct {
	schema.Table[Customer]
	ID        expr.Column[Customer, int64]
	TenantID  expr.Column[Customer, int64]
	Name      expr.Column[Customer, string]
	Email     expr.Column[Customer, string]
	Country   expr.Column[Customer, string]
	DeletedAt expr.Nullable[Customer, time.Time]
	Orders    rel.ToMany[Customer, Order]
}

// Customers is the table of customers.
var Customers = schema.Define("customers", func(t *customers) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.TenantID).References(Tenants.ID)
	schema.Tenant(t.TenantID, tenancy)
	schema.SoftDelete(t.DeletedAt)
	schema.Unique(t.TenantID, t.Email) // among those that are not deleted
})
