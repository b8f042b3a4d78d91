package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	users.Where(expr.Count(Users.ID).Value().Gt(3)) // want `cannot use expr.Count.* .value of struct type expr.Expr.expr.Computed.. as expr.Expr.User. value`
}
