package suite

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

var graph = schema.NewMetadata()

// Member writes posts, has a profile and is in circles; members follow members.
type Member struct {
	ID        int64
	Name      string
	Version   int64
	Posts     rel.Many[Post]
	Profile   rel.One[Profile]
	Circles   rel.Many[Circle]
	Following rel.Many[Member]
	Followers rel.Many[Member]
}

type members struct {
	schema.Table[Member]
	ID        expr.Column[Member, int64]
	Name      expr.Column[Member, string]
	Version   expr.Column[Member, int64]
	Posts     rel.ToMany[Member, Post]
	Profile   rel.ToOne[Member, Profile]
	Circles   rel.ToMany[Member, Circle]
	Following rel.ToMany[Member, Member]
	Followers rel.ToMany[Member, Member]
}

var Members = schema.Define("members", func(t *members) {
	schema.Column(t.ID).PrimaryKey()
	schema.Number(t.Version).Version()
}, schema.In(graph))

// Post is kept without its author, and has comments that it owns.
type Post struct {
	ID        int64
	Title     string
	AuthorID  *int64
	CreatedAt time.Time
	Author    rel.One[Member]
	Comments  rel.Many[Comment]
	Tags      rel.Many[Tag]
}

type posts struct {
	schema.Table[Post]
	ID        expr.Column[Post, int64]
	Title     expr.Column[Post, string]
	AuthorID  expr.Nullable[Post, int64]
	CreatedAt expr.Column[Post, time.Time]
	Author    rel.ToOne[Post, Member]
	Comments  rel.ToMany[Post, Comment]
	Tags      rel.ToMany[Post, Tag]
}

var Posts = schema.Define("posts", func(t *posts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.AuthorID).References(Members.ID)
	rel.Via(t.Author, t.AuthorID).BackPopulates(Members.Posts)
}, schema.In(graph))

// Comment belongs to its post.
type Comment struct {
	ID     int64
	Text   string
	PostID int64
	Post   rel.One[Post]
}

type comments struct {
	schema.Table[Comment]
	ID     expr.Column[Comment, int64]
	Text   expr.Column[Comment, string]
	PostID expr.Column[Comment, int64]
	Post   rel.ToOne[Comment, Post]
}

var Comments = schema.Define("comments", func(t *comments) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PostID).References(Posts.ID)
	rel.Via(t.Post, t.PostID).BackPopulates(Posts.Comments).Own()
}, schema.In(graph))

// Tag goes with its post by the database's cascade.
type Tag struct {
	ID     int64
	Word   string
	PostID int64
	Post   rel.One[Post]
}

type tags struct {
	schema.Table[Tag]
	ID     expr.Column[Tag, int64]
	Word   expr.Column[Tag, string]
	PostID expr.Column[Tag, int64]
	Post   rel.ToOne[Tag, Post]
}

var Tags = schema.Define("tags", func(t *tags) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PostID).References(Posts.ID).OnDelete(schema.Cascade)
	rel.Via(t.Post, t.PostID).BackPopulates(Posts.Tags).Passive()
}, schema.In(graph))

// Profile is one to one with its member, which owns it.
type Profile struct {
	ID       int64
	Bio      string
	MemberID int64
	Member   rel.One[Member]
}

type profiles struct {
	schema.Table[Profile]
	ID       expr.Column[Profile, int64]
	Bio      expr.Column[Profile, string]
	MemberID expr.Column[Profile, int64]
	Member   rel.ToOne[Profile, Member]
}

var Profiles = schema.Define("profiles", func(t *profiles) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.MemberID).Unique().References(Members.ID)
	rel.Via(t.Member, t.MemberID).BackPopulates(Members.Profile).Own()
}, schema.In(graph))

// Circle is many to many with members.
type Circle struct {
	ID      int64
	Name    string
	Members rel.Many[Member]
}

type circles struct {
	schema.Table[Circle]
	ID      expr.Column[Circle, int64]
	Name    expr.Column[Circle, string]
	Members rel.ToMany[Circle, Member]
}

var Circles = schema.Define("circles", func(t *circles) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(graph))

var (
	Memberships = rel.ManyToMany("memberships", Members.Circles, Circles.Members)
	Follows     = rel.ManyToMany("follows", Members.Following, Members.Followers)
)

// Area has a composite key and is a tree.
type Area struct {
	Country  string
	Code     int32
	Name     string
	UpCode   *int32
	UpName   *string
	Up       rel.One[Area]
	Parts    rel.Many[Area]
	Stations rel.Many[Station]
}

type areas struct {
	schema.Table[Area]
	Country  expr.Column[Area, string]
	Code     expr.Column[Area, int32]
	Name     expr.Column[Area, string]
	UpCode   expr.Nullable[Area, int32]
	UpName   expr.Nullable[Area, string]
	Up       rel.ToOne[Area, Area]
	Parts    rel.ToMany[Area, Area]
	Stations rel.ToMany[Area, Station]
}

var Areas = schema.Define("areas", func(t *areas) {
	schema.PrimaryKey(t.Country, t.Code)
	schema.ForeignKey[string](t.UpName, t.Country).And(t.UpCode, t.Code)
	rel.Via(t.Up, t.UpName, t.UpCode).BackPopulates(t.Parts)
}, schema.In(graph))

// Station is in an area; several foreign keys lead there.
type Station struct {
	ID          int64
	Name        string
	AreaCountry string
	AreaCode    int32
	Area        rel.One[Area]
}

type stations struct {
	schema.Table[Station]
	ID          expr.Column[Station, int64]
	Name        expr.Column[Station, string]
	AreaCountry expr.Column[Station, string]
	AreaCode    expr.Column[Station, int32]
	Area        rel.ToOne[Station, Area]
}

var Stations = schema.Define("stations", func(t *stations) {
	schema.Column(t.ID).PrimaryKey()
	schema.ForeignKey[string](t.AreaCountry, Areas.Country).And(t.AreaCode, Areas.Code)
	rel.Via(t.Area, t.AreaCountry, t.AreaCode).BackPopulates(Areas.Stations)
}, schema.In(graph))

var graphTables = []schema.Handle{Members, Posts, Comments, Tags, Profiles, Circles, Memberships, Follows, Areas, Stations}
