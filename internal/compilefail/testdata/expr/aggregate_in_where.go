package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	where(expr.Count(Users.ID).Gt(3)) // want `cannot use expr.Count.* .value of interface type expr.Cond. as expr.Expr.User. value`
}
