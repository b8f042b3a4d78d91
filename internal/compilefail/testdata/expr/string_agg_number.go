package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.StringAgg(Users.Age, ",") // want `type int. does not satisfy expr.String`
}
