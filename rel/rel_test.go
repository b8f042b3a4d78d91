package rel_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

type User struct {
	ID    int64
	Name  string
	Posts rel.Many[Post] `json:",omitzero"`
}

type users struct {
	schema.Table[User]
	ID    expr.Column[User, int64]
	Posts rel.ToMany[User, Post]
}

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

func model(m *schema.Metadata, f func(t *posts, u *users)) {
	us := schema.Define("users", func(t *users) { schema.Column(t.ID).PrimaryKey() }, schema.In(m))
	schema.Define("posts", func(t *posts) {
		schema.Column(t.ID).PrimaryKey()
		f(t, us)
	}, schema.In(m))
}

func TestViaIsCheckedAtSealing(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(t *posts, u *users)
		want string
	}{
		"right":         {func(t *posts, u *users) { rel.Via(t.Author, t.AuthorID).BackPopulates(u.Posts) }, ""},
		"other type":    {func(t *posts, u *users) { rel.Via(t.Author, t.Title) }, "title is string, but users.id is int64"},
		"other table":   {func(t *posts, u *users) { schema.Column(t.AuthorID).References(t.ID); rel.Via(t.Author, t.AuthorID) }, "refers to table posts"},
		"without other": {func(t *posts, u *users) { rel.Via(t.Author, t.AuthorID) }, ""},
	} {
		m := schema.NewMetadata()
		model(m, c.f)
		err := m.Seal()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "Author")):
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestViaTwicePanics(t *testing.T) {
	for name, f := range map[string]func(t *posts, u *users){
		"via":            func(t *posts, u *users) { rel.Via(t.Author, t.AuthorID); rel.Via(t.Author, t.AuthorID) },
		"back populates": func(t *posts, u *users) { rel.Via(t.Author, t.AuthorID).BackPopulates(u.Posts).BackPopulates(u.Posts) },
		"unbound":        func(t *posts, u *users) { rel.Via(rel.ToOne[Post, User]{}, t.AuthorID) },
		"unbound other":  func(t *posts, u *users) { rel.Via(t.Author, t.AuthorID).BackPopulates(rel.ToMany[User, Post]{}) },
	} {
		func() {
			defer func() {
				var e *schema.DefineError
				if err, _ := recover().(error); !errors.As(err, &e) {
					t.Errorf("%s: no DefineError: %v", name, err)
				}
			}()
			model(schema.NewMetadata(), f)
			t.Errorf("%s: no panic", name)
		}()
	}
}

func TestContainers(t *testing.T) {
	var m rel.Many[Post]
	if ps, ok := m.Loaded(); ok || ps != nil || !m.IsZero() {
		t.Error("the zero Many knows something")
	}
	a, b := &Post{ID: 1}, &Post{ID: 2}
	if err := m.Add(a, nil); !errors.Is(err, rel.ErrNil) || !m.IsZero() {
		t.Errorf("nil: %v", err)
	}
	if err := errors.Join(m.Add(a, b, a), m.Remove(b), m.Remove(b)); err != nil {
		t.Error(err)
	}
	if ps, ok := m.Loaded(); ok || len(ps) != 1 || ps[0] != a {
		t.Errorf("got %v, %v", ps, ok)
	}
	if err := m.Remove(nil); !errors.Is(err, rel.ErrNil) {
		t.Error(err)
	}
	all := rel.Of(a, b)
	ps, ok := all.Loaded()
	ps[0] = nil
	if again, _ := all.Loaded(); !ok || again[0] != a {
		t.Error("the caller's slice is the container's own")
	}
	if all.Equal(m) || !all.Equal(rel.Of(a, b)) || all.Equal(rel.Of(b, a)) {
		t.Error("Equal")
	}
	var o rel.One[User]
	if u, ok := o.Loaded(); u != nil || ok {
		t.Error("the zero One knows something")
	}
	u := &User{ID: 1}
	if err := o.Set(u); err != nil || !o.Equal(rel.To(u)) || o.Equal(rel.To[User](nil)) {
		t.Error("Set")
	}
	none := rel.To[User](nil)
	if got, ok := none.Loaded(); got != nil || !ok {
		t.Error("To(nil) is not known to be none")
	}
}

func TestJSONOfACycleEnds(t *testing.T) {
	u := &User{ID: 1, Name: "Ann"}
	p := &Post{ID: 2, Title: "t", Author: rel.To(u)}
	if err := u.Posts.Add(p); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"ID":2,"Title":"t","AuthorID":0,"Author":{"ID":1,"Name":"Ann","Posts":[{"ID":2,"Title":"t","AuthorID":0,"Author":null}]}}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	if got, _ := p.Author.Loaded(); got != u {
		t.Error("writing JSON changed the entity")
	}
	var back Post
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if au, ok := back.Author.Loaded(); !ok || au.Name != "Ann" {
		t.Error("the author was not read back")
	}
}

func ExampleTo() {
	ann := &User{ID: 7, Name: "Ann"}
	post := &Post{Title: "Hello", Author: rel.To(ann)}
	author, known := post.Author.Loaded()
	fmt.Println(author.Name, known)
	var other Post
	_, known = other.Author.Loaded()
	fmt.Println(known)
	// Output:
	// Ann true
	// false
}

func ExampleVia() {
	m := schema.NewMetadata()
	users := schema.Define("users", func(t *users) {
		schema.Column(t.ID).PrimaryKey()
	}, schema.In(m))
	posts := schema.Define("posts", func(t *posts) {
		schema.Column(t.ID).PrimaryKey()
		schema.Column(t.AuthorID).References(users.ID).OnDelete(schema.Cascade)
		rel.Via(t.Author, t.AuthorID).BackPopulates(users.Posts)
	}, schema.In(m))
	fmt.Println(m.Seal())
	link := rel.LinkOf(posts.Author.Relation())
	fmt.Println(link.Columns[0].Name, "→", link.Targets[0].Table.Name+"."+link.Targets[0].Name, link.Parent.Name)
	// Output:
	// <nil>
	// author_id → users.id Posts
}
