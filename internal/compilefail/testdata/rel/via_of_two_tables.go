package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.Via(Posts.Author, Posts.AuthorID, Comments.PostID) // want `Comments.PostID`
}
