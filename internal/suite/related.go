package suite

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

var related = schema.NewMetadata()

// Writer has essays and may have a mentor.
type Writer struct {
	ID       int64
	Name     string
	MentorID *int64
	Mentor   rel.One[Writer]
	Essays   rel.Many[Essay]
}

type writers struct {
	schema.Table[Writer]
	ID       expr.Column[Writer, int64]
	Name     expr.Column[Writer, string]
	MentorID expr.Nullable[Writer, int64]
	Mentor   rel.ToOne[Writer, Writer]
	Essays   rel.ToMany[Writer, Essay]
}

var Writers = schema.Define("writers", func(t *writers) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.MentorID).References(t.ID)
	rel.Via(t.Mentor, t.MentorID)
}, schema.In(related))

// Essay has a writer.
type Essay struct {
	ID       int64
	Title    string
	WriterID int64
	Writer   rel.One[Writer]
}

type essays struct {
	schema.Table[Essay]
	ID       expr.Column[Essay, int64]
	Title    expr.Column[Essay, string]
	WriterID expr.Column[Essay, int64]
	Writer   rel.ToOne[Essay, Writer]
}

var Essays = schema.Define("essays", func(t *essays) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.WriterID).References(Writers.ID)
	rel.Via(t.Writer, t.WriterID).BackPopulates(Writers.Essays)
}, schema.In(related))

// Link is in a ring of rows, each of which must have the next.
type Link struct {
	ID     int64
	NextID int64
	Next   rel.One[Link]
}

type links struct {
	schema.Table[Link]
	ID     expr.Column[Link, int64]
	NextID expr.Column[Link, int64]
	Next   rel.ToOne[Link, Link]
}

var Links = schema.Define("links", func(t *links) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.NextID).References(t.ID)
	rel.Via(t.Next, t.NextID)
}, schema.In(related))

// Genre has a key that changes; Shelf follows it by the database's cascade.
type Genre struct {
	Name string
	Note string
}

type genres struct {
	schema.Table[Genre]
	Name expr.Column[Genre, string]
	Note expr.Column[Genre, string]
}

var Genres = schema.Define("genres", func(t *genres) {
	schema.Column(t.Name).PrimaryKey()
}, schema.In(related))

// Shelf has a genre.
type Shelf struct {
	ID    int64
	Genre string
}

type shelves struct {
	schema.Table[Shelf]
	ID    expr.Column[Shelf, int64]
	Genre expr.Column[Shelf, string]
}

var Shelves = schema.Define("shelves", func(t *shelves) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.Genre).References(Genres.Name).OnKeyUpdate(schema.Cascade)
}, schema.In(related))

// Ticket has a version that a trigger of the database makes.
type Ticket struct {
	ID       int64
	Title    string
	Revision int64
}

type tickets struct {
	schema.Table[Ticket]
	ID       expr.Column[Ticket, int64]
	Title    expr.Column[Ticket, string]
	Revision expr.Column[Ticket, int64]
}

var Tickets = schema.Define("tickets", func(t *tickets) {
	schema.Column(t.ID).PrimaryKey()
	schema.Number(t.Revision).Version().MadeByDatabase().ServerDefault(expr.Val[int64](100))
}, schema.In(related))
