package schema_test

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type Node struct {
	ID     int64
	Next   *int64
	Code   string
	Weight int32
	Note   *string
}

type nodes struct {
	schema.Table[Node]
	ID     expr.Column[Node, int64]
	Next   expr.Nullable[Node, int64]
	Code   expr.Column[Node, string]
	Weight expr.Column[Node, int32]
	Note   expr.Nullable[Node, string]
}

func node(m *schema.Metadata, name string, f func(*nodes)) *nodes {
	return schema.Define(name, func(t *nodes) {
		schema.Column(t.ID).PrimaryKey()
		if f != nil {
			f(t)
		}
	}, schema.In(m))
}

func sealFails(t *testing.T, m *schema.Metadata, texts ...string) {
	t.Helper()
	err := m.Seal()
	var de *schema.DefineError
	if !errors.As(err, &de) {
		t.Errorf("Seal: %v, want a DefineError", err)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error lacks %q:\n%s", text, err)
		}
	}
	if again := m.Seal(); again == nil || again.Error() != err.Error() {
		t.Errorf("the second Seal says %v, the first said %v", again, err)
	}
}

func TestForeignKeys(t *testing.T) {
	m := schema.NewMetadata()
	a := node(m, "a", func(t *nodes) {
		schema.Unique(t.ID, t.Code)
		schema.Column(t.Next).OnDelete(schema.SetNull).References(t.ID).OnKeyUpdate(schema.Cascade) // any order; itself
	})
	b := node(m, "b", nil)
	schema.ForeignKey(a.Note, b.Code).OnDelete(schema.Restrict).OnUpdate(schema.SetNull).Deferrable().Name("fk_mine") // as in an init
	schema.Text(b.Code).Unique()
	schema.ForeignKey(b.Next, a.ID).And(b.Code, a.Code)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	da, db := schema.DefOf(a), schema.DefOf(b)
	self, mine, both := da.ForeignKeys[0], da.ForeignKeys[1], db.ForeignKeys[0]
	if self.Name != "fk_a_next" || self.OnDelete != schema.SetNull || self.OnUpdate != schema.Cascade || self.RefTable != da {
		t.Errorf("%+v", self)
	}
	if mine.Name != "fk_mine" || mine.OnDelete != schema.Restrict || mine.OnUpdate != schema.SetNull || !mine.Deferrable || mine.RefTable != db {
		t.Errorf("%+v", mine)
	}
	if both.Name != "fk_b_next_code" || len(both.Columns) != 2 || both.RefColumns[1].Name != "code" {
		t.Errorf("%+v", both)
	}
	for a, want := range map[schema.Action]string{schema.NoAction: "NO ACTION", schema.Restrict: "RESTRICT", schema.Cascade: "CASCADE", schema.SetNull: "SET NULL", schema.SetDefault: "SET DEFAULT"} {
		if a.String() != want {
			t.Error(a.String())
		}
	}
}

func TestForeignKeyFaults(t *testing.T) {
	for _, c := range []struct {
		f    func(a, b *nodes)
		want string
	}{
		{func(a, b *nodes) { schema.ForeignKey(a.Code, b.Code) }, "define a: foreign key fk_a_code: (code) is neither the key of b nor unique there"},
		{func(a, b *nodes) { schema.ForeignKey(a.Next, b.ID).And(a.Weight, b.Code) }, "weight is int32, but b.code is string"},
		{func(a, b *nodes) { schema.ForeignKey(a.ID, b.ID).OnDelete(schema.SetNull) }, "SET NULL, but id cannot be NULL: make field ID a pointer or sql.Null"},
		{func(a, b *nodes) { schema.ForeignKey(a.ID, b.ID).OnUpdate(schema.SetDefault) }, "SET DEFAULT, but id has no ServerDefault"},
		{func(a, b *nodes) { schema.ForeignKey(a.Next, b.ID).And(b.Code, a.Code) }, "belong to more than two tables"},
		{func(a, b *nodes) { schema.ForeignKey(a.Next, b.ID).And(a.Next, b.ID) }, "has a column that another pair has"},
		{func(a, b *nodes) {
			schema.ForeignKey(a.Next, b.ID).Name("x")
			schema.ForeignKey(a.Next, a.ID).Name("x")
		}, "two constraints or indexes are named x"},
		{func(a, b *nodes) { schema.ForeignKey(a.Next, b.ID).Name(strings.Repeat("x", 64)) }, "foreign key name"},
	} {
		m := schema.NewMetadata()
		c.f(node(m, "a", nil), node(m, "b", nil))
		sealFails(t, m, c.want)
	}
	m := schema.NewMetadata()
	a := node(m, "a", nil)
	fails(t, func() { schema.ForeignKey(a.Next, nil) }, "define a: foreign key from next to a handle that is not bound")
	fails(t, func() { schema.ForeignKey(a.Next, (&nodes{}).ID) }, "handle that is not bound")
	fails(t, func() { schema.ForeignKey(a.Next, a.ID).And(a.Code, nil) }, "foreign key from code to a handle that is not bound")
	fails(t, func() { schema.Unique[Node](a.ID, node(m, "b", nil).ID) }, "Unique: column id belongs to b")
}

// A partial unique index is no key; a whole one is.
func TestUniqueIndexIsAKey(t *testing.T) {
	m := schema.NewMetadata()
	b := node(m, "b", func(t *nodes) { schema.Index(t.Code).Unique().Where(t.Note.IsNull()) })
	node(m, "a", func(t *nodes) { schema.Text(t.Note).References(b.Code) })
	sealFails(t, m, "neither the key of b nor unique")
	schema.Index(b.Code).Unique().Name("other")
	if err := m.Seal(); err != nil {
		t.Error(err)
	}
}

// What an init adds is checked at sealing like what stands in Define.
func TestInitIsCheckedAtSealing(t *testing.T) {
	m := schema.NewMetadata()
	a, b := node(m, "a", nil), node(m, "b", nil)
	schema.Column(a.Weight).Default(1)
	schema.Column(b.Weight).KeepZero()
	sealFails(t, m, "schema: define a, b: 2 faults:", "a: field Weight: it has a default", "b: field Weight: ZeroIsDefault and KeepZero")

	m = schema.NewMetadata()
	a, b = node(m, "a", nil), node(m, "b", nil)
	schema.ForeignKey(b.ID, a.ID)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	if schema.DefOf(b).Column("id").Identity || !schema.DefOf(a).Column("id").Identity {
		t.Error("a key that became a foreign key is still an identity")
	}
}

func TestSealed(t *testing.T) {
	m := schema.NewMetadata()
	a := node(m, "a", nil)
	kept, text, index, unique, fk := schema.Column(a.Next), schema.Text(a.Code), schema.Index(a.Code), schema.Unique(a.Note), schema.ForeignKey(a.Next, a.ID)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	const late = "after the model was sealed by its first use"
	for name, f := range map[string]func(){
		"a.next": func() { schema.Column(a.Next) },
		"a.code": func() { schema.Text(a.Code) },
		"a.id":   func() { schema.Column(a.ID).References(a.ID) },
	} {
		fails(t, f, "define "+name+": definition "+late)
	}
	for _, f := range []func(){
		func() { kept.Unique() }, func() { kept.PrimaryKey() }, func() { kept.References(a.ID) }, func() { kept.OnDelete(schema.Cascade) },
		func() { kept.Default(1) }, func() { kept.KeepZero() }, func() { kept.Comment("") }, func() { kept.Type("x") }, func() { kept.Version() }, func() { kept.NoIdentity() },
		func() { text.Size(1) }, func() { text.Collation("C") },
		func() { index.Unique() }, func() { index.Where(a.Note.IsNull()) }, func() { index.Name("x") }, func() { index.By(a.ID.Asc()) }, func() { index.Method("x") },
		func() { unique.Name("x") }, func() { fk.Name("x") }, func() { fk.OnDelete(schema.Cascade) }, func() { fk.Deferrable() }, func() { fk.And(a.Code, a.Code) },
		func() { schema.Index(a.Code) }, func() { schema.Unique(a.Code) }, func() { schema.PrimaryKey(a.Code) }, func() { schema.Check("x", a.Weight.Gt(1)) },
		func() { schema.ForeignKey(a.Next, a.ID) }, func() { schema.Enum(a.Code, "a") }, func() { schema.Number(a.Weight).Identity() },
	} {
		fails(t, f, "define a", late)
	}
	b := node(m, "b", func(t *nodes) { schema.Column(t.Next).References(a.ID) }) // new tables may come
	schema.Text(b.Code).Size(3)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	fails(t, func() { schema.Text(b.Code) }, "define b.code")
	if err := m.Seal(); err != nil || len(m.Tables()) != 2 {
		t.Error(err)
	}
}

func TestMetadataIsolation(t *testing.T) {
	m, n := schema.NewMetadata(), schema.NewMetadata()
	a, b := node(m, "same", nil), node(n, "same", nil)
	da, db := schema.DefOf(a), schema.DefOf(b)
	typ := reflect.TypeFor[Node]()
	if m.Lookup("", "same") != da || n.Lookup("", "same") != db || m.Entity(typ) != da || n.Entity(typ) != db || da.Metadata != m {
		t.Error("the tables are mixed up")
	}
	if got := schema.NewMetadata().Entity(typ); got != nil {
		t.Errorf("an empty Metadata finds %v among several", got)
	}
	type alone struct{ ID int64 }
	type alones struct {
		schema.Table[alone]
		ID expr.Column[alone, int64]
	}
	c := schema.DefOf(schema.Define("alone", func(t *alones) { schema.Column(t.ID).PrimaryKey() }, schema.In(m)))
	if n.Entity(c.Entity) != c || (*schema.Metadata)(nil).Entity(c.Entity) != c || schema.Default.Entity(reflect.TypeFor[int]()) != nil {
		t.Error("an entity of one table is found from everywhere")
	}
	fails(t, func() { node(m, "same", nil) }, "define same: the Metadata has a table of that name already")
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	schema.Text(b.Code).Size(3) // n is open still
	if len(m.Tables()) != 2 || len(n.Tables()) != 1 || schema.Default.Lookup("", "same") != nil {
		t.Error("Tables")
	}
	m.Tables()[0] = nil
	if m.Tables()[0] != da {
		t.Error("Tables gives its own slice away")
	}
}

// Names live together in one schema of a database.
func TestSharedNames(t *testing.T) {
	m := schema.NewMetadata()
	node(m, "a", func(t *nodes) { schema.Index(t.Code).Name("ix") })
	node(m, "b", func(t *nodes) { schema.Unique(t.Code).Name("ix") })
	sealFails(t, m, "unique constraint of b has the name of index of a, ix")

	m = schema.NewMetadata()
	node(m, "a", nil)
	node(m, "b", func(t *nodes) { schema.Index(t.Code).Name("a") })
	sealFails(t, m, "index of b has the name of table a, a")

	m = schema.NewMetadata()
	node(m, "a", func(t *nodes) { schema.Enum(t.Code, "", "x").Named("e") })
	b := node(m, "b", func(t *nodes) { schema.Enum(t.Code, "", "y").Named("e") })
	sealFails(t, m, "columns a.code and b.code share the enum e, but not its values")
	schema.Enum(b.Code, "", "x").Named("e")
	if err := m.Seal(); err != nil {
		t.Error(err)
	}

	m = schema.NewMetadata()
	node(m, "a", func(t *nodes) { schema.Column(t.Note).Unique().Unique() })
	sealFails(t, m, "two constraints or indexes are named uq_a_note")
}

// Hooks run once, without a lock, and may define; one that fails runs again.
func TestOnSeal(t *testing.T) {
	m := schema.NewMetadata()
	node(m, "a", nil)
	var calls []string
	bad := errors.New("not yet")
	m.OnSeal(func() error {
		calls = append(calls, "first")
		if m.Lookup("", "a") == nil || len(m.Tables()) == 0 {
			t.Error("the hook does not see the table")
		}
		b := node(m, "b", nil)
		schema.Text(b.Code).Size(5)
		m.OnSeal(func() error { calls = append(calls, "third"); return nil })
		return nil
	})
	m.OnSeal(func() error {
		calls = append(calls, "second")
		err := bad
		bad = nil
		return err
	})
	if err := m.Seal(); err == nil || err.Error() != "not yet" {
		t.Errorf("Seal: %v", err)
	}
	for range 2 {
		if err := m.Seal(); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(calls, " "); got != "first second second third" {
		t.Error(got)
	}
	if size := m.Lookup("", "b").Column("code").Type.Size; size != 5 {
		t.Errorf("the hook's definition is lost: %d", size)
	}
}

func TestSortTables(t *testing.T) {
	m := schema.NewMetadata()
	a := node(m, "a", nil)
	b := node(m, "b", func(t *nodes) { schema.Column(t.Next).References(t.ID) })
	c := node(m, "c", nil)
	d := node(m, "d", nil)
	e := node(m, "e", nil)
	schema.ForeignKey(a.Next, c.ID) // a → c → b, d ↔ e, d → a
	schema.ForeignKey(c.Next, b.ID)
	schema.ForeignKey(d.Next, e.ID)
	schema.ForeignKey(d.ID, a.ID)
	schema.ForeignKey(e.Next, d.ID)
	names := func(ts []*schema.TableDef) string {
		var s []string
		for _, t := range ts {
			s = append(s, t.Name)
		}
		return strings.Join(s, " ")
	}
	all := m.Tables()
	for range len(all) {
		all = append(all[1:], all[0]) // whatever order they come in
		if got := names(schema.SortTables(all)); got != "b c a d e" {
			t.Error(got)
		}
	}
	if got := names(schema.SortTables([]*schema.TableDef{schema.DefOf(a), schema.DefOf(b)})); got != "a b" {
		t.Errorf("without c between them: %s", got)
	}
	if len(schema.SortTables(nil)) != 0 {
		t.Error("of none")
	}
}

func TestConcurrentUse(t *testing.T) {
	m := schema.NewMetadata()
	a := node(m, "a", func(t *nodes) { schema.Unique(t.Code) })
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				if err := m.Seal(); err != nil {
					t.Error(err)
				}
				if i == 0 {
					m.OnSeal(func() error { return nil })
				}
				_, _, _ = m.Tables(), m.Lookup("", "a"), m.Entity(reflect.TypeFor[Node]())
				if schema.DefOf(a).Uniques[0].Name == "" || schema.As(a, "x").ID.Ref() == nil {
					t.Error("not sealed after Seal")
				}
				func() {
					defer func() { _ = recover() }()
					schema.Column(a.ID)
					t.Error("a definition after Seal")
				}()
			}
		})
	}
	wg.Go(func() { node(m, "b", nil) })
	wg.Wait()
}
