package rel_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ddl is what creates the tables, on one database.
func ddl(t *testing.T, d dialect.Dialect, tables ...schema.Handle) string {
	t.Helper()
	var defs []*schema.TableDef
	for _, h := range tables {
		defs = append(defs, schema.DefOf(h))
	}
	var b strings.Builder
	for _, op := range schema.PlanCreate(defs, d.Capabilities().AlterForeignKeys) {
		list, err := dialect.RenderDDL(d, op)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			b.WriteString(s + ";\n\n")
		}
	}
	return b.String()
}

func TestAssociationDDL(t *testing.T) {
	f := newFleet()
	apart := rel.ManyToMany(`the "odd" one`, schema.Define(`or"der`, func(t *harbours) { schema.Column(t.ID).PrimaryKey() }, schema.In(f.m)).Ships,
		schema.Define("categories", func(t *ships) { schema.PrimaryKey(t.Number, t.Flag) }, schema.In(f.m)).Visits, schema.Comment("who's where"))
	if err := f.m.Seal(); err != nil {
		t.Fatal(err)
	}
	for _, d := range []dialect.Dialect{sqlite.New(), postgres.New()} {
		got := ddl(t, d, f.visits, f.lessons, apart)
		path := filepath.Join("testdata", "association."+d.Name()+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s:\n got\n%s\nwant\n%s", path, got, want)
		}
	}
}

func TestAssociationIsCreated(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		f := newFleet()
		db := f.open(t, url)
		exec(t, db,
			"INSERT INTO harbours VALUES (1, 'Bergen'), (2, 'Malmo')",
			"INSERT INTO ships (flag, number, name) VALUES ('no', 1, 'Fram'), ('no', 2, 'Maud')",
			"INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('no', 1, 1), ('no', 1, 2), ('no', 2, 2)",
			"INSERT INTO sailors (id, name) VALUES (1, 'Ann'), (2, 'Bob')",
			"INSERT INTO lessons (teacher_id, pupil_id) VALUES (1, 2)")
		for what, sql := range map[string]string{
			"a pair twice":  "INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('no', 1, 1)",
			"no such ship":  "INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('se', 1, 1)",
			"no harbour":    "INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('no', 1, 9)",
			"NULL":          "INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('no', 1, NULL)",
			"NULL in key":   "INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('no', NULL, 1)",
			"no such pupil": "INSERT INTO lessons (teacher_id, pupil_id) VALUES (1, 7)",
		} {
			if _, err := db.Exec(t.Context(), sql); err == nil {
				t.Errorf("%s: no error", what)
			}
		}
		exec(t, db, "DELETE FROM ships WHERE number = 1", "DELETE FROM sailors WHERE id = 1")
		var left []string
		if err := db.Select(t.Context(), &left, "SELECT 'ship ' || ship_number FROM visits UNION ALL SELECT 'lesson' FROM lessons"); err != nil || len(left) != 1 || left[0] != "ship 2" {
			t.Errorf("after the deletes: %q, %v", left, err)
		}
		// By name, too, and in any order.
		if err := db.DropAll(t.Context(), f.visits); err != nil {
			t.Fatal(err)
		}
		if err := db.CreateAll(t.Context(), f.visits, f.ships, f.harbours); err != nil {
			t.Fatal(err)
		}
		exec(t, db, "INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('no', 2, 1)")
	})
}

func TestAssociationDefinition(t *testing.T) {
	f := newFleet()
	if def := schema.DefOf(f.visits); def == nil || def.Name != "visits" || schema.SourceOf(f.visits) != def.Source || f.m.Lookup("", "visits") != def {
		t.Fatalf("before it is sealed: %+v", def)
	}
	if err := f.m.Seal(); err != nil {
		t.Fatal(err)
	}
	def := schema.DefOf(f.visits)
	if f.visits.Link() != rel.LinkOf(f.ships.Visits.Relation()) || f.visits.Link() != rel.LinkOf(f.harbours.Visitors.Relation()) || f.visits.Link().Association != def {
		t.Error("Link")
	}
	if len(def.PrimaryKey) != 3 || len(def.ForeignKeys) != 2 || len(def.Indexes) != 1 || def.Indexes[0].Name != "ix_visits_harbour_id" || def.Entity.NumField() != 3 {
		t.Errorf("%+v", def)
	}
	for i, c := range def.Columns {
		field := def.Entity.Field(i)
		if c.Table != def || c.Position != i || c.Offset != field.Offset || field.Name != c.Field || field.Type != c.GoType || field.Tag.Get("db") != c.Name ||
			c.Ref.Def != any(c) || c.Ref.Source != def.Source || c.Nullable || c.Null != schema.NotNull || c.Identity || !c.PrimaryKey || !field.IsExported() {
			t.Errorf("column %s: %+v, field %+v", c.Name, c, field)
		}
	}
	if def.Columns[0].Type.Size != 2 {
		t.Error("the size of ships.flag was not taken over")
	}
	if def.Entity == schema.DefOf(f.lessons).Entity || f.m.Entity(def.Entity) != nil {
		t.Error("the struct type says which table")
	}
	if got := []string{def.Entity.Field(0).Name, def.Entity.Field(1).Name, def.Entity.Field(2).Name}; !reflect.DeepEqual(got, []string{"ShipFlag", "ShipNumber", "HarbourID"}) {
		t.Error(got)
	}
}

// The struct type made by reflection serves those who write rows in bulk.
func TestAssociationHasRows(t *testing.T) {
	f := newFleet()
	if err := f.m.Seal(); err != nil {
		t.Fatal(err)
	}
	def, d := schema.DefOf(f.visits), postgres.New()
	layout := field.New(def, d.Wire, nil)
	row := layout.NewEntity()
	v := reflect.ValueOf(layout.Of(row)).Elem()
	v.Field(0).SetString("no")
	v.Field(1).SetInt(7)
	v.FieldByName("HarbourID").SetInt(1 << 40)
	for i, want := range []any{"no", int64(7), int64(1 << 40)} {
		if got, err := layout.Fields[i].Load(row); err != nil || got != want {
			t.Errorf("column %s: %v, %v; want %v", def.Columns[i].Name, got, err, want)
		}
	}
}

// What an option panics with goes on, unless it is about the table.
func TestManyToManyOptionThatPanics(t *testing.T) {
	f := newFleet()
	k := schema.Define("things", func(t *keyeds[int]) { schema.Column(t.ID).PrimaryKey() }, schema.In(f.m))
	defer func() {
		if v := recover(); v != "mine" {
			t.Errorf("got %v", v)
		}
	}()
	rel.ManyToMany("x", k.A, k.B, func(*schema.TableDef) { panic("mine") })
}

// Following and followers: who is in somebody's Following is followed, and who is in
// somebody's Followers follows.
type (
	Fan struct {
		ID        int64
		Following rel.Many[Fan]
		Followers rel.Many[Fan]
		Friend    rel.Many[Fan]
		Friends   rel.Many[Fan]
	}
	fans struct {
		schema.Table[Fan]
		ID        expr.Column[Fan, int64]
		Following rel.ToMany[Fan, Fan]
		Followers rel.ToMany[Fan, Fan]
		Friend    rel.ToMany[Fan, Fan]
		Friends   rel.ToMany[Fan, Fan]
	}
)

func TestAssociationOfOneTable(t *testing.T) {
	m := schema.NewMetadata()
	u := schema.Define("users", func(t *fans) { schema.Column(t.ID).PrimaryKey() }, schema.In(m))
	rel.ManyToMany("follows", u.Following, u.Followers)
	rel.ManyToMany("friends", u.Friend, u.Friends) // of one singular
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		r    *schema.RelationDef
		want string
	}{
		{u.Following.Relation(), "users.id=follows.follower_id, follows.following_id=users.id"},
		{u.Followers.Relation(), "users.id=follows.following_id, follows.follower_id=users.id"},
		{u.Friend.Relation(), "users.id=friends.friends_id, friends.friend_id=users.id"},
		{u.Friends.Relation(), "users.id=friends.friend_id, friends.friends_id=users.id"},
	} {
		j, err := rel.JoinOf(c.r)
		if err != nil {
			t.Fatal(err)
		}
		if got := pairs(j.On) + ", " + pairs(j.Far); got != c.want {
			t.Errorf("%s: got %s, want %s", c.r.Name, got, c.want)
		}
	}
	l := rel.LinkOf(u.Following.Relation())
	if l.ToChild[0].Name != "follower_id" || l.ToParent[0].Name != "following_id" {
		t.Errorf("%s, %s", l.ToChild[0].Name, l.ToParent[0].Name)
	}
}

// Keys of every kind that a program may have.
type (
	keyed[K any] struct {
		ID   K
		A, B rel.Many[keyed[K]]
	}
	keyeds[K any] struct {
		schema.Table[keyed[K]]
		ID   expr.Column[keyed[K], K]
		A, B rel.ToMany[keyed[K], keyed[K]]
	}
	code   string
	number uint16
	token  [16]byte
)

func associated[K any](t *testing.T, name, lite, pg string) {
	t.Helper()
	m := schema.NewMetadata()
	in := schema.In(m)
	k := schema.Define("things", func(t *keyeds[K]) { schema.Column(t.ID).PrimaryKey() }, in)
	pair := rel.ManyToMany("pairs", k.A, k.B)
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(m))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.CreateAll(context.Background()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c := schema.DefOf(pair).Columns[0]
	if c.GoType != reflect.TypeFor[K]() || c.Type.Kind != schema.DefOf(k).Columns[0].Type.Kind {
		t.Errorf("%s: column of %s, %s", name, c.GoType, c.Type.Kind)
	}
	for d, want := range map[dialect.Dialect]string{sqlite.New(): lite, postgres.New(): pg} {
		if got := ddl(t, d, pair); !strings.Contains(got, `"a_id" `+want+" NOT NULL") || strings.Contains(got, "IDENTITY") {
			t.Errorf("%s on %s: no %s in\n%s", name, d.Name(), want, got)
		}
	}
}

func TestAssociationTakesTheKeysTypes(t *testing.T) {
	associated[int](t, "int", "BIGINT", "BIGINT")
	associated[int8](t, "int8", "SMALLINT", "SMALLINT")
	associated[uint](t, "uint", "BIGINT", "BIGINT")
	associated[uint64](t, "uint64", "BIGINT", "BIGINT")
	associated[number](t, "named uint16", "INTEGER", "INTEGER")
	associated[string](t, "string", "TEXT", "TEXT")
	associated[code](t, "named string", "TEXT", "TEXT")
	associated[[16]byte](t, "uuid", "TEXT", "UUID")
	associated[token](t, "named uuid", "TEXT", "UUID")
	associated[time.Time](t, "time", "TIMESTAMP", "TIMESTAMPTZ")
	associated[bool](t, "bool", "BOOLEAN", "BOOLEAN")
}

// An enum that is a key brings its values along, though its zero value is none.
func TestAssociationOfEnum(t *testing.T) {
	m := schema.NewMetadata()
	k := schema.Define("things", func(t *keyeds[code]) {
		schema.Enum(t.ID, "a", "b").DefaultFunc(func() code { return "a" }).PrimaryKey().ZeroIsDefault()
	}, schema.In(m))
	pair := rel.ManyToMany("pairs", k.A, k.B)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	if got := schema.DefOf(pair).Columns[1].Type; got.EnumName != "things_id" || len(got.Values) != 2 {
		t.Errorf("%+v", got)
	}
}

// The key of a table may be defined after the association.
func TestAssociationWaitsForKeys(t *testing.T) {
	m := schema.NewMetadata()
	var pair *rel.Association
	s := schema.Define("seats", func(t *keyeds[string]) {
		pair = rel.ManyToMany("pairs", t.A, t.B)
		schema.Text(t.ID).PrimaryKey()
	}, schema.In(m))
	schema.Text(s.ID).Size(9)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	if got := schema.DefOf(pair).Columns[0].Type; got.Size != 9 {
		t.Errorf("%+v", got)
	}
}

func TestAssociationSchema(t *testing.T) {
	for _, c := range []struct {
		opts []schema.Option
		want string
	}{
		{nil, "app.pairs"},
		{[]schema.Option{nil, schema.Schema("")}, "pairs"},
		{[]schema.Option{schema.Schema("other")}, "other.pairs"},
	} {
		m := schema.NewMetadata()
		k := schema.Define("things", func(t *keyeds[int]) { schema.Column(t.ID).PrimaryKey() }, schema.In(m), schema.Schema("app"))
		if got := schema.DefOf(rel.ManyToMany("pairs", k.A, k.B, c.opts...)).QualifiedName(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestManyToManyRefuses(t *testing.T) {
	def := func(name string, m *schema.Metadata) *keyeds[int] {
		return schema.Define(name, func(t *keyeds[int]) { schema.Column(t.ID).PrimaryKey() }, schema.In(m))
	}
	for name, c := range map[string]struct {
		f     func(a, b, far *keyeds[int])
		words []string
	}{
		"zero a":       {func(a, b, far *keyeds[int]) { rel.ManyToMany("x", rel.ToMany[keyed[int], keyed[int]]{}, b.B) }, []string{`rel.ManyToMany("x")`, "not bound"}},
		"zero b":       {func(a, b, far *keyeds[int]) { rel.ManyToMany("x", a.A, rel.ToMany[keyed[int], keyed[int]]{}) }, []string{"not bound"}},
		"symmetric":    {func(a, b, far *keyeds[int]) { rel.ManyToMany("friends", a.A, a.A) }, []string{"as", "relation A", "friends", "declare two"}},
		"two models":   {func(a, b, far *keyeds[int]) { rel.ManyToMany("x", a.A, far.B) }, []string{"as", "relation A", "fars", "relation B", "Metadata"}},
		"In":           {func(a, b, far *keyeds[int]) { rel.ManyToMany("x", a.A, b.B, schema.In(schema.NewMetadata())) }, []string{"as.A", "bs.B", "schema.In"}},
		"no name":      {func(a, b, far *keyeds[int]) { rel.ManyToMany("", a.A, b.B) }, []string{"as.A", "is empty"}},
		"long name":    {func(a, b, far *keyeds[int]) { rel.ManyToMany(strings.Repeat("x", 64), a.A, b.B) }, []string{"as.A", "longer than 63"}},
		"taken":        {func(a, b, far *keyeds[int]) { rel.ManyToMany("as", a.A, b.B) }, []string{"as.A", "of that name already"}},
		"alias":        {func(a, b, far *keyeds[int]) { rel.ManyToMany("x", schema.As(a, "o").A, b.B) }, []string{"relation A", "alias o"}},
		"joined twice": {func(a, b, far *keyeds[int]) { rel.ManyToMany("x", a.A, b.A); rel.ManyToMany("y", a.A, b.B) }, []string{"relation A", "joined already"}},
	} {
		m := schema.NewMetadata()
		a, b, far := def("as", m), def("bs", m), def("fars", schema.NewMetadata())
		refused(t, name, func() { c.f(a, b, far) }, c.words...)
	}
	m := schema.NewMetadata()
	a, b := def("as", m), def("bs", m)
	rel.ManyToMany("x", a.A, b.A)
	refused(t, "joined elsewhere", func() { rel.ManyToMany("y", b.B, a.A) }, "relation A", "joined already")
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	refused(t, "late", func() { rel.ManyToMany("late", a.B, b.B) }, "as.B", "sealed")
	if m.Lookup("", "late") != nil || rel.LinkOf(a.B.Relation()) != nil {
		t.Error("there is a table all the same")
	}
}

// What makes no table is found when the model is sealed.
func TestAssociationAtSealing(t *testing.T) {
	m := schema.NewMetadata()
	a := schema.Define(strings.Repeat("a", 62), func(t *keyeds[int]) { schema.Column(t.ID).PrimaryKey() }, schema.In(m))
	b := schema.Define("bs", func(t *keyeds[int]) { schema.Column(t.ID).PrimaryKey() }, schema.In(m))
	rel.ManyToMany("x", a.A, b.B)
	if err := m.Seal(); err == nil || !strings.Contains(err.Error(), "define x") || !strings.Contains(err.Error(), "longer than 63") {
		t.Error(err)
	}
}
