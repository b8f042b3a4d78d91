package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Greatest(Users.Age, "x") // want `"x"`
}
