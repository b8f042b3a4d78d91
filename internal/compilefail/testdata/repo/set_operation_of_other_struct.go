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
	of := repo.Select(func(s *stat) repo.Columns { return repo.Into(repo.To(&s.Name, Users.Name)) })
	of.Union(repo.SelectValue(Users.Name))                                // want `as repo.Selection.stat. value`
	repo.SelectValue(Users.Name).Except(repo.SelectValue(Users.Email))    // want `as repo.Selection.string. value`
	repo.SelectValue(Users.ID).IntersectAll(repo.SelectValue(Users.Name)) // want `as repo.Selection.int64. value`
}
