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
	Badge     rel.One[Badge]
}

func (m *Member) String() string { return m.Name }

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
	Badge     rel.ToOne[Member, Badge]
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

func (p *Post) String() string { return p.Title }

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

func (c *Comment) String() string { return c.Text }

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

func (t *Tag) String() string { return t.Word }

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

func (p *Profile) String() string { return p.Bio }

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

func (c *Circle) String() string { return c.Name }

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

func (a *Area) String() string { return a.Name }

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

func (s *Station) String() string { return s.Name }

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

// Badge is one to one with its member, which may be without: it is kept.
type Badge struct {
	ID       int64
	Code     string
	HolderID *int64
	Holder   rel.One[Member]
}

func (b *Badge) String() string { return b.Code }

type badges struct {
	schema.Table[Badge]
	ID       expr.Column[Badge, int64]
	Code     expr.Column[Badge, string]
	HolderID expr.Nullable[Badge, int64]
	Holder   rel.ToOne[Badge, Member]
}

var Badges = schema.Define("badges", func(t *badges) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.HolderID).Unique().References(Members.ID)
	rel.Via(t.Holder, t.HolderID).BackPopulates(Members.Badge)
}, schema.In(graph))

// Twig is a tree whose parents own their children.
type Twig struct {
	ID   int64
	Name string
	UpID *int64
	Up   rel.One[Twig]
	Subs rel.Many[Twig]
}

func (t *Twig) String() string { return t.Name }

type twigs struct {
	schema.Table[Twig]
	ID   expr.Column[Twig, int64]
	Name expr.Column[Twig, string]
	UpID expr.Nullable[Twig, int64]
	Up   rel.ToOne[Twig, Twig]
	Subs rel.ToMany[Twig, Twig]
}

var Twigs = schema.Define("twigs", func(t *twigs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UpID).References(t.ID)
	rel.Via(t.Up, t.UpID).BackPopulates(t.Subs).Own()
}, schema.In(graph))

// Step is in a chain: one to one with the step before it.
type Step struct {
	ID     int64
	Name   string
	PrevID *int64
	Prev   rel.One[Step]
	Next   rel.One[Step]
}

func (s *Step) String() string { return s.Name }

type steps struct {
	schema.Table[Step]
	ID     expr.Column[Step, int64]
	Name   expr.Column[Step, string]
	PrevID expr.Nullable[Step, int64]
	Prev   rel.ToOne[Step, Step]
	Next   rel.ToOne[Step, Step]
}

var Steps = schema.Define("steps", func(t *steps) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PrevID).Unique().References(t.ID)
	rel.Via(t.Prev, t.PrevID).BackPopulates(t.Next)
}, schema.In(graph))

// Team has players, one of which leads it.
type Team struct {
	ID      int64
	Name    string
	LeadID  *int64
	Lead    rel.One[Player]
	Players rel.Many[Player]
}

func (t *Team) String() string { return t.Name }

type teams struct {
	schema.Table[Team]
	ID      expr.Column[Team, int64]
	Name    expr.Column[Team, string]
	LeadID  expr.Nullable[Team, int64]
	Lead    rel.ToOne[Team, Player]
	Players rel.ToMany[Team, Player]
}

var Teams = schema.Define("teams", func(t *teams) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(graph))

// Player is in a team, which owns it.
type Player struct {
	ID     int64
	Name   string
	TeamID int64
	Team   rel.One[Team]
}

func (p *Player) String() string { return p.Name }

type players struct {
	schema.Table[Player]
	ID     expr.Column[Player, int64]
	Name   expr.Column[Player, string]
	TeamID expr.Column[Player, int64]
	Team   rel.ToOne[Player, Team]
}

var Players = schema.Define("players", func(t *players) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.TeamID).References(Teams.ID)
	rel.Via(t.Team, t.TeamID).BackPopulates(Teams.Players).Own()
}, schema.In(graph))

// Lock and Key must have each other, which no order of statements serves.
type Lock struct {
	ID    int64
	KeyID int64
	Key   rel.One[Key]
}

type locks struct {
	schema.Table[Lock]
	ID    expr.Column[Lock, int64]
	KeyID expr.Column[Lock, int64]
	Key   rel.ToOne[Lock, Key]
}

var Locks = schema.Define("locks", func(t *locks) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(graph))

// Key is the other one.
type Key struct {
	ID     int64
	LockID int64
	Lock   rel.One[Lock]
}

type keys struct {
	schema.Table[Key]
	ID     expr.Column[Key, int64]
	LockID expr.Column[Key, int64]
	Lock   rel.ToOne[Key, Lock]
}

var Keys = schema.Define("keys", func(t *keys) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.LockID).References(Locks.ID)
	rel.Via(t.Lock, t.LockID)
}, schema.In(graph))

func init() {
	schema.ForeignKey(Teams.LeadID, Players.ID)
	rel.Via(Teams.Lead, Teams.LeadID)
	schema.ForeignKey(Locks.KeyID, Keys.ID)
	rel.Via(Locks.Key, Locks.KeyID)
}

// Note is about a member by a foreign key that the database knows nothing of.
type Note struct {
	ID       int64
	Text     string
	MemberID *int64
	Member   rel.One[Member]
}

func (n *Note) String() string { return n.Text }

type notes struct {
	schema.Table[Note]
	ID       expr.Column[Note, int64]
	Text     expr.Column[Note, string]
	MemberID expr.Nullable[Note, int64]
	Member   rel.ToOne[Note, Member]
}

var Notes = schema.Define("notes", func(t *notes) {
	schema.Column(t.ID).PrimaryKey()
	rel.Via(t.Member, t.MemberID)
}, schema.In(graph))

var graphTables = []schema.Handle{
	Members, Posts, Comments, Tags, Profiles, Circles, Memberships, Follows, Areas, Stations,
	Badges, Twigs, Steps, Teams, Players, Locks, Keys, Notes,
}
