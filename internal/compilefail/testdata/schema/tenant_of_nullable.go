package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Tenant(Users.Email, "firm") // want `type expr.Nullable.User, string. of Users.Email does not match`
}
