package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func main() {
	schema.Text(Users.Name).ServerDefault(expr.Now()) // want `cannot use expr.Now.* as expr.Valued.string. value`
}
