package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.RowNumber().Over(expr.Window()).Eq(1) // want `Eq undefined`
	Users.Age.Over(expr.Window())              // want `Over undefined`
	expr.RowNumber().Filter(Users.Age.Gt(1))   // want `Filter undefined`
}
