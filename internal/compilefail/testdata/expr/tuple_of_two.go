package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	var _ = expr.Tuple2(Users.ID, Posts.ID) // want `type expr.Column.Post, int64. of Posts.ID does not match inferred type expr.Scoped.User`
}
