package main

import (
	"context"

	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var users repo.Repository[User]
	q := repo.Select(func(p *Post) repo.Columns { return repo.Into(repo.To(&p.Title, Users.Name)) }).From(Users)
	_, _ = users.InsertFrom(context.Background(), q)                                            // want `cannot use q`
	repo.Select(func(u *User) repo.Columns { return repo.Into(repo.To(&u.Name, Users.Email)) }) // want `Users.Email`
}
