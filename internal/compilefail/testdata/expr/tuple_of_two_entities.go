package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.Tuple2(Users.ID, Posts.ID)                                                 // want `does not match inferred type expr.Scoped.User, B.`
	expr.Tuple2(Users.ID, Users.Name).In(expr.Tuple2(Users.ID, Users.Age).Of(1, 2)) // want `as expr.PairValue.int64, string. value`
	expr.Tuple3(Users.ID, Users.Name, Users.Age).Eq(1, "a")                         // want `not enough arguments in call`
}
