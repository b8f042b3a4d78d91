package main

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Nightly is the job that keeps the daily totals.
type Nightly struct {
	repo.Keyed2[DailyTotal, int64, time.Time]
}

// day is what was placed and refunded on a day.
type day struct {
	Day               time.Time
	Orders            int64
	Revenue, Refunded int64
}

type days struct {
	schema.Table[day]
	Day      expr.Column[day, time.Time]
	Orders   expr.Column[day, int64]
	Revenue  expr.Column[day, int64]
	Refunded expr.Column[day, int64]
}

// totals are the figures of each day from one to another, the latter not
// included, as rows of the table. A day has orders, refunds, or both.
func (s Nightly) totals(from, to time.Time) repo.Selection[DailyTotal] {
	none := expr.Val(int64(0))
	placedOn, refundedOn := expr.TruncDay(Orders.PlacedAt), expr.TruncDay(Refunds.RefundedAt)
	placed := repo.Select(func(d *day) repo.Columns {
		return repo.Into(repo.To(&d.Day, placedOn), repo.To(&d.Orders, expr.CountAll()), repo.To(&d.Revenue, total(Orders.Total)), repo.To(&d.Refunded, none))
	}).From(Orders).Where(counted, Orders.PlacedAt.Ge(from), Orders.PlacedAt.Lt(to)).GroupBy(placedOn)
	refunded := repo.Select(func(d *day) repo.Columns {
		return repo.Into(repo.To(&d.Day, refundedOn), repo.To(&d.Orders, none), repo.To(&d.Revenue, none), repo.To(&d.Refunded, total(Refunds.Amount)))
	}).From(Refunds).Join(Orders, expr.On(Orders.ID, Refunds.OrderID)).
		Where(counted, Refunds.RefundedAt.Ge(from), Refunds.RefundedAt.Lt(to)).GroupBy(refundedOn)
	d := repo.As[days](placed.UnionAll(refunded), "d")
	return repo.Select(func(t *DailyTotal) repo.Columns {
		return repo.Into(repo.To(&t.Day, d.Day), repo.To(&t.Orders, total(d.Orders)), repo.To(&t.Revenue, total(d.Revenue)), repo.To(&t.Refunded, total(d.Refunded)))
	}).From(d).GroupBy(d.Day)
}

// Begin fills an empty table in one statement: no row comes to the program.
func (s Nightly) Begin(ctx context.Context, from, to time.Time) (int64, error) {
	return repo.InsertFrom(ctx, s.Untracked(), s.totals(from, to))
}

// Run brings days up to date, those that are there and those that are new, in
// constant memory. It is one unit of work: a day is as it was or as it is.
func (s Nightly) Run(ctx context.Context, from, to time.Time) (n int64, err error) {
	err = uow.Run(ctx, s.Engine(), func(ctx context.Context, tx *uow.UnitOfWork) error {
		// Days on which nothing is left have no row in the query.
		if _, err := s.DeleteWhere(ctx, expr.And(DailyTotals.Day.Ge(from), DailyTotals.Day.Lt(to),
			repo.NotIn(DailyTotals.Day, repo.SelectValue(expr.TruncDay(Orders.PlacedAt)).From(Orders).Where(counted)))); err != nil {
			return err
		}
		var failed error
		n, err = s.Upsert(rows(s.totals(from, to).Stream(ctx, tx), &failed)).Update().Exec(ctx)
		if err == nil {
			err = failed
		}
		return err
	}, uow.Retry(retries))
	return n, err
}

// rows are those of a stream; the error that ends it is left in failed.
func rows[T any](stream iter.Seq2[T, error], failed *error) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for row, err := range stream {
			if err != nil {
				*failed = err
				return
			}
			if !yield(&row) {
				return
			}
		}
	}
}

// Catalogue is what clerks do with products.
type Catalogue struct{ repo.Keyed[Product, int64] }

// NewPrice is a line of a price list.
type NewPrice struct {
	SKU   string
	Price int64
}

type newPrices struct {
	schema.Table[NewPrice]
	SKU   expr.Column[NewPrice, string]
	Price expr.Column[NewPrice, int64]
}

// Reprice takes a price list, in one statement, and returns how many prices it has
// changed. A SKU that nobody sells is no error.
func (s Catalogue) Reprice(ctx context.Context, prices ...NewPrice) (int64, error) {
	for _, p := range prices {
		if p.Price < 0 {
			return 0, fmt.Errorf("the price of %s is below zero", p.SKU)
		}
	}
	if len(prices) == 0 {
		return 0, nil
	}
	list := repo.Rows[newPrices]("list", prices...)
	return s.Untracked().Updating(Products.Price.SetTo(list.Price)).Join(list, expr.On(list.SKU, Products.SKU)).
		Where(Products.Price.NeTo(list.Price)).Exec(ctx)
}

// Raise raises the prices of a category by so many per cent, rounded down to cents.
func (s Catalogue) Raise(ctx context.Context, category string, percent int64) (int64, error) {
	raised := expr.Div(expr.Mul(Products.Price, 100+percent), 100)
	return s.Untracked().Updating(Products.Price.SetTo(raised)).
		Join(Categories, expr.On(Categories.ID, Products.CategoryID)).Where(Categories.Name.Eq(category)).Exec(ctx)
}
