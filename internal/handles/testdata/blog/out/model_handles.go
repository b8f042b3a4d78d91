package blog

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

type users struct {
	schema.Table[User]
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Email     expr.Nullable[User, string]
	CreatedAt expr.Column[User, time.Time]
	Posts     rel.ToMany[User, Post]
	Groups    rel.ToMany[User, Group]
	Profile   rel.ToOne[User, Profile]
}

var Users = schema.Define("users", func(t *users) {
	schema.Column(t.ID).PrimaryKey()
})

type posts struct {
	schema.Table[Post]
	ID       expr.Column[Post, int64]
	Title    expr.Column[Post, string]
	AuthorID expr.Column[Post, int64]
	Author   rel.ToOne[Post, User]
}

var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.AuthorID).References(Users.ID)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Users.Posts)
})

type groups struct {
	schema.Table[Group]
	ID      expr.Column[Group, int64]
	Members rel.ToMany[Group, User]
}

var Groups = schema.Define("groups", func(t *groups) {
	schema.Column(t.ID).PrimaryKey()
})

type profiles struct {
	schema.Table[Profile]
	ID     expr.Column[Profile, int64]
	UserID expr.Column[Profile, int64]
	User   rel.ToOne[Profile, User]
}

var Profiles = schema.Define("profiles", func(t *profiles) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UserID).References(Users.ID).Unique()
	rel.Via(t.User, t.UserID).BackPopulates(Users.Profile)
})

type nodes struct {
	schema.Table[Node]
	ID       expr.Column[Node, int64]
	ParentID expr.Nullable[Node, int64]
	Parent   rel.ToOne[Node, Node]
	Children rel.ToMany[Node, Node]
}

var Nodes = schema.Define("nodes", func(t *nodes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ParentID).References(t.ID)
	rel.Via(t.Parent, t.ParentID).BackPopulates(t.Children)
})

type seats struct {
	schema.Table[Seat]
	UserID  expr.Column[Seat, int64]
	GroupID expr.Column[Seat, int64]
	User    rel.ToOne[Seat, User]
	Group   rel.ToOne[Seat, Group]
}

var Seats = schema.Define("seats", func(t *seats) {
	schema.PrimaryKey(t.UserID, t.GroupID)
	schema.Column(t.UserID).References(Users.ID)
	rel.Via(t.User, t.UserID)
	schema.Column(t.GroupID).References(Groups.ID)
	rel.Via(t.Group, t.GroupID)
})

var UserGroups = rel.ManyToMany("user_groups", Users.Groups, Groups.Members)
