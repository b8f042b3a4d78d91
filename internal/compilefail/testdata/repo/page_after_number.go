package main

import (
	"context"

	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	_, _ = users.Query().Page(context.Background(), 10, 20) // want `cannot use 20 .* as repo.Cursor value`
}
