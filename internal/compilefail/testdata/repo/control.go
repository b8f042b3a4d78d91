package main

import (
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var db *engine.Engine
	users := repo.New[User](db)
	users.Where(Users.Name.Eq("x")).OrderBy(Users.Name.Desc().NullsLast()).Limit(1)
	_ = expr.On(Posts.AuthorID, Users.ID)
	repo.NewKeyed(db, Users.ID)
}
