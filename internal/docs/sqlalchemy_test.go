package docs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

type (
	userRepo = repo.Keyed[User, int64]
	postRepo = repo.Keyed[Post, int64]
)

// do runs what a page shows in a unit of work.
func (f *fix) do(fn func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error) {
	f.Helper()
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { return fn(ctx, tx, f.users, f.posts) })
}

// UserService is a domain service: it embeds its repository.
type UserService struct{ repo.Keyed[User, int64] }

func (s UserService) Rename(ctx context.Context, id int64, name string) error {
	u, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	u.Name = name
	return nil
}

func TestReadmeRun(t *testing.T) {
	f := start(t)
	ctx, db, posts := f.ctx, f.db, f.posts
	users := UserService{repo.NewKeyed(db, Users.ID)}
	err := ctx.Err()
	f.must(err)
	err = uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if err := posts.Add(ctx, &Post{Title: "Hello", Author: rel.To(&User{Name: "Ann"})}); err != nil {
			return err
		}
		return users.Rename(ctx, 7, "Bob")
	}, uow.Retry(3))
	f.must(err)
	eq(f, f.number("SELECT count(*) FROM posts p JOIN users u ON u.id = p.author_id AND u.name = 'Ann'"), 2)
	eq(f, f.text("SELECT name FROM users WHERE id = 7"), "Bob")
}

func TestOpen(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx := t.Context()
	f := func() error {
		db, err := engine.Open("sqlite://blog.db")
		if err != nil {
			return err
		}
		defer db.Close()
		err = db.CreateAll(ctx)
		return err
	}
	if err := f(); err != nil {
		t.Fatal(err)
	}
}

func TestSessions(t *testing.T) {
	f := start(t)
	ctx, db, users := f.ctx, f.db, f.users
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		return users.Add(ctx, &User{Name: "Dan"})
	})
	f.must(err)
	byHand := func(ctx context.Context) error {
		tx := uow.New(db)
		defer tx.Close()
		ctx = uow.With(ctx, tx)
		if err := users.Add(ctx, &User{Name: "Eve"}); err != nil {
			return err
		}
		return tx.Commit(ctx)
	}
	f.must(byHand(ctx))
	eq(f, f.number("SELECT count(*) FROM users WHERE name IN ('Dan', 'Eve')"), 2)
	nothing := func(context.Context, *uow.UnitOfWork) error { return nil }
	transfer := nothing
	err = uow.Run(ctx, db, transfer, uow.Isolation(sql.LevelSerializable), uow.Retry(3))
	f.must(err)
	report := nothing
	err = uow.Run(ctx, db, report, uow.ReadOnly())
	f.must(err)
}

func TestAddAndGet(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		dan, eve := &User{Name: "Dan"}, &User{Name: "Eve"}
		err := users.Add(ctx, dan, eve)
		f.must(err)
		err = tx.Flush(ctx)
		f.must(err)
		eq(f, dan.ID, 8)
		return nil
	})
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Get(ctx, 7)
		f.must(err)
		eq(f, u.Name, "Cat")
		_, err = users.Get(ctx, 99)
		if errors.Is(err, repo.ErrNotFound) {
			return nil
		}
		return errors.New("found")
	})
}

func TestQueries(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		adults, err := users.Where(Users.Age.Ge(18)).OrderBy(Users.Name.Asc()).Limit(10).All(ctx)
		f.must(err)
		eq(f, len(adults), 2)
		u, err := users.First(ctx, Users.Name.Eq("Ann"))
		f.must(err)
		one, err := users.One(ctx, Users.Name.Eq("Ann"))
		f.must(err)
		eq(f, u, one)
		n, err := users.Count(ctx, Users.Email.IsNull())
		f.must(err)
		eq(f, n, 2)
		taken, err := users.Exists(ctx, Users.Email.Eq("ann@example.org"))
		f.must(err)
		eq(f, taken, true)
		found, err := users.Find(ctx, expr.Or(Users.Age.Lt(18), expr.HasPrefix(Users.Name, "A")), Users.ID.In(1, 2, 3))
		f.must(err)
		eq(f, len(found), 2)
		page, err := users.Query().OrderBy(Users.Age.Desc()).Limit(2).Offset(1).All(ctx)
		f.must(err)
		eq(f, page[0].Name, "Ann")
		return nil
	})
}

func TestChanges(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Get(ctx, 7)
		if err != nil {
			return err
		}
		u.Name = "Bob"
		return nil
	})
	eq(f, f.text("SELECT name FROM users WHERE id = 7"), "Bob")
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Get(ctx, 7)
		f.must(err)
		u.Age = 0
		u.Email = nil
		return nil
	})
	eq(f, f.number("SELECT age FROM users WHERE id = 7"), 0)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Get(ctx, 7)
		f.must(err)
		err = users.Delete(ctx, u)
		f.must(err)
		err = users.Delete(ctx, &User{ID: 2})
		return err
	})
	eq(f, f.number("SELECT count(*) FROM users"), 1)
}

func TestDetached(t *testing.T) {
	f := start(t)
	var form User
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Get(ctx, 7)
		f.must(err)
		form = *u
		return nil
	})
	form.Name = "from a form"
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Merge(ctx, &form)
		f.must(err)
		if u == &form {
			t.Error("Merge returned its source")
		}
		return nil
	})
	eq(f, f.text("SELECT name FROM users WHERE id = 7"), "from a form")
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u := &User{ID: 7, Name: "from a form", Age: 40}
		err := users.Attach(ctx, u)
		f.must(err)
		u.Age = 41
		return nil
	})
	eq(f, f.number("SELECT age FROM users WHERE id = 7"), 41)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Get(ctx, 7)
		f.must(err)
		u.Name = "lost"
		err = users.Refresh(ctx, u)
		f.must(err)
		eq(f, u.Name, "from a form")
		fresh, err := users.Where(Users.Age.Gt(18)).Reload().All(ctx)
		f.must(err)
		eq(f, len(fresh), 2)
		err = users.Detach(ctx, u)
		f.must(err)
		err = tx.Clear()
		return err
	})
}

func TestLocksAndVersions(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		u, err := users.Where(Users.ID.Eq(7)).ForUpdate().One(ctx)
		f.must(err)
		eq(f, u.Name, "Cat")
		return nil
	})
	seen := int64(1)
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		posts := f.posts
		p, err := posts.Get(ctx, 1)
		if err != nil {
			return err
		}
		if err := posts.Expect(ctx, p, seen); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE posts SET version = version + 1")
		p.Title = "Too late"
		return err
	})
	var stale *uow.StaleError
	if errors.As(err, &stale) {
		eq(f, fmt.Sprint(stale.Entity, stale.Keys), "docs.Post[1]")
		return
	}
	t.Error(err)
}

func TestScopes(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		err := tx.Savepoint(ctx, func(ctx context.Context) error {
			mail := "ann@example.org"
			return users.Add(ctx, &User{Name: "Another Ann", Email: &mail})
		})
		if !errors.Is(err, dialect.ErrUnique) {
			return err
		}
		return tx.NoAutoflush(func() error {
			_, err := users.Find(ctx)
			return err
		})
	})
	eq(f, f.number("SELECT count(*) FROM users"), 3)
}

func TestBulk(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		n, err := users.UpdateWhere(ctx, Users.Age.Lt(18), Users.Age.SetTo(expr.Add(Users.Age, 1)))
		f.must(err)
		eq(f, n, 1)
		n, err = users.DeleteWhere(ctx, Users.Name.Eq("Cat"))
		f.must(err)
		eq(f, n, 1)
		rows := []*User{{Name: "Dan"}, {Name: "Eve"}}
		n, err = users.InsertAll(ctx, slices.Values(rows))
		f.must(err)
		eq(f, n, 2)
		return nil
	})
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		for u, err := range users.Query().Stream(ctx) {
			if err != nil {
				return err
			}
			u.Age++
		}
		return nil
	})
	eq(f, f.number("SELECT sum(age) FROM users"), 31+19+1+1)
}

func TestHandWritten(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		var names []string
		err := tx.Select(ctx, &names, "SELECT name FROM users WHERE age > $1 ORDER BY name", 18)
		f.must(err)
		eq(f, fmt.Sprint(names), "[Ann Cat]")
		_, err = tx.Exec(ctx, "UPDATE users SET age = age + 1")
		f.must(err)
		var perAuthor []struct {
			Name string
			N    int64
		}
		err = tx.Select(ctx, &perAuthor, "SELECT u.name, count(*) AS n FROM users u JOIN posts p ON p.author_id = u.id GROUP BY u.name")
		f.must(err)
		eq(f, fmt.Sprint(perAuthor), "[{Ann 1}]")
		return nil
	})
	users := f.users
	q, args, err := users.Where(Users.Age.Ge(18)).SQL(postgres.New())
	f.must(err)
	eq(f, fmt.Sprint(q, args), `SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "age" >= $1[18]`)
}

func TestPlansAndEvents(t *testing.T) {
	f := start(t)
	var told []string
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		tx.OnBeforeFlush(func(ctx context.Context, plan *uow.Plan) error {
			told = append(told, plan.String())
			return nil
		})
		tx.OnAfterCommit(func(ctx context.Context) { told = append(told, "committed") })
		f.must(users.Add(ctx, &User{Name: "  Dan "}))
		plan, err := tx.Plan(ctx)
		f.must(err)
		for _, c := range plan.Changes() {
			told = append(told, fmt.Sprint(c.Op, c.Table, c.Key, c.Columns))
		}
		return nil
	})
	eq(f, fmt.Sprintf("%q", told), `["insertusers[]" "insert users\n" "committed"]`)
	eq(f, f.number("SELECT count(*) FROM users WHERE name = 'Dan'"), 1)
}

func TestRelations(t *testing.T) {
	f := start(t)
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		dan := &User{Name: "Dan"}
		err := posts.Add(ctx, &Post{Title: "One", Author: rel.To(dan)})
		f.must(err)
		err = dan.Posts.Add(&Post{Title: "Two"})
		f.must(err)
		p, err := posts.Get(ctx, 1)
		f.must(err)
		err = p.Author.Set(dan)
		f.must(err)
		f.must(tx.Flush(ctx))
		written, err := posts.Find(ctx, Posts.AuthorID.Eq(dan.ID))
		f.must(err)
		eq(f, len(written), 3)
		return nil
	})
	f.do(func(ctx context.Context, tx *uow.UnitOfWork, users userRepo, posts postRepo) error {
		p, err := posts.Get(ctx, 1)
		f.must(err)
		if _, ok := p.Author.Loaded(); ok {
			t.Error("a reference was loaded")
		}
		return nil
	})
}

func TestErrors(t *testing.T) {
	f := start(t)
	mail := "ann@example.org"
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		return f.users.Add(ctx, &User{Name: "Another Ann", Email: &mail})
	})
	var taken *dialect.UniqueViolation
	if errors.As(err, &taken) {
		eq(f, fmt.Sprint(taken.Table, taken.Columns, taken.Constraint != ""), "users[email] true")
	} else {
		t.Error(err)
	}
}
