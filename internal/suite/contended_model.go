package suite

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/watch"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// contended are tables whose rows stand in each other's way.
var contended = schema.NewMetadata()

// Owner has a name of its own. Pets stay when their owner's row goes, Wards go
// with it.
type Owner struct {
	ID   int64
	Slug string
}

type owners struct {
	schema.Table[Owner]
	ID   expr.Column[Owner, int64]
	Slug expr.Column[Owner, string]
}

var Owners = schema.Define("owners", func(t *owners) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Slug).Unique()
}, schema.In(contended))

type Pet struct {
	ID      int64
	OwnerID int64
	VetID   *int64
}

type pets struct {
	schema.Table[Pet]
	ID      expr.Column[Pet, int64]
	OwnerID expr.Column[Pet, int64]
	VetID   expr.Nullable[Pet, int64]
}

var Pets = schema.Define("pets", func(t *pets) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.OwnerID).References(Owners.ID)
	schema.Column(t.VetID).References(Owners.ID)
}, schema.In(contended))

type Ward struct {
	ID      int64
	OwnerID int64
}

type wards struct {
	schema.Table[Ward]
	ID      expr.Column[Ward, int64]
	OwnerID expr.Column[Ward, int64]
}

var Wards = schema.Define("wards", func(t *wards) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.OwnerID).References(Owners.ID).OnDelete(schema.Cascade)
}, schema.In(contended))

// Deed is an owner's only one.
type Deed struct {
	ID      int64
	OwnerID int64
}

type deeds struct {
	schema.Table[Deed]
	ID      expr.Column[Deed, int64]
	OwnerID expr.Column[Deed, int64]
}

var Deeds = schema.Define("deeds", func(t *deeds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.OwnerID).References(Owners.ID).Unique()
}, schema.In(contended))

// Folder is in a tree whose names are unique in a folder.
type Folder struct {
	ID       int64
	ParentID *int64
	Name     string
}

type folders struct {
	schema.Table[Folder]
	ID       expr.Column[Folder, int64]
	ParentID expr.Nullable[Folder, int64]
	Name     expr.Column[Folder, string]
}

var Folders = schema.Define("folders", func(t *folders) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ParentID).References(t.ID)
	schema.Text(t.Name)
	schema.Unique(t.ParentID, t.Name)
}, schema.In(contended))

// Branch is in a tree that goes with its root, Stone in one that does not.
type Branch struct {
	ID       int64
	ParentID *int64
	Name     string
	Version  int64
}

type branches struct {
	schema.Table[Branch]
	ID       expr.Column[Branch, int64]
	ParentID expr.Nullable[Branch, int64]
	Name     expr.Column[Branch, string]
	Version  expr.Column[Branch, int64]
}

var Branches = schema.Define("branches", func(t *branches) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ParentID).References(t.ID).OnDelete(schema.Cascade)
	schema.Column(t.Version).Version()
}, schema.In(contended))

type Stone struct {
	ID      int64
	UnderID *int64
}

type stones struct {
	schema.Table[Stone]
	ID      expr.Column[Stone, int64]
	UnderID expr.Nullable[Stone, int64]
}

var Stones = schema.Define("stones", func(t *stones) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UnderID).References(t.ID).OnDelete(schema.Restrict)
}, schema.In(contended))

// Cock and Nest refer to each other and go with each other.
type Cock struct {
	ID     int64
	NestID *int64
}

type cocks struct {
	schema.Table[Cock]
	ID     expr.Column[Cock, int64]
	NestID expr.Nullable[Cock, int64]
}

var Cocks = schema.Define("cocks", func(t *cocks) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(contended))

type Nest struct {
	ID     int64
	CockID *int64
}

type nests struct {
	schema.Table[Nest]
	ID     expr.Column[Nest, int64]
	CockID expr.Nullable[Nest, int64]
}

var Nests = schema.Define("nests", func(t *nests) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.CockID).References(Cocks.ID).OnDelete(schema.Cascade)
}, schema.In(contended))

func init() { schema.ForeignKey(Cocks.NestID, Nests.ID).OnDelete(schema.Cascade) }

// Seat has unique columns of the common types. A Duty is held once by an owner.
type Seat struct {
	ID   int64
	U32  uint32
	U64  uint64
	I8   int8
	Row  int
	Kind string
	Rate float64
}

type seats struct {
	schema.Table[Seat]
	ID   expr.Column[Seat, int64]
	U32  expr.Column[Seat, uint32]
	U64  expr.Column[Seat, uint64]
	I8   expr.Column[Seat, int8]
	Row  expr.Column[Seat, int]
	Kind expr.Column[Seat, string]
	Rate expr.Column[Seat, float64]
}

var Seats = schema.Define("seats", func(t *seats) {
	schema.Column(t.ID).PrimaryKey()
	schema.Number(t.U32).Unique()
	schema.Number(t.U64).Unique()
	schema.Number(t.I8).Unique()
	schema.Number(t.Row).Unique()
	schema.Text(t.Kind).Unique().Size(3)
	schema.Number(t.Rate).Unique()
	schema.Check("seats_row", t.Row.Between(0, 9))
}, schema.In(contended))

type Charge string

type Duty struct {
	ID      int64
	OwnerID int64
	Role    Charge
}

type duties struct {
	schema.Table[Duty]
	ID      expr.Column[Duty, int64]
	OwnerID expr.Column[Duty, int64]
	Role    expr.Column[Duty, Charge]
}

var Duties = schema.Define("duties", func(t *duties) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.OwnerID).References(Owners.ID)
	schema.Enum(t.Role, "boss", "hand", "none").Default("none").ZeroIsDefault()
	schema.Unique(t.OwnerID, t.Role)
}, schema.In(contended))

// Label has unique columns that may come from a default.
type Label struct {
	ID   int64
	Name string
	Code string
}

type labels struct {
	schema.Table[Label]
	ID   expr.Column[Label, int64]
	Name expr.Column[Label, string]
	Code expr.Column[Label, string]
}

var Labels = schema.Define("labels", func(t *labels) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Unique().Default("main").ZeroIsDefault()
	schema.Text(t.Code).Unique().DefaultFunc(func() string { return "made" }).ZeroIsDefault()
}, schema.In(contended))

// Stub has a version that a trigger of the database makes.
type Stub struct {
	ID       int64
	Slug     string
	NextID   *int64
	Revision int64
}

type stubs struct {
	schema.Table[Stub]
	ID       expr.Column[Stub, int64]
	Slug     expr.Column[Stub, string]
	NextID   expr.Nullable[Stub, int64]
	Revision expr.Column[Stub, int64]
}

var Stubs = schema.Define("stubs", func(t *stubs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Slug).Unique()
	schema.Column(t.NextID).References(t.ID).OnDelete(schema.Restrict)
	schema.Number(t.Revision).Version().MadeByDatabase().ServerDefault(expr.Val[int64](100))
}, schema.In(contended))

// stubTriggers count a stub's revisions, by whether the database takes one
// writer at a time.
var stubTriggers = map[bool][]string{
	true: {"CREATE TRIGGER stubs_revise AFTER UPDATE ON stubs BEGIN UPDATE stubs SET revision = old.revision + 7 WHERE id = new.id; END"},
	false: {
		"CREATE FUNCTION stubs_revise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.revision := old.revision + 7; RETURN new; END $$",
		"CREATE TRIGGER stubs_revise BEFORE UPDATE ON stubs FOR EACH ROW EXECUTE FUNCTION stubs_revise()",
	},
}

type contendedFix struct {
	*fix
	owners   repo.Keyed[Owner, int64]
	pets     repo.Keyed[Pet, int64]
	wards    repo.Keyed[Ward, int64]
	deeds    repo.Keyed[Deed, int64]
	folders  repo.Keyed[Folder, int64]
	branches repo.Keyed[Branch, int64]
	stones   repo.Keyed[Stone, int64]
	cocks    repo.Keyed[Cock, int64]
	nests    repo.Keyed[Nest, int64]
	seats    repo.Keyed[Seat, int64]
	duties   repo.Keyed[Duty, int64]
	labels   repo.Keyed[Label, int64]
	stubs    repo.Keyed[Stub, int64]
}

func (s *suite) contended(t *testing.T) *contendedFix {
	t.Helper()
	db := s.open(t, Owners, Pets, Wards, Deeds, Folders, Branches, Stones, Cocks, Nests, Seats, Duties, Labels, Stubs)
	f := &contendedFix{
		fix:    &fix{T: t, db: db, log: watch.Of(db), ctx: t.Context()},
		owners: repo.NewKeyed(db, Owners.ID), pets: repo.NewKeyed(db, Pets.ID), wards: repo.NewKeyed(db, Wards.ID),
		deeds: repo.NewKeyed(db, Deeds.ID), folders: repo.NewKeyed(db, Folders.ID), branches: repo.NewKeyed(db, Branches.ID),
		stones: repo.NewKeyed(db, Stones.ID), cocks: repo.NewKeyed(db, Cocks.ID), nests: repo.NewKeyed(db, Nests.ID),
		seats: repo.NewKeyed(db, Seats.ID), duties: repo.NewKeyed(db, Duties.ID), labels: repo.NewKeyed(db, Labels.ID),
		stubs: repo.NewKeyed(db, Stubs.ID),
	}
	t.Cleanup(func() { f.idle() })
	for _, q := range stubTriggers[db.Dialect().Capabilities().SingleWriter] {
		f.sql(q)
	}
	f.log.Take()
	return f
}

// has adds entities of a repository in a unit of its own.
func has[T any](f *contendedFix, r interface {
	Add(ctx context.Context, es ...*T) error
}, es ...*T) {
	f.Helper()
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return r.Add(ctx, es...) })
}

// get reads an entity that must be there.
func get[T any](ctx context.Context, f *contendedFix, r repo.Keyed[T, int64], id int64) *T {
	f.Helper()
	e, err := r.Get(ctx, id)
	f.must(err)
	return e
}
