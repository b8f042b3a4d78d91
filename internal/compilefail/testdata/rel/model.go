package main

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

type User struct {
	ID        int64
	Name      string
	Email     *string
	CreatedAt time.Time
	Posts     rel.Many[Post]
	Groups    rel.Many[Group]
}

type users struct {
	schema.Table[User]
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Email     expr.Nullable[User, string]
	CreatedAt expr.Column[User, time.Time]
	Posts     rel.ToMany[User, Post]
	Groups    rel.ToMany[User, Group]
}

var Users = schema.Define("users", func(t *users) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100)
	schema.Text(t.Email).Unique().Size(255)
	schema.Column(t.CreatedAt).ServerDefault(expr.Now())
	schema.Index(t.Name, t.CreatedAt)
})

type Post struct {
	ID       int64
	Title    string
	AuthorID int64
	Author   rel.One[User]
	Comments rel.Many[Comment]
}

type posts struct {
	schema.Table[Post]
	ID       expr.Column[Post, int64]
	Title    expr.Column[Post, string]
	AuthorID expr.Column[Post, int64]
	Author   rel.ToOne[Post, User]
	Comments rel.ToMany[Post, Comment]
}

var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Size(200)
	schema.Column(t.AuthorID).References(Users.ID).OnDelete(schema.Cascade)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Users.Posts)
})

type Comment struct {
	ID     int64
	Text   string
	PostID int64
	Post   rel.One[Post]
}

type comments struct {
	schema.Table[Comment]
	ID     expr.Column[Comment, int64]
	Text   expr.Column[Comment, string]
	PostID expr.Column[Comment, int64]
	Post   rel.ToOne[Comment, Post]
}

var Comments = schema.Define("comments", func(t *comments) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PostID).References(Posts.ID)
	rel.Via(t.Post).BackPopulates(Posts.Comments).Own()
})

type Group struct {
	ID      int64
	Name    string
	Members rel.Many[User]
}

type groups struct {
	schema.Table[Group]
	ID      expr.Column[Group, int64]
	Name    expr.Column[Group, string]
	Members rel.ToMany[Group, User]
}

var Groups = schema.Define("groups", func(t *groups) {
	schema.Column(t.ID).PrimaryKey()
})

var Memberships = rel.ManyToMany("memberships", Users.Groups, Groups.Members)
