package corpus

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("joins_along", cases{
	"to one": built(func() query { return repo.SelectValue(Makers.Name).From(Products).JoinAlong(Products.Maker.To(Makers)) }),
	"to many": built(func() query {
		return repo.SelectValue(Products.Name).From(Makers).JoinAlong(Makers.Products.To(Products))
	}),
	"through": built(func() query {
		return repo.SelectValue(Groups.Title).From(Products).JoinAlong(Products.Groups.To(Groups))
	}),
	"to an alias": built(func() query { return repo.SelectValue(parent.Name).From(Makers).JoinAlong(Makers.Parent.To(parent)) }),
	"from an alias": built(func() query {
		return repo.SelectValue(Products.Name).From(Makers).JoinAlong(Makers.Parent.To(parent)).JoinAlong(parent.Products.To(Products))
	}),
	"left": built(func() query {
		return repo.SelectValue(expr.Optional(parent.Name)).From(Makers).LeftJoinAlong(Makers.Parent.To(parent))
	}),
	"left into no null": built(func() query {
		return repo.SelectValue(parent.Name).From(Makers).LeftJoinAlong(Makers.Parent.To(parent))
	}),
	"left through": built(func() query {
		return repo.SelectValue(expr.Count(Groups.ID)).From(Products).LeftJoinAlong(Products.Groups.To(Groups)).GroupBy(Products.ID)
	}),
	"from what is not there": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).JoinAlong(parent.Products.To(Products))
	}),
	"twice": built(func() query {
		return repo.SelectValue(Products.Name).From(Makers).JoinAlong(Makers.Products.To(Products)).JoinAlong(Makers.Products.To(Products))
	}),
})

var _ = construct("distinct_on", cases{
	"column": built(func() query {
		return repo.SelectValue(Products.Name).From(Products).DistinctOn(Products.MakerID).OrderBy(Products.MakerID.Asc(), Products.Price.Desc())
	}),
	"expressions": built(func() query {
		half := expr.Div(Products.Stock, 2)
		return repo.SelectValue(Products.Name).From(Products).DistinctOn(half, Products.MakerID).OrderBy(Products.MakerID.Asc(), half.Desc(), Products.ID.Asc())
	}),
	"another order": built(func() query {
		return repo.SelectValue(Products.Name).From(Products).DistinctOn(Products.MakerID).OrderBy(Products.Price.Asc())
	}),
	"of nothing": built(func() query { return repo.SelectValue(Products.Name).From(Products).DistinctOn() }),
})
