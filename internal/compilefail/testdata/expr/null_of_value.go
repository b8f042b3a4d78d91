package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	where(expr.IsNull(expr.Lower(Users.Name))) // want `type expr.Value.User, string, string. .* does not match inferred type expr.Typed.User, string, \*string.`
}
