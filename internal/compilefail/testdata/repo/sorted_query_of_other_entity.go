package main

import (
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	var posts repo.Repository[Post]
	terms, _ := repo.SortBy(Users, "name", Users.Name)
	posts.Query().OrderBy(terms...) // want `cannot use terms .* as ..?expr.Order.Post. value`
}
