package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func main() {
	schema.Filter("many", expr.Count(Users.ID).Gt(1)) // want `cannot infer E`
}
