package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var name string
	to(&name, expr.FuncOf[string]("f", Users.Name)) // want `does not match inferred type expr.Yields.string.`
}
