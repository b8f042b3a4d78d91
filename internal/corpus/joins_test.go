package corpus

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("joins", cases{
	"inner": built(func() query {
		return repo.SelectValue(Makers.Name).From(Products).Join(Makers, expr.On(Products.MakerID, Makers.ID))
	}),
	"left": built(func() query {
		return repo.SelectValue(expr.Optional(parent.Name)).From(Makers).LeftJoin(parent, expr.On(Makers.ParentID, parent.ID)).Where(parent.City.IsNull())
	}),
	"right": built(func() query {
		return repo.SelectValue(parent.Name).From(Makers).RightJoin(parent, expr.On(Makers.ParentID, parent.ID))
	}),
	"full": built(func() query {
		return repo.SelectValue(expr.Coalesce(parent.Name, "none")).From(Makers).FullJoin(parent, expr.On(Makers.ParentID, parent.ID))
	}),
	"cross": built(func() query { return repo.SelectValue(parent.Name).From(Makers).CrossJoin(parent) }),
	"several": built(func() query {
		return repo.SelectValue(expr.Optional(parent.Name)).From(Products).Join(Makers, expr.On(Products.MakerID, Makers.ID)).
			LeftJoin(parent, expr.AllOf(expr.On(Makers.ParentID, parent.ID), parent.City.Ne("x"))).Where(Products.Stock.Gt(1), parent.Name.NeTo(Products.Name))
	}),
	"of an association": built(func() query {
		return repo.SelectValue(Products.Name).From(Products).Join(Makers, expr.AllOf(expr.On(Products.MakerID, Makers.ID), expr.AnyOf()))
	}),
	"by inequality": built(func() query {
		return repo.SelectValue(twin.Name).From(Products).Join(twin, twin.Price.GtTo(Products.Price))
	}),
	"outer into no null": built(func() query {
		return repo.SelectValue(parent.Name).From(Makers).LeftJoin(parent, expr.On(Makers.ParentID, parent.ID))
	}),
	"right into no null": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).RightJoin(parent, expr.On(Makers.ParentID, parent.ID))
	}),
	"outer within an expression": built(func() query {
		return repo.SelectValue(expr.Concat(parent.Name, "!")).From(Makers).LeftJoin(parent, expr.On(Makers.ParentID, parent.ID))
	}),
	"outer counted": built(func() query {
		return repo.SelectValue(expr.Count(parent.ID)).From(Makers).LeftJoin(parent, expr.On(Makers.ParentID, parent.ID))
	}),
	"condition of one table": built(func() query { return repo.SelectValue(Makers.Name).From(Products).Join(Makers, Makers.City.Eq("Ulm")) }),
	"without a condition":    built(func() query { return repo.SelectValue(Makers.Name).From(Products).Join(Makers, nil) }),
	"of nothing": built(func() query {
		return repo.SelectValue(Makers.Name).From(Products).Join(nil, expr.On(Products.MakerID, Makers.ID))
	}),
	"one table twice": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Join(Makers, expr.On(Makers.ParentID, Makers.ID))
	}),
	"two aliases of one name": built(func() query {
		a, b := schemaAs(), schemaAs()
		return repo.SelectValue(a.Name).From(a).Join(b, expr.On(a.ParentID, b.ID))
	}),
	"condition on a later table": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Join(parent, expr.AllOf(expr.On(Makers.ParentID, parent.ID), expr.On(parent.ID, Products.MakerID))).
			Join(Products, expr.On(Products.MakerID, Makers.ID))
	}),
	"on nil": built(func() query {
		return repo.SelectValue(Makers.Name).From(Products).Join(Makers, expr.On[int64](Products.MakerID, nil))
	}),
	"without from": built(func() query { return repo.SelectValue(Makers.Name).Join(Makers, expr.On(Products.MakerID, Makers.ID)) }),
	"where of nil": built(func() query { return repo.SelectValue(Makers.Name).From(Makers).Where(nil) }),
})

var _ = construct("lateral", cases{
	"join": built(func() query {
		latest := repo.As[stats](repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Products.Name), repo.To(&r.Count, Products.Stock))
		}).From(Products).Where(Products.MakerID.EqTo(Makers.ID)).OrderBy(Products.Made.Desc()).Limit(3), "latest")
		return repo.SelectValue(latest.Name).From(Makers).JoinLateral(latest, nil)
	}),
	"left join": built(func() query {
		latest := repo.As[stats](repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Products.Name), repo.To(&r.Count, Products.Stock))
		}).From(Products).Where(Products.MakerID.EqTo(Makers.ID)).Limit(1), "latest")
		return repo.SelectValue(expr.Optional(latest.Name)).From(Makers).LeftJoinLateral(latest, latest.Count.Gt(0))
	}),
	"plain join that names its neighbour": built(func() query {
		latest := repo.As[stats](repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Products.Name), repo.To(&r.Count, Products.Stock))
		}).From(Products).Where(Products.MakerID.EqTo(Makers.ID)), "latest")
		return repo.SelectValue(latest.Name).From(Makers).Join(latest, latest.Name.EqTo(Makers.Name))
	}),
	"of a table": built(func() query {
		return repo.SelectValue(Products.Name).From(Makers).JoinLateral(Products, expr.On(Products.MakerID, Makers.ID))
	}),
})
