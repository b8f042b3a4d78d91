package corpus

import (
	"context"
	"encoding/json"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// kinds is a row of the program with a value of each kind.
type kinds struct {
	ID     int64
	Grade  Grade
	Cost   Money
	Made   time.Time
	Active bool
	Serial [16]byte
	Image  []byte
	Tags   []string
	Flags  int32
	Price  float64
	Doc    json.RawMessage
}
type kindsOf struct {
	schema.Table[kinds]
	ID     expr.Column[kinds, int64]
	Grade  expr.Column[kinds, Grade]
	Cost   expr.Column[kinds, Money]
	Made   expr.Column[kinds, time.Time]
	Active expr.Column[kinds, bool]
	Serial expr.Column[kinds, [16]byte]
	Image  expr.Column[kinds, []byte]
	Tags   expr.Column[kinds, []string]
	Flags  expr.Column[kinds, int32]
	Price  expr.Column[kinds, float64]
	Doc    expr.Column[kinds, json.RawMessage]
}

func kindRows() *kindsOf {
	return repo.Rows[kindsOf]("v", kinds{1, "good", "1.50", noon, true, [16]byte{1}, []byte{1}, []string{"a"}, 1, 1.5, json.RawMessage(`{}`)})
}

var _ = construct("forms of values", cases{
	"rows each kind": built(func() query {
		v := kindRows()
		return repo.SelectValue(v.ID).From(v).Where(v.Grade.Eq("good"), v.Cost.Gt("1.00"), v.Made.Lt(noon), v.Active.Eq(true), v.Serial.Eq([16]byte{1}), v.Image.Eq([]byte{1}), v.Flags.Eq(1), v.Price.Gt(1), v.Tags.Eq([]string{"a"}))
	}),
	"rows joined by uuid": built(func() query {
		v := kindRows()
		return repo.SelectValue(v.ID).From(Products).Join(v, v.Serial.EqTo(Products.Serial))
	}),
	"rows joined by doc": built(func() query {
		v := kindRows()
		return repo.SelectValue(v.ID).From(Products).Join(v, v.Doc.EqTo(Products.Doc))
	}),
	"rows joined by tags": built(func() query {
		v := kindRows()
		return repo.SelectValue(v.ID).From(Products).Join(v, v.Tags.EqTo(Products.Tags))
	}),
	"case of enum values": built(func() query {
		return productsOf.Where(Products.Grade.EqTo(expr.Case(Products.Stock.Gt(1), Grade("good")).Else("bad"))).Limit(1)
	}),
	"set case of enum values": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Product](db).UpdateWhere(ctx, expr.Every[Product](), Products.Grade.SetTo(expr.Case(Products.Stock.Gt(1), Grade("good")).Else("bad")))
		return err
	}),
	"set case of decimals": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Product](db).UpdateWhere(ctx, expr.Every[Product](), Products.Cost.SetTo(expr.Case(Products.Stock.Gt(1), Money("1.00")).Else("2.00")))
		return err
	}),
	"set case of json": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Product](db).UpdateWhere(ctx, expr.Every[Product](), Products.Doc.SetTo(expr.Case(Products.Stock.Gt(1), json.RawMessage("{}")).Else(json.RawMessage("[]"))))
		return err
	}),
	"insert values of each kind": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.InsertFrom(ctx, repo.New[Product](db), repo.Select(func(p *Product) repo.Columns {
			return repo.Into(repo.To(&p.ID, expr.Add(Makers.ID, 500)), repo.To(&p.MakerID, Makers.ID), repo.To(&p.Name, Makers.Name), repo.To(&p.Price, expr.Val(1.5)), repo.To(&p.Stock, expr.Val(int64(1))),
				repo.To(&p.Flags, expr.Val(int32(1))), repo.To(&p.Grade, expr.Val(Grade("bad"))), repo.To(&p.Cost, expr.Val(Money("1.50"))), repo.To(&p.Active, expr.Val(true)), repo.To(&p.Made, expr.Val(noon)),
				repo.To(&p.Doc, expr.Val(json.RawMessage("{}"))), repo.To(&p.Extra, expr.Val(schema.JSON[map[string]any]{V: map[string]any{}})), repo.To(&p.Tags, expr.Val([]string{"a"})), repo.To(&p.Sizes, expr.Val([]int64{1})),
				repo.To(&p.Image, expr.Val([]byte{1})), repo.To(&p.Serial, expr.Val([16]byte{1})), repo.To(&p.Label, expr.Null[string]()), repo.To(&p.Gone, expr.Null[time.Time]()), repo.To(&p.Sold, expr.Null[int64]()), repo.To(&p.Weight, expr.Null[float64]()))
		}).From(Makers))
		return err
	}),
	"union of enum and value": built(func() query {
		return repo.SelectValue(Products.Grade).From(Products).Union(repo.SelectValue(expr.Val(Grade("bad"))))
	}),
	"union of decimal and value": built(func() query {
		return repo.SelectValue(Products.Cost).From(Products).Union(repo.SelectValue(expr.Val(Money("1.50"))))
	}),
	"union of enum and null": built(func() query {
		return repo.SelectValue(expr.Optional(Products.Grade)).From(Products).Union(repo.SelectValue(expr.Null[Grade]()))
	}),
	"recursive text that grows": built(func() query {
		type item struct {
			ID   int64
			Name string
		}
		type itemsOf struct {
			schema.Table[item]
			ID   expr.Column[item, int64]
			Name expr.Column[item, string]
		}
		b := repo.Recursive[itemsOf]("b", repo.Select(func(n *item) repo.Columns { return repo.Into(repo.To(&n.ID, Makers.ID), repo.To(&n.Name, Makers.Name)) }).From(Makers), func(f *itemsOf) repo.Selection[item] {
			return repo.Select(func(n *item) repo.Columns {
				return repo.Into(repo.To(&n.ID, Makers.ID), repo.To(&n.Name, expr.Concat(expr.Concat(f.Name, "/"), "x")))
			}).From(Makers).Join(f, expr.On(Makers.ParentID, f.ID))
		})
		return repo.SelectValue(b.Name).From(b)
	}),
})

var _ = construct("combinations", cases{
	"cte in union": built(func() query {
		s := repo.CTE[stats](perMaker(), "stats")
		return repo.SelectValue(s.Name).From(s).Union(repo.SelectValue(Makers.Name).From(Makers).Where(repo.In(Makers.Name, repo.SelectValue(s.Name).From(s))))
	}),
	"cte in lateral": built(func() query {
		s := repo.CTE[stats](perMaker(), "stats")
		l := repo.As[stats](repo.Select(func(r *stat) repo.Columns { return repo.Into(repo.To(&r.Name, s.Name), repo.To(&r.Count, s.Count)) }).From(s).Where(s.Name.EqTo(Makers.Name)), "l")
		return repo.SelectValue(l.Name).From(Makers).JoinLateral(l, nil)
	}),
	"exists of groups": built(func() query {
		return makersOf.Where(repo.Exists[Maker](repo.SelectValue(Products.Grade).From(Products).Where(expr.On(Products.MakerID, Makers.ID)).GroupBy(Products.Grade).Having(expr.CountAll().Gt(2))))
	}),
	"exists of union": built(func() query {
		return makersOf.Where(repo.Exists[Maker](repo.SelectValue(Products.ID).From(Products).Where(expr.On(Products.MakerID, Makers.ID)).Union(repo.SelectValue(Groups.ID).From(Groups))))
	}),
	"in of distinct ordered": built(func() query {
		return makersOf.Where(repo.In(Makers.ID, repo.SelectValue(Products.MakerID).From(Products).Distinct().OrderBy(Products.MakerID.Desc()).Limit(2)))
	}),
	"group with case and params": built(func() query {
		band := expr.Case(Products.Stock.Lt(5), "low").Else("high")
		return repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, band), repo.To(&r.Count, expr.Count(Products.ID).Filter(Products.Price.Gt(3))))
		}).From(Products).Where(Products.Stock.Gt(-1)).GroupBy(band).Having(expr.Count(Products.ID).Gt(0)).OrderBy(band.Asc()).Limit(3)
	}),
	"rollup of params": built(func() query {
		y := expr.Substr(Makers.Name, 1, 2)
		return repo.SelectValue(expr.Optional(y)).From(Makers).GroupBy(expr.Rollup(y, Makers.City)).OrderBy(expr.Grouping(y).Desc(), y.Asc())
	}),
	"aggregate of a subquery": built(func() query {
		return repo.SelectValue(repo.Sub(repo.SelectValue(expr.Coalesce(expr.StringAgg(Products.Name, ", ").OrderBy(Products.Name.Asc()).Value(), "none")).From(Products).Where(expr.On(Products.MakerID, Makers.ID)))).From(Makers).OrderBy(Makers.Name.Asc())
	}),
})

var _ = construct("forms of results", cases{
	"lag or of enum": built(func() query {
		return repo.SelectValue(expr.LagOr(Products.Grade, 1, "good").Over(expr.Window().OrderBy(Products.ID.Asc()))).From(Products)
	}),
	"lag or of decimal": built(func() query {
		return repo.SelectValue(expr.LagOr(Products.Cost, 1, "1.00").Over(expr.Window().OrderBy(Products.ID.Asc()))).From(Products)
	}),
	"lag or of time": built(func() query {
		return repo.SelectValue(expr.LagOr(Products.Made, 1, noon).Over(expr.Window().OrderBy(Products.Made.Asc()))).From(Products)
	}),
	"rounded mean": built(func() query {
		return repo.SelectValue(expr.RoundTo(expr.Avg(Products.Price).Value(), 2)).From(Products)
	}),
	"shift of small": built(func() query {
		return repo.SelectValue(expr.ShiftLeft(Products.Flags, 3)).From(Products).Where(expr.ShiftRight(Products.Flags, 1).Eq(2))
	}),
	"json compare": built(func() query {
		return productsOf.Where(expr.JSON[int64](Products.Doc, "a").In(1, 2), expr.JSON[bool](Products.Doc, "b").Eq(true), expr.JSON[float64](Products.Doc, "c").Between(1, 2)).Limit(1)
	}),
})
