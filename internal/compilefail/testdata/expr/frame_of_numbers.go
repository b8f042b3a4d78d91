package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.Window().Rows(1, 2)                         // want `as expr.Bound value`
	expr.Window().OrderBy(Users.Age)                 // want `as expr.Ordering value`
	expr.Window().Range(expr.Preceding(1), Users.ID) // want `as expr.Bound value`
}
