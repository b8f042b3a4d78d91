package corpus

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// pageTwo asks for the first page and the one after it.
func pageTwo[T any](ctx context.Context, q repo.Query[T]) error {
	first, err := q.Page(ctx, 1, "")
	if err != nil {
		return err
	}
	_, err = q.Page(ctx, 1, first.Next)
	return err
}

var _ = construct("paging", cases{
	"by the key": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Maker](db).Query())
	}),
	"key appended": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Shelf](db).Where(Shelves.Row.Gt(0)).OrderBy(Shelves.Note.Desc()))
	}),
	"by a unique column": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Maker](db).Query().OrderBy(Makers.Name.Asc()))
	}),
	"mixed directions": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Page](db).Query().OrderBy(Pages.Site.Desc(), Pages.Slug.Asc()))
	}),
	"nulls": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Maker](db).Query().OrderBy(Makers.City.Asc()))
	}),
	"nulls last, descending": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Maker](db).Query().OrderBy(Makers.ParentID.Desc().NullsLast()))
	}),
	"nulls first": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Maker](db).Query().OrderBy(Makers.City.Asc().NullsFirst()))
	}),
	"by an expression": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Maker](db).Query().OrderBy(expr.Lower(Makers.Name).Asc()))
	}),
	"of a related row": sent(func(ctx context.Context, db *engine.Engine) error {
		return pageTwo(ctx, repo.New[Note](db).Query().OrderBy(Notes.Draft.By(Drafts.Title.Asc())))
	}),
	"by the clock": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.SelectValue(Makers.Name).From(Makers).OrderBy(expr.Now().Asc()).Page(ctx, db, 1, "")
		return err
	}),
	"of groups": sent(func(ctx context.Context, db *engine.Engine) error {
		first, err := perMaker().OrderBy(expr.Count(Products.ID).Desc()).Page(ctx, db, 1, "")
		if err != nil {
			return err
		}
		_, err = perMaker().OrderBy(expr.Count(Products.ID).Desc()).Page(ctx, db, 1, first.Next)
		return err
	}),
	"of a set operation, unique by": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.SelectValue(Makers.Name).From(Makers).UnionAll(repo.SelectValue(Groups.Title).From(Groups)).UniqueBy(Makers.Name).Page(ctx, db, 2, "")
		return err
	}),
	"of a set operation": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.SelectValue(Makers.Name).From(Makers).UnionAll(repo.SelectValue(Groups.Title).From(Groups)).Page(ctx, db, 2, "")
		return err
	}),
	"cursor of another order": sent(func(ctx context.Context, db *engine.Engine) error {
		makers := repo.New[Maker](db)
		first, err := makers.Query().Page(ctx, 1, "")
		if err != nil {
			return err
		}
		_, err = makers.Query().OrderBy(Makers.Name.Asc()).Page(ctx, 1, first.Next)
		return err
	}),
	"cursor of another table": sent(func(ctx context.Context, db *engine.Engine) error {
		first, err := repo.New[Maker](db).Query().Page(ctx, 1, "")
		if err != nil {
			return err
		}
		_, err = repo.New[Page](db).Query().Page(ctx, 1, first.Next)
		return err
	}),
	"cursor that is none": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().Page(ctx, 1, "' OR 1=1 --")
		return err
	}),
	"size of zero": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().Page(ctx, 0, "")
		return err
	}),
	"with a limit": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().Limit(3).Page(ctx, 1, "")
		return err
	}),
	"with an offset": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.New[Maker](db).Query().Offset(3).Page(ctx, 1, "")
		return err
	}),
})
