package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.ManyToMany("x", Users.Groups, Posts.Author) // want `Posts.Author`
}
