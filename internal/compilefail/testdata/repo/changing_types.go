package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type gone struct {
	ID   int64
	Name string
}

type goneUsers struct {
	schema.Table[gone]
	ID   expr.Column[gone, int64]
	Name expr.Column[gone, string]
}

type otherHandles struct {
	schema.Table[User]
	ID expr.Column[User, int64]
}

func main() {
	var users repo.Repository[User]
	of := func(g *gone) repo.Columns { return repo.Into(repo.To(&g.ID, Users.ID)) }
	h := repo.Changing[goneUsers]("gone", users.Deleting(), of)
	repo.SelectValue(h.Name).From(h).Where(h.ID.Eq("x"))           // want `cannot use "x"`
	users.Where(h.ID.Eq(1))                                        // want `as expr.Expr.User. value`
	repo.Changing[otherHandles]("gone", users.Deleting(), of)      // want `does not satisfy`
	repo.Changing[goneUsers]("gone", users.Where(), of)            // want `as repo.Write value`
	repo.Changing[goneUsers]("gone", repo.SelectValue(h.Name), of) // want `as repo.Write value`
	_ = Users.Name.Eq
}
