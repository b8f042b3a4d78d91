package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.BitXor(Users.Name, "x") // want `string does not satisfy expr.Integer`
}
