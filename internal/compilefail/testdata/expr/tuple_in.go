package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	place := expr.Tuple2(Users.ID, Users.Name)
	place.In(place.Of("a", "b")) // want `cannot use "a" .*as int64 value`
}
