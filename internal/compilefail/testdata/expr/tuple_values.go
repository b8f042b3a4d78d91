package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.Tuple2(Users.ID, Users.Name).Eq(1, 2) // want `cannot use 2 .*as string value`
}
