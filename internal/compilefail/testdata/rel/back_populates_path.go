package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.Via(Posts.Author, Posts.AuthorID).BackPopulates(Users.Posts.Limit(1)) // want `cannot use Users.Posts.Limit`
}
