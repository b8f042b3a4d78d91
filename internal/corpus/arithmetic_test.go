package corpus

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("arithmetic", cases{
	"add": built(func() query { return repo.SelectValue(expr.Add(Products.Stock, 1)).From(Products) }),
	"add to": built(func() query {
		return repo.SelectValue(expr.AddTo(Products.Sold, expr.Optional(Products.Stock))).From(Products)
	}),
	"sub": built(func() query { return repo.SelectValue(expr.Sub(Products.Price, 0.5)).From(Products) }),
	"sub to": built(func() query {
		return repo.SelectValue(expr.SubTo(Products.Stock, expr.SubTo(Products.Stock, Products.ID))).From(Products)
	}),
	"mul": built(func() query { return repo.SelectValue(expr.Mul(expr.Add(Products.Stock, 1), 2)).From(Products) }),
	"mul to": built(func() query {
		return repo.SelectValue(expr.MulTo(Products.Price, expr.Cast[float64](Products.Stock))).From(Products)
	}),
	"div of whole":     built(func() query { return repo.SelectValue(expr.Div(Products.Stock, 2)).From(Products) }),
	"div of fractions": built(func() query { return repo.SelectValue(expr.Div(Products.Price, 2)).From(Products) }),
	"div to": built(func() query {
		return repo.SelectValue(expr.DivTo(expr.Optional(Products.Stock), expr.NullIf(Products.ID, 0))).From(Products)
	}),
	"div by zero":       built(func() query { return repo.SelectValue(expr.Div(Products.Stock, 0)).From(Products) }),
	"mod":               built(func() query { return repo.SelectValue(expr.Mod(Products.Stock, 3)).From(Products) }),
	"mod to":            built(func() query { return repo.SelectValue(expr.ModTo(Products.Stock, Products.ID)).From(Products) }),
	"mod by zero":       built(func() query { return repo.SelectValue(expr.Mod(Products.Stock, 0)).From(Products) }),
	"neg":               built(func() query { return repo.SelectValue(expr.Neg(expr.Neg(expr.Add(Products.Stock, 1)))).From(Products) }),
	"abs":               built(func() query { return repo.SelectValue(expr.Abs(expr.Sub(Products.Stock, 9))).From(Products) }),
	"round":             built(func() query { return repo.SelectValue(expr.Round(Products.Price)).From(Products) }),
	"round to digits":   built(func() query { return repo.SelectValue(expr.RoundTo(Products.Weight, 2)).From(Products) }),
	"round to negative": built(func() query { return repo.SelectValue(expr.RoundTo(Products.Price, -1)).From(Products) }),
	"floor and ceil":    built(func() query { return repo.SelectValue(expr.Floor(expr.Ceil(Products.Price))).From(Products) }),
	"of constants":      built(func() query { return repo.SelectValue(expr.AddTo(Products.Stock, expr.Val(int64(3)))).From(Products) }),
	"greatest":          built(func() query { return repo.SelectValue(expr.Greatest(Products.Stock, 1, 2, 3)).From(Products) }),
	"greatest to": built(func() query {
		return repo.SelectValue(expr.GreatestTo(Products.Stock, Products.ID, expr.Val(int64(5)))).From(Products)
	}),
	"least": built(func() query { return repo.SelectValue(expr.Least(Products.Weight, 1.5)).From(Products) }),
	"least to": built(func() query {
		return repo.SelectValue(expr.LeastTo(Products.Made, expr.Coalesce(Products.Gone, noon))).From(Products)
	}),
	"least of decimals": built(func() query { return repo.SelectValue(expr.Least(Products.Cost, "2.50")).From(Products) }),
})

var _ = construct("bits", cases{
	"and":    built(func() query { return productsOf.Where(expr.BitAnd(Products.Flags, 4).Ne(0)).Limit(1) }),
	"and to": built(func() query { return repo.SelectValue(expr.BitAndTo(Products.Stock, Products.ID)).From(Products) }),
	"or": built(func() query {
		return repo.SelectValue(expr.BitOr(expr.BitAnd(expr.Add(Products.Flags, 1), 6), 1)).From(Products)
	}),
	"or to":            built(func() query { return repo.SelectValue(expr.BitOrTo(Products.Stock, Products.ID)).From(Products) }),
	"xor":              built(func() query { return repo.SelectValue(expr.BitXor(Products.Flags, 5)).From(Products) }),
	"xor to":           built(func() query { return repo.SelectValue(expr.BitXorTo(Products.Stock, Products.ID)).From(Products) }),
	"not":              built(func() query { return repo.SelectValue(expr.BitNot(Products.Flags)).From(Products) }),
	"shift left":       built(func() query { return repo.SelectValue(expr.ShiftLeft(Products.Stock, 3)).From(Products) }),
	"shift right":      built(func() query { return repo.SelectValue(expr.ShiftRight(Products.Sold, 3)).From(Products) }),
	"shift by too far": built(func() query { return repo.SelectValue(expr.ShiftLeft(Products.Stock, 64)).From(Products) }),
})
