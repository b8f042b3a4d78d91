package main

import "github.com/dormer-orm/dormer/rel"

func main() {
	rel.ManyToMany("x", Users.Groups, Posts.Comments) // want `Posts.Comments`
}
