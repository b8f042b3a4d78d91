package main

import (
	"context"

	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Keyed[User, int64]
	_, _ = users.Get(context.Background(), "7") // want `cannot use .* .untyped string constant. as int64 value`
}
