package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	users.Updating(Posts.Title.Set("x"))                                                            // want `cannot use Posts.Title.Set`
	users.Updating(Users.Name.SetTo(Posts.AuthorID)).Join(Posts, expr.On(Posts.AuthorID, Users.ID)) // want `cannot use Posts.AuthorID`
}
