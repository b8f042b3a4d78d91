package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Column(Users.Name).Default(5) // want `cannot use 5 .untyped int constant. as string value`
}
