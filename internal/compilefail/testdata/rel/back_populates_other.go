package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.Via(Posts.Author, Posts.AuthorID).BackPopulates(Users.Groups) // want `cannot use Users.Groups`
}
