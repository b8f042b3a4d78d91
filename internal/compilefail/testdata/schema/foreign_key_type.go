package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.ForeignKey(Posts.AuthorID, Users.Name) // want `type expr.Column.User, string. of Users.Name does not match inferred type expr.ColumnOf.int64.`
}
