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
	names := repo.SelectValue(Users.Name)
	of := repo.Select(func(s *stat) repo.Columns { return repo.Into(repo.To(&s.Name, Users.Name)) })
	repo.As[users](of, "s")                                                         // want `does not satisfy interface..users; schema.Of.stat..`
	repo.CTE[stats](names, "s")                                                     // want `does not satisfy interface..stats; schema.Of.string..`
	repo.Rows[stats]("v", User{})                                                   // want `does not satisfy interface..stats; schema.Of.User..`
	repo.Recursive[stats]("t", of, func(*stats) repo.Selection[User] { panic("") }) // want `does not match inferred type func.found .stats. repo.Selection.stat.`
	s := repo.As[stats](of, "s")
	_ = s.Email                              // want `Email undefined`
	repo.New[stat](db).Where(Users.ID.Eq(1)) // want `as expr.Expr.stat. value`
}
