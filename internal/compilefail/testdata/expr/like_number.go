package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	where(expr.Like(Users.ID, "x")) // want `V .type int64. does not satisfy expr.String`
}
