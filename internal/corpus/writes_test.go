package corpus

import (
	"context"
	"slices"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

var _ = construct("update", cases{
	"where": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1), Makers.Name.Set("Bea"), Makers.City.SetTo(Makers.Name))
		return err
	}),
	"every": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, expr.Every[Maker](), Makers.City.Set("Ulm"))
		return err
	}),
	"set null": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1), Makers.City.SetNull())
		return err
	}),
	"version and on update": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).UpdateWhere(ctx, Pages.ID.Eq(101), Pages.Hits.SetTo(expr.Add(Pages.Hits, 1)))
		return err
	}),
	"each kind": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Product](db).UpdateWhere(ctx, Products.ID.Eq(1), Products.Price.Set(1.5), Products.Flags.Set(3), Products.Grade.Set("bad"), Products.Cost.Set("2.50"),
			Products.Active.Set(false), Products.Made.Set(noon), Products.Gone.SetTo(expr.Now()), Products.Tags.Set([]string{"a", `"`}), Products.Image.Set([]byte{1}),
			Products.Serial.Set([16]byte{1}), Products.Extra.Set(schema.JSON[map[string]any]{V: map[string]any{"n": 1}}))
		return err
	}),
	"by case": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Product](db).UpdateWhere(ctx, expr.Every[Product](), Products.Grade.SetTo(expr.CaseTo(Products.Stock.Gt(1), Products.Grade).Else("bad")))
		return err
	}),
	"by a subquery": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, expr.Every[Maker](), Makers.City.SetTo(repo.Sub(repo.SelectValue(expr.Coalesce(parent.City, "?")).From(parent).Where(expr.On(parent.ID, Makers.ParentID)))))
		return err
	}),
	"by a count": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).UpdateWhere(ctx, expr.Every[Page](), Pages.Hits.SetTo(repo.Sub(repo.SelectValue(expr.CountAll()).From(Makers))))
		return err
	}),
	"with a join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Product](db).Updating(Products.Label.SetTo(Makers.City)).Join(Makers, expr.On(Products.MakerID, Makers.ID)).Where(Makers.Name.Eq("Ann"), Products.Stock.Gt(1)).Exec(ctx)
		return err
	}),
	"with a join to an alias": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Updating(Makers.City.SetTo(parent.City)).Join(parent, expr.On(Makers.ParentID, parent.ID)).Exec(ctx)
		return err
	}),
	"with two joins": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Updating(Shelves.Note.SetTo(Makers.Name)).Join(Products, expr.On(Shelves.Item, Products.ID)).Join(Makers, expr.On(Products.MakerID, Makers.ID)).Exec(ctx)
		return err
	}),
	"with a version and a join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Updating(Pages.Path.SetTo(Makers.Name)).Join(Makers, expr.On(Makers.ID, Pages.ID)).Exec(ctx)
		return err
	}),
	"returning": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateReturning(ctx, Makers.ID.Eq(1), Makers.Name.Set("Bea"))
		return err
	}),
	"returning with a join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Updating(Makers.City.SetTo(parent.City)).Join(parent, expr.On(Makers.ParentID, parent.ID)).All(ctx)
		return err
	}),
	"of nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1))
		return err
	}),
	"and of nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, expr.And[Maker](), Makers.Name.Set("x"))
		return err
	}),
	"or of nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, expr.Or[Maker](), Makers.Name.Set("x"))
		return err
	}),
	"zero condition": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, expr.Expr[Maker]{}, Makers.Name.Set("x"))
		return err
	}),
	"no condition": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Updating(Makers.Name.Set("x")).Exec(ctx)
		return err
	}),
	"zero assignment": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1), expr.Assign[Maker]{})
		return err
	}),
	"of one column twice": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1), Makers.Name.Set("x"), Makers.Name.Set("y"))
		return err
	}),
	"of the key": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).UpdateWhere(ctx, Pages.ID.Eq(101), Pages.ID.Set(103))
		return err
	}),
	"of an alias's column": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1), parent.Name.Set("x"))
		return err
	}),
	"of a joined table's column": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Updating(parent.City.Set("x")).Join(parent, expr.On(Makers.ParentID, parent.ID)).Exec(ctx)
		return err
	}),
	"to an aggregate, with a join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Updating(Pages.Hits.SetTo(expr.Count(Makers.ID))).Join(Makers, expr.On(Makers.ID, Pages.Site)).Exec(ctx)
		return err
	}),
	"where an aggregate": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Updating(Pages.Hits.Set(1)).Where(expr.Count(Pages.ID).Gt(1)).Exec(ctx)
		return err
	}),
	"to nil": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Product](db).UpdateWhere(ctx, Products.ID.Eq(1), Products.Tags.Set(nil))
		return err
	}),
	"to a null": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(2), Makers.City.SetTo(expr.NullIf(Makers.Name, "Bob")))
		return err
	}),
	"to an aggregate": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).UpdateWhere(ctx, Pages.ID.Eq(101), Pages.Hits.SetTo(expr.CountAll()))
		return err
	}),
	"of a table not joined": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1), Makers.City.SetTo(Products.Name))
		return err
	}),
	"joined to itself": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Updating(Makers.Name.Set("x")).Join(Makers, expr.On(Makers.ParentID, Makers.ID)).Exec(ctx)
		return err
	}),
	"joined without a condition": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Updating(Makers.Name.Set("x")).Join(Products, nil).Exec(ctx)
		return err
	}),
	"text that is too long": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.ID.Eq(1), Makers.Name.Set("a name of more than forty characters, which do not fit"))
		return err
	}),
})

var _ = construct("delete", cases{
	"where": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).DeleteWhere(ctx, Shelves.Item.IsNull().Or(Shelves.Row.Gt(3)))
		return err
	}),
	"every": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).DeleteWhere(ctx, expr.Every[Shelf]())
		return err
	}),
	"returning": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).DeleteReturning(ctx, Shelves.Row.Eq(1))
		return err
	}),
	"with a join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Deleting().Join(Products, expr.On(Shelves.Item, Products.ID)).Where(Products.Stock.Gt(1)).Exec(ctx)
		return err
	}),
	"with two joins, returning": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Deleting().Join(Products, expr.On(Shelves.Item, Products.ID)).Join(Makers, expr.On(Products.MakerID, Makers.ID)).All(ctx)
		return err
	}),
	"and of nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).DeleteWhere(ctx, expr.And[Shelf]())
		return err
	}),
	"zero condition": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).DeleteWhere(ctx, expr.Expr[Shelf]{})
		return err
	}),
	"in nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).DeleteWhere(ctx, Shelves.Row.In())
		return err
	}),
	"no condition": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Deleting().Exec(ctx)
		return err
	}),
	"where of nil": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Deleting().Where(nil).Exec(ctx)
		return err
	}),
})

func home() *Page { return &Page{ID: 101, Slug: "home", Site: 1, Hits: 5} }

var _ = construct("upsert", cases{
	"by the key": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home(), {ID: 9, Slug: "new"}})).Update(Pages.Hits, Pages.Path).Exec(ctx)
		return err
	}),
	"all columns": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).Update().Exec(ctx)
		return err
	}),
	"by a unique column": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{{ID: 8, Slug: "home"}})).On(Pages.Slug).Update(Pages.Hits).Exec(ctx)
		return err
	}),
	"by a partial index": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{{ID: 8, Slug: "other", Site: 1, Path: ptr("/"), Live: true}})).On(Pages.Path, Pages.Site).Update(Pages.Hits).Exec(ctx)
		return err
	}),
	"do nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).DoNothing().Exec(ctx)
		return err
	}),
	"all": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).Update(Pages.Hits).All(ctx)
		return err
	}),
	"keys": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{{Slug: "home"}})).On(Pages.Slug).Update(Pages.Hits).Exec(ctx, repo.Keys())
		return err
	}),
	"of a key of two parts": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Upsert(slices.Values([]*Shelf{{Row: 1, Col: 2, Note: "low"}})).Update().Exec(ctx)
		return err
	}),
	"of nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(nil).Update(Pages.Hits).On(Pages.Version).Exec(ctx)
		return err
	}),
	"neither": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).On(Pages.Slug).Exec(ctx)
		return err
	}),
	"both": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).Update().DoNothing().Exec(ctx)
		return err
	}),
	"on nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).On().Update().Exec(ctx)
		return err
	}),
	"update of the key": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).On(Pages.Slug).Update(Pages.ID).Exec(ctx)
		return err
	}),
	"update of the version": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Page](db).Upsert(slices.Values([]*Page{home()})).Update(Pages.Version).Exec(ctx)
		return err
	}),
})

var _ = construct("insert", cases{
	"all": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Group](db).InsertAll(ctx, slices.Values([]*Group{{ID: 11, Title: "a"}, {ID: 12, Title: "b"}}))
		return err
	}),
	"all of a key of two parts": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).InsertAll(ctx, slices.Values([]*Shelf{{Row: 7, Col: 7, Item: ptr(int64(1))}}))
		return err
	}),
	"from a query": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.InsertFrom(ctx, repo.New[Group](db), repo.Select(func(g *Group) repo.Columns {
			return repo.Into(repo.To(&g.Title, Makers.Name), repo.To(&g.ID, expr.Add(Makers.ID, 200)))
		}).From(Makers).Where(Makers.City.IsNotNull()))
		return err
	}),
	"from a query, the key made": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.InsertFrom(ctx, repo.NewKeyed(db, Groups.ID), repo.Select(func(g *Group) repo.Columns { return repo.Into(repo.To(&g.Title, Makers.Name)) }).From(Makers))
		return err
	}),
	"from a query, with a version": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.InsertFrom(ctx, repo.New[Page](db), repo.Select(func(p *Page) repo.Columns {
			return repo.Into(repo.To(&p.Slug, Makers.Name), repo.To(&p.Site, Makers.ID), repo.To(&p.Live, expr.Val(true)), repo.To(&p.Hits, Makers.Products.Count()), repo.To(&p.Changes, expr.Val(int64(0))))
		}).From(Makers))
		return err
	}),
	"from a union": sent(func(ctx context.Context, db *engine.Engine) error {
		titles := func(x expr.Yields[string]) repo.Selection[Group] {
			return repo.Select(func(g *Group) repo.Columns { return repo.Into(repo.To(&g.Title, x)) })
		}
		_, err := repo.InsertFrom(ctx, repo.New[Group](db), titles(Makers.Name).From(Makers).UnionAll(titles(Products.Name).From(Products)))
		return err
	}),
	"from entities": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.InsertFrom(ctx, repo.New[holder](db), repo.Select(func(h *holder) repo.Columns { return repo.Into(repo.ToEntity(&h.Maker, Makers)) }).From(Makers))
		return err
	}),
	"from a query that leaves a column out": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.InsertFrom(ctx, repo.New[Group](db), repo.Select(func(g *Group) repo.Columns { return repo.Into(repo.To(&g.ID, Makers.ID)) }).From(Makers).Where(Makers.ID.Gt(100)))
		return err
	}),
	"from a query that is wrong": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.InsertFrom(ctx, repo.New[Group](db), repo.Select(func(g *Group) repo.Columns { return repo.Into(repo.To(&g.Title, Makers.Name)) }).From(Products))
		return err
	}),
})

// holder has a field that is no column.
type holder struct {
	ID    int64
	Maker *Maker `db:"-"`
}

type holders struct {
	schema.Table[holder]
	ID expr.Column[holder, int64]
}

var _ = schema.Define("holders", func(t *holders) { schema.Column(t.ID).PrimaryKey() }, schema.In(meta))

var _ = construct("soft delete", cases{
	"update with deleted": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).WithDeleted().UpdateWhere(ctx, Drafts.ID.Gt(0), Drafts.Title.Set("x"))
		return err
	}),
	"left out":                        built(func() query { return draftsOf.Where(Drafts.Title.Eq("x")) }),
	"with deleted":                    built(func() query { return draftsOf.Query().WithDeleted() }),
	"with deleted, of the repository": built(func() query { return draftsOf.WithDeleted().Where(Drafts.Title.Eq("x")) }),
	"only deleted":                    built(func() query { return draftsOf.Query().OnlyDeleted() }),
	"only deleted, of the repository": built(func() query { return draftsOf.OnlyDeleted().Where(Drafts.Title.Eq("x")) }),
	"only deleted of a table without": built(func() query { return makersOf.OnlyDeleted().Query() }),
	"in a selection":                  built(func() query { return repo.SelectValue(Drafts.Title).From(Drafts).Where(Drafts.ID.Gt(1)) }),
	"in a selection with deleted":     built(func() query { return repo.SelectValue(Drafts.Title).From(Drafts).WithDeleted() }),
	"joined": built(func() query {
		return repo.SelectValue(Notes.Text).From(Notes).Join(Drafts, expr.On(Notes.DraftID, Drafts.ID))
	}),
	"outer joined": built(func() query {
		return repo.SelectValue(expr.Optional(Drafts.Title)).From(Notes).LeftJoin(Drafts, expr.On(Notes.DraftID, Drafts.ID))
	}),
	"right joined": built(func() query {
		return repo.SelectValue(Drafts.Title).From(Notes).RightJoin(Drafts, expr.On(Notes.DraftID, Drafts.ID))
	}),
	"full joined": built(func() query {
		return repo.SelectValue(expr.Optional(Drafts.Title)).From(Notes).FullJoin(Drafts, expr.On(Notes.DraftID, Drafts.ID))
	}),
	"cross joined": built(func() query { return repo.SelectValue(Drafts.Title).From(Notes).CrossJoin(Drafts) }),
	"across a relation": built(func() query {
		return repo.SelectValue(Notes.ID).From(Notes).Where(Notes.Draft.Is(Drafts.Title.Eq("x")))
	}),
	"in a subquery": built(func() query {
		return repo.SelectValue(Notes.ID).From(Notes).Where(repo.In(Notes.DraftID, repo.SelectValue(Drafts.ID).From(Drafts)))
	}),
	"in a subquery with deleted": built(func() query {
		return repo.SelectValue(Notes.ID).From(Notes).Where(repo.In(Notes.DraftID, repo.SelectValue(Drafts.ID).From(Drafts).WithDeleted()))
	}),
	"in a union": built(func() query {
		return repo.SelectValue(Drafts.Title).From(Drafts).Union(repo.SelectValue(Notes.Text).From(Notes))
	}),
	"get": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.NewKeyed(db, Drafts.ID).Get(ctx, 2)
		return found(err)
	}),
	"delete where": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).DeleteWhere(ctx, Drafts.Title.Eq("live"))
		return err
	}),
	"delete returning": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).DeleteReturning(ctx, Drafts.Title.Eq("live"))
		return err
	}),
	"delete with a join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).Deleting().Join(Notes, expr.On(Notes.DraftID, Drafts.ID)).Exec(ctx)
		return err
	}),
	"update where": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).UpdateWhere(ctx, Drafts.ID.Gt(0), Drafts.Title.Set("x"))
		return err
	}),
	"purge where": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).PurgeWhere(ctx, Drafts.ID.Eq(2))
		return err
	}),
	"delete where, only deleted": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).OnlyDeleted().DeleteWhere(ctx, Drafts.ID.Eq(2))
		return err
	}),
})

var _ = construct("filters", cases{
	"tenant": sent(func(ctx context.Context, db *engine.Engine) error {
		ctx = repo.WithParameter(repo.WithParameter(ctx, "shop", "north"), "level", int64(3))
		_, err := repo.New[Bill](db).Find(ctx, Bills.Sum.Gt(1))
		return err
	}),
	"tenant of another repository": sent(func(ctx context.Context, db *engine.Engine) error {
		ctx = repo.WithParameter(repo.WithParameter(ctx, "shop", `north' OR 1=1 --`), "level", int64(3))
		_, err := repo.SelectValue(Bills.Sum).From(Bills).All(ctx, db)
		return err
	}),
	"absent parameter":      built(func() query { return billsOf.Query() }),
	"absent in a selection": built(func() query { return repo.SelectValue(Bills.Sum).From(Bills) }),
	"parameter of another type": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Bill](db).Find(repo.WithParameter(ctx, "shop", 5))
		return err
	}),
	"one off": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Bill](db).Unfiltered("level").Find(repo.WithParameter(ctx, "shop", "north"))
		return err
	}),
	"one off by context": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Bill](db).Find(repo.WithoutFilter(repo.WithParameter(ctx, "shop", "north"), "level"))
		return err
	}),
	"all off":                built(func() query { return billsOf.Unfiltered().Query() }),
	"all off, of a query":    built(func() query { return billsOf.Query().Unfiltered("shop", "level") }),
	"all off in a selection": built(func() query { return repo.SelectValue(Bills.Sum).From(Bills).Unfiltered() }),
	"misspelt":               built(func() query { return billsOf.Unfiltered("levl").Query() }),
	"update": sent(func(ctx context.Context, db *engine.Engine) error {
		ctx = repo.WithParameter(repo.WithParameter(ctx, "shop", "north"), "level", int64(3))
		_, err := repo.New[Bill](db).UpdateWhere(ctx, expr.Every[Bill](), Bills.Sum.Set(1))
		return err
	}),
	"update of the tenant": sent(func(ctx context.Context, db *engine.Engine) error {
		ctx = repo.WithParameter(repo.WithParameter(ctx, "shop", "north"), "level", int64(3))
		_, err := repo.New[Bill](db).UpdateWhere(ctx, expr.Every[Bill](), Bills.Shop.Set("south"))
		return err
	}),
	"delete": sent(func(ctx context.Context, db *engine.Engine) error {
		ctx = repo.WithParameter(repo.WithParameter(ctx, "shop", "north"), "level", int64(3))
		_, err := repo.New[Bill](db).DeleteWhere(ctx, Bills.Sum.Gt(3))
		return err
	}),
	"upsert": sent(func(ctx context.Context, db *engine.Engine) error {
		ctx = repo.WithParameter(repo.WithParameter(ctx, "shop", "north"), "level", int64(3))
		_, err := repo.New[Bill](db).Upsert(slices.Values([]*Bill{{ID: 1, Level: 1, Sum: 5}})).Update(Bills.Sum).Exec(ctx)
		return err
	}),
	"parameter outside a filter": built(func() query { return makersOf.Where(Makers.Name.EqTo(expr.Parameter[string]("shop"))) }),
})
