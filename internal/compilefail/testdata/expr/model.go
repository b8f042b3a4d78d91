package main

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
)

type User struct{}

var Users struct {
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Email     expr.Nullable[User, string]
	Age       expr.Column[User, int]
	Bonus     expr.Nullable[User, int]
	CreatedAt expr.Column[User, time.Time]
}

type Post struct{}

var Posts struct {
	ID       expr.Column[Post, int64]
	Title    expr.Column[Post, string]
	AuthorID expr.Column[Post, int64]
}

// where and to are what a repository and a projection ask for.
func where(conds ...expr.Expr[User]) {}

func to[R any](dst *R, src expr.Yields[R]) {}
