package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	where(expr.And(Users.ID.Eq(1), Posts.ID.Eq(1))) // want `type expr.Expr.Post. of Posts.ID.Eq.1. does not match inferred type expr.Expr.User.`
}
