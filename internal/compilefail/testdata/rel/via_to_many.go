package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.Via(Users.Posts, Users.ID) // want `Users.Posts`
}
