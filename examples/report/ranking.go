package main

import (
	"context"
	"errors"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// CustomerRank is a customer's place among all, with what those up to there have
// spent together.
type CustomerRank struct {
	Name    string `json:"name"`
	Deleted bool   `json:"deleted"`
	Place   int64  `json:"place"`
	Spent   int64  `json:"spent"`
	Running int64  `json:"running"`
	PerMil  int64  `json:"perMil"` // of the revenue of all
}

// TopCustomers are those who have spent most. What deleted customers have bought
// counts: the filter is off for the whole query then, so that it has to say of the
// orders what the filter would.
func (s Reports) TopCustomers(ctx context.Context, n int) ([]CustomerRank, error) {
	spent := total(Orders.Total)
	downwards := expr.Window().OrderBy(spent.Desc(), Customers.ID.Asc())
	running := expr.Sum(spent).Over(downwards.Rows(expr.UnboundedPreceding(), expr.CurrentRow()))
	all := expr.Sum(spent).Over(expr.Window())
	return repo.Select(func(r *CustomerRank) repo.Columns {
		return repo.Into(repo.To(&r.Name, Customers.Name), repo.To(&r.Deleted, expr.Case(Customers.DeletedAt.IsNotNull(), true).Else(false)),
			repo.To(&r.Place, expr.Rank().Over(expr.Window().OrderBy(spent.Desc()))), repo.To(&r.Spent, spent),
			repo.To(&r.Running, expr.Coalesce(running.Value(), 0)),
			repo.To(&r.PerMil, expr.DivTo(expr.Mul(spent, 1000), expr.Coalesce(all.Value(), 1))))
	}).From(Customers).Join(Orders, expr.On(Orders.CustomerID, Customers.ID)).WithDeleted().
		Where(counted, Orders.DeletedAt.IsNull()).
		GroupBy(Customers.ID, Customers.Name, Customers.DeletedAt).
		OrderBy(spent.Desc(), Customers.ID.Asc()).Limit(n).All(ctx, s.db)
}

// DayTrend is a day's revenue, the mean of the week up to it, and the difference to
// the day before.
type DayTrend struct {
	Day     time.Time `json:"day"`
	Revenue int64     `json:"revenue"`
	Week    float64   `json:"week"`
	Change  *int64    `json:"change"`
}

// Trend reads what the nightly job has stored.
func (s Reports) Trend(ctx context.Context) ([]DayTrend, error) {
	days := expr.Window().OrderBy(DailyTotals.Day.Asc())
	week := expr.Avg(DailyTotals.Revenue).Over(days.Rows(expr.Preceding(6), expr.CurrentRow()))
	return repo.Select(func(d *DayTrend) repo.Columns {
		return repo.Into(repo.To(&d.Day, DailyTotals.Day), repo.To(&d.Revenue, DailyTotals.Revenue),
			repo.To(&d.Week, expr.RoundTo(expr.Coalesce(week.Value(), 0), 2)),
			repo.To(&d.Change, expr.SubTo(expr.Optional(DailyTotals.Revenue), expr.Lag(DailyTotals.Revenue, 1).Over(days))))
	}).From(DailyTotals).OrderBy(DailyTotals.Day.Asc()).All(ctx, s.db)
}

// Seller is one of the products that sell best in their category.
type Seller struct {
	Category string `json:"category"`
	Product  string `json:"product"`
	Pieces   int64  `json:"pieces"`
}

// productSales are the pieces sold of each product, a query that others read.
type productSales struct {
	schema.Table[productSale]
	CategoryID expr.Column[productSale, int64]
	ProductID  expr.Column[productSale, int64]
	Name       expr.Column[productSale, string]
	Pieces     expr.Column[productSale, int64]
	Place      expr.Column[productSale, int64]
}

type productSale struct {
	CategoryID, ProductID int64
	Name                  string
	Pieces, Place         int64
}

func salesOfProducts() repo.Selection[productSale] {
	pieces := total(Lines.Pieces)
	place := expr.RowNumber().Over(expr.Window().PartitionBy(Products.CategoryID).OrderBy(pieces.Desc(), Products.ID.Asc()))
	return sold(func(p *productSale) repo.Columns {
		return repo.Into(repo.To(&p.CategoryID, Products.CategoryID), repo.To(&p.ProductID, Products.ID), repo.To(&p.Name, Products.Name),
			repo.To(&p.Pieces, pieces), repo.To(&p.Place, place))
	}).GroupBy(Products.CategoryID, Products.ID, Products.Name)
}

// BestSellers are the n products of each category that sell best: by LATERAL, which
// stops reading after n, and where the database has none by their places.
func (s Reports) BestSellers(ctx context.Context, n int) ([]Seller, error) {
	sales := repo.CTE[productSales](salesOfProducts(), "sales")
	read := func(from *productSales) repo.Selection[Seller] {
		return repo.Select(func(b *Seller) repo.Columns {
			return repo.Into(repo.To(&b.Category, Categories.Name), repo.To(&b.Product, from.Name), repo.To(&b.Pieces, from.Pieces))
		}).From(Categories).OrderBy(Categories.Name.Asc(), from.Pieces.Desc(), from.ProductID.Asc())
	}
	top := repo.As[productSales](repo.Select(func(p *productSale) repo.Columns {
		return repo.Into(repo.To(&p.ProductID, sales.ProductID), repo.To(&p.CategoryID, sales.CategoryID), repo.To(&p.Name, sales.Name),
			repo.To(&p.Pieces, sales.Pieces), repo.To(&p.Place, sales.Place))
	}).From(sales).Where(sales.CategoryID.EqTo(Categories.ID)).OrderBy(sales.Pieces.Desc(), sales.ProductID.Asc()).Limit(n), "top")
	rows, err := read(top).JoinLateral(top, nil).All(ctx, s.db)
	if !errors.Is(err, dialect.ErrUnsupported) {
		return rows, err
	}
	return read(sales).Join(sales, expr.On(sales.CategoryID, Categories.ID)).Where(sales.Place.Le(int64(n))).All(ctx, s.db)
}
