// Package model is what the programs of the other folders work with.
package model

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type Address struct{ City, Street string }

type User struct {
	ID      int64
	Name    string
	Age     int
	Address Address
	Posts   rel.Many[Post]
}

type Post struct {
	ID     int64
	Title  string
	Author rel.One[User]
}

type users struct {
	schema.Table[User]
	ID    expr.Column[User, int64]
	Name  expr.Column[User, string]
	Age   expr.Column[User, int]
	Posts rel.ToMany[User, Post]
}

var Users users

type UserService struct{ repo.Keyed[User, int64] }
