package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.ArrayContains(Users.Name, "a") // want `V .type string. does not satisfy ~..E`
}
