package schema_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// fails runs f, which must panic with a *DefineError that has each text, and
// returns it.
func fails(t *testing.T, f func(), texts ...string) *schema.DefineError {
	t.Helper()
	var got *schema.DefineError
	func() {
		defer func() {
			switch v := recover().(type) {
			case nil:
			case *schema.DefineError:
				got = v
			default:
				t.Errorf("panicked with %T: %v", v, v)
			}
		}()
		f()
	}()
	if got == nil {
		t.Error("did not fail with a DefineError")
		return &schema.DefineError{}
	}
	for _, text := range texts {
		if !strings.Contains(got.Error(), text) {
			t.Errorf("the error lacks %q:\n%s", text, got)
		}
	}
	return got
}

type fruit string

type wrong struct {
	ID       int64
	Name     string
	Email    *string
	Age      sql.Null[int]
	Bad      chan int
	Worse    struct{ X int }
	A, B     int      `db:"same"`
	Ignored  chan int `db:"-"`
	unmapped chan int
}

type wrongs struct {
	schema.Table[wrong]
	ID    expr.Column[wrong, int32]
	Name  expr.Nullable[wrong, string]
	Email expr.Column[wrong, string]
	Age   expr.Column[wrong, int]
	Nope  expr.Column[wrong, string]
	Other expr.Column[User, string]
	Ptr   *expr.Column[wrong, string]
	low   expr.Column[wrong, string]
}

// All faults of a table come out at once, those of definitions too, each with
// the type found and the type wanted.
func TestAllFaultsAtOnce(t *testing.T) {
	e := fails(t, func() {
		schema.Define("wrong", func(h *wrongs) {
			schema.Column(h.ID).PrimaryKey()
			schema.Text(h.Name).Size(-1)
			schema.Column(h.Age).DefaultFunc(nil)
			_ = h.low
		}, schema.In(schema.NewMetadata()))
	},
		"schema: define wrong: 13 faults:",
		`field Bad: type chan int is no column`,
		`field Worse: type struct { X int } is no column`,
		`fields A and B are both column same`,
		"handle ID: it is expr.Column[schema_test.wrong, int32], but field schema_test.wrong.ID is int64: write expr.Column[schema_test.wrong, int64]",
		"handle Name: it is expr.Nullable[schema_test.wrong, string], but field schema_test.wrong.Name is string: write expr.Column[schema_test.wrong, string]",
		"handle Email: it is expr.Column[schema_test.wrong, string], but field schema_test.wrong.Email is *string: write expr.Nullable[schema_test.wrong, string]",
		"handle Age: it is expr.Column[schema_test.wrong, int], but field schema_test.wrong.Age is sql.Null[int]: write expr.Nullable[schema_test.wrong, int]",
		"handle Nope: entity schema_test.wrong has no mapped field of that name",
		"handle Other: it is expr.Column[schema_test.User, string], but the table is of entity schema_test.wrong",
		"handle Ptr: it is a pointer; write expr.Column[",
		"handle low: it is unexported",
		"field Name: Size must be positive",
		"field Age: DefaultFunc of nil",
	)
	if e.Table != "wrong" || len(e.Faults) != 13 {
		t.Errorf("%d faults of %s", len(e.Faults), e.Table)
	}
	_ = wrong{}.unmapped
}

type Base struct {
	ID        int64
	UpdatedAt *time.Time
}

type audit struct{ CreatedBy string }

type Fruit struct {
	Base
	audit
	Name    string
	Kind    fruit
	Price   decimal.Decimal
	Weight  float64
	Active  bool
	Count   int
	Note    sql.NullString
	Version int64
	Deleted *time.Time
	Tags    []fruit
}

type base[E any] struct {
	schema.Table[E]
	ID        expr.Column[E, int64]
	UpdatedAt expr.Nullable[E, time.Time]
}

type fruits struct {
	base[Fruit]
	CreatedBy expr.Column[Fruit, string]
	Name      expr.Column[Fruit, string]
	Kind      expr.Column[Fruit, fruit]
	Price     expr.Column[Fruit, decimal.Decimal]
	Weight    expr.Column[Fruit, float64]
	Active    expr.Column[Fruit, bool]
	Count     expr.Column[Fruit, int]
	Note      expr.Column[Fruit, sql.NullString]
	Version   expr.Column[Fruit, int64]
	Deleted   expr.Nullable[Fruit, time.Time]
	Tags      expr.Column[Fruit, []fruit]
}

func fruitTable(f func(*fruits), opts ...schema.Option) *fruits {
	return schema.Define("fruits", func(t *fruits) {
		schema.Column(t.ID).PrimaryKey()
		if f != nil {
			f(t)
		}
	}, append([]schema.Option{schema.In(schema.NewMetadata())}, opts...)...)
}

// Embedded structs are flattened, handles in embedded structs are bound, in
// aliases as well.
func TestEmbedding(t *testing.T) {
	ft := fruitTable(nil)
	d := schema.DefOf(ft)
	var names []string
	for i, c := range d.Columns {
		names = append(names, c.Name)
		if c.Position != i || c.Table != d {
			t.Errorf("%s: position %d", c.Name, c.Position)
		}
	}
	if got := strings.Join(names, " "); got != "id updated_at created_by name kind price weight active count note version deleted tags" {
		t.Error(got)
	}
	if d.Column("id").Field != "Base.ID" || d.Column("created_by").Field != "audit.CreatedBy" || d.Column("nope") != nil {
		t.Error("paths", d.Column("id").Field, d.Column("created_by").Field)
	}
	boss := schema.As(ft, "f2")
	for what, got := range map[string]*expr.ColumnRef{"ID": boss.ID.Ref(), "CreatedBy": boss.CreatedBy.Ref(), "UpdatedAt": boss.UpdatedAt.Ref()} {
		if got == nil || got.Source.Alias != "f2" || got.Source.Def != any(d) {
			t.Errorf("alias's %s: %+v", what, got)
		}
	}
	if ft.ID.Ref() == nil || ft.ID.Ref().Source.Alias != "" || ft.ID.Ref() != d.Column("id").Ref {
		t.Error("the table's own handle changed")
	}
	if schema.DefOf(boss) != d || schema.SourceOf(boss).Label() != "f2" || schema.SourceOf(ft).Label() != "fruits" {
		t.Error("DefOf and SourceOf of an alias")
	}
	fails(t, func() { schema.Column(boss.ID).PrimaryKey() }, "define fruits:", "definition through alias f2")
	fails(t, func() { schema.Index(boss.Name) }, "alias f2")
	fails(t, func() { schema.As(ft, "") }, "the alias is empty")
	fails(t, func() { schema.As(&fruits{}, "x") }, "Define did not make")
	fails(t, func() { schema.As((*fruits)(nil), "x") }, "Define did not make")
	if schema.DefOf(nil) != nil || schema.DefOf((*fruits)(nil)) != nil || schema.SourceOf(nil) != nil || schema.SourceOf((*fruits)(nil)) != nil {
		t.Error("DefOf and SourceOf of nil")
	}
}

func TestDefinitions(t *testing.T) {
	ft := fruitTable(func(t *fruits) {
		schema.Column(t.UpdatedAt).OnUpdate(expr.Now())
		schema.Text(t.Name).Size(50).Collation("C").Comment("what it is called").Unique()
		schema.Enum(t.Kind, "apple", "pear").Default("apple").Named("fruit_kind")
		schema.Decimal(t.Price, 10, 2).Default(decimal.New(1, 0)).KeepZero()
		schema.Column(t.Active).Default(true).ZeroIsDefault()
		schema.Number(t.Count).DefaultFunc(func() int { return 3 }).KeepZero()
		schema.Column(t.Weight).Computed(expr.Cast[float64](t.Count))
		schema.Column(t.Version).Version()
		schema.SoftDelete(t.Deleted)
		schema.Column(t.Note).Type("CITEXT")
		schema.Check("positive", t.Count.Gt(0))
		schema.Index(t.Name).Unique().Where(t.Active.Eq(true)).Include(t.Count).Method("btree").Name("ix_mine")
		schema.IndexBy(t.Name.Desc().NullsLast()).By(t.Count.Asc())
		schema.Index(expr.Lower(t.Name))
		schema.Unique(t.Name, t.Count).Name("uq_mine")
	}, schema.Schema("shop"), schema.Comment("fruit on sale"), nil)
	d := schema.DefOf(ft)
	if err := d.Metadata.Seal(); err != nil {
		t.Fatal(err)
	}
	if d.QualifiedName() != "shop.fruits" || d.Comment != "fruit on sale" || d.Source.Schema != "shop" || d.Metadata.Lookup("shop", "fruits") != d {
		t.Errorf("table: %s %s", d.QualifiedName(), d.Comment)
	}
	if c := d.Column("updated_at"); c.OnUpdate == nil {
		t.Error("OnUpdate")
	}
	if c := d.Column("name"); c.Type.Size != 50 || c.Collation != "C" || c.Comment == "" {
		t.Errorf("name: %+v", c)
	}
	if c := d.Column("kind"); c.Type.Kind != schema.EnumKind || c.Type.EnumName != "fruit_kind" || len(c.Type.Values) != 2 || c.Default != fruit("apple") || c.Zero != schema.ZeroTakesDefault {
		t.Errorf("kind: %+v", c)
	}
	if c := d.Column("price"); c.Type.Kind != schema.DecimalKind || c.Type.Precision != 10 || c.Type.Scale != 2 || c.Zero != schema.ZeroIsKept || !c.HasDefault() {
		t.Errorf("price: %+v", c)
	}
	if c := d.Column("active"); c.Default != true || c.Zero != schema.ZeroTakesDefault {
		t.Errorf("active: %+v", c)
	}
	if c := d.Column("count"); c.DefaultFunc() != 3 || c.Zero != schema.ZeroIsKept {
		t.Errorf("count: %+v", c)
	}
	if c := d.Column("weight"); c.Computed == nil || !c.Stored {
		t.Errorf("weight: %+v", c)
	}
	if c := d.Column("note"); !c.Nullable || c.Null != schema.NotNull || c.Type.Custom != "CITEXT" {
		t.Errorf("note: %+v", c)
	}
	if c := d.Column("tags"); c.Type.Kind != schema.ArrayKind || c.Type.Elem.Kind != schema.TextKind {
		t.Errorf("tags: %+v", c)
	}
	if d.Version != d.Column("version") || !d.Version.IsVersion || d.SoftDelete != d.Column("deleted") || len(d.Checks) != 1 || d.Checks[0].Name != "positive" {
		t.Error("version, soft delete, check")
	}
	if len(d.Uniques) != 0 || len(d.Indexes) != 5 || d.Indexes[3].Name != "uq_fruits_name" || d.Indexes[4].Name != "uq_mine" {
		t.Errorf("uniques: %+v, indexes: %+v", d.Uniques, d.Indexes)
	}
	a, b, c := d.Indexes[0], d.Indexes[1], d.Indexes[2]
	if a.Name != "ix_mine" || !a.Unique || a.Where == nil || a.Include[0].Name != "count" || a.Method != "btree" {
		t.Errorf("first index: %+v", a)
	}
	if b.Name != "ix_fruits_name_count" || !b.Parts[0].Desc || b.Parts[0].Nulls == 0 || b.Parts[1].Desc {
		t.Errorf("second index: %+v", b)
	}
	if c.Name != "ix_fruits_expr" || c.Parts[0].Column != nil || c.Parts[0].Expr == nil {
		t.Errorf("third index: %+v", c)
	}
}

func TestDefinitionFaults(t *testing.T) {
	for _, c := range []struct {
		f    func(*fruits)
		want string
	}{
		{func(t *fruits) { schema.Column(t.Active).Default(true) }, "field Active: it has a default, and the zero value of bool may be meant: make the field a pointer or sql.Null (nil takes the default), or say .ZeroIsDefault() or .KeepZero()"},
		{func(t *fruits) { schema.Column(t.Count).ServerDefault(expr.Val(1)) }, "field Count: it has a default"},
		{func(t *fruits) { schema.Text(t.Name).DefaultFunc(func() string { return "" }) }, "field Name: it has a default"},
		{func(t *fruits) { schema.Decimal(t.Price, 5, 2).Default(decimal.Zero) }, "field Price: it has a default"},
		{func(t *fruits) { schema.Column(t.Count).KeepZero() }, "field Count: ZeroIsDefault and KeepZero are for columns with a default"},
		{func(t *fruits) { schema.Column(t.Count).Default(1).KeepZero().ServerDefault(expr.Val(1)) }, "field Count: more than one of Default"},
		{func(t *fruits) { schema.Enum(t.Kind, "apple") }, `field Kind: the enum's zero value "" is none of its values`},
		{func(t *fruits) { schema.Enum(t.Kind) }, "field Kind: an enum without values"},
		{func(t *fruits) { schema.Enum(t.Kind, "", "a", "a") }, `field Kind: enum value "a" stands twice`},
		{func(t *fruits) { schema.Enum(t.Kind, "", "a\x00") }, "is no text that databases keep"},
		{func(t *fruits) { schema.Enum(t.Kind, "apple").Default("plum") }, "field Kind: its Default is none of the enum's values"},
		{func(t *fruits) { schema.Enum(t.Kind, "", "apple").Default("apple") }, "field Kind: it has a default, and the zero value"},
		{func(t *fruits) { schema.Enum(t.Kind, "").Named("") }, "the enum's name is empty"},
		{func(t *fruits) { schema.Text(t.Name).Size(2).Default("abc").ZeroIsDefault() }, "field Name: its Default is longer than the column's 2 characters"},
		{func(t *fruits) { schema.Column(t.Name).Version() }, "field Name: a version column is an integer or time.Time, not string"},
		{func(t *fruits) { schema.Column(t.Weight).Version() }, "field Weight: a version column is an integer or time.Time, not float64"},
		{func(t *fruits) { schema.Column(t.Deleted).Version() }, "field Deleted: a version column is a plain integer or time.Time, not *time.Time"},
		{func(t *fruits) { schema.Column(t.Version).Version(); schema.Column(t.Count).Version() }, "field Count: the table has a version column already"},
		{func(t *fruits) { schema.Column(t.Version).Version().Default(1).KeepZero() }, "field Version: a version column begins at 1"},
		{func(t *fruits) { schema.Decimal(t.Weight, 5, 2) }, "field Weight: a decimal is a type with Scan and Value or a named string type, not float64"},
		{func(t *fruits) { schema.Decimal(t.Name, 5, 2) }, "a named string type, not string"},
		{func(t *fruits) { schema.Decimal(t.Price, 2, 3) }, "Decimal(2, 3): precision must be positive"},
		{func(t *fruits) { schema.Decimal(t.Price, 0, 0) }, "Decimal(0, 0)"},
		{func(t *fruits) { schema.Number(t.Weight).Identity() }, "field Weight: an identity is an integer, not float64"},
		{func(t *fruits) { schema.Column(t.Count).OnDelete(schema.Cascade) }, "field Count: OnDelete or OnKeyUpdate without References"},
		{func(t *fruits) { schema.Column(t.Count).Computed(expr.Val(1)).OnUpdate(expr.Val(2)) }, "field Count: a computed column is never written"},
		{func(t *fruits) { schema.PrimaryKey(t.ID, t.UpdatedAt) }, "field Base.UpdatedAt: a primary key column cannot be nullable"},
		{func(t *fruits) { schema.PrimaryKey[Fruit]() }, "PrimaryKey without columns"},
		{func(t *fruits) { schema.Unique[Fruit](nil) }, "Unique of a nil column"},
		{func(t *fruits) { schema.Unique(t.ID, t.ID) }, "Unique: column id stands twice"},
		{func(t *fruits) { schema.Index[Fruit]() }, "Index without columns"},
		{func(t *fruits) { schema.Index[Fruit](nil) }, "Index of a nil column"},
		{func(t *fruits) { schema.Check("", t.Count.Gt(0)) }, "a check constraint needs a name"},
		{func(t *fruits) { schema.Check("true", expr.And[Fruit]()) }, "Check true: the expression names no column of the table"},
		{func(t *fruits) { schema.Column(t.ID).References(nil) }, "field Base.ID: References a handle that is not bound"},
		{func(t *fruits) { schema.Column(t.ID).References((&users{}).ID) }, "field Base.ID: References a handle that is not bound"},
		{func(t *fruits) { schema.Column[Fruit, int64, int64](nil) }, "definition of something that is no bound column handle"},
		{func(t *fruits) { schema.Column((&fruits{}).ID) }, "definition of something that is no bound column handle"},
		{func(t *fruits) { schema.Column(expr.Add(t.Count, 1)) }, "definition of something that is no bound column handle"},
		{func(t *fruits) { schema.Column(t.Count).ServerDefault(nil).OnUpdate(nil).Computed(nil) }, "Computed of nil"},
		{func(t *fruits) { schema.SoftDelete(t.Deleted); schema.SoftDelete(t.UpdatedAt) }, "the table has a soft delete column already"},
	} {
		if e := fails(t, func() { fruitTable(c.f) }, c.want); e.Table != "fruits" {
			t.Errorf("%s: the table is %q", c.want, e.Table)
		}
	}
}

type pair struct {
	A, B int64
	C    string
}

type pairs struct {
	schema.Table[pair]
	A expr.Column[pair, int64]
	B expr.Column[pair, int64]
	C expr.Column[pair, string]
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name     string
		f        func(*pairs)
		key      string
		identity string
	}{
		{"lone integer", func(t *pairs) { schema.Column(t.A).PrimaryKey() }, "a", "a"},
		{"said not to", func(t *pairs) { schema.Column(t.A).PrimaryKey().NoIdentity() }, "a", ""},
		{"said to", func(t *pairs) { schema.PrimaryKey(t.A); schema.Number(t.A).Identity() }, "a", "a"},
		{"text", func(t *pairs) { schema.Column(t.C).PrimaryKey() }, "c", ""},
		{"composite", func(t *pairs) { schema.PrimaryKey(t.B, t.A) }, "b a", ""},
		{"composite by column", func(t *pairs) { schema.Column(t.B).PrimaryKey(); schema.Column(t.A).PrimaryKey() }, "b a", ""},
		{"order of PrimaryKey", func(t *pairs) { schema.Column(t.B).PrimaryKey(); schema.PrimaryKey(t.A, t.B) }, "a b", ""},
		{"foreign key", func(t *pairs) { schema.Column(t.A).PrimaryKey().References(Users.ID) }, "a", ""},
		{"default", func(t *pairs) { schema.Column(t.A).PrimaryKey().DefaultFunc(func() int64 { return 1 }).ZeroIsDefault() }, "a", ""},
	} {
		d := schema.DefOf(schema.Define("pairs", c.f, schema.In(schema.NewMetadata())))
		for range 2 { // sealing changes nothing
			var key, identity []string
			for _, col := range d.PrimaryKey {
				key = append(key, col.Name)
			}
			for _, col := range d.Columns {
				if col.Identity {
					identity = append(identity, col.Name)
				}
			}
			if strings.Join(key, " ") != c.key || strings.Join(identity, " ") != c.identity {
				t.Errorf("%s: key %v, identity %v", c.name, key, identity)
			}
			if err := d.Metadata.Seal(); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
	fails(t, func() { schema.Define("pairs", func(*pairs) {}, schema.In(schema.NewMetadata())) }, "no primary key: write schema.Column(t.…).PrimaryKey()")
	fails(t, func() { schema.Define[pair, pairs]("pairs", nil, schema.In(schema.NewMetadata())) }, "no primary key")
}

func TestNames(t *testing.T) {
	type tagged struct {
		ID   int64  `db:"key,omitempty"`
		Name string `db:""`
		Skip string `db:"-"`
	}
	type taggeds struct {
		schema.Table[tagged]
		ID expr.Column[tagged, int64]
	}
	define := func(name string) *taggeds {
		return schema.Define(name, func(t *taggeds) { schema.Column(t.ID).PrimaryKey() }, schema.In(schema.NewMetadata()))
	}
	d := schema.DefOf(define("tagged"))
	if d.Column("key") == nil || d.Column("name") == nil || len(d.Columns) != 2 {
		t.Errorf("%+v", d.Columns)
	}
	fails(t, func() { define("") }, "table name: is empty")
	fails(t, func() { define("a\x00b") }, "table name: contains NUL")
	fails(t, func() { define(strings.Repeat("x", 64)) }, "longer than 63 bytes")
	fails(t, func() { define("a\xff") }, "not valid UTF-8")

	type ambiguous struct {
		Base
		Other struct{ ID int64 } `db:"-"`
		ID    string             `db:"own"`
	}
	type ambiguouss struct{ schema.Table[ambiguous] }
	fails(t, func() { schema.Define[ambiguous, ambiguouss]("x", nil, schema.In(schema.NewMetadata())) }, "fields Base.ID and ID have one name")

	type byPointer struct {
		*Base
		ID int64
	}
	type byPointers struct{ schema.Table[byPointer] }
	fails(t, func() { schema.Define[byPointer, byPointers]("x", nil, schema.In(schema.NewMetadata())) }, "field Base: embedded *schema_test.Base is no column")

	type tablePointers struct {
		*schema.Table[User]
	}
	fails(t, func() { schema.Define[User, tablePointers]("x", nil, schema.In(schema.NewMetadata())) }, "embed schema.Table by value")

	type notStructs struct{ schema.Table[int] }
	fails(t, func() { schema.Define[int, notStructs]("x", nil, schema.In(schema.NewMetadata())) }, "entity int is no struct")
	type empty struct{}
	type empties struct{ schema.Table[empty] }
	fails(t, func() { schema.Define[empty, empties]("x", nil, schema.In(schema.NewMetadata())) }, "has no mapped field")
}

// The zero value of sql.NullString is NULL, so that it cannot be meant otherwise.
func TestNullableByItselfNeedsNoZeroRule(t *testing.T) {
	ft := fruitTable(func(t *fruits) { schema.Column(t.Note).Default(sql.NullString{String: "x", Valid: true}) })
	if c := schema.DefOf(ft).Column("note"); c.Zero != schema.ZeroTakesDefault {
		t.Errorf("%+v", c)
	}
}

// A panic that is the program's own comes through as it is.
func TestForeignPanic(t *testing.T) {
	mine := errors.New("mine")
	defer func() {
		if v := recover(); v != mine {
			t.Errorf("recovered %v", v)
		}
	}()
	fruitTable(func(*fruits) { panic(mine) })
}
