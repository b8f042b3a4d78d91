// Blog is the smallest whole program: a model, a database in memory, a unit of
// work that writes, and one that reads and changes.
//
//	go run ./examples/blog
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// User is a plain struct.
type User struct {
	ID        int64
	Name      string
	Email     *string
	CreatedAt time.Time
	Posts     rel.Many[Post]
}

type users struct { // typed handles, bound by name to User's fields
	schema.Table[User]
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Email     expr.Nullable[User, string]
	CreatedAt expr.Column[User, time.Time]
	Posts     rel.ToMany[User, Post]
}

// Users is the table of users.
var Users = schema.Define("users", func(t *users) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100)
	schema.Text(t.Email).Unique().Size(255)
	schema.Column(t.CreatedAt).ServerDefault(expr.Now())
})

// Post is written by a user.
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

// Posts is the table of posts.
var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Size(200)
	schema.Column(t.AuthorID).References(Users.ID).OnDelete(schema.Cascade)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Users.Posts)
})

// UserService is a domain service: it embeds its repository.
type UserService struct{ repo.Keyed[User, int64] }

// Rename changes a user's name. The change is tracked; there is no Save.
func (s UserService) Rename(ctx context.Context, id int64, name string) error {
	u, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	u.Name = name
	return nil
}

func main() {
	if err := run(context.Background()); err != nil {
		log.SetFlags(0)
		log.SetOutput(os.Stderr)
		log.Fatal("blog: ", err)
	}
}

func run(ctx context.Context) error {
	db, err := engine.Open("sqlite://:memory:")
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.CreateAll(ctx); err != nil {
		return err
	}
	users := UserService{repo.NewKeyed(db, Users.ID)}
	posts := repo.NewKeyed(db, Posts.ID)

	ann := &User{Name: "Ann"}
	err = uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		return posts.Add(ctx,
			&Post{Title: "Hello", Author: rel.To(ann)}, // Ann comes along
			&Post{Title: "Hello again", Author: rel.To(ann)})
	})
	if err != nil {
		return err
	}
	fmt.Println("added", ann.Name, "with key", ann.ID)

	return uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if err := users.Rename(ctx, ann.ID, "Anna"); err != nil {
			return err
		}
		u, err := users.One(ctx, expr.HasPrefix(Users.Name, "Ann")) // the query sees the change
		if err != nil {
			return err
		}
		written, err := posts.Where(Posts.AuthorID.Eq(u.ID)).OrderBy(Posts.Title.Desc()).All(ctx)
		if err != nil {
			return err
		}
		for _, p := range written {
			fmt.Printf("%s: %q\n", u.Name, p.Title)
		}
		return nil
	})
}
