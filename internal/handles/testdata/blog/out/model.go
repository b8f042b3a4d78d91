// Package blog has relations, which alone make its structs entities.
package blog

import (
	"time"

	"github.com/dormer-orm/dormer/rel"
)

type User struct {
	ID        int64
	Name      string
	Email     *string
	CreatedAt time.Time
	Posts     rel.Many[Post]
	Groups    rel.Many[Group]
	Profile   rel.One[Profile]
}

type Post struct {
	ID       int64
	Title    string
	AuthorID int64
	Author   rel.One[User]
}

type Group struct {
	ID      int64
	Members rel.Many[User]
}

// Profile is a one-to-one relation's other side.
type Profile struct {
	ID     int64
	UserID int64
	User   rel.One[User]
}

// Node is a tree.
type Node struct {
	ID       int64
	ParentID *int64
	Parent   rel.One[Node]
	Children rel.Many[Node]
}

// Seat has a composite key, and belongs to both ends.
type Seat struct {
	UserID  int64
	GroupID int64
	User    rel.One[User]
	Group   rel.One[Group]
}

// settings is no entity.
type settings struct{ Dark bool }

var _ settings
