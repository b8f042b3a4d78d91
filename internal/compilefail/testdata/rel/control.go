package main

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

func main() {
	rel.Via(Posts.Author, Posts.AuthorID).BackPopulates(Users.Posts)
	rel.Via(Posts.Author, Posts.AuthorID, Posts.ID).Own().BackPopulates(Users.Posts)
	rel.Via(Posts.Author).Passive().Keep()
	var handle schema.Handle = rel.ManyToMany("x", Users.Groups, Groups.Members, schema.Comment("y"))

	conds := []expr.Expr[User]{
		Users.Posts.Any(Posts.Title.Eq("x"), Posts.Comments.None()),
		Users.Groups.None(Groups.Name.Eq("x")),
		Users.Posts.Count(Posts.Author.Is(Users.Name.Eq("x"))).Gt(3),
	}
	posts := []expr.Expr[Post]{Posts.Author.Is(), Posts.Author.IsNull(), Posts.Author.IsNotNull()}
	orders := []expr.Order[Post]{Posts.Author.By(Users.Name.Desc().NullsLast()), Posts.Comments.Count().Asc()}
	paths := []rel.Path[User]{
		Users.Posts,
		Users.Posts.With(Posts.Comments, Posts.Author.With(Users.Groups)),
		Users.Groups.Where(Groups.Name.Eq("x")).OrderBy(Groups.Name.Asc()).Limit(3).Join().SelectIn().Depth(1),
	}
	_, _, _, _, _ = handle, conds, posts, orders, paths
}
