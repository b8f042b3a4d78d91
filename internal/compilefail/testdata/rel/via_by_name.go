package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.Via(Posts.Author, "author_id") // want `"author_id"`
}
