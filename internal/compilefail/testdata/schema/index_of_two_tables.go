package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Index(Users.Name, Posts.Title) // want `type expr.Column.Post, string. of Posts.Title does not match inferred type expr.Of.User.`
}
