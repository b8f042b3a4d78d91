package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Column(Posts.AuthorID).References(Users.Name) // want `cannot use Users.Name .* as expr.ColumnOf.int64. value`
}
