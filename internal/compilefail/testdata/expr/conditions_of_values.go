package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.AnyOf(Users.Age)                                // want `as expr.Cond value`
	expr.AllOf(expr.Rollup(Users.Age))                   // want `as expr.Cond value`
	expr.Not(expr.AllOf(Users.ID.Eq(1)))                 // want `cannot infer T`
	expr.Or(Users.ID.Eq(1), Posts.ID.Eq(1))              // want `does not match inferred type expr.Expr.User.`
	Users.ID.Eq(1).And(Posts.ID.Eq(1))                   // want `as expr.Expr.User. value`
	expr.Case(Users.ID.Eq(1), 1).When(Posts.ID.Eq(1), 2) // want `as expr.Expr.User. value`
	expr.Case(expr.AllOf(), 1)                           // want `cannot infer T`
	where(expr.JSON[bool](Users.Name, "a"))              // want `as expr.Expr.User. value`
}
