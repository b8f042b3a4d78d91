package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.LagOr(Users.Age, 1, "none") // want `type string of "none"|cannot use "none"`
}
