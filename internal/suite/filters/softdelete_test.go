package filters_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// blog is a database of users ann (posts a1, a2 deleted; a note), bob (deleted, post
// b1) and cy (post c1 without tags). a1 has a line and the tags go and old, the last
// deleted.
func blog(t *testing.T, f func(w *world)) {
	databases(t, func(w *world) {
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			ann, bob, cy := &User{Name: "ann"}, &User{Name: "bob", DeletedAt: &at}, &User{Name: "cy"}
			a1, a2 := &Post{Title: "a1", Author: rel.To(ann)}, &Post{Title: "a2", Author: rel.To(ann), DeletedAt: &at}
			golang, old := &Tag{Name: "go"}, &Tag{Name: "old", DeletedAt: &at}
			w.must(w.users.Add(ctx, ann, bob, cy))
			w.must(w.posts.Add(ctx, a1, a2, &Post{Title: "b1", Author: rel.To(bob)}, &Post{Title: "c1", Author: rel.To(cy)}))
			w.must(w.lines.Add(ctx, &Line{Text: "l1", Post: rel.To(a1)}, &Line{Text: "l2", Post: rel.To(a2)}))
			w.must(w.notes.Add(ctx, &Note{User: rel.To(ann)}))
			w.must(a1.Tags.Add(golang, old))
		})
		f(w)
	})
}

const live = "SELECT name FROM users WHERE deleted_at IS NULL ORDER BY id"

func TestDeletedRowsAreNotRead(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			eq(w, userNames(w.users.Find(ctx)), "ann cy")
			eq(w, userNames(w.users.Untracked().Find(ctx)), "ann cy")
			eq(w, userNames(w.users.WithDeleted().Query().OrderBy(Users.ID.Asc()).All(ctx)), "ann bob cy")
			eq(w, userNames(w.users.Query().OnlyDeleted().All(ctx)), "bob")
			eq(w, userNames(w.users.Where(expr.Or(Users.Name.Eq("bob"), Users.Name.Eq("cy"))).All(ctx)), "cy")
			eq(w, got(w.users.Count(ctx)), "2")
			eq(w, got(w.users.WithDeleted().Count(ctx)), "3")
			eq(w, got(w.users.Exists(ctx, Users.Name.Eq("bob"))), "false")
			eq(w, got(w.users.OnlyDeleted().Exists(ctx, Users.Name.Eq("bob"))), "true")
			_, err := w.users.First(ctx, Users.Name.Eq("bob"))
			eq(w, errors.Is(err, repo.ErrNotFound), true)
			eq(w, userNames(w.users.Where(Users.Name.Ne("ann")).ForUpdate().All(ctx)), "cy")
			page, err := w.users.Query().OrderBy(Users.Name.Desc()).Page(ctx, 1, "")
			w.must(err)
			eq(w, userNames(page.Items, nil), "cy")
			page, err = w.users.Query().OrderBy(Users.Name.Desc()).Page(ctx, 5, page.Next)
			w.must(err)
			eq(w, userNames(page.Items, nil), "ann")
			for _, q := range []repo.Query[User]{w.users.Query(), w.users.Query().Untracked(), w.users.Query().OrderBy(Users.Name.Asc())} {
				var seen []*User
				for u, err := range q.Stream(ctx) {
					w.must(err)
					seen = append(seen, u)
				}
				eq(w, userNames(seen, nil), "ann cy")
			}
			alias := schema.As(Users, "other")
			names, err := repo.SelectValue(alias.Name).From(alias).OrderBy(alias.Name.Asc()).All(ctx, w.db)
			w.must(err)
			eq(w, slices.Equal(names, []string{"ann", "cy"}), true)
		})
	})
}

// Get tells what is deleted from what is not, whether the unit has the entity or
// not.
func TestGetOfDeleted(t *testing.T) {
	blog(t, func(w *world) {
		missing := func(u *User, err error) {
			w.Helper()
			if u != nil || !errors.Is(err, repo.ErrNotFound) {
				w.Errorf("%v, %v", u, err)
			}
		}
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			missing(w.users.Get(ctx, 2))
			missing(w.users.Untracked().Get(ctx, 2))
			bob, err := w.users.WithDeleted().Get(ctx, 2)
			w.must(err)
			missing(w.users.Get(ctx, 2)) // though it is here
			missing(w.users.Repository.Get(ctx, int64(2)))
			again, err := w.users.OnlyDeleted().Get(ctx, 2)
			w.must(err)
			eq(w, again, bob)
			missing(w.users.OnlyDeleted().Get(ctx, 1))
			ann, err := w.users.Get(ctx, 1)
			w.must(err)
			missing(w.users.OnlyDeleted().Get(ctx, 1))
			w.must(w.users.Delete(ctx, ann))
			w.must(tx.Flush(ctx))
			missing(w.users.Get(ctx, 1))
			again, err = w.users.WithDeleted().Get(ctx, 1)
			w.must(err)
			eq(w, again, ann)
			w.must(tx.Commit(ctx))
			missing(w.users.Get(ctx, 1)) // read again
			again, err = w.users.WithDeleted().Get(ctx, 1)
			w.must(err)
			eq(w, again, ann)
		})
	})
}

func TestRelationsOfDeleted(t *testing.T) {
	blog(t, func(w *world) {
		byTitle := Posts.Title.Asc()
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) { // lazily
			ann, err := w.users.Get(ctx, 1)
			w.must(err)
			eq(w, postTitles(ann.Posts.Load(ctx)), "a1")
			eq(w, got(ann.Posts.Count(ctx)), "1")
			ps, err := w.posts.Query().OrderBy(byTitle).All(ctx)
			w.must(err)
			eq(w, postTitles(ps, nil), "a1 b1 c1")
			eq(w, tagNames(ps[0].Tags.Load(ctx)), "go")
			author, err := ps[1].Author.Load(ctx) // bob
			w.must(err)
			eq(w, author, nil)
			author, err = ps[0].Author.Load(ctx) // with the others'
			w.must(err)
			eq(w, author, ann)
		})
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) { // from the identity map
			_, err := w.users.WithDeleted().Get(ctx, 2)
			w.must(err)
			b1, err := w.posts.One(ctx, Posts.Title.Eq("b1"))
			w.must(err)
			author, err := b1.Author.Load(ctx)
			w.must(err)
			eq(w, author, nil)
		})
		for _, strategy := range []func(rel.ToMany[User, Post]) rel.Path[User]{
			func(r rel.ToMany[User, Post]) rel.Path[User] { return r.SelectIn() },
			func(r rel.ToMany[User, Post]) rel.Path[User] { return r.Join() },
			func(r rel.ToMany[User, Post]) rel.Path[User] { return r.Limit(3) },
		} {
			for what, q := range map[string]repo.Query[User]{"ann:a1 cy:c1 ": w.users.Query(), "ann:a1 a2 bob:b1 cy:c1 ": w.users.Query().WithDeleted(), "bob:b1 ": w.users.Query().OnlyDeleted()} {
				w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
					us, err := q.With(strategy(Users.Posts)).OrderBy(Users.ID.Asc()).All(ctx)
					w.must(err)
					all := ""
					for _, u := range us {
						ps, _ := u.Posts.Loaded()
						all += u.Name + ":" + postTitles(ps, nil) + " "
					}
					eq(w, all, what)
				})
			}
		}
		for _, path := range []rel.Path[Post]{Posts.Author, Posts.Author.Join()} {
			w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
				b1, err := w.posts.Where(Posts.Title.Eq("b1")).With(path, Posts.Tags).One(ctx)
				w.must(err)
				author, loaded := b1.Author.Loaded()
				eq(w, author == nil && loaded, true)
			})
		}
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) { // of a deleted one
			a1, err := w.posts.Get(ctx, 1)
			w.must(err)
			w.must(w.posts.Delete(ctx, a1))
			w.must(tx.Flush(ctx))
			var ts []*Tag
			for tag, err := range a1.Tags.Stream(ctx) {
				w.must(err)
				ts = append(ts, tag)
			}
			eq(w, tagNames(ts, nil), "go")
			eq(w, got(a1.Tags.Count(ctx)), "1")
			eq(w, tagNames(a1.Tags.Load(ctx)), "go")
			w.must(w.posts.Restore(ctx, a1))
		})
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) { // many to many, from the other side and untracked
			golang, err := w.tags.Where(Tags.Name.Eq("go")).With(Tags.Posts).One(ctx)
			w.must(err)
			ps, _ := golang.Posts.Loaded()
			eq(w, postTitles(ps, nil), "a1")
			us, err := w.users.Untracked().Where(Users.Name.Eq("ann")).With(Users.Posts.With(Posts.Tags)).All(ctx)
			w.must(err)
			ps, _ = us[0].Posts.Loaded()
			eq(w, postTitles(ps, nil), "a1")
			ts, _ := ps[0].Tags.Loaded()
			eq(w, tagNames(ts, nil), "go")
		})
	})
}

func TestConditionsOverDeleted(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			order := Posts.Title.Asc()
			eq(w, userNames(w.users.Where(Users.Posts.Any(Posts.Title.Eq("a2"))).All(ctx)), "")
			eq(w, userNames(w.users.Where(Users.Posts.Any(Posts.Title.Eq("a2"))).WithDeleted().All(ctx)), "ann")
			eq(w, userNames(w.users.Where(Users.Posts.Any(Posts.Title.Eq("b1"))).OnlyDeleted().All(ctx)), "bob")
			eq(w, userNames(w.users.Where(Users.Posts.None(Posts.Title.Ne("a1"))).All(ctx)), "ann")
			eq(w, postTitles(w.posts.Where(Posts.Author.Is(Users.Name.Ne("x"))).OrderBy(order).All(ctx)), "a1 c1")
			eq(w, postTitles(w.posts.Where(Posts.Tags.Any(Tags.Name.Eq("old"))).All(ctx)), "")
			eq(w, postTitles(w.posts.Where(Posts.Tags.Any(Tags.Name.Eq("old"))).WithDeleted().All(ctx)), "a1")
			counts, err := repo.SelectValue(Users.Posts.Count()).From(Users).OrderBy(Users.ID.Asc()).All(ctx, w.db)
			w.must(err)
			eq(w, slices.Equal(counts, []int64{1, 1}), true)
			titles := repo.SelectValue(Posts.UserID).From(Posts).Where(Posts.Title.Eq("a2"))
			eq(w, userNames(w.users.Where(repo.In(Users.ID, titles)).All(ctx)), "")
			eq(w, userNames(w.users.Where(repo.In(Users.ID, titles.WithDeleted())).All(ctx)), "ann")
			eq(w, userNames(w.users.Where(repo.In(Users.ID, titles)).WithDeleted().All(ctx)), "ann")
			exists := repo.Exists[User](repo.SelectValue(Posts.ID).From(Posts).Where(expr.On(Posts.UserID, Users.ID), Posts.Title.Eq("a2")))
			eq(w, userNames(w.users.Where(exists).All(ctx)), "")
		})
	})
}

type pairing struct {
	Name  *string
	Title *string
}

func TestJoinsOfDeleted(t *testing.T) {
	blog(t, func(w *world) {
		pairs := repo.Select(func(p *pairing) repo.Columns {
			return repo.Into(repo.To(&p.Name, expr.Optional(Users.Name)), repo.To(&p.Title, expr.Optional(Posts.Title)))
		}).From(Users)
		on := expr.On(Posts.UserID, Users.ID)
		show := func(q repo.Selection[pairing]) string {
			w.Helper()
			rows, err := q.OrderBy(Users.Name.Asc().NullsLast(), Posts.Title.Asc().NullsLast()).All(w.Context(), w.db)
			w.must(err)
			out := ""
			for _, r := range rows {
				for _, s := range []*string{r.Name, r.Title} {
					if s == nil {
						out += "-"
					} else {
						out += *s
					}
				}
				out += " "
			}
			return out
		}
		w.run(w.Context(), func(ctx context.Context, _ *uow.UnitOfWork) {
			eq(w, got(w.posts.DeleteWhere(ctx, Posts.Title.Eq("c1"))), "1")
		})
		eq(w, show(pairs.Join(Posts, on)), "anna1 ")
		eq(w, show(pairs.Join(Posts, on).WithDeleted()), "anna1 anna2 bobb1 cyc1 ")
		eq(w, show(pairs.LeftJoin(Posts, on)), "anna1 cy- ")
		eq(w, show(pairs.RightJoin(Posts, on)), "anna1 -b1 ")
		eq(w, show(pairs.FullJoin(Posts, on)), "anna1 cy- -b1 ")
		eq(w, show(pairs.CrossJoin(Posts)), "anna1 annb1 cya1 cyb1 ")
		eq(w, show(pairs.CrossJoin(Posts).Unfiltered().Where(on)), "anna1 anna2 bobb1 cyc1 ")

		boss := schema.As(Users, "boss")
		n, err := repo.SelectValue(expr.Count(boss.ID)).From(Users).CrossJoin(boss).All(w.Context(), w.db)
		w.must(err)
		eq(w, n[0], 4)
		// PostgreSQL must still know the key that the rows are grouped by.
		grouped, err := repo.Select(func(p *pairing) repo.Columns {
			return repo.Into(repo.To(&p.Title, expr.Optional(Posts.Title)))
		}).From(Users).Join(Posts, on).GroupBy(Posts.ID, Posts.Title).All(w.Context(), w.db)
		w.must(err)
		eq(w, len(grouped), 1)
	})
}

// Unique values are free again once their row is deleted.
func TestUniqueAmongLive(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			w.must(w.users.Add(ctx, &User{Name: "bob"}))
			ann, err := w.users.Get(ctx, 1)
			w.must(err)
			w.must(w.users.Delete(ctx, ann))
			w.must(w.users.Add(ctx, &User{Name: "ann", DeletedBy: "second"})) // in one flush
		})
		eq(w, w.rows("SELECT name FROM users WHERE deleted_at IS NULL ORDER BY name"), "ann bob cy")
		err := uow.Run(w.Context(), w.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return w.users.Add(ctx, &User{Name: "bob"}) })
		var unique *dialect.UniqueViolation
		if !errors.As(err, &unique) || unique.Constraint != "uq_users_name" {
			w.Error(err)
		}
		err = uow.Run(w.Context(), w.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			bob, err := w.users.WithDeleted().Get(ctx, 2)
			w.must(err)
			return w.users.Restore(ctx, bob)
		})
		eq(w, errors.Is(err, dialect.ErrUnique), true)
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) { // one comes back as the other goes
			bobs, err := w.users.WithDeleted().Where(Users.Name.Eq("bob")).OrderBy(Users.ID.Asc()).All(ctx)
			w.must(err)
			w.must(w.users.Restore(ctx, bobs[0]))
			w.must(w.users.Delete(ctx, bobs[1]))
		})
		eq(w, w.rows("SELECT id FROM users WHERE deleted_at IS NULL AND name = 'bob'"), "2")
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) { // or takes another name
			bobs, err := w.users.WithDeleted().Where(Users.Name.Eq("bob")).OrderBy(Users.ID.Asc()).All(ctx)
			w.must(err)
			bobs[0].Name = "rob"
			w.must(w.users.Restore(ctx, bobs[1]))
		})
		eq(w, w.rows("SELECT name FROM users WHERE deleted_at IS NULL ORDER BY name"), "ann bob cy rob")
	})
}

// A new entity takes the row of a deleted one of its key where the unit has it, and
// is a typed error else.
func TestAddWithTheKeyOfADeletedOne(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			cy, err := w.users.Get(ctx, 3)
			w.must(err)
			w.must(w.users.Delete(ctx, cy))
			w.must(w.users.Add(ctx, &User{ID: 3, Name: "cyd"}))
		})
		eq(w, w.rows(live), "ann cyd")
		err := uow.Run(w.Context(), w.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			cyd, err := w.users.Get(ctx, 3)
			w.must(err)
			w.must(w.users.Delete(ctx, cyd))
			w.must(tx.Flush(ctx))
			return w.users.Add(ctx, &User{ID: 3, Name: "cye"})
		})
		var double *uow.DuplicateError
		eq(w, errors.As(err, &double), true)
		err = uow.Run(w.Context(), w.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			return w.users.Add(ctx, &User{ID: 2, Name: "bobby"})
		})
		eq(w, errors.Is(err, dialect.ErrUnique), true)
	})
}

func TestRefreshOfDeleted(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			cy, err := w.users.Get(ctx, 3)
			w.must(err)
			_, err = tx.Exec(ctx, "UPDATE users SET deleted_at = created.at FROM (SELECT deleted_at AS at FROM users WHERE id = 2) AS created WHERE id = 3")
			w.must(err)
			var stale *uow.StaleError
			eq(w, errors.As(w.users.Refresh(ctx, cy), &stale), true)
			eq(w, cy.DeletedAt == nil, true)
			w.must(w.users.WithDeleted().Refresh(ctx, cy))
			eq(w, cy.DeletedAt != nil, true)
		})
	})
}

// An orphan of a relation that owns it is deleted softly, and goes on to refer to its
// parent.
func TestOrphansAreDeletedSoftly(t *testing.T) {
	blog(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			cy, err := w.users.Get(ctx, 3)
			w.must(err)
			ps, err := cy.Posts.Load(ctx)
			w.must(err)
			w.must(cy.Posts.Remove(ps[0]))
		})
		eq(w, w.rows("SELECT user_id FROM posts WHERE title = 'c1' AND deleted_at IS NOT NULL"), "3")
	})
}

func TestFaultsOfFilters(t *testing.T) {
	databases(t, func(w *world) {
		w.run(w.Context(), func(ctx context.Context, tx *uow.UnitOfWork) {
			_, err := w.lines.OnlyDeleted().Find(ctx)
			eq(w, err.Error(), "repo: query lines: OnlyDeleted of lines, which has no soft delete column: name one with schema.SoftDelete")
			_, err = w.lines.Unfiltered("shp").Find(ctx)
			eq(w, err.Error(), "repo: query lines: Unfiltered: no table has a filter shp")
			_, err = w.lines.Unfiltered("shp").UpdateWhere(ctx, expr.Every[Line](), Lines.Text.Set("x"))
			eq(w, err != nil, true)
			_, err = w.users.Where(Users.Name.EqTo(expr.Parameter[string]("name"))).All(ctx)
			eq(w, err.Error(), "uow: query filters_test.User: dialect: compile: parameter name of no filter: expr.Parameter stands in schema.Filter alone")
		})
	})
}
