package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func main() {
	schema.Check("c", expr.Count(Users.ID).Gt(3)) // want `in call to schema.Check, cannot infer T`
}
