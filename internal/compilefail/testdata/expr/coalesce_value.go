package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Coalesce(Users.Email, 5) // want `cannot use 5 .untyped int constant. as string value in argument to expr.Coalesce`
}
