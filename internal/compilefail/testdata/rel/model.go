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
}

type users struct {
	schema.Table[User]
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Email     expr.Nullable[User, string]
	CreatedAt expr.Column[User, time.Time]
	Posts     rel.ToMany[User, Post]
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
}

type posts struct {
	schema.Table[Post]
	ID       expr.Column[Post, int64]
	Title    expr.Column[Post, string]
	AuthorID expr.Column[Post, int64]
	Author   rel.ToOne[Post, User]
}

var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Size(200)
	schema.Column(t.AuthorID).References(Users.ID).OnDelete(schema.Cascade)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Users.Posts)
})
