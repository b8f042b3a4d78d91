package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Column(Users.Name).Size(100) // want `schema.Column.Users.Name..Size undefined`
}
