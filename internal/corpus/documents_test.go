package corpus

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("json", cases{
	"text":             built(func() query { return productsOf.Where(expr.JSON[string](Products.Doc, "color").Eq("red")).Limit(1) }),
	"whole number":     built(func() query { return repo.SelectValue(expr.JSON[int64](Products.Doc, "sizes", 0)).From(Products) }),
	"fraction":         built(func() query { return repo.SelectValue(expr.JSON[float64](Products.Extra, "rating")).From(Products) }),
	"bool":             built(func() query { return repo.SelectValue(expr.JSON[bool](Products.Doc, "sale")).From(Products) }),
	"from the end":     built(func() query { return repo.SelectValue(expr.JSON[int64](Products.Doc, "sizes", -1)).From(Products) }),
	"whole document":   built(func() query { return repo.SelectValue(expr.JSON[string](Products.Doc)).From(Products) }),
	"exists":           built(func() query { return productsOf.Where(expr.JSONExists(Products.Doc, "sale")).Limit(1) }),
	"hostile key":      built(func() query { return repo.SelectValue(expr.JSON[string](Products.Doc, `a"'.b{},$[0]`)).From(Products) }),
	"part of a float":  built(func() query { return repo.SelectValue(expr.JSON[string](Products.Doc, 1.5)).From(Products) }),
	"key with a NUL":   built(func() query { return repo.SelectValue(expr.JSON[string](Products.Doc, "a\x00")).From(Products) }),
	"of a text column": built(func() query { return repo.SelectValue(expr.JSON[string](Products.Name, "a")).From(Products) }),
})

var _ = construct("arrays", cases{
	"contains":             built(func() query { return productsOf.Where(expr.ArrayContains(Products.Tags, "a")).Limit(1) }),
	"contains all":         built(func() query { return productsOf.Where(expr.ArrayContainsAll(Products.Sizes, 1, 2)).Limit(1) }),
	"contains all nothing": built(func() query { return productsOf.Where(expr.ArrayContainsAll(Products.Sizes)).Limit(1) }),
	"overlaps":             built(func() query { return productsOf.Where(expr.ArrayOverlaps(Products.Tags, "a", `"b"`)).Limit(1) }),
	"length":               built(func() query { return repo.SelectValue(expr.ArrayLength(Products.Sizes)).From(Products) }),
	"aggregate": built(func() query {
		return repo.SelectValue(expr.ArrayAgg(Makers.Name).OrderBy(Makers.ID.Asc())).From(Makers)
	}),
})

var _ = construct("user functions", cases{
	"without columns": built(func() query { return repo.SelectValue(expr.Func[int64]("length", expr.Val("abc"))).From(Makers) }),
	"of a column":     built(func() query { return repo.SelectValue(expr.FuncOf[int64]("length", Makers.City)).From(Makers) }),
	"in a condition": built(func() query {
		return makersOf.Where(expr.FuncOf[string]("replace", Makers.Name, expr.Val("a"), expr.Val("b")).Eq("x"))
	}),
	"in a schema":         built(func() query { return unrun{repo.SelectValue(expr.Func[string]("app.current_tenant"))} }),
	"with a hostile name": built(func() query { return repo.SelectValue(expr.Func[string]("f(); DROP TABLE x; --")) }),
	"without a name":      built(func() query { return repo.SelectValue(expr.Func[string]("")) }),
	"with a nil argument": built(func() query { return repo.SelectValue(expr.Func[string]("f", nil)) }),
	"with too many parts": built(func() query { return repo.SelectValue(expr.Func[string]("a.b.c")) }),
})
