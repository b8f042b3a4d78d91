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
	repo.In(Users.ID, repo.SelectValue(Users.Name))            // want `does not match inferred type repo.Selection.int64.`
	repo.In(Users.Name, repo.SelectValue(Users.Email))         // want `does not match inferred type repo.Selection.string.`
	repo.NotIn(Users.Name, repo.SelectValue(Users.Email))      // want `does not match inferred type repo.Selection.string.`
	repo.InNull(Users.Name, repo.SelectValue(Users.Name))      // want `does not match inferred type repo.Selection..string.`
	users.Where(repo.Exists[Post](repo.SelectValue(Posts.ID))) // want `as expr.Expr.User. value`
	users.Where(repo.In(Posts.ID, repo.SelectValue(Users.ID))) // want `as expr.Expr.User. value`
	Users.ID.EqTo(repo.Sub(repo.SelectValue(Posts.Title)))     // want `as expr.Valued.int64. value`
	repo.SubNull(repo.SelectValue(Users.Name))                 // want `does not match repo.Selection..V.`
}
