package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.AddMonths(Users.Name, 1) // want `does not match inferred type expr.Typed.User, time.Time`
}
