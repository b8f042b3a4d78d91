package main

import (
	"context"
	"errors"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// Reports are the figures of a back end. Each is of the tenant that ctx says.
type Reports struct{ db *engine.Engine }

// NeverBought are customers without any order, by name.
func (s Reports) NeverBought(ctx context.Context) ([]string, error) {
	return repo.SelectValue(Customers.Name).From(Customers).Where(Customers.Orders.None()).OrderBy(Customers.Name.Asc()).All(ctx, s.db)
}

// NeverShipped are customers who have orders, of which none was shipped.
func (s Reports) NeverShipped(ctx context.Context) ([]string, error) {
	shipped := repo.SelectValue(Orders.ID).From(Orders).Where(expr.On(Orders.CustomerID, Customers.ID), Orders.Status.Eq(Shipped))
	return repo.SelectValue(Customers.Name).From(Customers).
		Where(Customers.Orders.Any(), repo.NotExists[Customer](shipped)).OrderBy(Customers.Name.Asc()).All(ctx, s.db)
}

// Loyalty are customers by the halves of the year in which they bought.
type Loyalty struct {
	Kept []string `json:"kept"` // in both halves
	Lost []string `json:"lost"` // in the first alone
	Won  []string `json:"won"`  // in the second alone
}

// Loyalty compares sets of customers.
func (s Reports) Loyalty(ctx context.Context, from, middle, end time.Time) (l Loyalty, err error) {
	buyers := func(from, to time.Time) repo.Selection[string] {
		return repo.SelectValue(Customers.Name).From(Customers).
			Where(Customers.Orders.Any(counted, Orders.PlacedAt.Ge(from), Orders.PlacedAt.Lt(to)))
	}
	first, second := buyers(from, middle), buyers(middle, end)
	for _, set := range []struct {
		into *[]string
		of   repo.Selection[string]
	}{{&l.Kept, first.Intersect(second)}, {&l.Lost, first.Except(second)}, {&l.Won, second.Except(first)}} {
		if *set.into, err = set.of.OrderBy(Customers.Name.Asc()).All(ctx, s.db); err != nil {
			return l, err
		}
	}
	return l, nil
}

// Colour is what products of one colour have brought, of those below a weight.
type Colour struct {
	Colour  string `json:"colour"`
	Revenue int64  `json:"revenue"`
	Fair    int64  `json:"fair"` // of that, by fairly traded ones
}

// Colours asks the products' documents.
func (s Reports) Colours(ctx context.Context, below int64) ([]Colour, error) {
	colour := expr.Coalesce(expr.JSON[string](Products.Attributes, "colour"), "none")
	fair := expr.Sum(lineValue).Filter(expr.JSON[bool](Products.Attributes, "fair").Eq(true))
	return sold(func(c *Colour) repo.Columns {
		return repo.Into(repo.To(&c.Colour, colour), repo.To(&c.Revenue, revenue), repo.To(&c.Fair, expr.Coalesce(fair.Value(), 0)))
	}).Where(expr.JSON[int64](Products.Attributes, "grams").Lt(below)).
		GroupBy(colour).OrderBy(colour.Asc()).All(ctx, s.db)
}

// Spread is the median of a country's orders.
type Spread struct {
	Country string  `json:"country"`
	Orders  int64   `json:"orders"`
	Median  float64 `json:"median"`
}

type (
	placed struct {
		Country         string
		Total, Place, N int64
	}
	placeds struct {
		schema.Table[placed]
		Country expr.Column[placed, string]
		Total   expr.Column[placed, int64]
		Place   expr.Column[placed, int64]
		N       expr.Column[placed, int64]
	}
)

// Medians are those of each country: by the database's own percentile where it has
// one, else the mean of the one or two orders in the middle.
func (s Reports) Medians(ctx context.Context) ([]Spread, error) {
	rows, err := repo.Select(func(m *Spread) repo.Columns {
		return repo.Into(repo.To(&m.Country, Customers.Country), repo.To(&m.Orders, expr.CountAll()),
			repo.To(&m.Median, expr.Coalesce(expr.PercentileCont(0.5, Orders.Total).Value(), 0)))
	}).From(Orders).Join(Customers, expr.On(Customers.ID, Orders.CustomerID)).Where(counted).
		GroupBy(Customers.Country).OrderBy(Customers.Country.Asc()).All(ctx, s.db)
	if !errors.Is(err, dialect.ErrUnsupported) {
		return rows, err
	}
	of := expr.Window().PartitionBy(Customers.Country)
	q := repo.As[placeds](repo.Select(func(p *placed) repo.Columns {
		return repo.Into(repo.To(&p.Country, Customers.Country), repo.To(&p.Total, Orders.Total),
			repo.To(&p.Place, expr.RowNumber().Over(of.OrderBy(Orders.Total.Asc(), Orders.ID.Asc()))), repo.To(&p.N, expr.CountAll().Over(of)))
	}).From(Orders).Join(Customers, expr.On(Customers.ID, Orders.CustomerID)).Where(counted), "placed")
	return repo.Select(func(m *Spread) repo.Columns {
		return repo.Into(repo.To(&m.Country, q.Country), repo.To(&m.Orders, expr.Coalesce(expr.Max(q.N).Value(), 0)),
			repo.To(&m.Median, expr.Coalesce(expr.Avg(q.Total).Value(), 0)))
	}).From(q).Where(expr.Or(q.Place.EqTo(expr.Div(expr.Add(q.N, 1), 2)), q.Place.EqTo(expr.Div(expr.Add(q.N, 2), 2)))).
		GroupBy(q.Country).OrderBy(q.Country.Asc()).All(ctx, s.db)
}
