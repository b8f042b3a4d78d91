package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Position(Users.Age, "1") // want `int does not satisfy expr.String`
}
