package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Number(Users.Name) // want `string does not satisfy expr.Number`
}
