package repo_test

import (
	"context"
	"fmt"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// The users' posts are read by one more statement, whatever the number of users;
// the path chooses among them, with a limit for each user.
func ExampleQuery_With() {
	ctx := context.Background()
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(relMeta))
	if err != nil {
		panic(err)
	}
	defer db.Close()
	if err := db.CreateAll(ctx); err != nil {
		panic(err)
	}
	users := repo.New[RUser](db)
	err = uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return users.Add(ctx,
			&RUser{Name: "Ann", Posts: rel.Of(&RPost{Title: "Hello"}, &RPost{Title: "Again"}, &RPost{Title: "And again"})},
			&RUser{Name: "Bob", Posts: rel.Of(&RPost{Title: "First"})})
	})
	if err != nil {
		panic(err)
	}
	found, err := users.Untracked().Query().OrderBy(RUsers.Name.Asc()).With(RUsers.Posts.OrderBy(RPosts.ID.Desc()).Limit(2)).All(ctx)
	for _, u := range found {
		posts, _ := u.Posts.Loaded()
		for _, p := range posts {
			fmt.Println(u.Name, p.Title)
		}
	}
	fmt.Println(err)
	busy, err := users.Count(ctx, RUsers.Posts.Count().Gt(1))
	fmt.Println(busy, err)
	// Output:
	// Ann And again
	// Ann Again
	// Bob First
	// <nil>
	// 1 <nil>
}
