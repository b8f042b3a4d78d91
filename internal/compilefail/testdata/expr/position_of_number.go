package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Position(Users.Age, "1") // want `type int. does not satisfy expr.String`
}
