package corpus

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var meta = schema.NewMetadata()

// Maker may belong to another one, and makes products.
type Maker struct {
	ID       int64
	Name     string
	City     *string
	ParentID *int64
	Parent   rel.One[Maker]
	Branches rel.Many[Maker]
	Products rel.Many[Product]
}

type makers struct {
	schema.Table[Maker]
	ID       expr.Column[Maker, int64]
	Name     expr.Column[Maker, string]
	City     expr.Nullable[Maker, string]
	ParentID expr.Nullable[Maker, int64]
	Parent   rel.ToOne[Maker, Maker]
	Branches rel.ToMany[Maker, Maker]
	Products rel.ToMany[Maker, Product]
}

var Makers = schema.Define("makers", func(t *makers) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Unique().Size(40)
	schema.Column(t.ParentID).References(t.ID)
	rel.Via(t.Parent, t.ParentID).BackPopulates(t.Branches)
}, schema.In(meta))

type (
	Grade string
	Money string
)

// Product has a column of each kind that functions take.
type Product struct {
	ID      int64
	MakerID int64
	Name    string
	Label   *string
	Price   float64
	Weight  *float64
	Stock   int64
	Sold    *int64
	Flags   int32
	Grade   Grade
	Cost    Money
	Active  bool
	Made    time.Time
	Gone    *time.Time
	Doc     json.RawMessage
	Extra   schema.JSON[map[string]any]
	Tags    []string
	Sizes   []int64
	Image   []byte
	Serial  [16]byte
	Maker   rel.One[Maker]
	Groups  rel.Many[Group]
}

type products struct {
	schema.Table[Product]
	ID      expr.Column[Product, int64]
	MakerID expr.Column[Product, int64]
	Name    expr.Column[Product, string]
	Label   expr.Nullable[Product, string]
	Price   expr.Column[Product, float64]
	Weight  expr.Nullable[Product, float64]
	Stock   expr.Column[Product, int64]
	Sold    expr.Nullable[Product, int64]
	Flags   expr.Column[Product, int32]
	Grade   expr.Column[Product, Grade]
	Cost    expr.Column[Product, Money]
	Active  expr.Column[Product, bool]
	Made    expr.Column[Product, time.Time]
	Gone    expr.Nullable[Product, time.Time]
	Doc     expr.Column[Product, json.RawMessage]
	Extra   expr.Column[Product, schema.JSON[map[string]any]]
	Tags    expr.Column[Product, []string]
	Sizes   expr.Column[Product, []int64]
	Image   expr.Column[Product, []byte]
	Serial  expr.Column[Product, [16]byte]
	Maker   rel.ToOne[Product, Maker]
	Groups  rel.ToMany[Product, Group]
}

var Products = schema.Define("products", func(t *products) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.MakerID).References(Makers.ID)
	schema.Enum(t.Grade, "good", "bad").ServerDefault(expr.Val(Grade("good"))).ZeroIsDefault()
	schema.Decimal(t.Cost, 12, 2)
	rel.Via(t.Maker, t.MakerID).BackPopulates(Makers.Products)
}, schema.In(meta))

// Group is of many products.
type Group struct {
	ID       int64
	Title    string
	Products rel.Many[Product]
}

type groups struct {
	schema.Table[Group]
	ID       expr.Column[Group, int64]
	Title    expr.Column[Group, string]
	Products rel.ToMany[Group, Product]
}

var Groups = schema.Define("groups", func(t *groups) { schema.Column(t.ID).PrimaryKey() }, schema.In(meta))

var ProductGroups = rel.ManyToMany("product_groups", Products.Groups, Groups.Products)

// Shelf has a key of two parts.
type Shelf struct {
	Row, Col int64
	Item     *int64
	Note     string
}

type shelves struct {
	schema.Table[Shelf]
	Row  expr.Column[Shelf, int64]
	Col  expr.Column[Shelf, int64]
	Item expr.Nullable[Shelf, int64]
	Note expr.Column[Shelf, string]
}

var Shelves = schema.Define("shelves", func(t *shelves) {
	schema.PrimaryKey[Shelf](t.Row, t.Col)
	schema.Column(t.Item).References(Products.ID)
}, schema.In(meta))

// Page is written over by upserts: it has a version, a column that every UPDATE
// sets, and is one of a kind by its slug, and by site and path while it is live.
type Page struct {
	ID      int64
	Slug    string
	Site    int64
	Path    *string
	Live    bool
	Hits    int64
	Changes int64
	Version int64
}

type pages struct {
	schema.Table[Page]
	ID      expr.Column[Page, int64]
	Slug    expr.Column[Page, string]
	Site    expr.Column[Page, int64]
	Path    expr.Nullable[Page, string]
	Live    expr.Column[Page, bool]
	Hits    expr.Column[Page, int64]
	Changes expr.Column[Page, int64]
	Version expr.Column[Page, int64]
}

var Pages = schema.Define("pages", func(t *pages) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Slug).Unique().Size(40)
	schema.Index[Page](t.Site, t.Path).Unique().Where(t.Live.Eq(true)).Name("live_path")
	schema.Column(t.Changes).OnUpdate(expr.Add(t.Changes, 1))
	schema.Column(t.Version).Version()
}, schema.In(meta))

// Draft is not deleted but marked as such. Its notes are.
type Draft struct {
	ID      int64
	Title   string
	Deleted *time.Time
	Notes   rel.Many[Note]
}

type drafts struct {
	schema.Table[Draft]
	ID      expr.Column[Draft, int64]
	Title   expr.Column[Draft, string]
	Deleted expr.Nullable[Draft, time.Time]
	Notes   rel.ToMany[Draft, Note]
}

var Drafts = schema.Define("drafts", func(t *drafts) {
	schema.Column(t.ID).PrimaryKey()
	schema.SoftDelete(t.Deleted)
}, schema.In(meta))

// Note belongs to a draft.
type Note struct {
	ID      int64
	DraftID int64
	Text    string
	Draft   rel.One[Draft]
}

type notesTable struct {
	schema.Table[Note]
	ID      expr.Column[Note, int64]
	DraftID expr.Column[Note, int64]
	Text    expr.Column[Note, string]
	Draft   rel.ToOne[Note, Draft]
}

var Notes = schema.Define("notes", func(t *notesTable) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.DraftID).References(Drafts.ID)
	rel.Via(t.Draft, t.DraftID).BackPopulates(Drafts.Notes)
}, schema.In(meta))

// Bill belongs to a shop, and is seen up to a level.
type Bill struct {
	ID    int64
	Shop  string
	Level int64
	Sum   int64
}

type bills struct {
	schema.Table[Bill]
	ID    expr.Column[Bill, int64]
	Shop  expr.Column[Bill, string]
	Level expr.Column[Bill, int64]
	Sum   expr.Column[Bill, int64]
}

var Bills = schema.Define("bills", func(t *bills) {
	schema.Column(t.ID).PrimaryKey()
	schema.Tenant(t.Shop, "shop")
	schema.Filter("level", t.Level.LeTo(expr.Parameter[int64]("level")))
}, schema.In(meta))

var tables = []schema.Handle{Makers, Products, Groups, ProductGroups, Shelves, Pages, Drafts, Notes, Bills}

// Branch, parent and twin are further occurrences of tables.
var (
	parent = schema.As(Makers, "parent")
	twin   = schema.As(Products, "twin")
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	dawn = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
)

func ptr[V any](v V) *V { return &v }

// nowhere is what repositories of built queries are bound to: it is never used.
var nowhere = must(engine.Open("sqlite://nowhere.db", engine.Metadata(meta)))

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// Repositories of built queries.
var (
	makersOf   = repo.NewKeyed(nowhere, Makers.ID)
	productsOf = repo.NewKeyed(nowhere, Products.ID)
	shelvesOf  = repo.NewKeyed2(nowhere, Shelves.Row, Shelves.Col)
	draftsOf   = repo.NewKeyed(nowhere, Drafts.ID)
	billsOf    = repo.NewKeyed(nowhere, Bills.ID)
)

// product is one whose columns have what they must have.
func product(p Product) *Product {
	if p.Cost == "" {
		p.Cost = "1.50"
	}
	if p.Doc == nil {
		p.Doc = json.RawMessage(`{"color":"red","sizes":[1,2],"rating":4.5,"sale":true}`)
	}
	if p.Made.IsZero() {
		p.Made = noon
	}
	p.Grade, p.Tags, p.Sizes, p.Image, p.Serial = "good", []string{"a", "b"}, []int64{1, 2, 3}, []byte{1, 2}, [16]byte{15: byte(p.ID)}
	p.Extra.V = map[string]any{"n": 1}
	return &p
}

// seed stores some rows, for statements to run over.
func seed(t *testing.T, db *engine.Engine) {
	t.Helper()
	err := uow.Run(repo.WithParameter(t.Context(), "shop", "north"), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		for _, err := range []error{
			repo.New[Maker](db).Add(ctx, &Maker{ID: 1, Name: "Ann", City: ptr("Ulm")}, &Maker{ID: 2, Name: "Bob", ParentID: ptr(int64(1))}),
			repo.New[Product](db).Add(ctx, product(Product{ID: 1, MakerID: 1, Name: "Lamp", Label: ptr("new"), Price: 9.5, Weight: ptr(1.25), Stock: 7, Sold: ptr(int64(3)), Flags: 6, Active: true}),
				product(Product{ID: 2, MakerID: 2, Name: "Desk", Price: 99, Stock: 2, Gone: ptr(noon)})),
			repo.New[Group](db).Add(ctx, &Group{ID: 101, Title: "Light"}),
			repo.New[Shelf](db).Add(ctx, &Shelf{Row: 1, Col: 2, Item: ptr(int64(1)), Note: "top"}, &Shelf{Row: 1, Col: 3}),
			repo.New[Page](db).Add(ctx, &Page{ID: 101, Slug: "home", Site: 1, Path: ptr("/"), Live: true}, &Page{ID: 102, Slug: "about", Site: 1}),
			repo.New[Draft](db).Add(ctx, &Draft{ID: 1, Title: "live"}, &Draft{ID: 2, Title: "gone", Deleted: ptr(noon)}),
			repo.New[Note](db).Add(ctx, &Note{ID: 1, DraftID: 1, Text: "x"}, &Note{ID: 2, DraftID: 1, Text: "y"}),
			repo.New[Bill](db).Add(ctx, &Bill{ID: 1, Level: 1, Sum: 10}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
