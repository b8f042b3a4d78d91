// Package filters_test runs soft deletion, tenancy and filters of the program's own
// through everything that reads or writes rows.
package filters_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var meta = schema.NewMetadata()

// User owns posts, and keeps notes.
type User struct {
	ID        int64
	Name      string
	Version   int64
	DeletedBy string
	DeletedAt *time.Time
	Posts     rel.Many[Post]
	Notes     rel.Many[Note]
	OnDelete  func(*User) `db:"-"`
}

// BeforeDelete may note who deletes.
func (u *User) BeforeDelete(context.Context) error {
	if u.OnDelete != nil {
		u.OnDelete(u)
	}
	return nil
}

type users struct {
	schema.Table[User]
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Version   expr.Column[User, int64]
	DeletedBy expr.Column[User, string]
	DeletedAt expr.Nullable[User, time.Time]
	Posts     rel.ToMany[User, Post]
	Notes     rel.ToMany[User, Note]
}

var Users = schema.Define("users", func(t *users) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Unique()
	schema.Column(t.Version).Version()
	schema.SoftDelete(t.DeletedAt)
}, schema.In(meta))

// Post is its author's own, has lines of its own and tags.
type Post struct {
	ID        int64
	Title     string
	UserID    int64
	DeletedAt *time.Time
	Author    rel.One[User]
	Lines     rel.Many[Line]
	Tags      rel.Many[Tag]
}

type posts struct {
	schema.Table[Post]
	ID        expr.Column[Post, int64]
	Title     expr.Column[Post, string]
	UserID    expr.Column[Post, int64]
	DeletedAt expr.Nullable[Post, time.Time]
	Author    rel.ToOne[Post, User]
	Lines     rel.ToMany[Post, Line]
	Tags      rel.ToMany[Post, Tag]
}

var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UserID).References(Users.ID)
	schema.SoftDelete(t.DeletedAt)
	rel.Via(t.Author, t.UserID).BackPopulates(Users.Posts).Own()
}, schema.In(meta))

// Line is a post's own and has no soft delete.
type Line struct {
	ID     int64
	PostID int64
	Text   string
	Post   rel.One[Post]
}

type lines struct {
	schema.Table[Line]
	ID     expr.Column[Line, int64]
	PostID expr.Column[Line, int64]
	Text   expr.Column[Line, string]
	Post   rel.ToOne[Line, Post]
}

var Lines = schema.Define("lines", func(t *lines) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PostID).References(Posts.ID)
	rel.Via(t.Post, t.PostID).BackPopulates(Posts.Lines).Own()
}, schema.In(meta))

// Note may have a user, and stays without.
type Note struct {
	ID     int64
	UserID *int64
	User   rel.One[User]
}

type notes struct {
	schema.Table[Note]
	ID     expr.Column[Note, int64]
	UserID expr.Nullable[Note, int64]
	User   rel.ToOne[Note, User]
}

var Notes = schema.Define("notes", func(t *notes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UserID).References(Users.ID)
	rel.Via(t.User, t.UserID).BackPopulates(Users.Notes)
}, schema.In(meta))

// Tag is of many posts.
type Tag struct {
	ID        int64
	Name      string
	DeletedAt *time.Time
	Posts     rel.Many[Post]
}

type tags struct {
	schema.Table[Tag]
	ID        expr.Column[Tag, int64]
	Name      expr.Column[Tag, string]
	DeletedAt expr.Nullable[Tag, time.Time]
	Posts     rel.ToMany[Tag, Post]
}

var Tags = schema.Define("tags", func(t *tags) {
	schema.Column(t.ID).PrimaryKey()
	schema.SoftDelete(t.DeletedAt)
}, schema.In(meta))

var PostTags = rel.ManyToMany("post_tags", Posts.Tags, Tags.Posts)

// Customer belongs to a tenant, and may have a boss.
type Customer struct {
	ID     int64
	Shop   string
	Name   string
	BossID *int64
	Boss   rel.One[Customer]
	Staff  rel.Many[Customer]
	Orders rel.Many[Order]
}

type customers struct {
	schema.Table[Customer]
	ID     expr.Column[Customer, int64]
	Shop   expr.Column[Customer, string]
	Name   expr.Column[Customer, string]
	BossID expr.Nullable[Customer, int64]
	Boss   rel.ToOne[Customer, Customer]
	Staff  rel.ToMany[Customer, Customer]
	Orders rel.ToMany[Customer, Order]
}

var Customers = schema.Define("customers", func(t *customers) {
	schema.Column(t.ID).PrimaryKey()
	schema.Tenant(t.Shop, "shop")
	schema.Column(t.BossID).References(t.ID)
	schema.Unique(t.Shop, t.Name)
	rel.Via(t.Boss, t.BossID).BackPopulates(t.Staff)
}, schema.In(meta))

// Order belongs to a tenant and to a customer.
type Order struct {
	ID         int64
	Shop       string
	CustomerID int64
	Sum        int64
	Customer   rel.One[Customer]
	Labels     rel.Many[Label]
}

type orders struct {
	schema.Table[Order]
	ID         expr.Column[Order, int64]
	Shop       expr.Column[Order, string]
	CustomerID expr.Column[Order, int64]
	Sum        expr.Column[Order, int64]
	Customer   rel.ToOne[Order, Customer]
	Labels     rel.ToMany[Order, Label]
}

var Orders = schema.Define("orders", func(t *orders) {
	schema.Column(t.ID).PrimaryKey()
	schema.Tenant(t.Shop, "shop")
	schema.Column(t.CustomerID).References(Customers.ID)
	rel.Via(t.Customer, t.CustomerID).BackPopulates(Customers.Orders).Own()
}, schema.In(meta))

// Label belongs to a tenant and to many orders.
type Label struct {
	ID     int64
	Shop   string
	Name   string
	Orders rel.Many[Order]
}

type labels struct {
	schema.Table[Label]
	ID     expr.Column[Label, int64]
	Shop   expr.Column[Label, string]
	Name   expr.Column[Label, string]
	Orders rel.ToMany[Label, Order]
}

var Labels = schema.Define("labels", func(t *labels) {
	schema.Column(t.ID).PrimaryKey()
	schema.Tenant(t.Shop, "shop")
}, schema.In(meta))

var OrderLabels = rel.ManyToMany("order_labels", Orders.Labels, Labels.Orders)

// Seat has its tenant in the key.
type Seat struct {
	Shop string
	No   int64
	Note string
}

type seats struct {
	schema.Table[Seat]
	Shop expr.Column[Seat, string]
	No   expr.Column[Seat, int64]
	Note expr.Column[Seat, string]
}

var Seats = schema.Define("seats", func(t *seats) {
	schema.PrimaryKey(t.Shop, t.No)
	schema.Tenant(t.Shop, "shop")
}, schema.In(meta))

// Doc has filters of the program's own.
type Doc struct {
	ID    int64
	Level int64
	Draft bool
	Title string
}

type docs struct {
	schema.Table[Doc]
	ID    expr.Column[Doc, int64]
	Level expr.Column[Doc, int64]
	Draft expr.Column[Doc, bool]
	Title expr.Column[Doc, string]
}

var Docs = schema.Define("docs", func(t *docs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Filter("level", t.Level.LeTo(expr.Parameter[int64]("level")))
	schema.Filter("published", expr.Or(t.Draft.Eq(false), t.Title.Eq("always")))
}, schema.In(meta))

var tables = []schema.Handle{Users, Posts, Lines, Notes, Tags, PostTags, Customers, Orders, Labels, OrderLabels, Seats, Docs}

// world is a database with repositories.
type world struct {
	*testing.T
	db        *engine.Engine
	users     repo.Keyed[User, int64]
	posts     repo.Keyed[Post, int64]
	lines     repo.Repository[Line]
	notes     repo.Repository[Note]
	tags      repo.Repository[Tag]
	customers repo.Keyed[Customer, int64]
	orders    repo.Keyed[Order, int64]
	labels    repo.Repository[Label]
	seats     repo.Keyed2[Seat, string, int64]
	docs      repo.Keyed[Doc, int64]
}

func databases(t *testing.T, f func(w *world)) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		f(&world{T: t, db: db, users: repo.NewKeyed(db, Users.ID), posts: repo.NewKeyed(db, Posts.ID), lines: repo.New[Line](db), notes: repo.New[Note](db),
			tags: repo.New[Tag](db), customers: repo.NewKeyed(db, Customers.ID), orders: repo.NewKeyed(db, Orders.ID), labels: repo.New[Label](db),
			seats: repo.NewKeyed2(db, Seats.Shop, Seats.No), docs: repo.NewKeyed(db, Docs.ID)})
	}, tables...)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) run(ctx context.Context, f func(ctx context.Context, tx *uow.UnitOfWork)) {
	w.Helper()
	w.must(uow.Run(ctx, w.db, func(ctx context.Context, tx *uow.UnitOfWork) error { f(ctx, tx); return nil }))
}

func (w *world) exec(sql string) {
	w.Helper()
	w.must(uow.Run(w.Context(), w.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := tx.Exec(ctx, sql)
		return err
	}))
}

// rows shows what a statement gives, a row a word.
func (w *world) rows(sql string) string {
	w.Helper()
	var out []string
	w.must(uow.Run(w.Context(), w.db, func(ctx context.Context, tx *uow.UnitOfWork) error { return tx.Select(ctx, &out, sql) }))
	return strings.Join(out, " ")
}

func eq[V comparable](w *world, got, want V) {
	w.Helper()
	if got != want {
		w.Errorf("got %v, want %v", got, want)
	}
}

func got[V any](v V, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(v)
}

func names[T any](name func(*T) string) func([]*T, error) string {
	return func(es []*T, err error) string {
		if err != nil {
			return err.Error()
		}
		var out []string
		for _, e := range es {
			out = append(out, name(e))
		}
		return strings.Join(out, " ")
	}
}

var (
	userNames     = names(func(u *User) string { return u.Name })
	postTitles    = names(func(p *Post) string { return p.Title })
	tagNames      = names(func(t *Tag) string { return t.Name })
	customerNames = names(func(c *Customer) string { return c.Name })
	orderSums     = names(func(o *Order) string { return fmt.Sprint(o.Sum) })
	labelNames    = names(func(l *Label) string { return l.Name })
	docTitles     = names(func(d *Doc) string { return d.Title })
)
