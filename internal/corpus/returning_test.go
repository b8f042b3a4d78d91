package corpus

import (
	"context"
	"slices"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// shelved is what is read of a shelf that was written.
func shelved(r *stat) repo.Columns {
	return repo.Into(repo.To(&r.Name, Shelves.Note), repo.To(&r.Count, Shelves.Row))
}

// groupsOf are groups made of makers.
func groupsOf() repo.Selection[Group] {
	return repo.Select(func(g *Group) repo.Columns {
		return repo.Into(repo.To(&g.Title, Makers.Name), repo.To(&g.ID, expr.Add(Makers.ID, 300)))
	}).From(Makers)
}

var _ = construct("returning", cases{
	"of an update": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.ReturningValue(ctx, repo.New[Maker](db).Updating(Makers.Name.Set("Bea")).Where(Makers.ID.Eq(1)), expr.Upper(Makers.Name))
		return err
	}),
	"of an update with a join": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.Returning(ctx, repo.New[Shelf](db).Updating(Shelves.Note.SetTo(Products.Name)).Join(Products, expr.On(Shelves.Item, Products.ID)), shelved)
		return err
	}),
	"of a delete": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.Returning(ctx, repo.New[Shelf](db).Deleting().Where(Shelves.Row.Gt(1)), shelved)
		return err
	}),
	"of an upsert": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.ReturningValue(ctx, repo.New[Group](db).Upsert(slices.Values([]*Group{{ID: 1, Title: "a"}})).Update(Groups.Title), Groups.ID)
		return err
	}),
	"of an insert from a query": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.ReturningValue(ctx, repo.Inserting(repo.New[Group](db), groupsOf()), expr.Concat(Groups.Title, "!"))
		return err
	}),
	"nothing of an insert from a query": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.Inserting(repo.New[Group](db), groupsOf()).Exec(ctx)
		return err
	}),
	"of another table": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.ReturningValue(ctx, repo.New[Maker](db).Updating(Makers.Name.Set("Bea")).Where(Makers.ID.Eq(1)), Products.Name)
		return err
	}),
	"an aggregate": sent(func(ctx context.Context, db *engine.Engine) error {
		_, err := repo.ReturningValue(ctx, repo.New[Maker](db).Updating(Makers.Name.Set("Bea")).Where(Makers.ID.Eq(1)), expr.CountAll())
		return err
	}),
	"in a common table expression": sent(func(ctx context.Context, db *engine.Engine) error {
		gone := repo.Changing[stats]("gone", repo.New[Shelf](db).Deleting().Where(Shelves.Row.Gt(1)), shelved)
		_, err := repo.SelectValue(expr.Sum(gone.Count)).From(gone).All(ctx, db)
		return err
	}),
	"moved in one statement": sent(func(ctx context.Context, db *engine.Engine) error {
		gone := repo.Changing[stats]("gone", repo.New[Shelf](db).Deleting().Where(Shelves.Row.Gt(1)), shelved)
		_, err := repo.InsertFrom(ctx, repo.New[Group](db), repo.Select(func(g *Group) repo.Columns {
			return repo.Into(repo.To(&g.Title, gone.Name), repo.To(&g.ID, expr.Add(gone.Count, 400)))
		}).From(gone))
		return err
	}),
})
