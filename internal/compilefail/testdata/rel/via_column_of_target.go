package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.Via(Posts.Author, Users.ID) // want `Users.ID`
}
