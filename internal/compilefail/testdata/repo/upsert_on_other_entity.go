package main

import "github.com/dormer-orm/dormer/repo"

func main() {
	var users repo.Repository[User]
	users.Upsert(nil).On(Posts.ID).Update()            // want `cannot use Posts.ID`
	users.Upsert(nil).On(Users.ID).Update(Posts.Title) // want `cannot use Posts.Title`
	users.Upsert(nil).On("id")                         // want `cannot use "id"`
}
