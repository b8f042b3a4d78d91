package main

import (
	"context"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

type named struct {
	ID    int64
	Name  string
	Email *string
}

func main() {
	var users repo.Repository[User]
	ctx := context.Background()
	up := users.Updating(Users.Name.Set("x"))
	_, _ = repo.Returning(ctx, up, func(n *named) repo.Columns {
		return repo.Into(
			repo.To(&n.Name, Users.Email),          // want `does not match inferred type expr.Yields.string.`
			repo.To(&n.ID, expr.Upper(Users.Name)), // want `does not match inferred type expr.Yields.int64.`
		)
	})
	_, _ = repo.Returning(ctx, users.Query(), func(*named) repo.Columns { return repo.Into() })       // want `as repo.Write value`
	_, _ = repo.Returning(ctx, users, func(*named) repo.Columns { return repo.Into() })               // want `as repo.Write value`
	_, _ = repo.Returning(ctx, up, func(*named) repo.Target { return repo.Target{} })                 // want `does not match`
	_, _ = repo.ReturningValue(ctx, up, Users.Name.Eq("x"))                                           // want `does not match expr.Yields`
	repo.Inserting(users, repo.Select(func(p *Post) repo.Columns { return repo.Into() }).From(Posts)) // want `does not match inferred type repo.Selection.User.`
	var names []string
	names, _ = repo.ReturningValue(ctx, up, Users.Email) // want `cannot use repo.ReturningValue`
	_ = names
}
