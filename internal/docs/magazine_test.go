package docs

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// The model of docs/relations.md: a magazine.

type Author struct {
	ID       int64
	Name     string
	Articles rel.Many[Article]
	Profile  rel.One[Profile]
}

type authors struct {
	schema.Table[Author]
	ID       expr.Column[Author, int64]
	Name     expr.Column[Author, string]
	Articles rel.ToMany[Author, Article]
	Profile  rel.ToOne[Author, Profile]
}

var Authors = schema.Define("authors", func(t *authors) {
	schema.Column(t.ID).PrimaryKey()
})

type Article struct {
	ID       int64
	Title    string
	AuthorID *int64
	Author   rel.One[Author]
	Comments rel.Many[Comment]
	Tags     rel.Many[Tag]
}

type articles struct {
	schema.Table[Article]
	ID       expr.Column[Article, int64]
	Title    expr.Column[Article, string]
	AuthorID expr.Nullable[Article, int64]
	Author   rel.ToOne[Article, Author]
	Comments rel.ToMany[Article, Comment]
	Tags     rel.ToMany[Article, Tag]
}

var Articles = schema.Define("articles", func(t *articles) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.AuthorID).References(Authors.ID)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Authors.Articles)
})

type Comment struct {
	ID        int64
	Text      string
	ArticleID int64
	Article   rel.One[Article]
}

type comments struct {
	schema.Table[Comment]
	ID        expr.Column[Comment, int64]
	Text      expr.Column[Comment, string]
	ArticleID expr.Column[Comment, int64]
	Article   rel.ToOne[Comment, Article]
}

var Comments = schema.Define("comments", func(t *comments) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ArticleID).References(Articles.ID)
	rel.Via(t.Article, t.ArticleID).BackPopulates(Articles.Comments).Own()
})

type Profile struct {
	ID       int64
	Bio      string
	AuthorID int64
	Author   rel.One[Author]
}

type profiles struct {
	schema.Table[Profile]
	ID       expr.Column[Profile, int64]
	Bio      expr.Column[Profile, string]
	AuthorID expr.Column[Profile, int64]
	Author   rel.ToOne[Profile, Author]
}

var Profiles = schema.Define("profiles", func(t *profiles) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.AuthorID).Unique().References(Authors.ID)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Authors.Profile).Own()
})

type Tag struct {
	ID       int64
	Word     string
	Articles rel.Many[Article]
}

type tags struct {
	schema.Table[Tag]
	ID       expr.Column[Tag, int64]
	Word     expr.Column[Tag, string]
	Articles rel.ToMany[Tag, Article]
}

var Tags = schema.Define("tags", func(t *tags) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Word).Unique().Size(50)
})

var ArticleTags = rel.ManyToMany("article_tags", Articles.Tags, Tags.Articles)

type Section struct {
	ID       int64
	Name     string
	ParentID *int64
	Parent   rel.One[Section]
	Children rel.Many[Section]
}

type sections struct {
	schema.Table[Section]
	ID       expr.Column[Section, int64]
	Name     expr.Column[Section, string]
	ParentID expr.Nullable[Section, int64]
	Parent   rel.ToOne[Section, Section]
	Children rel.ToMany[Section, Section]
}

var Sections = schema.Define("sections", func(t *sections) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ParentID).References(t.ID)
	rel.Via(t.Parent, t.ParentID).BackPopulates(t.Children)
})

type Issue struct {
	Year, Number int
	Covers       rel.Many[Cover]
}

type issues struct {
	schema.Table[Issue]
	Year, Number expr.Column[Issue, int]
	Covers       rel.ToMany[Issue, Cover]
}

var Issues = schema.Define("issues", func(t *issues) {
	schema.PrimaryKey(t.Year, t.Number)
})

type Cover struct {
	ID           int64
	Picture      string
	Year, Number int
	Issue        rel.One[Issue]
}

type covers struct {
	schema.Table[Cover]
	ID           expr.Column[Cover, int64]
	Picture      expr.Column[Cover, string]
	Year, Number expr.Column[Cover, int]
	Issue        rel.ToOne[Cover, Issue]
}

var Covers = schema.Define("covers", func(t *covers) {
	schema.Column(t.ID).PrimaryKey()
	schema.ForeignKey(t.Year, Issues.Year).And(t.Number, Issues.Number).OnDelete(schema.Cascade)
	rel.Via(t.Issue, t.Year, t.Number).BackPopulates(Issues.Covers).Passive()
})

// magazine has Ann, whose key is 1, with a profile and the articles Hello and
// World, and Bob with Third. Hello has the comments a and b and the tags go and
// sql.
type magazine struct {
	*fix
	authors  repo.Keyed[Author, int64]
	articles repo.Keyed[Article, int64]
	comments repo.Keyed[Comment, int64]
	tags     repo.Keyed[Tag, int64]
	sections repo.Keyed[Section, int64]
	issues   repo.Keyed2[Issue, int, int]
}

func newMagazine(t *testing.T) *magazine {
	t.Helper()
	f := start(t)
	m := &magazine{
		fix: f, authors: repo.NewKeyed(f.db, Authors.ID), articles: repo.NewKeyed(f.db, Articles.ID), comments: repo.NewKeyed(f.db, Comments.ID),
		tags: repo.NewKeyed(f.db, Tags.ID), sections: repo.NewKeyed(f.db, Sections.ID), issues: repo.NewKeyed2(f.db, Issues.Year, Issues.Number),
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return m.authors.Add(ctx,
			&Author{Name: "Ann", Profile: rel.To(&Profile{Bio: "old"}), Articles: rel.Of(
				&Article{Title: "Hello", Comments: rel.Of(&Comment{Text: "a"}, &Comment{Text: "b"}), Tags: rel.Of(&Tag{Word: "go"}, &Tag{Word: "sql"})},
				&Article{Title: "World"})},
			&Author{Name: "Bob", Articles: rel.Of(&Article{Title: "Third"})})
	})
	f.log.take()
	return m
}
