package schema_test

import (
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// The model of the design, without its relations.

type User struct {
	ID        int64
	Name      string
	Email     *string
	CreatedAt time.Time
}

type users struct {
	schema.Table[User]
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Email     expr.Nullable[User, string]
	CreatedAt expr.Column[User, time.Time]
}

var Users = schema.Define("users", func(t *users) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100)
	schema.Text(t.Email).Unique().Size(255)
	schema.Column(t.CreatedAt).ServerDefault(expr.Now())
	schema.Index(t.Name, t.CreatedAt)
})

type Post struct {
	ID       int64
	Title    string
	AuthorID int64
}

type posts struct {
	schema.Table[Post]
	ID       expr.Column[Post, int64]
	Title    expr.Column[Post, string]
	AuthorID expr.Column[Post, int64]
}

var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Size(200)
	schema.Column(t.AuthorID).References(Users.ID).OnDelete(schema.Cascade)
})

func TestDesignModel(t *testing.T) {
	if err := schema.Default.Seal(); err != nil {
		t.Fatal(err)
	}
	u, p := schema.DefOf(Users), schema.DefOf(Posts)
	id, email, created := u.Column("id"), u.Column("email"), u.Column("created_at")
	if !id.PrimaryKey || !id.Identity || id.Nullable || len(u.PrimaryKey) != 1 {
		t.Errorf("id: %+v", id)
	}
	if u.Column("name").Type.Size != 100 || email.Type.Size != 255 || !email.Nullable || email.Null != schema.NullPointer {
		t.Errorf("texts: %+v %+v", u.Column("name"), email)
	}
	if created.ServerDefault == nil || created.Zero != schema.ZeroTakesDefault || created.Type.Kind != schema.TimeKind {
		t.Errorf("created_at: %+v", created)
	}
	if len(u.Uniques) != 1 || u.Uniques[0].Name != "uq_users_email" || len(u.Indexes) != 1 || u.Indexes[0].Name != "ix_users_name_created_at" {
		t.Errorf("constraints: %+v %+v", u.Uniques, u.Indexes)
	}
	fk := p.ForeignKeys[0]
	if fk.Name != "fk_posts_author_id" || fk.RefTable != u || fk.RefColumns[0] != id || fk.OnDelete != schema.Cascade || p.Column("author_id").Identity {
		t.Errorf("foreign key: %+v", fk)
	}
	if Users.Name.Ref().Def != any(u.Column("name")) || Users.Email.Ref().Source != u.Source || schema.SourceOf(Users) != u.Source {
		t.Error("the handles are bound elsewhere")
	}
	if schema.Default.Lookup("", "posts") != p || schema.Default.Lookup("x", "posts") != nil {
		t.Error("Lookup")
	}
}
