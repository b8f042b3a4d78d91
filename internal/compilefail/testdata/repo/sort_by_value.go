package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	_, _ = repo.SortBy(Users, "name", expr.Lower(Users.Name)) // want `missing method Ref|does not match`
}
