// Package rel has the relations between entities: the containers that are fields
// of an entity, One and Many, the handles that name them in a table, ToOne and
// ToMany, and Via and ManyToMany, which say by which columns they are joined.
//
//	type Post struct {
//		ID       int64
//		AuthorID int64
//		Author   rel.One[User]
//	}
//
//	var Posts = schema.Define("posts", func(t *posts) {
//		schema.Column(t.ID).PrimaryKey()
//		schema.Column(t.AuthorID).References(Users.ID)
//		rel.Via(t.Author, t.AuthorID).BackPopulates(Users.Posts)
//	})
//
//	posts.Add(ctx, &Post{Author: rel.To(ann)}) // Ann comes along
//
// The handles make conditions on related rows, and paths of what is loaded with a
// query:
//
//	Users.Posts.Any(Posts.Title.Eq("x"))
//	Users.Posts.With(Posts.Comments).OrderBy(Posts.ID.Desc()).Limit(3)
//
// A container is one pointer wide and holds what was put into it or loaded; the
// zero value is ready and says that nothing is known. Reading one never asks the
// database: Loaded says whether the content is known, Load reads it, for all
// entities of the query that last returned the one around.
//
//	for _, p := range all {
//		author, err := p.Author.Load(ctx) // one SELECT for all, none where the unit has the authors
//	}
//
// Changes are made in memory, on both sides of a relation at once; the flush of the
// unit of work that manages the entity writes them. Ownership, said where Via joins
// the relation, tells what becomes of children without their parent: Keep, Own or
// Passive.
//
// Containers have no locks: they belong to whoever has the entity.
package rel
