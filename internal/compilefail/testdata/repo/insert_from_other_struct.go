package main

import (
	"context"

	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	q := repo.Select(func(p *Post) repo.Columns { return repo.Into(repo.To(&p.Title, Users.Name)) }).From(Users)
	_, _ = repo.InsertFrom(context.Background(), users, q)                                      // want `type repo.Selection.Post. of q does not match inferred type repo.Selection.User.`
	repo.Select(func(u *User) repo.Columns { return repo.Into(repo.To(&u.Name, Users.Email)) }) // want `Users.Email`
}
