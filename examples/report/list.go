package main

import (
	"context"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// OrderFilter is what a list of orders is narrowed by; what is nil or empty narrows
// nothing.
type OrderFilter struct {
	Statuses []Status
	Customer *int64
	Least    *int64 // total
	Most     *int64
	From     *time.Time
	To       *time.Time // not included
	Text     string     // in the number, the note or the customer's name
	Product  string     // a SKU that one of the lines has
	Refunded *bool
}

// conditions are those that the filter has.
func (f OrderFilter) conditions() (conds []expr.Expr[Order]) {
	add := func(c expr.Expr[Order]) { conds = append(conds, c) }
	if len(f.Statuses) > 0 {
		add(Orders.Status.In(f.Statuses...))
	}
	if f.Customer != nil {
		add(Orders.CustomerID.Eq(*f.Customer))
	}
	if f.Least != nil {
		add(Orders.Total.Ge(*f.Least))
	}
	if f.Most != nil {
		add(Orders.Total.Le(*f.Most))
	}
	if f.From != nil {
		add(Orders.PlacedAt.Ge(*f.From))
	}
	if f.To != nil {
		add(Orders.PlacedAt.Lt(*f.To))
	}
	if f.Text != "" { // % and _ in it are themselves
		add(expr.Or(expr.Contains(Orders.Number, f.Text), expr.Contains(Orders.Note, f.Text),
			Orders.Customer.Is(expr.Contains(expr.Lower(Customers.Name), strings.ToLower(f.Text)))))
	}
	if f.Product != "" {
		add(Orders.Lines.Any(Lines.Product.Is(Products.SKU.Eq(f.Product))))
	}
	if f.Refunded != nil {
		if *f.Refunded {
			add(Orders.Refunds.Any())
		} else {
			add(Orders.Refunds.None())
		}
	}
	return conds
}

// List is a page of orders with their customers, in the order that a request asks
// for: repo.ErrSort and repo.ErrCursor are the client's fault.
func (s OrderService) List(ctx context.Context, f OrderFilter, sort string, size int, after repo.Cursor) (p repo.Page[Order], err error) {
	terms, err := repo.SortBy(Orders, sort, Orders.PlacedAt, Orders.Total, Orders.Number, Orders.Status)
	if err != nil {
		return p, err
	}
	return s.Untracked().Where(f.conditions()...).With(Orders.Customer).OrderBy(terms...).Page(ctx, size, after)
}
