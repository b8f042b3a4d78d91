package main

import (
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	users.Where(Posts.Title.Eq("x")) // want `cannot use Posts.Title.Eq.* as expr.Expr.User. value`
}
