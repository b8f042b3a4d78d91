package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Cast[string](Users.Email) // want `type expr.Nullable.User, string. of Users.Email does not match inferred type expr.Typed.User, string, string.`
}
