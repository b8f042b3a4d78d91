package main

import (
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var db *engine.Engine
	repo.NewKeyed(db, Users.Email) // want `type expr.Nullable.User, string. of Users.Email does not match`
}
