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
	users := repo.New[User](db)
	users.Query().OrderBy(expr.Count(Users.ID).Desc())                                            // want `as expr.Order.User. value`
	users.Query().OrderBy(expr.Now().Asc())                                                       // want `as expr.Order.User. value`
	users.Query().With(Posts.Author)                                                              // want `as rel.Path.User. value`
	users.Query().ForUpdate(repo.Of(Users.ID))                                                    // want `as schema.Handle value`
	users.Where(expr.RowNumber().Over(expr.Window()))                                             // want `as expr.Expr.User. value`
	users.Where(expr.AllOf(Users.ID.Eq(1)))                                                       // want `as expr.Expr.User. value`
	_, _ = users.UpdateWhere(ctx, Posts.ID.Eq(1), Users.Name.Set("x"))                            // want `as expr.Expr.User. value`
	_, _ = users.UpdateWhere(ctx, Users.ID.Eq(1), Users.Name.SetNull())                           // want `SetNull undefined`
	_, _ = users.UpdateReturning(ctx, Users.ID.Eq(1), Users.ID.SetTo(expr.Count(Users.ID).Eq(1))) // want `as expr.Valued.int64. value`
	_, _ = users.DeleteReturning(ctx, Posts.ID.Eq(1))                                             // want `as expr.Expr.User. value`
	users.Deleting().Join(Posts, nil).Where(Users.Name)                                           // want `as expr.Cond value`
	users.Upsert(nil).Update(Posts.Title)                                                         // want `as expr.ColumnIn.User. value`
	users.Upsert(nil).On(expr.Lower(Users.Email))                                                 // want `as expr.ColumnIn.User. value`
}
