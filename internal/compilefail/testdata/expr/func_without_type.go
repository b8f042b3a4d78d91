package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Func("f") // want `cannot infer V`
}
