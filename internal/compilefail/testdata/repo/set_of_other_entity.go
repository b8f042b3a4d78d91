package main

import (
	"context"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	_, _ = users.UpdateWhere(context.Background(), expr.Every[User](), Posts.Title.Set("x")) // want `cannot use Posts.Title.Set.* as expr.Assign.User. value`
}
