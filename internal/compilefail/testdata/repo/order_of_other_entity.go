package main

import (
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	users.Query().OrderBy(Posts.Title.Asc()) // want `cannot use Posts.Title.Asc.* as expr.Order.User. value`
}
