package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.SoftDelete(Users.CreatedAt) // want `type expr.Column.User, time.Time. of Users.CreatedAt does not match inferred type expr.Typed.User, time.Time, .time.Time.`
}
