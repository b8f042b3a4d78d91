package main

import (
	"context"
	"errors"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// The reports share these: what counts as revenue, when it was made, and how much
// a line and a group of lines bring.
var (
	counted   = Orders.Status.Ne(Cancelled)
	month     = expr.TruncMonth(Orders.PlacedAt)
	lineValue = expr.MulTo(Lines.Pieces, Lines.Price)
	revenue   = total(lineValue)
)

// total is a sum that is zero of no rows, where SQL's is NULL.
func total(x expr.Valued[int64]) expr.Value[expr.Computed, int64, int64] {
	return expr.Coalesce(expr.Sum(x).Value(), 0)
}

// sold begins a report over the lines that count, with their orders, products and
// categories. It says nothing of tenants and of deleted orders: the filters do.
func sold[S any](f func(*S) repo.Columns) repo.Selection[S] {
	return repo.Select(f).From(Lines).
		Join(Orders, expr.On(Orders.ID, Lines.OrderID)).
		Join(Products, expr.On(Products.ID, Lines.ProductID)).
		Join(Categories, expr.On(Categories.ID, Products.CategoryID)).
		Where(counted)
}

// MonthRevenue is what a category brought in a month.
type MonthRevenue struct {
	Month    time.Time `json:"month"`
	Category string    `json:"category"`
	Orders   int64     `json:"orders"`
	Pieces   int64     `json:"pieces"`
	Revenue  int64     `json:"revenue"`
}

// RevenueByMonth is the revenue of each month and category that had at least so
// much.
func (s Reports) RevenueByMonth(ctx context.Context, least int64) ([]MonthRevenue, error) {
	return sold(func(m *MonthRevenue) repo.Columns {
		return repo.Into(repo.To(&m.Month, month), repo.To(&m.Category, Categories.Name),
			repo.To(&m.Orders, expr.Count(Orders.ID).Distinct()), repo.To(&m.Pieces, total(Lines.Pieces)), repo.To(&m.Revenue, revenue))
	}).GroupBy(month, Categories.Name).Having(revenue.Ge(least)).
		OrderBy(month.Asc(), revenue.Desc(), Categories.Name.Asc()).All(ctx, s.db)
}

// Level is the revenue of a category in a month, of a month where there is no
// category, and of all where there is no month either.
type Level struct {
	Month    *time.Time `json:"month"`
	Category *string    `json:"category"`
	Revenue  int64      `json:"revenue"`
}

// RevenueWithTotals is the revenue by month and category with a total for each
// month and one of all, in one statement: by ROLLUP where the database has it, and
// else by three queries put together.
func (s Reports) RevenueWithTotals(ctx context.Context) ([]Level, error) {
	at, of := expr.Optional(month), expr.Optional(Categories.Name)
	levels := func(m expr.Yields[*time.Time], c expr.Yields[*string]) repo.Selection[Level] {
		return sold(func(l *Level) repo.Columns {
			return repo.Into(repo.To(&l.Month, m), repo.To(&l.Category, c), repo.To(&l.Revenue, revenue))
		})
	}
	rows, err := levels(at, of).GroupBy(expr.Rollup(month, Categories.Name)).
		OrderBy(at.Asc().NullsLast(), of.Asc().NullsLast()).All(ctx, s.db)
	if !errors.Is(err, dialect.ErrUnsupported) {
		return rows, err
	}
	noMonth, noCategory := expr.Null[time.Time](), expr.Null[string]()
	return levels(at, of).GroupBy(month, Categories.Name).
		UnionAll(levels(at, noCategory).GroupBy(month)).
		UnionAll(levels(noMonth, noCategory)).
		OrderBy(at.Asc().NullsLast(), of.Asc().NullsLast()).All(ctx, s.db)
}
