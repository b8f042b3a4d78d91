package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.BoolAnd(Users.Age)                // want `as expr.Cond value`
	expr.BoolOr(Users.Name)                // want `as expr.Cond value`
	expr.Count(Users.ID).Filter(Users.Age) // want `as expr.Cond value`
}
