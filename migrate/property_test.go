package migrate

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// modelMaker draws models whose differences a database with rows can go through:
// types of columns of one name convert, unique keys have the row's own number in
// them, and values that rows hold stay in their enum.
type modelMaker struct {
	t     *rapid.T
	caps  dialect.Capabilities
	moods []string
	other string // a suffix of names that are new in this model
}

func (m *modelMaker) maybe(label string) bool { return rapid.Bool().Draw(m.t, label) }

func (m *modelMaker) rarely(label string) bool {
	return rapid.IntRange(0, 4).Draw(m.t, label) == 0
}

func oneOf[T any](m *modelMaker, label string, list ...T) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(m.t, label)]
}

func (m *modelMaker) model() []*schema.TableDef {
	m.moods = oneOf(m, "moods", []string{"a", "b", "it's"}, []string{"b", "a"}, []string{"a", "x", "b", "c"}, []string{"a"})
	var tables []*schema.TableDef
	var targets []string
	for _, name := range []string{"t0", "t1", "t2"} {
		if m.rarely("leave out " + name) {
			continue
		}
		if m.other != "" && m.rarely("rename "+name) {
			name += m.other
		}
		targets = append(targets, name)
	}
	for _, name := range targets {
		t := m.table(name, targets)
		if old, ok := strings.CutSuffix(name, m.other); ok && m.other != "" {
			t.RenamedFrom = old
		}
		tables = append(tables, t)
	}
	return tables
}

func (m *modelMaker) table(name string, targets []string) *schema.TableDef {
	var cols, rest []schema.TablePart
	var kinds []*schema.ColumnDef
	column := func(c *schema.ColumnSpec) {
		cols = append(cols, c)
		kinds = append(kinds, c.Def())
	}
	wide := m.rarely("key of two columns")
	id := schema.Col("id", schema.BigInt())
	if !wide && m.maybe("identity") {
		id.Identity()
	}
	cols = append(cols, id)
	for _, base := range []string{"n0", "n1", "n2", "b0", "at0", "u0", "d0", "e0"} {
		if wide && base == "n0" {
			column(schema.Col("n0", m.convertible()))
			continue
		}
		if m.rarely("leave out column " + base) {
			continue
		}
		c := m.column(base, m.typeOf(base))
		if m.other != "" && m.rarely("rename column "+base) {
			c.Def().Name += m.other
			c.Def().RenamedFrom = base
		}
		column(c)
	}
	if wide {
		rest = append(rest, schema.Key("id", "n0"), schema.UniqueKey("uq_"+name+"_id", "id"))
	} else {
		rest = append(rest, schema.Key("id"))
	}
	if m.maybe("computed") {
		cols = append(cols, schema.Col("g0", schema.BigInt()).Nullable().Computed(oneOf(m, "computed of", schema.SQL("id*2"), schema.SQL("id * 3")), true))
		if m.maybe("index of computed") {
			rest = append(rest, schema.IndexOn("ix_"+name+"_g0", "g0"))
		}
	}
	for _, c := range kinds {
		if (c.Name == "n0" || c.Name == "n1") && c.Type.Kind != schema.TextKind && m.rarely("computed of a column") {
			cols = append(cols, schema.Col("g_"+c.Name, schema.Numeric(14, 2)).Nullable().Computed(schema.SQL(`"`+c.Name+`" + `+oneOf(m, "plus", "1", "2")), true))
		}
	}
	if m.maybe("self") {
		cols = append(cols, schema.Col("f0", schema.BigInt()).Nullable())
		rest = append(rest, m.reference("fk_"+name+"_f0", "f0", name))
	}
	if m.maybe("other") {
		cols = append(cols, schema.Col("f1", schema.BigInt()).Nullable())
		rest = append(rest, m.reference("fk_"+name+"_f1", "f1", oneOf(m, "target", targets...)))
	}
	for i, c := range kinds {
		rest = append(rest, m.constraints(name, i, c)...)
	}
	if m.caps.Comments && m.maybe("comment") {
		rest = append(rest, schema.TableComment(oneOf(m, "comment text", "it's", "other")))
	}
	return schema.NewTable(name, append(cols, rest...)...)
}

func (m *modelMaker) reference(name, column, target string) schema.TablePart {
	r := schema.Reference(name, []string{column}, target, []string{"id"})
	if m.rarely("acts") {
		r.OnDelete(oneOf(m, "on delete", schema.Cascade, schema.SetNull, schema.Restrict))
	}
	if m.rarely("waits") {
		r.Deferrable()
	}
	return r
}

// convertible is a type of those that hold the numbers that rows have.
func (m *modelMaker) convertible() schema.Type {
	return oneOf(m, "type", schema.SmallInt(), schema.Int(), schema.BigInt(), schema.Varchar(20), schema.Varchar(30), schema.LongText(), schema.Numeric(12, 2), schema.Numeric(9, 2))
}

func (m *modelMaker) typeOf(base string) schema.Type {
	switch base[0] {
	case 'b':
		return schema.Bool()
	case 'a':
		return schema.Timestamp()
	case 'u':
		return schema.UUID()
	case 'd':
		return schema.Document()
	case 'e':
		return schema.EnumType("mood", m.moods...)
	}
	return m.convertible()
}

func (m *modelMaker) column(name string, t schema.Type) *schema.ColumnSpec {
	c := schema.Col(name, t)
	if m.maybe("nullable") {
		c.Nullable()
	}
	if m.maybe("default") {
		switch t.Kind {
		case schema.BoolKind:
			c.Default(m.maybe("true"))
		case schema.TimeKind:
			c.Default(schema.SQL("CURRENT_TIMESTAMP"))
		case schema.EnumKind:
			c.Default("a")
		case schema.TextKind:
			c.Default(oneOf(m, "text", "1", "22"))
		case schema.DecimalKind:
			c.Default("1.50")
		case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
			c.Default(oneOf(m, "number", 1, -2))
		}
	}
	if m.caps.Comments && m.rarely("column comment") {
		c.Comment("it's " + name)
	}
	if t.Kind == schema.TextKind && m.rarely("collation") {
		if m.caps.AlterTable {
			c.Collate("C")
		} else {
			c.Collate("NOCASE")
		}
	}
	return c
}

// constraints are some of a column.
func (m *modelMaker) constraints(table string, i int, c *schema.ColumnDef) (out []schema.TablePart) {
	quoted := `"` + c.Name + `"`
	name := fmt.Sprintf("%s_%d", table, i)
	if m.rarely("unique") && c.Type.Kind != schema.JSONKind {
		out = append(out, schema.UniqueKey("uq_"+name, "id", c.Name))
	}
	if m.rarely("check") {
		switch c.Type.Kind {
		case schema.TextKind:
			out = append(out, schema.CheckThat("ck_"+name, oneOf(m, "text check", schema.SQL(quoted+"<>'zz'"), schema.SQL(quoted+" <> 'yy' or id>0"))))
		case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
			out = append(out, schema.CheckThat("ck_"+name, oneOf(m, "number check", schema.SQL(quoted+">=-5"), schema.SQL(quoted+" in (1,-2,7,0) or id>0"))))
		default:
			out = append(out, schema.CheckThat("ck_"+name, schema.SQL(quoted+" IS NOT NULL OR id>0")))
		}
	}
	if m.rarely("index") && c.Type.Kind != schema.JSONKind {
		x := schema.IndexOn("ix_"+name).Then(c.Name, m.maybe("desc"), expr.NullsDefault)
		if m.maybe("partial") {
			x.Where(oneOf(m, "where", schema.SQL("id>3"), schema.SQL("id > 4")))
		}
		out = append(out, x)
	}
	if c.Type.Kind == schema.TextKind && m.rarely("index of expression") {
		out = append(out, schema.IndexOn("ix_"+name+"_x").ThenBy(schema.SQL("lower("+quoted+")"), false, expr.NullsDefault))
	}
	return out
}

// fill puts two rows into each table. A foreign key to the row's own table is set.
func fill(t testing.TB, db *engine.Engine, tables []*schema.TableDef) {
	t.Helper()
	quote := func(s string) string { return string(db.Dialect().AppendQuoted(nil, s)) }
	for _, def := range tables {
		for _, id := range []string{"1", "2"} {
			cols, values := []string{"id"}, []string{id}
			for _, c := range def.Columns {
				v := "'7'"
				switch {
				case c.Name == "id" || c.Computed != nil || c.Name == "f1":
					continue
				case c.Name == "f0":
					v = id
				case c.Type.Kind == schema.BoolKind:
					v = "true"
				case c.Type.Kind == schema.TimeKind:
					v = "'2026-11-22 10:11:12.000000+00'"
				case c.Type.Kind == schema.UUIDKind:
					v = "'0190b6d0-0000-7000-8000-00000000000" + id + "'"
				case c.Type.Kind == schema.JSONKind:
					v = `'{"a": 1}'`
				case c.Type.Kind == schema.EnumKind:
					v = "'a'"
				case c.Type.Kind == schema.DecimalKind:
					v = "'7.00'"
				case c.Type.Kind == schema.Int16Kind, c.Type.Kind == schema.Int32Kind, c.Type.Kind == schema.Int64Kind:
					v = "7"
				}
				cols, values = append(cols, quote(c.Name)), append(values, v)
			}
			execAll(t, db, "INSERT INTO "+quote(def.Name)+" ("+strings.Join(cols, ", ")+") VALUES ("+strings.Join(values, ", ")+")")
		}
	}
}

// survivors are the tables and columns of a model that the next one has, under
// their names or new ones.
func survivors(from, to []*schema.TableDef) map[string][]string {
	out := map[string][]string{}
	for _, f := range from {
		i := slices.IndexFunc(to, func(t *schema.TableDef) bool { return t.Name == f.Name || t.RenamedFrom == f.Name })
		if i < 0 {
			continue
		}
		cols := []string{}
		for _, c := range f.Columns {
			if c.Computed == nil && slices.ContainsFunc(to[i].Columns, func(d *schema.ColumnDef) bool { return d.Name == c.Name || d.RenamedFrom == c.Name }) {
				cols = append(cols, c.Name)
			}
		}
		out[f.Name] = cols
	}
	return out
}

// From one random model to another, with rows in the tables, and back: each time
// the database is as the model says, and rows of tables that both have are as they
// were.
func TestDifferenceLeadsFromAnyModelToAnyOther(t *testing.T) {
	set := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { set[f.Name] = true })
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.checks": "40"} {
		if !set[name] {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			rapid.Check(t, func(rt *rapid.T) { fromModelToModel(t, rt, db) })
		})
	}
}

func fromModelToModel(t *testing.T, rt *rapid.T, db *engine.Engine) {
	ctx := t.Context()
	must := func(what string, err error) {
		if err != nil {
			rt.Fatalf("%s: %v", what, err)
		}
	}
	// What the revisions have made says more of the types than SQLite does.
	known := func(list ...[]Operation) DiffOption {
		g, err := revised(slices.Concat(list...), nil).graph()
		must("revisions", err)
		o, err := g.history()
		must("revisions", err)
		return o
	}
	compare := func(tables []*schema.TableDef, list ...[]Operation) *Difference {
		d, err := diffTables(ctx, db, tables, DropUnknown(), known(list...))
		must("compare", err)
		if len(d.Notes) > 0 {
			rt.Fatal(d.Notes)
		}
		return d
	}
	none := func(what string, tables []*schema.TableDef, list ...[]Operation) {
		if d := compare(tables, list...); !d.Empty() {
			rt.Fatalf("%s, and yet there is a difference:\n%s", what, d)
		}
	}
	var start Set
	must("clean", Stamp(ctx, db, start, []string{"base"}, Purge()))
	clean := compare(nil)
	must("clean", Upgrade(ctx, db, revised(clean.Operations, nil), "head", AllowDataLoss()))

	caps := db.Dialect().Capabilities()
	first := (&modelMaker{t: rt, caps: caps}).model()
	second := (&modelMaker{t: rt, caps: caps, other: "_new"}).model()

	must("stamp", Stamp(ctx, db, start, []string{"base"}, Purge()))
	made := compare(first)
	must("make the first model", Upgrade(ctx, db, revised(made.Operations, nil), "head"))
	none("the first model was made", first, made.Operations)
	fill(t, db, first)
	kept := survivors(first, second)
	before := map[string]string{}
	for table, cols := range kept {
		before[table] = snapshot(t, db, table, cols)
	}

	diff := compare(second, made.Operations)
	back, lost := diff.Reverse()
	if len(lost) > 0 {
		rt.Fatalf("no way back from %v", lost)
	}
	rt.Logf("there:\n%s", diff)
	rt.Logf("and back:\n%s", &Difference{Operations: back})
	way := revised(diff.Operations, back)
	must("stamp", Stamp(ctx, db, way, []string{"base"}, Purge()))
	must("upgrade", Upgrade(ctx, db, way, "head", AllowDataLoss()))
	none("it was upgraded", second, made.Operations, diff.Operations)
	none("it was upgraded", second)
	must("downgrade", Downgrade(ctx, db, way, "base"))
	none("it was downgraded", first, made.Operations, diff.Operations, back)
	for table, cols := range kept {
		after := snapshot(t, db, table, cols)
		if strings.ReplaceAll(after, ".00", "") != strings.ReplaceAll(before[table], ".00", "") {
			rt.Fatalf("rows of %s before:\n%s\nafterwards:\n%s", table, before[table], after)
		}
	}
}
