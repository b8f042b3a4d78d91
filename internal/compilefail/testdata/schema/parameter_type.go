package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func main() {
	schema.Filter("named", Users.Name.EqTo(expr.Parameter[int64]("name"))) // want `expr.Scalar.int64. does not implement expr.Valued.string.`
}
