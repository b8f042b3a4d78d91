package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Sum(Users.Name) // want `string does not satisfy expr.Number`
}
