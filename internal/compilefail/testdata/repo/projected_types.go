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
	repo.Select(func(s *stat) repo.Columns {
		return repo.Into(
			repo.To(&s.Name, Users.ID),                    // want `does not match inferred type expr.Yields.string.`
			repo.To(&s.Name, Users.Email),                 // want `does not match inferred type expr.Yields.string.`
			repo.To(&s.Email, Users.Name),                 // want `does not match inferred type expr.Yields..string.`
			repo.To(&s.Count, expr.Max(Users.ID)),         // want `does not match inferred type expr.Yields.int64.`
			repo.To(&s.Count, expr.Count(Users.ID).Eq(1)), // want `does not match inferred type expr.Yields.int64.`
			repo.ToEntity(&s.User, Posts),                 // want `does not match inferred type schema.Of.User.`
			repo.ToEntity(&s.Name, Users),                 // want `does not match ..E`
		)
	})
	repo.Select(func(s *stat) repo.Columns { return repo.To(&s.Name, Users.Name) }) // want `as repo.Columns value`
	repo.Select(func(s stat) repo.Columns { return repo.Into() })                   // want `does not match func..S. repo.Columns`
}
