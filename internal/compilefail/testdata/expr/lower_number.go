package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Lower(Users.Age) // want `V .type int. does not satisfy expr.String`
}
