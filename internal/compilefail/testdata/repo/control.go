package main

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var db *engine.Engine
	users := repo.New[User](db)
	users.Where(Users.Name.Eq("x")).OrderBy(Users.Name.Desc().NullsLast()).Limit(1)
	terms, _ := repo.SortBy(Users, "name", Users.Name, Users.CreatedAt)
	_, _ = users.Query().OrderBy(terms...).ForUpdate(repo.SkipLocked(), repo.Of(Users)).Page(context.Background(), 10, "")
	_ = expr.On(Posts.AuthorID, Users.ID)
	repo.NewKeyed(db, Users.ID)
	users.Upsert(nil).On(Users.Email).Update(Users.Name, Users.CreatedAt)
	_, _ = users.Updating(Users.Name.SetTo(Posts.Title)).Join(Posts, expr.On(Posts.AuthorID, Users.ID)).Where(Posts.Title.Eq("x")).Exec(context.Background())
	_, _ = repo.InsertFrom(context.Background(), users, repo.Select(func(u *User) repo.Columns { return repo.Into(repo.To(&u.Name, Posts.Title)) }).From(Posts))
}
