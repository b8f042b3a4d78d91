package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	type mine struct{}

	var _ expr.Any = mine{} // want `mine does not implement expr.Any .missing method node.`
}
