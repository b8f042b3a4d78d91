package corpus

import (
	"context"
	"errors"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("relations", cases{
	"any":        built(func() query { return makersOf.Where(Makers.Products.Any(Products.Stock.Gt(1))) }),
	"any of all": built(func() query { return makersOf.Where(Makers.Products.Any()) }),
	"none": built(func() query {
		return makersOf.Where(Makers.Products.None(Products.Active.Eq(true), Products.Stock.Gt(0)))
	}),
	"count": built(func() query { return makersOf.Where(Makers.Products.Count(Products.Active.Eq(true)).Gt(2)) }),
	"is": built(func() query {
		return repo.SelectValue(Products.ID).From(Products).Where(Products.Maker.Is(Makers.Name.Eq("Ann")))
	}),
	"is null":     built(func() query { return makersOf.Where(Makers.Parent.IsNull()) }),
	"is not null": built(func() query { return makersOf.Where(Makers.Parent.IsNotNull()) }),
	"by": built(func() query {
		return repo.SelectValue(Products.ID).From(Products).OrderBy(Products.Maker.By(Makers.Name.Desc().NullsLast()))
	}),
	"many to many": built(func() query {
		return repo.SelectValue(Products.ID).From(Products).Where(Products.Groups.Any(Groups.Title.Eq("Light")))
	}),
	"many to many count": built(func() query { return repo.SelectValue(Groups.Products.Count()).From(Groups) }),
	"to the same table": built(func() query {
		return makersOf.Where(Makers.Parent.Is(Makers.City.Eq("Ulm")), Makers.Branches.Any(Makers.City.IsNull()))
	}),
	"nested": built(func() query {
		return makersOf.Where(Makers.Products.Any(Products.Groups.Any(Groups.Title.Eq("Light"))))
	}),
	"there and back": built(func() query { return makersOf.Where(Makers.Products.Any(Products.Maker.Is(Makers.Name.Eq("Ann")))) }),
	"of an alias": built(func() query {
		return repo.SelectValue(parent.ID).From(parent).Where(parent.Products.Any(Products.Stock.Gt(1)))
	}),
	"outer row by an alias": built(func() query {
		return repo.SelectValue(parent.ID).From(parent).Where(parent.Branches.Any(Makers.City.EqTo(parent.City)))
	}),
	"in an update": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).UpdateWhere(ctx, Makers.Products.None(), Makers.City.SetNull())
		return err
	}),
	"in a delete": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Group](db).DeleteWhere(ctx, Groups.Products.None())
		return err
	}),
	"of what is not defined": built(func() query { return makersOf.Where(new(makers).Products.Any()) }),
})

var _ = construct("eager loading", cases{
	"to many": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(Makers.Branches).All(ctx)
		return err
	}),
	"to one": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Note](db).Query().With(Notes.Draft).All(ctx)
		return err
	}),
	"by join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Note](db).Query().With(Notes.Draft.Join()).All(ctx)
		return err
	}),
	"to many by join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(Makers.Branches.Join()).All(ctx)
		return err
	}),
	"by select in": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Note](db).Query().With(Notes.Draft.SelectIn()).All(ctx)
		return err
	}),
	"to many by select in": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(Makers.Branches.SelectIn()).All(ctx)
		return err
	}),
	"filtered, ordered, limited": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(Makers.Branches.Where(Makers.Name.Ne("x")).OrderBy(Makers.Name.Desc()).Limit(2)).All(ctx)
		return err
	}),
	"order of few": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(Makers.Branches.OrderBy(Makers.ID.Asc()), Makers.Parent.Where(Makers.ID.Gt(0))).All(ctx)
		return err
	}),
	"limit of all": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(Makers.Branches.Limit(3)).All(ctx)
		return err
	}),
	"nested": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).Query().With(Drafts.Notes.With(Notes.Draft)).All(ctx)
		return err
	}),
	"nested below one": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Note](db).Query().With(Notes.Draft.With(Drafts.Notes)).All(ctx)
		return err
	}),
	"tree": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Where(Makers.ID.Eq(1)).With(Makers.Branches.Depth(3)).All(ctx)
		return err
	}),
	"upwards": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Where(Makers.ID.Eq(2)).With(Makers.Parent.Depth(3)).All(ctx)
		return err
	}),
	"many to many": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Group](db).Query().With(Groups.Products.Where(Products.Stock.Gt(0))).All(ctx)
		return err
	}),
	"of nothing": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(nil).All(ctx)
		return err
	}),
	"negative limit": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().With(Makers.Branches.Limit(-1)).All(ctx)
		return err
	}),
	"limit of a to one": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Note](db).Query().With(Notes.Draft.Limit(1)).All(ctx)
		return err
	}),
	"order of a to one": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Note](db).Query().With(Notes.Draft.OrderBy(Drafts.ID.Asc())).All(ctx)
		return err
	}),
	"depth of what is no tree": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).Query().With(Drafts.Notes.Depth(2)).All(ctx)
		return err
	}),
	"zero path": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Draft](db).Query().With(rel.EagerPath[Draft, Note]{}).All(ctx)
		return err
	}),
})

// reading sends what the verbs of repositories, queries and selections send. That
// there is no row, or more than one, is no fault of the statement.
func found(err error) error {
	if errors.Is(err, repo.ErrNotFound) || errors.Is(err, repo.ErrMultiple) {
		return nil
	}
	return err
}

var _ = construct("reading", cases{
	"get": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.NewKeyed(db, Makers.ID).Get(ctx, 1)
		return err
	}),
	"get by a key of two parts": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.NewKeyed2(db, Shelves.Row, Shelves.Col).Get(ctx, 1, 2)
		return err
	}),
	"get of any key": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Get(ctx, int64(1), int64(2))
		return err
	}),
	"get of half a key": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Shelf](db).Get(ctx, int64(1))
		return err
	}),
	"get of another type": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Get(ctx, "1")
		return err
	}),
	"find": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Find(ctx, Makers.Name.Eq("Ann"), Makers.City.IsNotNull())
		return err
	}),
	"first": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).First(ctx, Makers.Name.Ne("x"))
		return err
	}),
	"one": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).One(ctx, Makers.ID.Eq(1))
		return err
	}),
	"count": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Count(ctx, Makers.City.IsNull())
		return err
	}),
	"exists": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Exists(ctx, Makers.City.IsNull())
		return err
	}),
	"query all": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Untracked().Query().OrderBy(Makers.Name.Asc()).Reload().All(ctx)
		return err
	}),
	"query first": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().Untracked().OrderBy(Makers.Name.Asc()).Limit(5).First(ctx)
		return err
	}),
	"query one": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().One(ctx)
		return found(err)
	}),
	"query count": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().Distinct().Limit(3).Offset(1).OrderBy(Makers.Name.Asc()).Count(ctx)
		return err
	}),
	"query exists": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().Offset(1).Exists(ctx)
		return err
	}),
	"query stream": sent(func(ctx context.Context, db *engine.Engine) error {
		for _, err := range repo.New[Maker](db).Query().OrderBy(Makers.Name.Asc()).Stream(ctx) {
			if err != nil {
				return err
			}
		}
		return nil
	}),
	"selection all": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.SelectValue(Makers.Name).From(Makers).All(ctx, db)
		return err
	}),
	"selection first": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.SelectValue(Makers.Name).From(Makers).OrderBy(Makers.ID.Asc()).First(ctx, db)
		return err
	}),
	"selection one": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.SelectValue(Makers.Name).From(Makers).One(ctx, db)
		return found(err)
	}),
	"selection scalar": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.SelectValue(expr.CountAll()).From(Makers).Scalar(ctx, db)
		return err
	}),
	"selection scalar of two": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := perMaker().Scalar(ctx, db)
		return err
	}),
	"selection stream": sent(func(ctx context.Context, db *engine.Engine) error {
		for _, err := range repo.SelectValue(Makers.Name).From(Makers).Stream(ctx, db) {
			if err != nil {
				return err
			}
		}
		return nil
	}),
	"refresh": sent(func(ctx context.Context, db *engine.Engine) error {
		makers := repo.NewKeyed(db, Makers.ID)
		m, err := makers.Get(ctx, 1)
		if err != nil {
			return err
		}
		return makers.Refresh(ctx, m)
	}),
	"explain": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := db.Explain(ctx, repo.SelectValue(Makers.Name).From(Makers).Where(Makers.ID.Gt(3)))
		return err
	}),
	"without a unit of work": sent(func(_ context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Find(context.Background())
		return err
	}),
	"zero repository": built(func() query { return repo.Repository[Maker]{}.Query() }),
})

var _ = construct("locks", cases{
	"for update":              built(func() query { return makersOf.Where(Makers.ID.Eq(1)).ForUpdate() }),
	"for share":               built(func() query { return makersOf.Where(Makers.ID.Eq(1)).ForShare() }),
	"skip locked":             built(func() query { return makersOf.Query().OrderBy(Makers.ID.Asc()).Limit(1).ForUpdate(repo.SkipLocked()) }),
	"no wait":                 built(func() query { return makersOf.Where(Makers.ID.Eq(1)).ForShare(repo.NoWait()) }),
	"of the table":            built(func() query { return makersOf.Where(Makers.Products.Any()).ForUpdate(repo.Of(Makers)) }),
	"of another table":        built(func() query { return makersOf.Query().ForUpdate(repo.Of(Products)) }),
	"of no table":             built(func() query { return makersOf.Query().ForUpdate(repo.Of()) }),
	"skip locked and no wait": built(func() query { return makersOf.Query().ForUpdate(repo.SkipLocked(), repo.NoWait()) }),
	"of distinct rows":        built(func() query { return makersOf.Query().Distinct().ForUpdate() }),
})
