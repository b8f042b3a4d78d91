package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.GreatestTo(Users.Age, Users.Bonus) // want `type expr.Nullable.User, int. of Users.Bonus does not match inferred type expr.Result.int, int.`
}
