package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var n int64
	to(&n, expr.RowNumber()) // want `expr.WindowFunc.int64, int64. .* does not match expr.Yields`
}
