package property

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

var graphMeta = schema.NewMetadata()

// Person has a relation of each kind.
type Person struct {
	ID        int64
	Name      string
	Version   int64
	Memos     rel.Many[Memo]
	Cards     rel.Many[Card]
	Marks     rel.Many[Mark]
	Labels    rel.Many[Label]
	Badge     rel.One[Badge]
	Rings     rel.Many[Ring]
	Following rel.Many[Person]
	Followers rel.Many[Person]
}

type people struct {
	schema.Table[Person]
	ID        expr.Column[Person, int64]
	Name      expr.Column[Person, string]
	Version   expr.Column[Person, int64]
	Memos     rel.ToMany[Person, Memo]
	Cards     rel.ToMany[Person, Card]
	Marks     rel.ToMany[Person, Mark]
	Labels    rel.ToMany[Person, Label]
	Badge     rel.ToOne[Person, Badge]
	Rings     rel.ToMany[Person, Ring]
	Following rel.ToMany[Person, Person]
	Followers rel.ToMany[Person, Person]
}

var People = schema.Define("people", func(t *people) {
	schema.Column(t.ID).PrimaryKey()
	schema.Number(t.Version).Version()
}, schema.In(graphMeta))

// Memo is kept without its person.
type Memo struct {
	ID   int64
	Name string
	UpID *int64
	Up   rel.One[Person]
}

type memos struct {
	schema.Table[Memo]
	ID   expr.Column[Memo, int64]
	Name expr.Column[Memo, string]
	UpID expr.Nullable[Memo, int64]
	Up   rel.ToOne[Memo, Person]
}

var Memos = schema.Define("memos", func(t *memos) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UpID).References(People.ID)
	rel.Via(t.Up, t.UpID).BackPopulates(People.Memos)
}, schema.In(graphMeta))

// Card is its person's own and cannot be without.
type Card struct {
	ID   int64
	Name string
	UpID int64
	Up   rel.One[Person]
}

type cards struct {
	schema.Table[Card]
	ID   expr.Column[Card, int64]
	Name expr.Column[Card, string]
	UpID expr.Column[Card, int64]
	Up   rel.ToOne[Card, Person]
}

var Cards = schema.Define("cards", func(t *cards) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UpID).References(People.ID)
	rel.Via(t.Up, t.UpID).BackPopulates(People.Cards).Own()
}, schema.In(graphMeta))

// Mark is its person's own and may begin without.
type Mark struct {
	ID   int64
	Name string
	UpID *int64
	Up   rel.One[Person]
}

type marks struct {
	schema.Table[Mark]
	ID   expr.Column[Mark, int64]
	Name expr.Column[Mark, string]
	UpID expr.Nullable[Mark, int64]
	Up   rel.ToOne[Mark, Person]
}

var Marks = schema.Define("marks", func(t *marks) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UpID).References(People.ID)
	rel.Via(t.Up, t.UpID).BackPopulates(People.Marks).Own()
}, schema.In(graphMeta))

// Label goes with its person by the database's cascade.
type Label struct {
	ID   int64
	Name string
	UpID int64
	Up   rel.One[Person]
}

type labels struct {
	schema.Table[Label]
	ID   expr.Column[Label, int64]
	Name expr.Column[Label, string]
	UpID expr.Column[Label, int64]
	Up   rel.ToOne[Label, Person]
}

var Labels = schema.Define("labels", func(t *labels) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UpID).References(People.ID).OnDelete(schema.Cascade)
	rel.Via(t.Up, t.UpID).BackPopulates(People.Labels).Passive()
}, schema.In(graphMeta))

// Badge is one to one with its person, which owns it.
type Badge struct {
	ID   int64
	Name string
	UpID int64
	Up   rel.One[Person]
}

type badges struct {
	schema.Table[Badge]
	ID   expr.Column[Badge, int64]
	Name expr.Column[Badge, string]
	UpID expr.Column[Badge, int64]
	Up   rel.ToOne[Badge, Person]
}

var Badges = schema.Define("badges", func(t *badges) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UpID).Unique().References(People.ID)
	rel.Via(t.Up, t.UpID).BackPopulates(People.Badge).Own()
}, schema.In(graphMeta))

// Ring is many to many with people.
type Ring struct {
	ID      int64
	Name    string
	Members rel.Many[Person]
}

type rings struct {
	schema.Table[Ring]
	ID      expr.Column[Ring, int64]
	Name    expr.Column[Ring, string]
	Members rel.ToMany[Ring, Person]
}

var Rings = schema.Define("rings", func(t *rings) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(graphMeta))

// Branch is a tree; what hangs below one that goes is kept.
type Branch struct {
	ID   int64
	Name string
	UpID *int64
	Up   rel.One[Branch]
	Subs rel.Many[Branch]
}

type branches struct {
	schema.Table[Branch]
	ID   expr.Column[Branch, int64]
	Name expr.Column[Branch, string]
	UpID expr.Nullable[Branch, int64]
	Up   rel.ToOne[Branch, Branch]
	Subs rel.ToMany[Branch, Branch]
}

var Branches = schema.Define("branches", func(t *branches) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UpID).References(t.ID)
	rel.Via(t.Up, t.UpID).BackPopulates(t.Subs)
}, schema.In(graphMeta))

var (
	ringMembers = rel.ManyToMany("ring_members", People.Rings, Rings.Members)
	follows     = rel.ManyToMany("follows", People.Following, People.Followers)
)

var graphTables = []schema.Handle{People, Memos, Cards, Marks, Labels, Badges, Rings, Branches, ringMembers, follows}
