package corpus

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

var _ = construct("comparisons", cases{
	"column": built(func() query {
		return makersOf.Where(Makers.ID.Eq(1), Makers.ID.Ne(2), Makers.ID.Lt(3), Makers.ID.Le(4), Makers.ID.Gt(5), Makers.ID.Ge(6), Makers.ID.Between(7, 8))
	}),
	"column to": built(func() query {
		return makersOf.Where(Makers.ID.EqTo(Makers.ParentID), Makers.ID.NeTo(Makers.ParentID), Makers.ID.LtTo(Makers.ParentID), Makers.ID.LeTo(Makers.ParentID),
			Makers.ID.GtTo(Makers.ParentID), Makers.ID.GeTo(Makers.ParentID))
	}),
	"nullable": built(func() query {
		return makersOf.Where(Makers.City.Eq("a"), Makers.City.Ne("b"), Makers.City.Lt("c"), Makers.City.Le("d"), Makers.City.Gt("e"), Makers.City.Ge("f"), Makers.City.Between("g", "h"))
	}),
	"nullable to": built(func() query {
		return makersOf.Where(Makers.City.EqTo(Makers.Name), Makers.City.NeTo(Makers.Name), Makers.City.LtTo(Makers.Name), Makers.City.LeTo(Makers.Name),
			Makers.City.GtTo(Makers.Name), Makers.City.GeTo(expr.Val("x")))
	}),
	"value": built(func() query {
		x := expr.Add(Makers.ID, 1)
		return makersOf.Where(x.Eq(1), x.Ne(2), x.Lt(3), x.Le(4), x.Gt(5), x.Ge(6), x.Between(7, 8))
	}),
	"value to": built(func() query {
		x := expr.Add(Makers.ID, 1)
		return makersOf.Where(x.EqTo(Makers.ParentID), x.NeTo(Makers.ParentID), x.LtTo(Makers.ParentID), x.LeTo(Makers.ParentID), x.GtTo(Makers.ParentID), x.GeTo(Makers.ParentID))
	}),
	"scalar": built(func() query {
		x := expr.Func[string]("lower", expr.Val("X"))
		return repo.SelectValue(Makers.ID).From(Makers).Where(x.Eq("a"), x.Ne("b"), x.Lt("c"), x.Le("d"), x.Gt("e"), x.Ge("f"), x.Between("g", "h"), x.In("i", "j"), x.NotIn("k"))
	}),
	"scalar to": built(func() query {
		now := expr.Now()
		return repo.SelectValue(Products.ID).From(Products).Where(now.EqTo(Products.Made), now.NeTo(Products.Made), now.LtTo(Products.Made), now.LeTo(Products.Made),
			now.GtTo(Products.Made), now.GeTo(Products.Gone))
	}),
	"of two values": built(func() query { return repo.SelectValue(Makers.ID).From(Makers).Where(expr.Val(int64(1)).Eq(2)) }),
	"of each kind": built(func() query {
		return productsOf.Where(Products.Price.Eq(1.5), Products.Flags.Eq(1), Products.Active.Eq(true), Products.Image.Eq([]byte{1}), Products.Serial.Eq([16]byte{1}),
			Products.Cost.Eq("1.50"), Products.Grade.Eq("good"), Products.Made.Lt(noon), Products.Tags.Eq([]string{"a", `"`})).Limit(1)
	}),
	"of decimals":         built(func() query { return productsOf.Where(Products.Cost.Between("-10.00", "5.00")).Limit(1) }),
	"decimal of too many": built(func() query { return productsOf.Where(Products.Cost.Eq("1.505")).Limit(1) }),
	"time in another zone": built(func() query {
		return productsOf.Where(Products.Made.Gt(noon.In(time.FixedZone("", 3600)))).Limit(1)
	}),
	"with a nil slice":   built(func() query { return productsOf.Where(Products.Tags.Eq(nil)) }),
	"with a nil pointer": built(func() query { return productsOf.Where(Products.Image.Ne(nil)) }),
	"of json": built(func() query {
		return productsOf.Where(Products.Extra.Eq(schema.JSON[map[string]any]{V: map[string]any{"n": 1}})).Limit(1)
	}),
	"hostile text": built(func() query { return makersOf.Where(Makers.Name.Eq(`'; DROP TABLE "makers"; --`)) }),
})

var _ = construct("in", cases{
	"nothing":     built(func() query { return makersOf.Where(Makers.ID.In()) }),
	"not nothing": built(func() query { return makersOf.Where(Makers.ID.NotIn()) }),
	"few":         built(func() query { return makersOf.Where(Makers.ID.In(1, 2, 3)) }),
	"many":        built(func() query { return makersOf.Where(Makers.ID.In(1, 2, 3, 4, 5, 6, 7, 8, 9)) }),
	"not":         built(func() query { return makersOf.Where(Makers.ID.NotIn(1, 2), Makers.City.NotIn("Ulm")) }),
	"texts":       built(func() query { return makersOf.Where(Makers.City.In("a", `"b"`, `c\`, "d", "e", "f", "g", "h", "i")) }),
	"times":       built(func() query { return productsOf.Where(Products.Made.In(noon, dawn)).Limit(1) }),
	"enums":       built(func() query { return productsOf.Where(Products.Grade.In("good", "bad")).Limit(1) }),
	"decimals":    built(func() query { return productsOf.Where(Products.Cost.In("1.50", "2.00")).Limit(1) }),
	"bytes":       built(func() query { return productsOf.Where(Products.Image.In([]byte{1}, []byte{2, 0xff})).Limit(1) }),
	"values": built(func() query {
		return makersOf.Where(expr.Add(Makers.ID, 1).In(1, 2), expr.Lower(Makers.Name).NotIn("a"))
	}),
	"a nil":         built(func() query { return productsOf.Where(Products.Image.In([]byte{1}, nil)) }),
	"rows":          built(func() query { return shelvesOf.Where(place.In(place.Of(1, 2), place.Of(3, 4))) }),
	"rows not":      built(func() query { return shelvesOf.Where(place.NotIn(place.Of(1, 2))) }),
	"rows, nothing": built(func() query { return shelvesOf.Where(place.In()) }),
	"rows, many": built(func() query {
		return shelvesOf.Where(place.In(place.Of(1, 1), place.Of(1, 2), place.Of(1, 3), place.Of(1, 4), place.Of(2, 1), place.Of(2, 2), place.Of(2, 3), place.Of(2, 4), place.Of(2, 5)))
	}),
	"rows of three": built(func() query {
		x := expr.Tuple3(Shelves.Row, Shelves.Col, Shelves.Note)
		return shelvesOf.Where(x.In(x.Of(1, 2, "top")), x.NotIn(x.Of(1, 2, "a"), x.Of(3, 4, "b")))
	}),
	"rows of values": built(func() query {
		x := expr.Tuple2(expr.Add(Shelves.Row, 1), expr.Lower(Shelves.Note))
		return shelvesOf.Where(x.In(x.Of(2, "top"), x.Of(3, "low")))
	}),
})

var place = expr.Tuple2(Shelves.Row, Shelves.Col)

var _ = construct("tuples", cases{
	"of two": built(func() query {
		return shelvesOf.Where(place.Eq(1, 2), place.Ne(3, 4), place.Lt(5, 6), place.Le(7, 8), place.Gt(9, 10), place.Ge(11, 12))
	}),
	"of three": built(func() query {
		x := expr.Tuple3(Shelves.Row, Shelves.Col, Shelves.Note)
		return shelvesOf.Where(x.Eq(1, 2, "a"), x.Ne(1, 2, "b"), x.Lt(1, 2, "c"), x.Le(1, 2, "d"), x.Gt(1, 2, "e"), x.Ge(1, 2, "f"))
	}),
	"of decimals": built(func() query { return productsOf.Where(expr.Tuple2(Products.Cost, Products.ID).Gt("9.50", 3)).Limit(1) }),
	"zero":        built(func() query { return shelvesOf.Where(expr.Pair[Shelf, int64, int64]{}.Eq(1, 2)) }),
})

var _ = construct("logic", cases{
	"where twice": built(func() query {
		return makersOf.Where(Makers.ID.Eq(1)).Where(expr.Or(Makers.City.IsNull(), Makers.Name.Eq("x")))
	}),
	"and in or": built(func() query {
		return makersOf.Where(expr.Or(expr.And(Makers.ID.Eq(1), Makers.City.IsNull()), Makers.Name.Eq("x")))
	}),
	"or in and": built(func() query {
		return makersOf.Where(Makers.ID.Eq(1).Or(Makers.ID.Eq(2)), Makers.Name.Eq("x").And(Makers.City.Eq("y")))
	}),
	"not": built(func() query {
		return makersOf.Where(expr.Not(expr.And(Makers.ID.Eq(1), Makers.Name.Eq("x"))), expr.Not(expr.Not(Makers.ID.Eq(3))))
	}),
	"every":          built(func() query { return makersOf.Where(expr.Every[Maker]()) }),
	"and of nothing": built(func() query { return makersOf.Where(expr.And[Maker]()) }),
	"or of nothing":  built(func() query { return makersOf.Where(expr.Or[Maker]()) }),
	"all of several tables": built(func() query {
		return repo.SelectValue(Products.ID).From(Products).Join(Makers, expr.AllOf(expr.On(Products.MakerID, Makers.ID), expr.AnyOf(Makers.City.Eq("Ulm"), Products.Stock.Gt(1))))
	}),
	"zero condition": built(func() query { return makersOf.Where(expr.Expr[Maker]{}) }),
	"raw": built(func() query {
		return makersOf.Where(Makers.ID.Gt(0), expr.Raw[Maker](`"name" <> ? OR "name" = '?' -- why?`, "x"))
	}),
	"raw with a question mark":    built(func() query { return makersOf.Where(expr.Raw[Maker](`'??' <> ? /* ? */`, "x")) }),
	"raw with too few arguments":  built(func() query { return makersOf.Where(expr.Raw[Maker](`"id" > ? AND "id" < ?`, 1)) }),
	"raw with too many arguments": built(func() query { return makersOf.Where(expr.Raw[Maker](`"id" > ?`, 1, 2)) }),
})

var _ = construct("null", cases{
	"is null": built(func() query { return makersOf.Where(Makers.City.IsNull(), Makers.ParentID.IsNotNull()) }),
	"of a value": built(func() query {
		return makersOf.Where(expr.IsNull(expr.Lower(Makers.City)), expr.IsNotNull(expr.NullIf(Makers.Name, "x")))
	}),
	"is distinct": built(func() query {
		return makersOf.Where(expr.IsDistinctFrom(Makers.City, "x"), expr.IsDistinctFromTo(Makers.City, Makers.Name))
	}),
	"is not distinct": built(func() query {
		return makersOf.Where(expr.IsNotDistinctFrom(Makers.City, "x"), expr.IsNotDistinctFromTo(Makers.ID, Makers.ParentID))
	}),
	"is distinct from nil": built(func() query { return productsOf.Where(expr.IsDistinctFrom(Products.Tags, nil)) }),
	"coalesce":             built(func() query { return repo.SelectValue(expr.Coalesce(Makers.City, "none")).From(Makers) }),
	"coalesce to":          built(func() query { return repo.SelectValue(expr.CoalesceTo(Makers.City, Makers.Name)).From(Makers) }),
	"coalesce of two": built(func() query {
		return repo.SelectValue(expr.CoalesceTo(expr.NullIf(Makers.Name, ""), Makers.City)).From(Makers)
	}),
	"nullif":    built(func() query { return repo.SelectValue(expr.NullIf(Makers.Name, "x")).From(Makers) }),
	"nullif to": built(func() query { return repo.SelectValue(expr.NullIfTo(Makers.Name, Makers.City)).From(Makers) }),
	"null":      built(func() query { return repo.SelectValue(expr.CoalesceTo(expr.Null[string](), Makers.City)).From(Makers) }),
	"null bool and time": built(func() query {
		return repo.Select(func(r *nulls) repo.Columns {
			return repo.Into(repo.To(&r.On, expr.Null[bool]()), repo.To(&r.At, expr.Null[time.Time]()))
		}).From(Makers)
	}),
	"null of an interface": built(func() query { return repo.SelectValue(Makers.ID).From(Makers).OrderBy(expr.Null[any]().Asc()) }),
	"optional":             built(func() query { return repo.SelectValue(expr.Optional(Makers.Name)).From(Makers) }),
})

var _ = construct("case", cases{
	"values": built(func() query {
		return repo.SelectValue(expr.Case(Products.Stock.Lt(1), "none").When(Products.Stock.Lt(10), "few").Else("many")).From(Products)
	}),
	"columns": built(func() query {
		return repo.SelectValue(expr.CaseTo(Products.Active.Eq(true), Products.Name).WhenTo(Products.Stock.Eq(0), expr.Coalesce(Products.Label, "?")).ElseTo(expr.Val("x"))).From(Products)
	}),
	"without else": built(func() query { return repo.SelectValue(expr.Case(Products.Stock.Lt(1), noon).End()).From(Products) }),
	"in a condition": built(func() query {
		return productsOf.Where(expr.CaseTo(Products.Active.Eq(true), Products.Stock).Else(0).Gt(3)).Limit(1)
	}),
	"of an enum": built(func() query {
		return repo.SelectValue(expr.CaseTo(Products.Active.Eq(true), Products.Grade).Else("bad")).From(Products)
	}),
	"without a branch":    built(func() query { return repo.SelectValue(expr.Cases[Product, string, string]{}.Else("x")).From(Products) }),
	"of a zero condition": built(func() query { return repo.SelectValue(expr.Case(expr.Expr[Product]{}, 1).Else(2)).From(Products) }),
})

var _ = construct("cast", cases{
	"to text":           built(func() query { return repo.SelectValue(expr.Cast[string](Products.Stock)).From(Products) }),
	"to whole":          built(func() query { return repo.SelectValue(expr.Cast[int64](Products.Price)).From(Products) }),
	"to fraction":       built(func() query { return repo.SelectValue(expr.Cast[float64](Products.Flags)).From(Products) }),
	"to small":          built(func() query { return repo.SelectValue(expr.Cast[int16](Products.Stock)).From(Products) }),
	"bool to text":      built(func() query { return repo.SelectValue(expr.Cast[string](Products.Active)).From(Products) }),
	"to bool":           built(func() query { return repo.SelectValue(expr.Cast[bool](Products.Flags)).From(Products) }),
	"of null":           built(func() query { return repo.SelectValue(expr.CastNull[string](Products.Sold)).From(Products) }),
	"to interface":      built(func() query { return productsOf.Where(expr.Cast[any](Products.Stock).Eq(1)) }),
	"computed fraction": built(func() query { return repo.SelectValue(expr.Cast[int64](expr.Mul(Products.Price, 1.5))).From(Products) }),
	"mean to whole": built(func() query {
		return repo.SelectValue(expr.CastNull[int64](expr.Avg(Products.Stock).Value())).From(Products)
	}),
	"to what no database has": built(func() query { return productsOf.Where(expr.IsNull(expr.CastNull[chan int](Products.Stock))) }),
})
