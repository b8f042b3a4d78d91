package integration_test

import (
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// steps are the models that a database goes through, each with what it changes of
// the one before. The tables of defineEvery and defineShop stand in each.
var steps = []struct {
	name   string
	define func(m *schema.Metadata, caps dialect.Capabilities)
}{
	{"the first model", gadgets0},
	{"columns and tables added", gadgets1},
	{"columns and a table dropped", gadgets2},
	{"a table and columns renamed", gadgets3},
	{"types, defaults, nullability and comments changed", gadgets4},
	{"indexes, checks, enums and keys changed", gadgets5},
}

// stepModel is the whole model of a step.
func stepModel(step int, caps dialect.Capabilities) *schema.Metadata {
	m := schema.NewMetadata()
	defineEvery(m, caps)
	defineShop(m, caps)
	steps[step].define(m, caps)
	return m
}

type maker struct {
	ID   int64
	Name string
}

type makers struct {
	schema.Table[maker]
	ID   expr.Column[maker, int64]
	Name expr.Column[maker, string]
}

func defineMakers(m *schema.Metadata, name string, options ...schema.Option) *makers {
	return schema.Define(name, func(t *makers) {
		schema.Number(t.ID).PrimaryKey().Identity()
		schema.Text(t.Name).Size(40).Unique()
	}, append(options, schema.In(m))...)
}

func gadgets0(m *schema.Metadata, _ dialect.Capabilities) {
	type gadget struct {
		ID      int64
		Name    string
		Price   amount
		Size    int32
		Colour  mood
		Note    *string
		MakerID *int64
	}
	type gadgets struct {
		schema.Table[gadget]
		ID      expr.Column[gadget, int64]
		Name    expr.Column[gadget, string]
		Price   expr.Column[gadget, amount]
		Size    expr.Column[gadget, int32]
		Colour  expr.Column[gadget, mood]
		Note    expr.Nullable[gadget, string]
		MakerID expr.Nullable[gadget, int64]
	}
	makers := defineMakers(m, "makers")
	schema.Define("gadgets", func(t *gadgets) {
		schema.Number(t.ID).PrimaryKey().NoIdentity()
		schema.Text(t.Name).Size(50).Unique()
		schema.Decimal(t.Price, 10, 2)
		schema.Enum(t.Colour, "red", "green", "blue").Named("colour").Default("red")
		schema.Column(t.MakerID).References(makers.ID).OnDelete(schema.SetNull)
		schema.Check("ck_gadgets_size", t.Size.Gt(0))
		schema.Index(t.Size, t.Name)
	}, schema.In(m))
}

func gadgets1(m *schema.Metadata, _ dialect.Capabilities) {
	type gadget struct {
		ID      int64
		Name    string
		Price   amount
		Size    int32
		Colour  mood
		Note    *string
		MakerID *int64

		Weight   *float32
		Code     int32
		MadeAt   time.Time
		Tags     []string
		Doubled  int64
		Replaces *int64
	}
	type gadgets struct {
		schema.Table[gadget]
		ID       expr.Column[gadget, int64]
		Name     expr.Column[gadget, string]
		Price    expr.Column[gadget, amount]
		Size     expr.Column[gadget, int32]
		Colour   expr.Column[gadget, mood]
		MakerID  expr.Nullable[gadget, int64]
		Code     expr.Column[gadget, int32]
		MadeAt   expr.Column[gadget, time.Time]
		Doubled  expr.Column[gadget, int64]
		Replaces expr.Nullable[gadget, int64]
	}
	type note struct {
		ID     int64
		Gadget int64
		Text   string
	}
	type notes struct {
		schema.Table[note]
		ID     expr.Column[note, int64]
		Gadget expr.Column[note, int64]
	}
	makers := defineMakers(m, "makers")
	g := schema.Define("gadgets", func(t *gadgets) {
		schema.Number(t.ID).PrimaryKey().NoIdentity()
		schema.Text(t.Name).Size(50).Unique()
		schema.Decimal(t.Price, 10, 2)
		schema.Enum(t.Colour, "red", "green", "blue").Named("colour").Default("red")
		schema.Column(t.MakerID).References(makers.ID).OnDelete(schema.SetNull)
		schema.Number(t.Code).ServerDefault(expr.Val(int32(7))).KeepZero().Unique()
		schema.Column(t.MadeAt).ServerDefault(expr.Now())
		schema.Column(t.Doubled).Computed(expr.Mul(t.ID, 2))
		schema.Column(t.Replaces).References(t.ID)
		schema.Check("ck_gadgets_size", t.Size.Gt(0))
		schema.Check("ck_gadgets_code", t.Code.Ne(0))
		schema.Index(t.Size, t.Name)
		schema.Index(t.MadeAt)
	}, schema.In(m))
	schema.Define("notes", func(t *notes) {
		schema.Number(t.ID).PrimaryKey().Identity()
		schema.Column(t.Gadget).References(g.ID).OnDelete(schema.Cascade)
	}, schema.In(m))
}

func gadgets2(m *schema.Metadata, _ dialect.Capabilities) {
	type gadget struct {
		ID      int64
		Name    string
		Price   amount
		Colour  mood
		MakerID *int64
		Weight  *float32
		Code    int32
		MadeAt  time.Time
		Doubled int64
	}
	type gadgets struct {
		schema.Table[gadget]
		ID      expr.Column[gadget, int64]
		Name    expr.Column[gadget, string]
		Price   expr.Column[gadget, amount]
		Colour  expr.Column[gadget, mood]
		MakerID expr.Nullable[gadget, int64]
		Code    expr.Column[gadget, int32]
		MadeAt  expr.Column[gadget, time.Time]
		Doubled expr.Column[gadget, int64]
	}
	makers := defineMakers(m, "makers")
	schema.Define("gadgets", func(t *gadgets) {
		schema.Number(t.ID).PrimaryKey().NoIdentity()
		schema.Text(t.Name).Size(50).Unique()
		schema.Decimal(t.Price, 10, 2)
		schema.Enum(t.Colour, "red", "green", "blue").Named("colour").Default("red")
		schema.Column(t.MakerID).References(makers.ID).OnDelete(schema.SetNull)
		schema.Number(t.Code).ServerDefault(expr.Val(int32(7))).KeepZero().Unique()
		schema.Column(t.MadeAt).ServerDefault(expr.Now())
		schema.Column(t.Doubled).Computed(expr.Mul(t.ID, 2))
		schema.Check("ck_gadgets_code", t.Code.Ne(0))
		schema.Index(t.MadeAt)
	}, schema.In(m))
}

// device is the row of the steps from the renaming on.
type device struct {
	ID         int64
	Title      string
	Price      amount
	Colour     mood
	ProducerID *int64
	Weight     *float32
	Code       int32
	MadeOn     time.Time
	Doubled    int64
}

type devices struct {
	schema.Table[device]
	ID         expr.Column[device, int64]
	Title      expr.Column[device, string]
	Price      expr.Column[device, amount]
	Colour     expr.Column[device, mood]
	ProducerID expr.Nullable[device, int64]
	Code       expr.Column[device, int32]
	MadeOn     expr.Column[device, time.Time]
	Doubled    expr.Column[device, int64]
}

func gadgets3(m *schema.Metadata, _ dialect.Capabilities) {
	producers := defineMakers(m, "producers", schema.RenamedFrom("makers"))
	schema.Define("devices", func(t *devices) {
		schema.Number(t.ID).PrimaryKey().NoIdentity()
		schema.Text(t.Title).Size(50).Unique().RenamedFrom("name")
		schema.Decimal(t.Price, 10, 2)
		schema.Enum(t.Colour, "red", "green", "blue").Named("colour").Default("red")
		schema.Column(t.ProducerID).References(producers.ID).OnDelete(schema.SetNull).RenamedFrom("maker_id")
		schema.Number(t.Code).ServerDefault(expr.Val(int32(7))).KeepZero().Unique()
		schema.Column(t.MadeOn).ServerDefault(expr.Now()).RenamedFrom("made_at")
		schema.Column(t.Doubled).Computed(expr.Mul(t.ID, 2))
		schema.Check("ck_gadgets_code", t.Code.Ne(0))
		schema.Index(t.MadeOn)
	}, schema.In(m), schema.RenamedFrom("gadgets"))
}

// changed is the row after types have changed.
type changed struct {
	ID         int64
	Title      *string
	Price      amount
	Colour     mood
	ProducerID int64
	Weight     *float64
	Code       string
	MadeOn     *time.Time
	Doubled    int64
}

type changeds struct {
	schema.Table[changed]
	ID         expr.Column[changed, int64]
	Title      expr.Nullable[changed, string]
	Price      expr.Column[changed, amount]
	Colour     expr.Column[changed, mood]
	ProducerID expr.Column[changed, int64]
	Code       expr.Column[changed, string]
	MadeOn     expr.Nullable[changed, time.Time]
	Doubled    expr.Column[changed, int64]
}

func gadgets4(m *schema.Metadata, _ dialect.Capabilities) {
	producers := defineMakers(m, "producers", schema.Comment("who makes them"))
	schema.Define("devices", func(t *changeds) {
		schema.Number(t.ID).PrimaryKey().NoIdentity()
		schema.Text(t.Title).Unique().Comment("what it is called")
		schema.Decimal(t.Price, 14, 4).ServerDefault(expr.Val(amount("1.5"))).KeepZero()
		schema.Enum(t.Colour, "red", "green", "blue").Named("colour").ServerDefault(expr.Val(mood("green"))).KeepZero()
		schema.Column(t.ProducerID).References(producers.ID).OnDelete(schema.Cascade)
		schema.Text(t.Code).Size(12).ServerDefault(expr.Val("7a")).KeepZero().Unique()
		schema.Column(t.Doubled).Computed(expr.Mul(t.ID, 3))
		schema.Check("ck_gadgets_code", t.Code.Ne(""))
		schema.Index(t.MadeOn)
	}, schema.In(m))
}

func gadgets5(m *schema.Metadata, caps dialect.Capabilities) {
	producers := defineMakers(m, "producers")
	schema.Define("devices", func(t *changeds) {
		schema.PrimaryKey(t.Code, t.ID)
		schema.Text(t.Title).Comment("its title")
		schema.Decimal(t.Price, 14, 4).ServerDefault(expr.Val(amount("1.5"))).KeepZero()
		schema.Enum(t.Colour, "blue", "black", "green").Named("colour").ServerDefault(expr.Val(mood("green"))).KeepZero()
		schema.ForeignKey(t.ProducerID, producers.ID).OnUpdate(schema.Cascade).Deferrable()
		schema.Text(t.Code).Size(12).ServerDefault(expr.Val("7a")).KeepZero()
		schema.Column(t.Doubled).Computed(expr.Mul(t.ID, 3))
		schema.With(t, schema.CheckThat("ck_gadgets_code", schema.SQL("code<>'' OR id>3")))
		schema.Check("ck_gadgets_price", t.Price.Ne("0"))
		schema.Unique(t.Title, t.Price)
		schema.IndexBy(t.MadeOn.Desc())
		x := schema.Index(expr.Lower(t.Code)).Unique().Where(t.ID.Gt(10)).Name("ix_devices_code")
		if caps.IndexInclude {
			x.Include(t.Price)
		}
	}, schema.In(m))
}
