package main

import (
	"context"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// Retention is how many of the customers who first bought in one month bought again
// so many months later. Months are counted from the year zero.
type Retention struct {
	First     int64 `json:"first"`
	Later     int64 `json:"later"`
	Customers int64 `json:"customers"`
}

// activity is a customer and a month; activities are its handles.
type activity struct{ CustomerID, Month int64 }

type activities struct {
	schema.Table[activity]
	CustomerID expr.Column[activity, int64]
	Month      expr.Column[activity, int64]
}

// Cohorts joins the month in which each customer first bought with all orders of
// that customer.
func (s Reports) Cohorts(ctx context.Context) ([]Retention, error) {
	number := expr.AddTo(expr.Mul(expr.Year(Orders.PlacedAt), 12), expr.Month(Orders.PlacedAt))
	first := repo.CTE[activities](repo.Select(func(a *activity) repo.Columns {
		return repo.Into(repo.To(&a.CustomerID, Orders.CustomerID), repo.To(&a.Month, expr.Coalesce(expr.Min(number).Value(), 0)))
	}).From(Orders).Where(counted).GroupBy(Orders.CustomerID), "first")
	later := expr.SubTo(number, first.Month)
	return repo.Select(func(r *Retention) repo.Columns {
		return repo.Into(repo.To(&r.First, first.Month), repo.To(&r.Later, later), repo.To(&r.Customers, expr.Count(Orders.CustomerID).Distinct()))
	}).From(first).Join(Orders, expr.On(Orders.CustomerID, first.CustomerID)).Where(counted).
		GroupBy(first.Month, later).OrderBy(first.Month.Asc(), later.Asc()).All(ctx, s.db)
}

// Branch is a category with what it and all below it have brought.
type Branch struct {
	Path    string `json:"path"`
	Depth   int64  `json:"depth"`
	Revenue int64  `json:"revenue"`
}

type (
	path struct {
		ID, Depth int64
		Path      string
	}
	paths struct {
		schema.Table[path]
		ID    expr.Column[path, int64]
		Depth expr.Column[path, int64]
		Path  expr.Column[path, string]
	}

	// below says that a category is another one or somewhere below it.
	below  struct{ Top, ID int64 }
	belows struct {
		schema.Table[below]
		Top expr.Column[below, int64]
		ID  expr.Column[below, int64]
	}

	brought  struct{ CategoryID, Revenue int64 }
	broughts struct {
		schema.Table[brought]
		CategoryID expr.Column[brought, int64]
		Revenue    expr.Column[brought, int64]
	}
)

// CategoryTree goes down the tree twice: from the top for the paths, and from each
// category for what it has brought.
func (s Reports) CategoryTree(ctx context.Context) ([]Branch, error) {
	named := repo.Recursive[paths]("named", repo.Select(func(p *path) repo.Columns {
		return repo.Into(repo.To(&p.ID, Categories.ID), repo.To(&p.Depth, expr.Val(int64(0))), repo.To(&p.Path, Categories.Name))
	}).From(Categories).Where(Categories.ParentID.IsNull()), func(above *paths) repo.Selection[path] {
		return repo.Select(func(p *path) repo.Columns {
			return repo.Into(repo.To(&p.ID, Categories.ID), repo.To(&p.Depth, expr.Add(above.Depth, 1)),
				repo.To(&p.Path, expr.ConcatTo(expr.Concat(above.Path, "/"), Categories.Name)))
		}).From(Categories).Join(above, expr.On(Categories.ParentID, above.ID))
	})
	under := repo.Recursive[belows]("under", repo.Select(func(b *below) repo.Columns {
		return repo.Into(repo.To(&b.Top, Categories.ID), repo.To(&b.ID, Categories.ID))
	}).From(Categories), func(found *belows) repo.Selection[below] {
		return repo.Select(func(b *below) repo.Columns {
			return repo.Into(repo.To(&b.Top, found.Top), repo.To(&b.ID, Categories.ID))
		}).From(Categories).Join(found, expr.On(Categories.ParentID, found.ID))
	})
	own := repo.CTE[broughts](sold(func(b *brought) repo.Columns {
		return repo.Into(repo.To(&b.CategoryID, Products.CategoryID), repo.To(&b.Revenue, revenue))
	}).GroupBy(Products.CategoryID), "own")
	return repo.Select(func(b *Branch) repo.Columns {
		return repo.Into(repo.To(&b.Path, named.Path), repo.To(&b.Depth, named.Depth), repo.To(&b.Revenue, total(own.Revenue)))
	}).From(named).Join(under, expr.On(under.Top, named.ID)).LeftJoin(own, expr.On(own.CategoryID, under.ID)).
		GroupBy(named.Path, named.Depth).OrderBy(named.Path.Asc()).All(ctx, s.db)
}
