package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	where(expr.RowNumber().Over(expr.Window()).Gt(1)) // want `undefined .type expr.Windowed.int64, int64. has no field or method Gt.`
}
