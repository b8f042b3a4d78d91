package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	where(expr.On(Posts.AuthorID, Users.ID)) // want `cannot use expr.On.* .value of interface type expr.Cond. as expr.Expr.User. value`
}
