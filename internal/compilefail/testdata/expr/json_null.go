package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var on bool
	to(&on, expr.JSON[bool](Users.Name, "a")) // want `does not match inferred type expr.Yields.bool.`
}
