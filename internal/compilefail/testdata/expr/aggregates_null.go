package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var n int
	var names []string
	to(&n, expr.Max(Users.Age))           // want `does not match inferred type expr.Yields.int.`
	to(&n, expr.Mode(Users.Age))          // want `does not match inferred type expr.Yields.int.`
	to(&names, expr.ArrayAgg(Users.Name)) // want `does not match inferred type expr.Yields...string.`
	to(&n, expr.Null[int]())              // want `does not match inferred type expr.Yields.int.`
	to(&n, expr.Sum(Users.Age).Value())   // want `does not match inferred type expr.Yields.int.`
}
