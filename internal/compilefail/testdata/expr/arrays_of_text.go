package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.ArrayOverlaps(Users.Name, "x")    // want `does not satisfy ...E`
	expr.ArrayContainsAll(Users.Name, "x") // want `does not satisfy ...E`
	expr.ArrayLength(Users.Name)           // want `does not satisfy ...E`
}
