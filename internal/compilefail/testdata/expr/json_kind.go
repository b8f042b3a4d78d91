package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.JSON[[]byte](Users.Name, "a") // want `.*byte does not satisfy expr.JSONValue`
}
