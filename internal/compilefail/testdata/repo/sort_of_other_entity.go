package main

import (
	"github.com/dormer-orm/dormer/repo"
)

func main() {
	_, _ = repo.SortBy(Users, "title", Posts.Title) // want `type expr.Column.Post, string. of Posts.Title does not match inferred type|cannot use Posts.Title`
}
