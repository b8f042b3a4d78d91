package corpus

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

func schemaAs() *makers { return schema.As(Makers, "m") }

var _ = construct("subqueries", cases{
	"in from": built(func() query {
		s := repo.As[stats](perMaker(), "stats")
		return repo.SelectValue(s.Name).From(s).Where(s.Count.Gt(3)).OrderBy(s.Count.Desc())
	}),
	"joined": built(func() query {
		s := repo.As[stats](perMaker(), "stats")
		return repo.SelectValue(s.Count).From(Makers).Join(s, s.Name.EqTo(Makers.Name))
	}),
	"within a subquery": built(func() query {
		s := repo.As[stats](perMaker(), "stats")
		big := repo.As[stats](repo.Select(func(r *stat) repo.Columns { return repo.Into(repo.To(&r.Name, s.Name), repo.To(&r.Count, s.Count)) }).From(s).Where(s.Count.Gt(1)), "big")
		return repo.SelectValue(expr.CountAll()).From(big)
	}),
	"exists": built(func() query {
		return makersOf.Where(repo.Exists[Maker](repo.SelectValue(Products.ID).From(Products).Where(expr.On(Products.MakerID, Makers.ID))))
	}),
	"not exists": built(func() query {
		return makersOf.Where(repo.NotExists[Maker](repo.SelectValue(Products.ID).From(Products).Where(expr.On(Products.MakerID, Makers.ID), Products.Stock.Gt(0))))
	}),
	"exists over the same table": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).Where(repo.Exists[Maker](repo.SelectValue(parent.ID).From(parent).Where(expr.On(Makers.ParentID, parent.ID))))
	}),
	"in": built(func() query {
		return makersOf.Where(repo.In(Makers.ID, repo.SelectValue(Products.MakerID).From(Products).Where(expr.HasPrefix(Products.Name, "L"))))
	}),
	"not in": built(func() query {
		return makersOf.Where(repo.NotIn(Makers.ID, repo.SelectValue(Products.MakerID).From(Products)))
	}),
	"in null": built(func() query {
		return makersOf.Where(repo.InNull(Makers.ID, repo.SelectValue(parent.ParentID).From(parent)))
	}),
	"in, with a limit": built(func() query {
		return makersOf.Where(repo.In(Makers.ID, repo.SelectValue(Products.MakerID).From(Products).OrderBy(Products.Price.Desc()).Limit(3)))
	}),
	"in a union": built(func() query {
		return makersOf.Where(repo.In(Makers.ID, repo.SelectValue(Products.MakerID).From(Products).Union(repo.SelectValue(parent.ID).From(parent))))
	}),
	"scalar": built(func() query {
		return repo.SelectValue(repo.Sub(repo.SelectValue(expr.CountAll()).From(Products).Where(expr.On(Products.MakerID, Makers.ID)))).From(Makers)
	}),
	"scalar that may be null": built(func() query {
		return repo.SelectValue(Products.ID).From(Products).Where(Products.Price.EqTo(repo.SubNull(repo.SelectValue(expr.Max(twin.Price)).From(twin))))
	}),
	"scalar in the order": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).OrderBy(repo.Sub(repo.SelectValue(expr.CountAll()).From(Products).Where(expr.On(Products.MakerID, Makers.ID))).Desc())
	}),
	"in an update": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, repo.In(Makers.ID, repo.SelectValue(Products.MakerID).From(Products)), Makers.City.Set("Ulm"))
		return err
	}),
	"with a limit and no order": built(func() query {
		s := repo.As[stats](perMaker().Limit(2).Offset(1), "stats")
		return repo.SelectValue(s.Name).From(s)
	}),
	"handle of another type": built(func() query {
		s := repo.As[wrong](perMaker(), "stats")
		return repo.SelectValue(s.Name).From(s)
	}),
	"name that is none": built(func() query {
		s := repo.As[stats](perMaker(), `x"; DROP TABLE y; --`)
		return repo.SelectValue(s.Name).From(s)
	}),
	"query that is wrong": built(func() query {
		s := repo.As[stats](perMaker().Limit(-1), "stats")
		return repo.SelectValue(s.Name).From(s)
	}),
	"not in from": built(func() query {
		s := repo.As[stats](perMaker(), "stats")
		return repo.SelectValue(s.Name).From(Makers)
	}),
	"source not in its from": built(func() query {
		return makersOf.Where(repo.Exists[Maker](repo.SelectValue(Products.ID).From(Products).Where(expr.On(Products.MakerID, parent.ID))))
	}),
	"of entities": built(func() query {
		s := repo.As[stats](repo.Select(func(r *stat) repo.Columns { return repo.Into(repo.To(&r.Name, Makers.Name)) }).From(Makers), "stats")
		return repo.SelectValue(s.Count).From(s)
	}),
})

var _ = construct("common table expressions", cases{
	"read once": built(func() query {
		s := repo.CTE[stats](perMaker(), "stats")
		return repo.SelectValue(s.Name).From(s).Where(s.Count.Gt(3))
	}),
	"read twice": built(func() query {
		s := repo.CTE[stats](perMaker(), "stats")
		other := schema.As(s, "other")
		return repo.SelectValue(s.Name).From(s).Join(other, other.Count.GtTo(s.Count))
	}),
	"read by another": built(func() query {
		s := repo.CTE[stats](perMaker(), "stats")
		big := repo.CTE[stats](repo.Select(func(r *stat) repo.Columns { return repo.Into(repo.To(&r.Name, s.Name), repo.To(&r.Count, s.Count)) }).From(s).Where(s.Count.Gt(1)), "big")
		return repo.SelectValue(s.Name).From(s).Join(big, big.Name.EqTo(s.Name))
	}),
	"in a subquery": built(func() query {
		s := repo.CTE[stats](perMaker(), "stats")
		return makersOf.Where(repo.In(Makers.Name, repo.SelectValue(s.Name).From(s).Where(s.Count.Gt(1))))
	}),
	"in an update": sent(func(ctx context.Context, db *engine.Engine) error {
		s := repo.CTE[stats](perMaker(), "stats")
		_, err := repo.New[Maker](db).UpdateWhere(ctx, repo.In(Makers.Name, repo.SelectValue(s.Name).From(s)), Makers.City.Set("Ulm"))
		return err
	}),
	"in a delete": sent(func(ctx context.Context, db *engine.Engine) error {
		s := repo.CTE[stats](perMaker(), "stats")
		_, err := repo.New[Group](db).DeleteWhere(ctx, repo.In(Groups.Title, repo.SelectValue(s.Name).From(s)))
		return err
	}),
	"in an insert": sent(func(ctx context.Context, db *engine.Engine) error {
		s := repo.CTE[stats](perMaker(), "stats")
		_, err := repo.InsertFrom(ctx, repo.New[Group](db), repo.Select(func(g *Group) repo.Columns {
			return repo.Into(repo.To(&g.ID, expr.Add(s.Count, 200)), repo.To(&g.Title, s.Name))
		}).From(s).Limit(1))
		return err
	}),
	"joined by an update": sent(func(ctx context.Context, db *engine.Engine) error {
		s := repo.CTE[stats](perMaker(), "stats")
		_, err := repo.New[Maker](db).Updating(Makers.City.SetTo(s.Name)).Join(s, s.Name.EqTo(Makers.Name)).Exec(ctx)
		return err
	}),
	"two of one name": built(func() query {
		s, other := repo.CTE[stats](perMaker(), "stats"), repo.CTE[stats](perMaker().Limit(1), "stats")
		return repo.SelectValue(s.Name).From(s).Where(repo.In(s.Name, repo.SelectValue(other.Name).From(other)))
	}),
	"of a table's name": built(func() query {
		s := repo.CTE[stats](perMaker(), "makers")
		return repo.SelectValue(s.Name).From(s)
	}),
})

// below are a maker's branches, and their branches.
func below(id int64) *tree {
	return repo.Recursive[tree]("below",
		repo.Select(func(n *Node) repo.Columns {
			return repo.Into(repo.To(&n.ID, Makers.ID), repo.To(&n.Depth, expr.Val(int64(0))))
		}).From(Makers).Where(Makers.ID.Eq(id)),
		func(found *tree) repo.Selection[Node] {
			return repo.Select(func(n *Node) repo.Columns {
				return repo.Into(repo.To(&n.ID, Makers.ID), repo.To(&n.Depth, expr.Add(found.Depth, 1)))
			}).
				From(Makers).Join(found, expr.On(Makers.ParentID, found.ID))
		})
}

var _ = construct("recursion", cases{
	"tree": built(func() query {
		b := below(1)
		return repo.SelectValue(Makers.Name).From(b).Join(Makers, expr.On(Makers.ID, b.ID)).OrderBy(b.Depth.Asc())
	}),
	"in a condition": built(func() query {
		b := below(1)
		return makersOf.Where(repo.In(Makers.ID, repo.SelectValue(b.ID).From(b).Where(b.Depth.Gt(0))))
	}),
	"distinct": built(func() query {
		b := repo.RecursiveDistinct[tree]("around",
			repo.Select(func(n *Node) repo.Columns {
				return repo.Into(repo.To(&n.ID, Makers.ID), repo.To(&n.Depth, expr.Val(int64(0))))
			}).From(Makers),
			func(found *tree) repo.Selection[Node] {
				return repo.Select(func(n *Node) repo.Columns {
					return repo.Into(repo.To(&n.Depth, found.Depth), repo.To(&n.ID, Makers.ID))
				}).From(Makers).Join(found, expr.On(Makers.ParentID, found.ID))
			})
		return repo.SelectValue(b.ID).From(b)
	}),
	"in a delete": sent(func(ctx context.Context, db *engine.Engine) error {
		b := below(7)
		_, err := repo.New[Group](db).DeleteWhere(ctx, repo.In(Groups.ID, repo.SelectValue(b.ID).From(b)))
		return err
	}),
	"of other fields": built(func() query {
		b := repo.Recursive[tree]("below",
			repo.Select(func(n *Node) repo.Columns {
				return repo.Into(repo.To(&n.ID, Makers.ID), repo.To(&n.Depth, expr.Val(int64(0))))
			}).From(Makers),
			func(found *tree) repo.Selection[Node] {
				return repo.Select(func(n *Node) repo.Columns { return repo.Into(repo.To(&n.ID, Makers.ID)) }).From(Makers).Join(found, expr.On(Makers.ParentID, found.ID))
			})
		return repo.SelectValue(b.ID).From(b)
	}),
})

var _ = construct("set operations", cases{
	"union": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Union(repo.SelectValue(Groups.Title).From(Groups))
	}),
	"union all": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).UnionAll(repo.SelectValue(Groups.Title).From(Groups))
	}),
	"intersect": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Intersect(repo.SelectValue(Groups.Title).From(Groups))
	}),
	"intersect all": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).IntersectAll(repo.SelectValue(Groups.Title).From(Groups))
	}),
	"except": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Except(repo.SelectValue(Groups.Title).From(Groups))
	}),
	"except all": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).ExceptAll(repo.SelectValue(Groups.Title).From(Groups))
	}),
	"of three": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).Union(repo.SelectValue(Groups.ID).From(Groups)).Except(repo.SelectValue(Products.ID).From(Products))
	}),
	"of three by one operation": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).UnionAll(repo.SelectValue(Groups.ID).From(Groups)).UnionAll(repo.SelectValue(Products.ID).From(Products)).OrderBy(Makers.ID.Asc()).Limit(3)
	}),
	"of three, the first two in order": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).UnionAll(repo.SelectValue(Groups.ID).From(Groups)).OrderBy(Makers.ID.Asc()).Limit(3).UnionAll(repo.SelectValue(Products.ID).From(Products))
	}),
	"nested on the right": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).Except(repo.SelectValue(Groups.ID).From(Groups).Union(repo.SelectValue(Products.ID).From(Products)))
	}),
	"order and limit of the whole": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Union(repo.SelectValue(Groups.Title).From(Groups)).OrderBy(Makers.Name.Desc()).Limit(5).Offset(1)
	}),
	"order and limit of the parts": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).OrderBy(Makers.ID.Asc()).Limit(1).UnionAll(repo.SelectValue(Groups.Title).From(Groups).OrderBy(Groups.ID.Desc()).Limit(2))
	}),
	"fields in another order": built(func() query {
		return repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Makers.Name), repo.To(&r.Count, Makers.ID))
		}).From(Makers).
			Union(repo.Select(func(r *stat) repo.Columns {
				return repo.Into(repo.To(&r.Count, Groups.ID), repo.To(&r.Name, Groups.Title))
			}).From(Groups))
	}),
	"read from": built(func() query {
		u := repo.As[stats](perMaker().UnionAll(repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Groups.Title), repo.To(&r.Count, Groups.ID))
		}).From(Groups)), "both")
		return repo.SelectValue(expr.Sum(u.Count)).From(u).Where(u.Name.Ne("x"))
	}),
	"of values": built(func() query {
		return repo.SelectValue(expr.Val("a")).Union(repo.SelectValue(expr.Val("b")))
	}),
	"of null and a column": built(func() query {
		return repo.SelectValue(Makers.City).From(Makers).Union(repo.SelectValue(expr.NullIf(Groups.Title, "x")).From(Groups))
	}),
	"with a null": built(func() query {
		return repo.SelectValue(Makers.City).From(Makers).UnionAll(repo.SelectValue(expr.Null[string]()))
	}),
	"where of the whole": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Union(repo.SelectValue(Groups.Title).From(Groups)).Where(Makers.ID.Gt(1))
	}),
	"order by what is not read": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Union(repo.SelectValue(Groups.Title).From(Groups)).OrderBy(Makers.ID.Asc())
	}),
	"of other fields": built(func() query {
		return repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Makers.Name), repo.To(&r.Count, Makers.ID))
		}).From(Makers).
			Union(repo.Select(func(r *stat) repo.Columns { return repo.Into(repo.To(&r.Count, Groups.ID)) }).From(Groups))
	}),
	"of entities": built(func() query {
		q := repo.Select(func(r *withEntity) repo.Columns { return repo.Into(repo.ToEntity(&r.Maker, Makers)) }).From(Makers)
		return q.Union(q)
	}),
	"of what is wrong": built(func() query {
		return repo.SelectValue(Makers.Name).From(Makers).Union(repo.SelectValue(Groups.Title))
	}),
})

var _ = construct("rows of the program", cases{
	"read": built(func() query {
		v := repo.Rows[stats]("v", stat{"a", 1}, stat{"b", 2})
		return repo.SelectValue(v.Name).From(v).OrderBy(v.Count.Desc())
	}),
	"joined": built(func() query {
		v := repo.Rows[stats]("v", stat{"Ann", 1})
		return repo.SelectValue(v.Count).From(Makers).Join(v, v.Name.EqTo(Makers.Name))
	}),
	"null among them": built(func() query {
		type pair struct {
			ID   int64
			City *string
		}
		type pairs struct {
			schema.Table[pair]
			ID   expr.Column[pair, int64]
			City expr.Nullable[pair, string]
		}
		v := repo.Rows[pairs]("v", pair{1, nil}, pair{2, ptr("Ulm")})
		return repo.SelectValue(v.ID).From(v).Where(v.City.IsNull())
	}),
	"update from them": sent(func(ctx context.Context, db *engine.Engine) error {
		v := repo.Rows[stats]("v", stat{"Ulm", 1}, stat{"Bonn", 2})
		_, err := repo.New[Maker](db).Updating(Makers.City.SetTo(v.Name)).Join(v, v.Count.EqTo(Makers.ID)).Exec(ctx)
		return err
	}),
	"none": built(func() query {
		v := repo.Rows[stats, stat]("v")
		return repo.SelectValue(v.Name).From(v)
	}),
	"of no struct": built(func() query {
		type number struct {
			schema.Table[int64]
		}
		v := repo.Rows[number]("v", int64(1))
		return repo.SelectValue(expr.CountAll()).From(v)
	}),
})
