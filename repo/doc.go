// Package repo has what domain services embed: typed repositories of one entity
// and the queries that they build.
//
//	type UserService struct{ repo.Keyed[User, int64] }
//
//	users := UserService{repo.NewKeyed(db, Users.ID)} // once, at start-up
//
//	u, err := users.Get(ctx, 7)                       // errors.Is(err, repo.ErrNotFound)
//	adults, err := users.Where(Users.Age.Ge(18)).OrderBy(Users.Name.Asc()).Limit(10).All(ctx)
//	n, err := users.Count(ctx, Users.Email.IsNull())
//
// Relations are loaded with a query, each in one statement for all its entities:
//
//	us, err := users.Query().With(Users.Posts.With(Posts.Comments)).All(ctx)
//
// A repository bound to an engine joins the unit of work that ctx carries, see
// package uow. Without one, tracked reads and writes are uow.ErrNoUnit, since a
// change would be lost or committed without a word; Untracked reads work, and
// OwnUnit makes each write a unit of its own.
//
// Repositories and queries are immutable values, safe for concurrent use. The
// units of work that they join are not.
package repo
