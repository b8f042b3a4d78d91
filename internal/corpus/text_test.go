package corpus

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("text", cases{
	"lower and upper": built(func() query { return repo.SelectValue(expr.Upper(expr.Lower(Makers.Name))).From(Makers) }),
	"trim": built(func() query {
		return repo.SelectValue(expr.Trim(expr.TrimLeft(expr.TrimRight(Makers.City)))).From(Makers)
	}),
	"length": built(func() query {
		return productsOf.Where(expr.Length(Products.Name).Gt(3), expr.Length(Products.Image).Lt(9)).Limit(1)
	}),
	"substr":          built(func() query { return repo.SelectValue(expr.Substr(Makers.Name, 2, 3)).From(Makers) }),
	"substr from 0":   built(func() query { return repo.SelectValue(expr.Substr(Makers.Name, 0, 3)).From(Makers) }),
	"replace":         built(func() query { return repo.SelectValue(expr.Replace(Makers.Name, "a", "b")).From(Makers) }),
	"replace nothing": built(func() query { return repo.SelectValue(expr.Replace(Makers.Name, "", "b")).From(Makers) }),
	"position":        built(func() query { return makersOf.Where(expr.Position(Makers.Name, "nn").Gt(0)) }),
	"concat":          built(func() query { return repo.SelectValue(expr.Concat(expr.Prepend("<", Makers.Name), ">")).From(Makers) }),
	"concat to": built(func() query {
		return repo.SelectValue(expr.ConcatTo(expr.Optional(Makers.Name), Makers.City)).From(Makers)
	}),
	"concat on the right": built(func() query {
		return repo.SelectValue(expr.ConcatTo(Makers.Name, expr.ConcatTo(expr.Coalesce(Makers.City, "?"), Makers.Name))).From(Makers)
	}),
	"of an enum": built(func() query { return repo.SelectValue(expr.Upper(expr.Cast[string](Products.Grade))).From(Products) }),
	"collate": built(func() query {
		return unrun{repo.SelectValue(Makers.Name).From(Makers).OrderBy(expr.Collate(Makers.Name, "NOCASE").Asc())}
	}),
	"collate without name": built(func() query {
		return repo.SelectValue(expr.Collate(Makers.Name, "")).From(Makers)
	}),
	"collate with a hostile name": built(func() query {
		return unrun{repo.SelectValue(expr.Collate(Makers.Name, `C" DESC; --`)).From(Makers)}
	}),
})

var _ = construct("patterns", cases{
	"like":         built(func() query { return makersOf.Where(expr.Like(Makers.Name, `A%b_c*d?e[f]\%`)) }),
	"not like":     built(func() query { return makersOf.Where(expr.NotLike(Makers.City, "U%")) }),
	"ilike":        built(func() query { return makersOf.Where(expr.ILike(Makers.Name, "a%")) }),
	"not ilike":    built(func() query { return makersOf.Where(expr.Not(expr.NotILike(Makers.Name, "a%"))) }),
	"prefix":       built(func() query { return makersOf.Where(expr.HasPrefix(Makers.Name, "50%_")) }),
	"suffix":       built(func() query { return makersOf.Where(expr.HasSuffix(Makers.Name, `\`)) }),
	"contains":     built(func() query { return makersOf.Where(expr.Contains(Makers.Name, "*[?")) }),
	"escaped":      built(func() query { return makersOf.Where(expr.Like(Makers.Name, "%"+expr.EscapeLike("5%")+"_")) }),
	"of a value":   built(func() query { return makersOf.Where(expr.HasPrefix(expr.Lower(Makers.City), "u")) }),
	"of an enum":   built(func() query { return productsOf.Where(expr.Like(Products.Grade, "g%")).Limit(1) }),
	"lone escape":  built(func() query { return makersOf.Where(expr.Like(Makers.Name, `50\`)) }),
	"matches":      built(func() query { return makersOf.Where(expr.Matches(Makers.Name, "^[A-C].n$")) }),
	"hostile text": built(func() query { return makersOf.Where(expr.Contains(Makers.Name, `'; DROP TABLE "makers"; --`)) }),
})
