package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Case(Users.ID.Eq(1), "a").When(Users.ID.Eq(2), 5) // want `cannot use 5 .untyped int constant. as string value`
}
