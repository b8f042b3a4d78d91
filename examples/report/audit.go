package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/repo"
)

// audit compares what the database answers with what the ledger adds up to, and
// returns how many figures it has compared.
func (l *ledger) audit(ctx context.Context, b Backend, size int) (n int, err error) {
	books := &comparison{}
	r := b.reports
	compare(books, "revenue by month", l.revenueByMonth(20_000))(r.RevenueByMonth(ctx, 20_000))
	compare(books, "revenue with totals", l.revenueWithTotals())(r.RevenueWithTotals(ctx))
	compare(books, "top customers", l.topCustomers(10))(r.TopCustomers(ctx, 10))
	compare(books, "trend", l.trend())(r.Trend(ctx))
	compare(books, "best sellers", l.bestSellers(3))(r.BestSellers(ctx, 3))
	compare(books, "cohorts", l.cohorts())(r.Cohorts(ctx))
	compare(books, "category tree", l.tree())(r.CategoryTree(ctx))
	compare(books, "colours", l.colours(1000))(r.Colours(ctx, 1000))
	compare(books, "medians", l.medians())(r.Medians(ctx))
	compare(books, "never bought", l.customersWho(func(s []*sale) bool { return len(s) == 0 }))(r.NeverBought(ctx))
	compare(books, "never shipped", l.customersWho(func(s []*sale) bool {
		return len(s) > 0 && !slices.ContainsFunc(s, func(s *sale) bool { return s.order.Status == Shipped })
	}))(r.NeverShipped(ctx))
	middle, end := began.AddDate(0, 6, 0), began.AddDate(1, 0, 0)
	compare(books, "loyalty", l.loyalty(middle))(r.Loyalty(ctx, began, middle, end))
	compare(books, "trash", l.discarded())(r.Discarded(ctx))
	compare(books, "prices", l.prices())(b.catalogue.prices(ctx))
	for sort, order := range map[string]func(a, b *sale) int{
		"-placed_at": func(a, b *sale) int { return b.order.PlacedAt.Compare(a.order.PlacedAt) },
		"status,-total": func(a, b *sale) int {
			return cmp.Or(cmp.Compare(a.order.Status, b.order.Status), cmp.Compare(b.order.Total, a.order.Total))
		},
		"": func(a, b *sale) int { return 0 },
	} {
		compare(books, "list by "+sort, l.numbers(order))(b.orders.numbers(ctx, sort, size))
	}
	books.fail("forged cursor", b.refused(ctx))
	return books.figures, books.err
}

// comparison counts figures and keeps the first difference.
type comparison struct {
	figures int
	err     error
}

func (c *comparison) fail(what string, err error) {
	if c.err == nil && err != nil {
		c.err = fmt.Errorf("%s: %w", what, err)
	}
}

// compare takes what a report has returned; want is at least one figure, so that
// nothing is compared with nothing.
func compare[V any](c *comparison, what string, want V) func(got V, err error) {
	return func(got V, err error) {
		if err != nil {
			c.fail(what, err)
			return
		}
		g, w := figures(got), figures(want)
		c.figures += len(w)
		switch {
		case len(w) == 0:
			c.fail(what, errors.New("there is nothing to compare"))
		case len(g) != len(w):
			c.fail(what, fmt.Errorf("%d rows by SQL, %d in Go", len(g), len(w)))
		}
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				c.fail(what, fmt.Errorf("row %d is %s by SQL and %s in Go", i+1, g[i], w[i]))
			}
		}
	}
}

// figures are the rows of a slice, or a single value, as JSON.
func figures(v any) (out []string) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the reports' types can be encoded
	}
	var rows []json.RawMessage
	if json.Unmarshal(text, &rows) != nil {
		return []string{string(text)}
	}
	for _, r := range rows {
		out = append(out, string(r))
	}
	return out
}

// numbers goes through all orders page by page, as a client does.
func (s OrderService) numbers(ctx context.Context, sort string, size int) (all []string, err error) {
	for after := repo.Cursor(""); ; {
		page, err := s.List(ctx, OrderFilter{}, sort, size, after)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Items {
			all = append(all, o.Number)
		}
		if !page.More {
			return all, nil
		}
		after = page.Next
	}
}

// prices are those of all products, by SKU.
func (s Catalogue) prices(ctx context.Context) ([]NewPrice, error) {
	return repo.Select(func(p *NewPrice) repo.Columns {
		return repo.Into(repo.To(&p.SKU, Products.SKU), repo.To(&p.Price, Products.Price))
	}).From(Products).OrderBy(Products.SKU.Asc()).All(ctx, s.Engine())
}

// refused tries cursors that no list has made, or another one, and a column that
// nobody may sort by.
func (b Backend) refused(ctx context.Context) error {
	page, err := b.orders.List(ctx, OrderFilter{}, "total", 3, "")
	if err != nil {
		return err
	}
	for _, forged := range []repo.Cursor{"x", page.Next[1:], page.Next + "A", page.Next[:len(page.Next)-2]} {
		if _, err := b.orders.List(ctx, OrderFilter{}, "total", 3, forged); !errors.Is(err, repo.ErrCursor) {
			return fmt.Errorf("a forged cursor: %w", cmp.Or(err, errors.New("taken")))
		}
	}
	if _, err := b.orders.List(ctx, OrderFilter{}, "-total", 3, page.Next); !errors.Is(err, repo.ErrCursor) {
		return fmt.Errorf("a cursor of another order: %w", cmp.Or(err, errors.New("taken")))
	}
	if _, err := b.orders.List(ctx, OrderFilter{}, "tenant_id", 3, ""); !errors.Is(err, repo.ErrSort) {
		return fmt.Errorf("a sort by the tenant: %w", cmp.Or(err, errors.New("taken")))
	}
	return nil
}
