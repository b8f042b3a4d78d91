package main

import (
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	users.Query().ForUpdate(repo.Of("users")) // want `cannot use "users" .* as schema.Handle value`
}
