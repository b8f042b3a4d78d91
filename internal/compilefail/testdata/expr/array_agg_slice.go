package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var names []string
	to(&names, expr.ArrayAgg(Users.Name)) // want `does not match`
}
