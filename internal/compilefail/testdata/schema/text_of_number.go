package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Text(Users.ID) // want `V .type int64. does not satisfy expr.String`
}
