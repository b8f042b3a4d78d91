package main

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type stat struct {
	Name  string
	Email *string
	Count int64
	User  *User
}

type stats struct {
	schema.Table[stat]
	Name  expr.Column[stat, string]
	Count expr.Column[stat, int64]
}

var (
	ctx = context.Background()
	db  *engine.Engine
	_   = expr.CountAll
	_   stats
)

func main() {
	q := repo.SelectValue(Users.Name)
	q.From(Users.ID)                      // want `as schema.Handle value`
	q.Join(Posts)                         // want `not enough arguments in call`
	q.Join(Posts, Posts.AuthorID)         // want `as expr.Cond value`
	q.Where(Users.Name)                   // want `as expr.Cond value`
	q.Having(expr.Count(Users.ID))        // want `as expr.Cond value`
	q.OrderBy(Users.Name)                 // want `as expr.Ordering value`
	q.GroupBy("name")                     // want `as expr.Any value`
	q.Limit("1")                          // want `as int value`
	_, _ = q.Page(ctx, db, 10, 20)        // want `cannot use 20 .* as repo.Cursor value`
	_, _ = q.Page(ctx, 10, "")            // want `not enough arguments in call`
	q.UniqueBy("name")                    // want `as expr.Any value`
	_, _ = q.All(ctx)                     // want `not enough arguments in call`
	_, _ = q.All(ctx, repo.New[User](db)) // want `as repo.Source value`
}
