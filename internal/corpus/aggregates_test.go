package corpus

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("aggregates", cases{
	"count":          built(func() query { return repo.SelectValue(expr.Count(Makers.City)).From(Makers) }),
	"count all":      built(func() query { return repo.SelectValue(expr.CountAll()).From(Makers) }),
	"count distinct": built(func() query { return repo.SelectValue(expr.Count(Makers.City).Distinct()).From(Makers) }),
	"max and min": built(func() query {
		return repo.Select(func(r *span[string]) repo.Columns {
			return repo.Into(repo.To(&r.From, expr.Min(Makers.Name)), repo.To(&r.To, expr.Max(Makers.Name)))
		}).From(Makers)
	}),
	"max of decimals": built(func() query { return repo.SelectValue(expr.Max(Products.Cost)).From(Products) }),
	"sum and avg": built(func() query {
		return repo.Select(func(r *span[float64]) repo.Columns {
			return repo.Into(repo.To(&r.From, expr.Sum(Products.Price)), repo.To(&r.To, expr.Avg(Products.Stock)))
		}).From(Products)
	}),
	"sum of whole": built(func() query { return repo.SelectValue(expr.Sum(Products.Stock)).From(Products) }),
	"filter": built(func() query {
		return repo.SelectValue(expr.Count(Makers.ID).Filter(Makers.City.Eq("Ulm")).Filter(Makers.ID.Gt(0))).From(Makers)
	}),
	"string agg": built(func() query {
		return repo.SelectValue(expr.StringAgg(Makers.Name, ", ").OrderBy(Makers.ID.Desc())).From(Makers)
	}),
	"string agg of distinct": built(func() query {
		return repo.SelectValue(expr.StringAgg(Makers.Name, ", ").Distinct()).From(Makers)
	}),
	"bool and or": built(func() query {
		return repo.Select(func(r *span[bool]) repo.Columns {
			return repo.Into(repo.To(&r.From, expr.BoolAnd(Makers.City.IsNull())), repo.To(&r.To, expr.BoolOr(Makers.ID.Gt(3))))
		}).From(Makers)
	}),
	"deviation": built(func() query {
		return repo.Select(func(r *span[float64]) repo.Columns {
			return repo.Into(repo.To(&r.From, expr.StdDev(Products.Price)), repo.To(&r.To, expr.StdDevPop(Products.Stock)))
		}).From(Products)
	}),
	"variance": built(func() query {
		return repo.Select(func(r *span[float64]) repo.Columns {
			return repo.Into(repo.To(&r.From, expr.Variance(Products.Price)), repo.To(&r.To, expr.VariancePop(Products.Stock)))
		}).From(Products)
	}),
	"percentile cont": built(func() query { return repo.SelectValue(expr.PercentileCont(0.5, Products.Price)).From(Products) }),
	"percentile disc": built(func() query { return repo.SelectValue(expr.PercentileDisc(0.9, Products.Made)).From(Products) }),
	"percentile of 2": built(func() query { return repo.SelectValue(expr.PercentileCont(2, Products.Price)).From(Products) }),
	"mode":            built(func() query { return repo.SelectValue(expr.Mode(Makers.City)).From(Makers) }),
	"comparisons": built(func() query {
		n := expr.Count(Products.ID)
		return repo.SelectValue(Products.MakerID).From(Products).GroupBy(Products.MakerID).
			Having(n.Eq(1), n.Ne(2), n.Lt(3), n.Le(4), n.Gt(5), n.Ge(6), n.Between(7, 8), n.In(9, 10), n.NotIn(11))
	}),
	"comparisons to": built(func() query {
		n := expr.Max(Products.Stock)
		return repo.SelectValue(Products.MakerID).From(Products).GroupBy(Products.MakerID).
			Having(n.EqTo(Products.MakerID), n.NeTo(Products.MakerID), n.LtTo(Products.MakerID), n.LeTo(expr.Val(int64(1))), n.GtTo(Products.MakerID), n.GeTo(Products.MakerID))
	}),
	"as operands": built(func() query {
		return repo.SelectValue(expr.Coalesce(expr.Sum(Products.Stock).Value(), 0)).From(Products).Having(expr.Add(expr.Max(Products.Stock).Value(), 1).Gt(2))
	}),
	"order": built(func() query {
		return repo.SelectValue(Products.MakerID).From(Products).GroupBy(Products.MakerID).OrderBy(expr.Count(Products.ID).Desc().NullsLast(), expr.Max(Products.Stock).Asc().NullsFirst())
	}),
	"beside a bare column": built(func() query {
		return repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Makers.Name), repo.To(&r.Count, expr.Count(Makers.ID)))
		}).From(Makers)
	}),
	"in where":           built(func() query { return repo.SelectValue(Makers.ID).From(Makers).Where(expr.Count(Makers.ID).Gt(3)) }),
	"within another":     built(func() query { return repo.SelectValue(expr.Sum(expr.Count(Makers.ID))).From(Makers) }),
	"count all distinct": built(func() query { return repo.SelectValue(expr.CountAll().Distinct()).From(Makers) }),
	"count of nil":       built(func() query { return repo.SelectValue(expr.Count(nil)).From(Makers) }),
	"count with order":   built(func() query { return repo.SelectValue(expr.CountAll().OrderBy(Makers.ID.Asc())).From(Makers) }),
})

var _ = construct("groups", cases{
	"group by having": built(func() query {
		return repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Makers.Name), repo.To(&r.Count, expr.Count(Products.ID)))
		}).From(Makers).Join(Products, expr.On(Products.MakerID, Makers.ID)).GroupBy(Makers.Name).Having(expr.Count(Products.ID).Gt(3)).OrderBy(expr.Count(Products.ID).Desc())
	}),
	"by an expression": built(func() query {
		return repo.SelectValue(expr.Concat(expr.Lower(Makers.Name), "!")).From(Makers).GroupBy(expr.Concat(expr.Lower(Makers.Name), "!"))
	}),
	"by the key": built(func() query {
		return repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Makers.Name), repo.To(&r.Count, expr.CountAll()))
		}).From(Makers).GroupBy(Makers.ID)
	}),
	"rollup": built(func() query {
		return repo.Select(func(r *subtotal) repo.Columns {
			return repo.Into(repo.To(&r.City, Makers.City), repo.To(&r.Name, expr.Optional(Makers.Name)), repo.To(&r.Count, expr.CountAll()), repo.To(&r.Level, expr.Grouping(Makers.Name)))
		}).From(Makers).GroupBy(expr.Rollup(Makers.City, Makers.Name))
	}),
	"cube": built(func() query {
		return repo.SelectValue(expr.CountAll()).From(Makers).GroupBy(expr.Cube(Makers.City, Makers.Name))
	}),
	"grouping sets": built(func() query {
		return repo.SelectValue(expr.Coalesce(Makers.Name, "all")).From(Makers).GroupBy(expr.GroupingSets([]expr.Any{Makers.City, Makers.Name}, []expr.Any{Makers.Name}, nil))
	}),
	"rollup into no null": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).GroupBy(expr.Rollup(Makers.Name))
	}),
	"rollup in where": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Where(expr.Grouping(Makers.Name).Eq(1))
	}),
	"column outside": built(func() query {
		return repo.SelectValue(Makers.City).From(Makers).GroupBy(Makers.Name)
	}),
	"order by a column outside": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).GroupBy(Makers.Name).OrderBy(Makers.City.Asc())
	}),
	"having without group": built(func() query { return repo.SelectValue(expr.CountAll()).From(Makers).Having(expr.CountAll().Gt(1)) }),
	"by nil":               built(func() query { return repo.SelectValue(expr.CountAll()).From(Makers).GroupBy(nil) }),
})

var _ = construct("windows", cases{
	"row number": built(func() query {
		return repo.SelectValue(expr.RowNumber().Over(expr.Window().PartitionBy(Products.MakerID).OrderBy(Products.Price.Desc(), Products.ID.Asc()))).From(Products)
	}),
	"ranks": built(func() query {
		w := expr.Window().OrderBy(Products.Stock.Asc())
		return repo.Select(func(r *ranks) repo.Columns {
			return repo.Into(repo.To(&r.Rank, expr.Rank().Over(w)), repo.To(&r.Dense, expr.DenseRank().Over(w)), repo.To(&r.Percent, expr.PercentRank().Over(w)),
				repo.To(&r.Dist, expr.CumeDist().Over(w)), repo.To(&r.Tile, expr.NTile(4).Over(w)))
		}).From(Products)
	}),
	"lag and lead": built(func() query {
		w := expr.Window().OrderBy(Products.ID.Asc())
		return repo.Select(func(r *span[int64]) repo.Columns {
			return repo.Into(repo.To(&r.From, expr.Lag(Products.Stock, 1).Over(w)), repo.To(&r.To, expr.Lead(Products.Stock, 2).Over(w)))
		}).From(Products)
	}),
	"lag and lead or": built(func() query {
		w := expr.Window().OrderBy(Products.ID.Asc())
		return repo.SelectValue(expr.LagOr(Products.Name, 1, "first").Over(w)).From(Products).OrderBy(expr.LeadOr(Products.Stock, 1, 0).Over(w).Desc(), expr.RowNumber().Over(w).Asc())
	}),
	"first last nth": built(func() query {
		w := expr.Window().OrderBy(Products.ID.Asc()).Rows(expr.UnboundedPreceding(), expr.UnboundedFollowing())
		return repo.Select(func(r *three) repo.Columns {
			return repo.Into(repo.To(&r.A, expr.FirstValue(Products.Name).Over(w)), repo.To(&r.B, expr.LastValue(Products.Name).Over(w)), repo.To(&r.C, expr.NthValue(Products.Name, 2).Over(w)))
		}).From(Products)
	}),
	"running sum": built(func() query {
		return repo.SelectValue(expr.Sum(Products.Price).Over(expr.Window().PartitionBy(Products.MakerID).OrderBy(Products.Made.Asc()).Rows(expr.Preceding(6), expr.CurrentRow()))).From(Products)
	}),
	"range": built(func() query {
		return repo.SelectValue(expr.Avg(Products.Price).Over(expr.Window().OrderBy(Products.Stock.Asc()).Range(expr.Preceding(10), expr.Following(10)))).From(Products)
	}),
	"groups excluding": built(func() query {
		w := expr.Window().OrderBy(Products.Stock.Asc()).Groups(expr.Preceding(1), expr.Following(1))
		return repo.Select(func(r *counts) repo.Columns {
			return repo.Into(repo.To(&r.A, expr.CountAll().Over(w.ExcludeCurrentRow())), repo.To(&r.B, expr.CountAll().Over(w.ExcludeGroup())), repo.To(&r.C, expr.CountAll().Over(w.ExcludeTies())))
		}).From(Products)
	}),
	"with a filter": built(func() query {
		return repo.SelectValue(expr.Count(Products.ID).Filter(Products.Active.Eq(true)).Over(expr.Window().PartitionBy(Products.Grade))).From(Products)
	}),
	"beside groups": built(func() query {
		return repo.SelectValue(expr.Rank().Over(expr.Window().OrderBy(expr.Count(Products.ID).Desc()))).From(Products).GroupBy(Products.MakerID)
	}),
	"as an operand": built(func() query {
		return repo.SelectValue(expr.SubTo(expr.Optional(Products.Stock), expr.Lag(Products.Stock, 1).Over(expr.Window().OrderBy(Products.ID.Asc())).Value())).From(Products)
	}),
	"in where": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).Where(expr.On(expr.RowNumber().Over(expr.Window()), Makers.ID))
	}),
	"of distinct": built(func() query {
		return repo.SelectValue(expr.Count(Makers.ID).Distinct().Over(expr.Window())).From(Makers)
	}),
	"two frames": built(func() query {
		return repo.SelectValue(expr.CountAll().Over(expr.Window().Rows(expr.CurrentRow(), expr.CurrentRow()).Rows(expr.CurrentRow(), expr.CurrentRow()))).From(Makers)
	}),
	"frame backwards": built(func() query {
		return repo.SelectValue(expr.CountAll().Over(expr.Window().Rows(expr.Following(1), expr.Preceding(1)))).From(Makers)
	}),
	"negative frame": built(func() query {
		return repo.SelectValue(expr.CountAll().Over(expr.Window().Rows(expr.Preceding(-1), expr.CurrentRow()))).From(Makers)
	}),
	"groups without order": built(func() query {
		return repo.SelectValue(expr.CountAll().Over(expr.Window().Groups(expr.Preceding(1), expr.CurrentRow()))).From(Makers)
	}),
	"range of two terms": built(func() query {
		return repo.SelectValue(expr.CountAll().Over(expr.Window().OrderBy(Makers.ID.Asc(), Makers.Name.Asc()).Range(expr.Preceding(1), expr.CurrentRow()))).From(Makers)
	}),
	"exclude without frame": built(func() query { return repo.SelectValue(expr.CountAll().Over(expr.Window().ExcludeTies())).From(Makers) }),
	"ntile of none":         built(func() query { return repo.SelectValue(expr.NTile(0).Over(expr.Window())).From(Makers) }),
	"lag backwards":         built(func() query { return repo.SelectValue(expr.Lag(Makers.Name, -1).Over(expr.Window())).From(Makers) }),
})
