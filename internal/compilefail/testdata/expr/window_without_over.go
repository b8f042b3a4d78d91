package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var n int64
	to(&n, expr.RowNumber()) // want `type expr.WindowFunc.int64, int64. of expr.RowNumber.. does not match inferred type expr.Yields.int64.`
}
