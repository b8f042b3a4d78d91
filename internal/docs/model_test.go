package docs

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type User struct {
	ID        int64
	Name      string
	Email     *string
	Age       int
	CreatedAt time.Time
	Posts     rel.Many[Post]
}

type users struct {
	schema.Table[User]
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Email     expr.Nullable[User, string]
	Age       expr.Column[User, int]
	CreatedAt expr.Column[User, time.Time]
	Posts     rel.ToMany[User, Post]
}

var Users = schema.Define("users", func(t *users) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100)
	schema.Text(t.Email).Unique().Size(255)
	schema.Column(t.CreatedAt).ServerDefault(expr.Now())
})

// BeforeInsert is run by the flush that inserts the user.
func (u *User) BeforeInsert(ctx context.Context) error {
	u.Name = strings.TrimSpace(u.Name)
	return nil
}

type Post struct {
	ID       int64
	Title    string
	AuthorID int64
	Version  int64
	Author   rel.One[User]
}

type posts struct {
	schema.Table[Post]
	ID       expr.Column[Post, int64]
	Title    expr.Column[Post, string]
	AuthorID expr.Column[Post, int64]
	Version  expr.Column[Post, int64]
	Author   rel.ToOne[Post, User]
}

var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Size(200)
	schema.Column(t.Version).Version()
	schema.Column(t.AuthorID).References(Users.ID).OnDelete(schema.Cascade)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Users.Posts)
})

// fix is a database with Ann, whose key is 1, Bob, who is 2, and Cat, who is 7,
// and a post of Ann's, whose key is 1.
type fix struct {
	*testing.T
	ctx   context.Context
	db    *engine.Engine
	users repo.Keyed[User, int64]
	posts repo.Keyed[Post, int64]
	log   *log
}

// log keeps the first words of the statements sent.
type log struct {
	mu    sync.Mutex
	words []string
}

func (l *log) observe(_ context.Context, s engine.Statement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.words = append(l.words, strings.Fields(s.SQL)[0])
}

// take returns what was sent since the last call, but for BEGIN.
func (l *log) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	sent := []string{}
	for _, w := range l.words {
		if w != "BEGIN" {
			sent = append(sent, w)
		}
	}
	l.words = nil
	return sent
}

func start(t *testing.T) *fix {
	t.Helper()
	f := &fix{T: t, ctx: t.Context(), log: new(log)}
	var err error
	f.db, err = engine.Open("sqlite://:memory:", engine.Observer(f.log.observe))
	f.must(err)
	t.Cleanup(func() { f.must(f.db.Close()) })
	f.must(f.db.CreateAll(f.ctx))
	f.users, f.posts = repo.NewKeyed(f.db, Users.ID), repo.NewKeyed(f.db, Posts.ID)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		mail := "ann@example.org"
		f.must(f.users.Add(ctx, &User{Name: "Ann", Email: &mail, Age: 30}, &User{Name: "Bob", Age: 17}, &User{ID: 7, Name: "Cat", Age: 40}))
		return f.posts.Add(ctx, &Post{Title: "Hello", AuthorID: 1})
	})
	f.log.take()
	return f
}

func (f *fix) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fix) run(fn func(ctx context.Context, tx *uow.UnitOfWork) error, opts ...uow.Option) {
	f.Helper()
	f.must(uow.Run(f.ctx, f.db, fn, opts...))
}

func (f *fix) number(query string) (n int64) {
	f.Helper()
	f.must(f.db.Get(f.ctx, &n, query))
	return n
}

func (f *fix) text(query string) (s string) {
	f.Helper()
	f.must(f.db.Get(f.ctx, &s, query))
	return s
}

func eq[V comparable](f *fix, got, want V) {
	f.Helper()
	if got != want {
		f.Errorf("got %v, want %v", got, want)
	}
}
