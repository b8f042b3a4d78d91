package suite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

var meta = schema.NewMetadata()

// Item is an entity of every day, with a column of each kind that is compared in
// its own way.
type Item struct {
	ID    int64
	Name  string
	Email *string
	Count int
	Score float64
	Data  []byte
	Tags  []string
	Info  schema.JSON[info]
	At    time.Time
	Note  string `db:"-"`
}

type info struct {
	Colour string
	Sizes  []int
}

type items struct {
	schema.Table[Item]
	ID    expr.Column[Item, int64]
	Name  expr.Column[Item, string]
	Email expr.Nullable[Item, string]
	Count expr.Column[Item, int]
	Score expr.Column[Item, float64]
	Data  expr.Column[Item, []byte]
	Tags  expr.Column[Item, []string]
	Info  expr.Column[Item, schema.JSON[info]]
	At    expr.Column[Item, time.Time]
}

var Items = schema.Define("items", func(t *items) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100)
	schema.Text(t.Email).Unique().Size(255)
	schema.Check("items_count_floor", t.Count.Ge(-1000))
	schema.Index(t.Name, t.Count)
}, schema.In(meta))

// Doc is versioned by a counter.
type Doc struct {
	ID      int64
	Title   string
	Body    string
	Version int64
}

type docs struct {
	schema.Table[Doc]
	ID      expr.Column[Doc, int64]
	Title   expr.Column[Doc, string]
	Body    expr.Column[Doc, string]
	Version expr.Column[Doc, int64]
}

var Docs = schema.Define("docs", func(t *docs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Unique()
	schema.Column(t.Version).Version()
}, schema.In(meta))

// Dated is versioned by time.
type Dated struct {
	ID      int64
	Title   string
	Changed time.Time
}

type dateds struct {
	schema.Table[Dated]
	ID      expr.Column[Dated, int64]
	Title   expr.Column[Dated, string]
	Changed expr.Column[Dated, time.Time]
}

var Dateds = schema.Define("dated", func(t *dateds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.Changed).Version()
}, schema.In(meta))

// Word has a text for its key.
type Word struct {
	Text    string
	Meaning string
}

type words struct {
	schema.Table[Word]
	Text    expr.Column[Word, string]
	Meaning expr.Column[Word, string]
}

var Words = schema.Define("words", func(t *words) {
	schema.Text(t.Text).PrimaryKey()
}, schema.In(meta))

// Token has a UUID for its key, made by the program.
type Token struct {
	ID    [16]byte
	Label string
}

type tokens struct {
	schema.Table[Token]
	ID    expr.Column[Token, [16]byte]
	Label expr.Column[Token, string]
}

var Tokens = schema.Define("tokens", func(t *tokens) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

// Small has a key narrower than int64.
type Small struct {
	ID    int32
	Tiny  int8
	Maybe *string
}

type smalls struct {
	schema.Table[Small]
	ID    expr.Column[Small, int32]
	Tiny  expr.Column[Small, int8]
	Maybe expr.Nullable[Small, string]
}

var Smalls = schema.Define("smalls", func(t *smalls) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

// Pair has a key of two columns.
type Pair struct {
	A int64
	B string
	N int
}

type pairs struct {
	schema.Table[Pair]
	A expr.Column[Pair, int64]
	B expr.Column[Pair, string]
	N expr.Column[Pair, int]
}

var Pairs = schema.Define("pairs", func(t *pairs) {
	schema.PrimaryKey(t.A, t.B)
}, schema.In(meta))

// Author, Book and Chapter hang together by foreign keys.
type Author struct {
	ID   int64
	Name string
}

type authors struct {
	schema.Table[Author]
	ID   expr.Column[Author, int64]
	Name expr.Column[Author, string]
}

var Authors = schema.Define("authors", func(t *authors) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

type Book struct {
	ID       int64
	Title    string
	AuthorID int64
}

type books struct {
	schema.Table[Book]
	ID       expr.Column[Book, int64]
	Title    expr.Column[Book, string]
	AuthorID expr.Column[Book, int64]
}

var Books = schema.Define("books", func(t *books) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.AuthorID).References(Authors.ID)
}, schema.In(meta))

type Chapter struct {
	ID     int64
	BookID int64
}

type chapters struct {
	schema.Table[Chapter]
	ID     expr.Column[Chapter, int64]
	BookID expr.Column[Chapter, int64]
}

var Chapters = schema.Define("chapters", func(t *chapters) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.BookID).References(Books.ID).OnDelete(schema.Cascade)
}, schema.In(meta))

// Node refers to itself.
type Node struct {
	ID       int64
	ParentID *int64
}

type nodes struct {
	schema.Table[Node]
	ID       expr.Column[Node, int64]
	ParentID expr.Nullable[Node, int64]
}

var Nodes = schema.Define("nodes", func(t *nodes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ParentID).References(t.ID)
}, schema.In(meta))

// Hen and Egg refer to each other.
type Hen struct {
	ID    int64
	EggID *int64
}

type hens struct {
	schema.Table[Hen]
	ID    expr.Column[Hen, int64]
	EggID expr.Nullable[Hen, int64]
}

var Hens = schema.Define("hens", func(t *hens) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

type Egg struct {
	ID    int64
	HenID *int64
}

type eggs struct {
	schema.Table[Egg]
	ID    expr.Column[Egg, int64]
	HenID expr.Nullable[Egg, int64]
}

var Eggs = schema.Define("eggs", func(t *eggs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.HenID).References(Hens.ID)
}, schema.In(meta))

func init() { schema.ForeignKey(Hens.EggID, Eggs.ID) }

// Defaulted has a column for each rule of defaults.
type Defaulted struct {
	ID     int64
	Status *string
	Level  int
	Kept   int
	Code   string
	Made   time.Time
	Rank   *int64
	Flag   sql.Null[bool]
	Plain  int
}

type defaulteds struct {
	schema.Table[Defaulted]
	ID     expr.Column[Defaulted, int64]
	Status expr.Nullable[Defaulted, string]
	Level  expr.Column[Defaulted, int]
	Kept   expr.Column[Defaulted, int]
	Code   expr.Column[Defaulted, string]
	Made   expr.Column[Defaulted, time.Time]
	Rank   expr.Nullable[Defaulted, int64]
	Flag   expr.Nullable[Defaulted, bool]
}

var Defaulteds = schema.Define("defaulted", func(t *defaulteds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Status).Default("new")
	schema.Column(t.Level).Default(3).ZeroIsDefault()
	schema.Column(t.Kept).Default(7).KeepZero()
	schema.Text(t.Code).DefaultFunc(func() string { return "made" }).ZeroIsDefault()
	schema.Column(t.Made).ServerDefault(expr.Now())
	schema.Column(t.Rank).ServerDefault(expr.Val(int64(5)))
	schema.Column(t.Flag).Default(true)
}, schema.In(meta))

// Stamped has columns that the database writes.
type Stamped struct {
	ID      int64
	Name    string
	Loud    string
	Changed time.Time
}

type stampeds struct {
	schema.Table[Stamped]
	ID      expr.Column[Stamped, int64]
	Name    expr.Column[Stamped, string]
	Loud    expr.Column[Stamped, string]
	Changed expr.Column[Stamped, time.Time]
}

var Stampeds = schema.Define("stamped", func(t *stampeds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Loud).Computed(expr.Upper(t.Name))
	schema.Column(t.Changed).ServerDefault(expr.Now()).OnUpdate(expr.Now())
}, schema.In(meta))

// Hooked tells of its hooks.
type Hooked struct {
	ID    int64
	Name  string
	Told  []string                                     `db:"-"`
	OnAny func(ctx context.Context, verb string) error `db:"-"`
}

type hookeds struct {
	schema.Table[Hooked]
	ID   expr.Column[Hooked, int64]
	Name expr.Column[Hooked, string]
}

var Hookeds = schema.Define("hooked", func(t *hookeds) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

func (h *Hooked) told(ctx context.Context, verb string) error {
	h.Told = append(h.Told, verb)
	if h.OnAny != nil {
		return h.OnAny(ctx, verb)
	}
	return nil
}

func (h *Hooked) BeforeInsert(ctx context.Context) error { return h.told(ctx, "insert") }
func (h *Hooked) BeforeUpdate(ctx context.Context) error { return h.told(ctx, "update") }
func (h *Hooked) BeforeDelete(ctx context.Context) error { return h.told(ctx, "delete") }

var errUnloadable = errors.New("AfterLoad refuses")

func (h *Hooked) AfterLoad(ctx context.Context) error {
	if h.Name == "unloadable" {
		return errUnloadable
	}
	return h.told(ctx, "load")
}

// Softly is deleted softly.
type Softly struct {
	ID        int64
	DeletedAt *time.Time
}

type softlies struct {
	schema.Table[Softly]
	ID        expr.Column[Softly, int64]
	DeletedAt expr.Nullable[Softly, time.Time]
}

var Softlies = schema.Define("softly", func(t *softlies) {
	schema.Column(t.ID).PrimaryKey()
	schema.SoftDelete(t.DeletedAt)
}, schema.In(meta))

var elsewhere = schema.NewMetadata()

// Placed stands in a schema of its own, where the database has such.
type Placed struct {
	ID   int64
	Name string
}

type placeds struct {
	schema.Table[Placed]
	ID   expr.Column[Placed, int64]
	Name expr.Column[Placed, string]
}

var Placeds = schema.Define("placed", func(t *placeds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Unique()
}, schema.Schema("some place"), schema.In(elsewhere))

// everyTable is what a test's database has.
var everyTable = []schema.Handle{
	Items, Docs, Dateds, Words, Tokens, Smalls, Pairs, Authors, Books, Chapters, Nodes, Hens, Eggs, Papers,
	Defaulteds, Stampeds, Hookeds, Softlies, Alls,
}
