package corpus

import (
	"database/sql"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// What queries read into.
type (
	stat struct {
		Name  string
		Count int64
	}
	span[V any] struct{ From, To *V }
	date        struct{ Year, Month, Day, Weekday int64 }
	subtotal    struct {
		City, Name   *string
		Count, Level int64
	}
	ranks struct {
		Rank, Dense   int64
		Percent, Dist float64
		Tile          int64
	}
	three  struct{ A, B, C *string }
	counts struct{ A, B, C int64 }
	nulls  struct {
		On *bool
		At *time.Time
	}
	null struct{ City sql.Null[string] }
)

// unrun is a query that the test's databases cannot run.
type unrun struct{ q query }

func (u unrun) SQL(d dialect.Dialect) (string, []any, error) { return u.q.SQL(d) }

// What common table expressions and subqueries are read by.
type (
	stats struct {
		schema.Table[stat]
		Name  expr.Column[stat, string]
		Count expr.Column[stat, int64]
	}
	Node struct {
		ID    int64
		Depth int64
	}
	tree struct {
		schema.Table[Node]
		ID    expr.Column[Node, int64]
		Depth expr.Column[Node, int64]
	}
	wrong struct {
		schema.Table[stat]
		Name expr.Column[stat, int64]
	}
)

// perMaker is how many products each maker has.
func perMaker() repo.Selection[stat] {
	return repo.Select(func(r *stat) repo.Columns {
		return repo.Into(repo.To(&r.Name, Makers.Name), repo.To(&r.Count, expr.Count(Products.ID)))
	}).From(Makers).Join(Products, expr.On(Products.MakerID, Makers.ID)).GroupBy(Makers.Name)
}

var _ = construct("projections", cases{
	"values of one table": built(func() query {
		return repo.Select(func(r *span[string]) repo.Columns {
			return repo.Into(repo.To(&r.From, Makers.City), repo.To(&r.To, expr.Optional(Makers.Name)))
		}).From(Makers)
	}),
	"null": built(func() query {
		return repo.Select(func(r *null) repo.Columns { return repo.Into(repo.ToNull(&r.City, Makers.City)) }).From(Makers)
	}),
	"without from": built(func() query { return repo.SelectValue(expr.Now()) }),
	"distinct":     built(func() query { return repo.SelectValue(Makers.City).From(Makers).Distinct().OrderBy(Makers.City.Asc()) }),
	"limit, offset": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).OrderBy(Makers.ID.Asc()).Limit(10).Offset(20)
	}),
	"offset alone":    built(func() query { return repo.SelectValue(Makers.ID).From(Makers).Offset(20) }),
	"limit of zero":   built(func() query { return repo.SelectValue(Makers.ID).From(Makers).Limit(0) }),
	"negative limit":  built(func() query { return repo.SelectValue(Makers.ID).From(Makers).Limit(-1) }),
	"negative offset": built(func() query { return repo.SelectValue(Makers.ID).From(Makers).Offset(-1) }),
	"entity beside values": built(func() query {
		return repo.Select(func(r *withEntity) repo.Columns {
			return repo.Into(repo.ToEntity(&r.Maker, Makers), repo.To(&r.Count, Makers.Branches.Count()))
		}).From(Makers)
	}),
	"entity of an outer join": built(func() query {
		return repo.Select(func(r *withEntity) repo.Columns {
			return repo.Into(repo.To(&r.Count, Makers.ID), repo.ToEntity(&r.Maker, parent))
		}).From(Makers).LeftJoin(parent, expr.On(Makers.ParentID, parent.ID))
	}),
	"source not in from":           built(func() query { return repo.SelectValue(Products.Name).From(Makers) }),
	"source not in from, in where": built(func() query { return repo.SelectValue(Makers.ID).From(Makers).Where(Products.Stock.Gt(1)) }),
	"alias not in from":            built(func() query { return repo.SelectValue(parent.Name).From(Makers) }),
	"no from":                      built(func() query { return repo.SelectValue(Makers.Name) }),
	"from twice":                   built(func() query { return repo.SelectValue(Makers.Name).From(Makers).From(Products) }),
	"from nothing":                 built(func() query { return repo.SelectValue(Makers.Name).From(nil) }),
	"from what is not defined":     built(func() query { return repo.SelectValue(Makers.Name).From(&makers{}) }),
	"nothing":                      built(func() query { return repo.Select(func(*stat) repo.Columns { return repo.Into() }).From(Makers) }),
	"no function":                  built(func() query { return repo.Select[stat](nil).From(Makers) }),
	"no struct": built(func() query {
		return repo.Select(func(n *int64) repo.Columns { return repo.Into(repo.To(n, Makers.ID)) }).From(Makers)
	}),
	"no expression": built(func() query { return repo.SelectValue[string](nil).From(Makers) }),
	"field filled twice": built(func() query {
		return repo.Select(func(r *stat) repo.Columns {
			return repo.Into(repo.To(&r.Name, Makers.Name), repo.To(&r.Name, Makers.Name))
		}).From(Makers)
	}),
	"field of another value": built(func() query {
		var other stat
		return repo.Select(func(*stat) repo.Columns { return repo.Into(repo.To(&other.Name, Makers.Name)) }).From(Makers)
	}),
	"field of an embedded pointer": built(func() query {
		return repo.Select(func(r *embedding) repo.Columns { return repo.Into(repo.To(&r.Name, Makers.Name)) }).From(Makers)
	}),
	"field of no column's type": built(func() query {
		return repo.Select(func(r *withChannel) repo.Columns { return repo.Into(repo.To(&r.C, expr.Val(make(chan int)))) }).From(Makers)
	}),
	"handle that is not bound": built(func() query { return repo.SelectValue(expr.Column[Maker, string]{}).From(Makers) }),
	"zero":                     built(func() query { return repo.Selection[stat]{} }),
	"zero value":               built(func() query { return repo.SelectValue(expr.Value[Maker, string, string]{}).From(Makers) }),
})

type (
	withEntity struct {
		Maker *Maker
		Count int64
	}
	embedding   struct{ *stat }
	withChannel struct{ C chan int }
)

var _ = construct("order", cases{
	"nulls": built(func() query {
		return makersOf.Query().OrderBy(Makers.City.Asc().NullsFirst(), Makers.ParentID.Desc().NullsLast(), Makers.Name.Desc())
	}),
	"values": built(func() query {
		return makersOf.Query().OrderBy(expr.Lower(Makers.Name).Asc(), expr.Length(Makers.City).Desc())
	}),
	"nullable": built(func() query { return makersOf.Query().OrderBy(Makers.City.Desc(), Makers.ID.Asc()) }),
	"scalar": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).OrderBy(expr.Now().Asc(), expr.Func[string]("lower", expr.Val("x")).Desc().NullsLast())
	}),
	"window": built(func() query {
		return repo.SelectValue(Makers.ID).From(Makers).OrderBy(expr.RowNumber().Over(expr.Window()).Asc())
	}),
	"decimals":    built(func() query { return repo.SelectValue(Products.ID).From(Products).OrderBy(Products.Cost.Desc()) }),
	"constant":    built(func() query { return repo.SelectValue(Makers.ID).From(Makers).OrderBy(expr.Val(int64(1)).Asc()) }),
	"of distinct": built(func() query { return repo.SelectValue(Makers.City).From(Makers).Distinct().OrderBy(Makers.ID.Asc()) }),
	"of distinct, by what is read": built(func() query {
		return repo.SelectValue(expr.Coalesce(Makers.City, "none")).From(Makers).Distinct().OrderBy(expr.Coalesce(Makers.City, "none").Desc())
	}),
	"of distinct, by what an outer join reads": built(func() query {
		return repo.SelectValue(expr.Optional(parent.Name)).From(Makers).LeftJoin(parent, expr.On(Makers.ParentID, parent.ID)).Distinct().OrderBy(parent.Name.Asc())
	}),
	"of distinct entities": built(func() query { return makersOf.Query().Distinct().OrderBy(expr.Lower(Makers.Name).Asc()) }),
	"zero":                 built(func() query { return makersOf.Query().OrderBy(expr.Order[Maker]{}) }),
	"zero of any":          built(func() query { return repo.SelectValue(Makers.ID).From(Makers).OrderBy(expr.AnyOrder{}) }),
	"nil":                  built(func() query { return repo.SelectValue(Makers.ID).From(Makers).OrderBy(nil) }),
	"sort text": built(func() query {
		return makersOf.Query().OrderBy(must(repo.SortBy(Makers, "name, -city", Makers.Name, Makers.City))...)
	}),
	"sort text of a column not listed": built(func() query {
		_, err := repo.SortBy(Makers, "-id", Makers.Name)
		return failed{err}
	}),
	"sort text with a column twice": built(func() query {
		_, err := repo.SortBy(Makers, "name,-name", Makers.Name)
		return failed{err}
	}),
	"sort text with an empty part": built(func() query {
		_, err := repo.SortBy(Makers, "name,,city", Makers.Name, Makers.City)
		return failed{err}
	}),
	"sort text of hostile text": built(func() query {
		_, err := repo.SortBy(Makers, `name" DESC; DROP TABLE "makers"; --`, Makers.Name)
		return failed{err}
	}),
	"sort by an alias's column": built(func() query {
		_, err := repo.SortBy(Makers, "name", parent.Name)
		return failed{err}
	}),
})

// failed is an error that came before there was a query.
type failed struct{ err error }

func (f failed) SQL(dialect.Dialect) (string, []any, error) { return "", nil, f.err }
