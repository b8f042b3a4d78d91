package corpus

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("decimals", cases{
	"add":    built(func() query { return repo.SelectValue(expr.AddDecimal(Products.Cost, "0.005")).From(Products) }),
	"add to": built(func() query { return repo.SelectValue(expr.AddDecimalTo(Products.Cost, Products.Cost)).From(Products) }),
	"sub":    built(func() query { return repo.SelectValue(expr.SubDecimal(Products.Cost, "1.50")).From(Products) }),
	"sub to": built(func() query {
		return repo.SelectValue(expr.SubDecimalTo(Products.Cost, expr.Val(Money("1")))).From(Products)
	}),
	"mul":    built(func() query { return repo.SelectValue(expr.MulDecimal(Products.Cost, "1.19")).From(Products) }),
	"mul to": built(func() query { return repo.SelectValue(expr.MulDecimalTo(Products.Cost, Products.Cost)).From(Products) }),
	"scale":  built(func() query { return repo.SelectValue(expr.ScaleDecimal(Products.Cost, 12)).From(Products) }),
	"scale to": built(func() query {
		return repo.SelectValue(expr.ScaleDecimalTo(Products.Cost, Products.Stock)).From(Products)
	}),
	"div": built(func() query { return repo.SelectValue(expr.DivDecimal(Products.Cost, "3", 4)).From(Products) }),
	"div to": built(func() query {
		return repo.SelectValue(expr.DivDecimalTo(Products.Cost, Products.Cost, 2)).From(Products)
	}),
	"neg and abs":    built(func() query { return repo.SelectValue(expr.AbsDecimal(expr.NegDecimal(Products.Cost))).From(Products) }),
	"round":          built(func() query { return repo.SelectValue(expr.RoundDecimal(Products.Cost, 1)).From(Products) }),
	"round to less":  built(func() query { return repo.SelectValue(expr.RoundDecimal(Products.Cost, -1)).From(Products) }),
	"of a text":      built(func() query { return repo.SelectValue(expr.AddDecimal(Products.Name, "1")).From(Products) }),
	"of a bad value": built(func() query { return repo.SelectValue(expr.AddDecimal(Products.Cost, "x")).From(Products) }),
	"sum": built(func() query {
		return repo.SelectValue(expr.SumDecimal(expr.ScaleDecimalTo(Products.Cost, Products.Stock))).From(Products)
	}),
	"avg": built(func() query {
		return repo.SelectValue(expr.AvgDecimal(Products.Cost, 4).Filter(Products.Stock.Gt(0))).From(Products)
	}),
	"sum over": built(func() query {
		return repo.SelectValue(expr.SumDecimal(Products.Cost).Over(expr.Window().PartitionBy(Products.MakerID))).From(Products)
	}),
	"compared": built(func() query {
		return productsOf.Where(expr.AddDecimal(Products.Cost, "1").Gt("2.125")).OrderBy(expr.NegDecimal(Products.Cost).Asc())
	}),
})
