package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Year(Users.Name) // want `type expr.Column.User, string. of Users.Name does not match inferred type expr.Measured.User, time.Time`
}
