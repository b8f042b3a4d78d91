package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var age int
	to(&age, expr.Lag(Users.Age, 1).Over(expr.Window())) // want `type expr.Windowed.int, \*int. .* does not match inferred type expr.Yields.int.`
}
