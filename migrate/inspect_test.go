package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// create makes tables as CreateAll does.
func create(t testing.TB, db *engine.Engine, tables ...*schema.TableDef) {
	t.Helper()
	for _, op := range schema.PlanCreate(tables, db.Dialect().Capabilities().AlterForeignKeys) {
		list, err := dialect.RenderDDL(db.Dialect(), op)
		if err != nil {
			t.Fatal(err)
		}
		execAll(t, db, list...)
	}
}

func inspected(t testing.TB, db *engine.Engine, o dialect.InspectOptions) *schema.Catalog {
	t.Helper()
	c, err := Inspect(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// spelled writes all that is known of a table, an expression as it is inlined.
func spelled(d dialect.Dialect, t *schema.TableDef) []string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	node := func(n expr.Node) string {
		if n == nil {
			return "-"
		}
		s, err := dialect.Inline(d, n)
		if err != nil {
			return err.Error()
		}
		return s
	}
	names := func(list []*schema.ColumnDef) string {
		var b []string
		for _, c := range list {
			b = append(b, fmt.Sprintf("%q", c.Name))
		}
		return strings.Join(b, ",")
	}
	say("table %q.%q comment %q options %q key %s", t.Schema, t.Name, t.Comment, t.Options, names(t.PrimaryKey))
	for i, c := range t.Columns {
		typ, err := d.ColumnType(c)
		if err != nil {
			typ = err.Error()
		}
		say("column %q %s values %q null %v key %v identity %v default %s computed %s stored %v collation %q comment %q", c.Name, typ, c.Type.Values,
			c.Nullable, c.PrimaryKey, c.Identity, node(c.ServerDefault), node(c.Computed), c.Stored, c.Collation, c.Comment)
		if c.Table != t || c.Position != i {
			say("column %q is not in its table", c.Name)
		}
	}
	for _, u := range t.Uniques {
		say("unique %q %s", u.Name, names(u.Columns))
	}
	for _, k := range t.Checks {
		say("check %q %s", k.Name, node(k.Cond))
	}
	for _, k := range t.ForeignKeys {
		say("foreign key %q %s to %q.%q %s %v %v deferrable %v", k.Name, names(k.Columns), k.RefTable.Schema, k.RefTable.Name, names(k.RefColumns), k.OnDelete, k.OnUpdate, k.Deferrable)
	}
	for _, x := range t.Indexes {
		var parts []string
		for _, p := range x.Parts {
			s := ""
			if p.Column != nil {
				s = names([]*schema.ColumnDef{p.Column})
			} else {
				s = "(" + node(p.Expr) + ")"
			}
			if p.Class != "" {
				s += " class " + p.Class
			}
			parts = append(parts, fmt.Sprintf("%s desc %v nulls %d", s, p.Desc, p.Nulls))
		}
		say("index %q %s include %s unique %v where %s method %q", x.Name, strings.Join(parts, "; "), names(x.Include), x.Unique, node(x.Where), x.Method)
	}
	return lines
}

// compare reports the lines in which two lists differ.
func compare(t testing.TB, want, got []string) {
	t.Helper()
	for _, l := range want {
		if !slices.Contains(got, l) {
			t.Errorf("missing %s", l)
		}
	}
	for _, l := range got {
		if !slices.Contains(want, l) {
			t.Errorf("found   %s", l)
		}
	}
}

// compareTables inspects what tables were created as, and compares.
func compareTables(t *testing.T, db *engine.Engine, want ...*schema.TableDef) *schema.Catalog {
	t.Helper()
	cat := inspected(t, db, dialect.InspectOptions{})
	if len(cat.Tables) != len(want) {
		t.Errorf("%d tables were found, not %d", len(cat.Tables), len(want))
	}
	for _, w := range want {
		got := cat.Table(w.Schema, w.Name)
		if got == nil {
			t.Errorf("table %q is missing", w.QualifiedName())
			continue
		}
		compare(t, spelled(db.Dialect(), w), spelled(db.Dialect(), got))
	}
	return cat
}

// in is a text that the databases print in different ways.
func in(sqlite, postgres string) expr.Node {
	return schema.SQL(sqlite, "postgres", postgres)
}

func TestInspectedTypes(t *testing.T) {
	types := map[string]schema.Type{
		"bool": schema.Bool(), "i16": schema.SmallInt(), "i32": schema.Int(), "i64": schema.BigInt(), "f32": schema.Real(), "f64": schema.Double(),
		"v": schema.Varchar(50), "text": schema.LongText(), "bytes": schema.Bytes(), "moment": schema.Timestamp(), "uuid": schema.UUID(),
		"doc": schema.Document(), "amount": schema.Numeric(12, 3), "list": schema.ArrayOf(schema.BigInt()), "names": schema.ArrayOf(schema.Varchar(9)),
		"own": schema.CustomType("DATE"),
	}
	// What a database calls TEXT comes back as text.
	alike := map[string]schema.Kind{"uuid": schema.TextKind, "doc": schema.TextKind, "amount": schema.TextKind, "list": schema.TextKind, "names": schema.TextKind}
	parts := []schema.TablePart{schema.Col("id", schema.BigInt()).Identity(), schema.Key("id")}
	for name, typ := range types {
		parts = append(parts, schema.Col(name, typ), schema.Col(name+"_null", typ).Nullable())
	}
	def := schema.NewTable("t", parts...)
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			create(t, db, def)
			got := inspected(t, db, dialect.InspectOptions{}).Table("", "t")
			for i, w := range def.Columns {
				g := got.Columns[i]
				want, _ := db.Dialect().ColumnType(w)
				spelled, err := db.Dialect().ColumnType(g)
				if g.Name != w.Name || !strings.EqualFold(spelled, want) || err != nil || g.Nullable != w.Nullable || g.Identity != w.Identity || g.PrimaryKey != w.PrimaryKey {
					t.Errorf("%s is %+v %s, not %s", w.Name, *g, spelled, want)
				}
				kind, base := w.Type.Kind, strings.TrimSuffix(w.Name, "_null")
				if k, ok := alike[base]; ok && d.name == "sqlite" {
					kind = k
				}
				if g.Type.Kind != kind || (g.Type.Custom != "") != (base == "own") {
					t.Errorf("%s has kind %v %q, not %v", w.Name, g.Type.Kind, g.Type.Custom, kind)
				}
			}
		})
	}
}

// pointing has the first foreign key of t point to the table itself, not to its
// name alone, so that t is created after it.
func pointing(t, to *schema.TableDef) *schema.TableDef {
	k := t.ForeignKeys[0]
	k.RefTable = to
	for i, c := range k.RefColumns {
		k.RefColumns[i] = to.Column(c.Name)
	}
	return t
}

// empty drops all that a test has made.
func empty(t testing.TB, db *engine.Engine) {
	t.Helper()
	if db.Dialect().Capabilities().Schemas {
		execAll(t, db, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
		return
	}
	for _, tab := range inspected(t, db, dialect.InspectOptions{}).Tables {
		execAll(t, db, "DROP TABLE "+string(db.Dialect().AppendQuoted(nil, tab.Name)))
	}
}

// TestInspectedConstructs creates each construct and finds it again.
func TestInspectedConstructs(t *testing.T) {
	one := func(parts ...schema.TablePart) []*schema.TableDef {
		return []*schema.TableDef{schema.NewTable("t", append([]schema.TablePart{schema.Col("id", schema.BigInt()).Identity()}, parts...)...)}
	}
	a, b := schema.Col("a", schema.Int()).Nullable(), schema.Col("b", schema.LongText()).Nullable()
	key := schema.Key("id")
	parent := schema.NewTable("parents", schema.Col("x", schema.Int()), schema.Col("y", schema.Int()), schema.Key("y", "x"), schema.UniqueKey("uq_x", "x"))
	child := func(k *schema.ForeignKeySpec) []*schema.TableDef {
		t := schema.NewTable("t", schema.Col("id", schema.BigInt()).Identity(), schema.Col("x", schema.Int()).Nullable(), schema.Col("y", schema.Int()).Nullable(), key, k)
		return []*schema.TableDef{parent, pointing(t, parent)}
	}
	cases := []struct {
		name   string
		tables []*schema.TableDef
		only   string
	}{
		{"no key", []*schema.TableDef{schema.NewTable("t", a)}, ""},
		{"text key", []*schema.TableDef{schema.NewTable("t", schema.Col("k", schema.Varchar(20)), schema.Key("k"))}, ""},
		{"int key without identity", []*schema.TableDef{schema.NewTable("t", schema.Col("k", schema.Int()), schema.Key("k"))}, ""},
		{"big key without identity", []*schema.TableDef{schema.NewTable("t", schema.Col("k", schema.BigInt()), schema.Key("k"))}, ""},
		{"composite key", []*schema.TableDef{parent}, ""},
		{"default number", one(key, schema.Col("n", schema.Int()).Default(int64(5))), ""},
		{"default of SQL", one(key, schema.Col("n", schema.Int()).Default(in("1 + 2", "1 + 2"))), ""},
		{"default bool", one(key, schema.Col("n", schema.Bool()).Default(in("TRUE", "true"))), ""},
		{"default text", one(key, schema.Col("n", schema.LongText()).Default(in("'it''s'", "'it''s'::text"))), ""},
		{"default now", one(key, schema.Col("n", schema.Timestamp()).Default(in("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"))), ""},
		{"computed stored", one(key, a, schema.Col("n", schema.Int()).Nullable().Computed(in("a * 2", "a * 2"), true)), ""},
		{"computed virtual", one(key, a, schema.Col("n", schema.Int()).Nullable().Computed(in("a * 2", ""), false)), "sqlite"},
		{"collation", one(key, schema.Col("n", schema.LongText()).Collate("NOCASE")), "sqlite"},
		{"collation", one(key, schema.Col("n", schema.LongText()).Collate("C")), "postgres"},
		{"comments", one(key, schema.TableComment("the table's"), schema.Col("n", schema.LongText()).Comment("the column's\n'own'")), "postgres"},
		{"unique", one(key, a, b, schema.UniqueKey("uq_ab", "b", "a"), schema.UniqueKey("uq_a", "a")), ""},
		{"check", one(key, a, schema.CheckThat("ck_a", in("a > 0", "a > 0"))), ""},
		{"index", one(key, a, b, schema.IndexOn("ix_ba", "b", "a"), schema.IndexOn("ix_u", "a").Unique()), ""},
		{"index in order", one(key, a, b, schema.IndexOn("ix").Then("a", true, 0).Then("b", false, 0)), ""},
		{"index of an expression", one(key, b, schema.IndexOn("ix", "id").ThenBy(in("lower(b)", "lower(b)"), true, 0)), ""},
		{"partial index", one(key, a, schema.IndexOn("ix", "a").Where(in("a > 3", "a > 3")).Unique()), ""},
		{"index with nulls", one(key, a, b, schema.IndexOn("ix").Then("a", true, expr.NullsLast).Then("b", false, expr.NullsFirst)), "postgres"},
		{"index with include", one(key, a, b, schema.IndexOn("ix", "a").Include("b", "id")), "postgres"},
		{"index method", one(key, a, schema.Col("doc", schema.Document()), schema.IndexOn("ix", "doc").Method("gin"), schema.IndexOn("ih", "a").Method("hash")), "postgres"},
		{"foreign key", child(schema.Reference("fk_x", []string{"x"}, "parents", []string{"x"})), ""},
		{"foreign key of two", child(schema.Reference("fk_xy", []string{"x", "y"}, "parents", []string{"x", "y"}).OnDelete(schema.Cascade).OnUpdate(schema.Restrict)), ""},
		{"foreign key sets NULL", child(schema.Reference("fk_x", []string{"x"}, "parents", []string{"x"}).OnDelete(schema.SetNull).OnUpdate(schema.SetDefault)), ""},
		{"deferrable", child(schema.Reference("fk_x", []string{"x"}, "parents", []string{"x"}).Deferrable()), ""},
		{"to itself", one(key, schema.Col("up", schema.BigInt()).Nullable(), schema.Reference("fk_up", []string{"up"}, "t", []string{"id"}).OnDelete(schema.Cascade)), ""},
		{"enum of its own type", one(key, schema.Col("e", schema.EnumType("mood", "sad", "it's", `back\slash`))), "postgres"},
		{"array of enums", one(key, schema.Col("e", schema.ArrayOf(schema.EnumType("mood", "sad", "ok")))), "postgres"},
		{"enum by a CHECK", one(key, schema.Col("e", schema.EnumType("", "sad", "it's", "a, b", `back\slash`, "ü"))), ""},
		{"enum of one value", one(key, schema.Col("e", schema.EnumType("", "it's"))), ""},
		{"identity beside the key", one(key, schema.Col("n", schema.BigInt()).Identity()), "postgres"},
	}
	for _, d := range databases(t) {
		db := d.open(t, engine.PoolSize(1))
		for _, c := range cases {
			if c.only != "" && c.only != d.name {
				continue
			}
			t.Run(d.name+"/"+c.name, func(t *testing.T) {
				empty(t, db)
				create(t, db, c.tables...)
				compareTables(t, db, c.tables...)
			})
		}
	}
}

func TestInspectedCycleAndSchemas(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			a := schema.NewTable("a", schema.Col("id", schema.BigInt()).Identity(), schema.Col("b", schema.BigInt()).Nullable(), schema.Key("id"))
			b := schema.NewTable("b", schema.Col("id", schema.BigInt()).Identity(), schema.Col("a", schema.BigInt()).Nullable(), schema.Key("id"))
			a.ForeignKeys = []*schema.ForeignKeyDef{{Name: "fk_a", Table: a, Columns: a.Columns[1:], RefTable: b, RefColumns: b.Columns[:1]}}
			b.ForeignKeys = []*schema.ForeignKeyDef{{Name: "fk_b", Table: b, Columns: b.Columns[1:], RefTable: a, RefColumns: a.Columns[:1]}}
			create(t, db, a, b)
			cat := compareTables(t, db, a, b)
			if got := cat.Table("", "a").ForeignKeys[0]; got.RefTable != cat.Table("", "b") || got.RefColumns[0] != cat.Table("", "b").Columns[0] {
				t.Error("the foreign key does not point into the catalogue")
			}
			only := inspected(t, db, dialect.InspectOptions{Tables: func(_, name string) bool { return name == "a" }})
			if len(only.Tables) != 1 || only.Tables[0].ForeignKeys[0].RefTable.Name != "b" || only.Tables[0].ForeignKeys[0].RefColumns[0].Name != "id" {
				t.Errorf("%+v", only.Tables)
			}
		})
	}
}

func TestInspectedSchemas(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t, engine.PoolSize(1), engine.PoolOverflow(0))
			odd := "my.odd \"schema\""
			if d.name == "postgres" {
				execAll(t, db, `CREATE SCHEMA other`, `CREATE SCHEMA "my.odd ""schema"""`)
			} else {
				execAll(t, db, `ATTACH ':memory:' AS other`, `ATTACH ':memory:' AS "my.odd ""schema"""`)
			}
			execAll(t, db, `CREATE TABLE t (id INTEGER PRIMARY KEY)`, `CREATE TABLE other.t (x INTEGER PRIMARY KEY)`,
				`CREATE TABLE "my.odd ""schema"""."a.b" (x INTEGER PRIMARY KEY)`)
			if d.name == "postgres" {
				execAll(t, db, `ALTER TABLE other.t ADD y int REFERENCES public.t`, `CREATE TYPE other.mood AS ENUM ('x')`, `ALTER TABLE t ADD m other.mood`)
			}
			cat := inspected(t, db, dialect.InspectOptions{})
			if want := []string{odd, "other"}; !slices.Equal(slices.Sorted(slices.Values(cat.Schemas)), want) {
				t.Errorf("schemas %q", cat.Schemas)
			}
			for _, name := range [][2]string{{"", "t"}, {"other", "t"}, {odd, "a.b"}} {
				if cat.Table(name[0], name[1]) == nil {
					t.Errorf("no table %q", name)
				}
			}
			if d.name == "postgres" {
				if k := cat.Table("other", "t").ForeignKeys; len(k) != 1 || k[0].RefTable != cat.Table("", "t") {
					t.Errorf("foreign keys %+v", k)
				}
				if c := cat.Table("", "t").Column("m"); c.Type.Custom != "other.mood" {
					t.Errorf("type %+v", c.Type)
				}
				execAll(t, db, `SET search_path = nowhere, other, public`)
				moved := inspected(t, db, dialect.InspectOptions{Schemas: []string{"", "public"}})
				if moved.Table("", "t").Column("x") == nil || moved.Table("public", "t") == nil || len(moved.Tables) != 2 || !slices.Equal(moved.Schemas, []string{"public"}) {
					t.Errorf("%q %+v", moved.Schemas, moved.Tables)
				}
				execAll(t, db, `SET search_path = public`)
			}
			for _, c := range []struct {
				o    dialect.InspectOptions
				want []string
			}{
				{dialect.InspectOptions{Schemas: []string{""}}, []string{"t"}},
				{dialect.InspectOptions{Schemas: []string{"other"}}, []string{"other.t"}},
				{dialect.InspectOptions{Schemas: []string{"none"}}, nil},
				{dialect.InspectOptions{Tables: func(s, n string) bool { return s != "other" }}, []string{"t", odd + ".a.b"}},
			} {
				var got []string
				for _, tab := range inspected(t, db, c.o).Tables {
					got = append(got, tab.QualifiedName())
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%v: %q", c.o.Schemas, got)
				}
			}
		})
	}
}

// hostile are names that break what is not quoted, or not read with care.
var hostile = []string{`a"b`, "a'b", "a`b", "a]b", "[a]", "new\nline", "tab\t", "select", "CONSTRAINT", "a.b", "naïve 表 \U0001F600", "--", "/* a */", "a,b", "(", ")", `back\slash`, "$1", "?", "%s", " ", "ck_t", "{a}", `""`, "E'x'", "AS"}

func TestInspectedHostileNames(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			dia := db.Dialect()
			quote := func(s string) string { return string(dia.AppendQuoted(nil, s)) }
			target := schema.NewTable("target", schema.Col("id", schema.BigInt()).Identity(), schema.Key("id"))
			for _, n := range hostile {
				target.Columns = append(target.Columns, &schema.ColumnDef{Table: target, Name: n, Type: schema.Int(), Position: len(target.Columns)})
				target.Uniques = append(target.Uniques, &schema.UniqueDef{Name: "uq " + n, Columns: target.Columns[len(target.Columns)-1:]})
			}
			want := []*schema.TableDef{target}
			for i, n := range hostile {
				def := schema.NewTable(n, schema.Col("id", schema.BigInt()).Identity(), schema.Key("id"),
					schema.Col(n, schema.Int()), schema.Col("e", schema.EnumType("", n, "x")),
					schema.Col("d", schema.LongText()).Default("").Collate(map[string]string{"sqlite": "NOCASE", "postgres": "C"}[d.name]),
					schema.CheckThat("k "+n, schema.SQL(quote(n)+" > 0")),
					schema.IndexOn(fmt.Sprintf("x%d %s", i, n), n, "id").Where(schema.SQL(quote(n)+" > 1")),
					schema.UniqueKey("u "+n, "e", n),
					schema.Reference("f "+n, []string{n}, "target", []string{n}))
				lit := "'" + strings.ReplaceAll(n, "'", "''") + "'"
				if d.name == "postgres" {
					lit += "::text"
				}
				def.Column("d").ServerDefault = schema.SQL(lit)
				want = append(want, pointing(def, target))
			}
			create(t, db, want...)
			cat := inspected(t, db, dialect.InspectOptions{})
			for _, w := range want {
				got := cat.Table("", w.Name)
				if got == nil {
					t.Errorf("no table %q", w.Name)
					continue
				}
				unquote := func(lines []string) []string { // PostgreSQL quotes names only where it must
					for i := range lines {
						lines[i] = strings.ReplaceAll(lines[i], "where "+quote(w.Name), "where "+w.Name)
						lines[i] = strings.ReplaceAll(lines[i], "\" "+quote(w.Name), "\" "+w.Name)
					}
					return lines
				}
				compare(t, unquote(spelled(dia, w)), unquote(spelled(dia, got)))
			}
		})
	}
}

// TestInspectedQueries: their number does not depend on the tables.
func TestInspectedQueries(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			count := func(tables int) int {
				var log counter
				db := d.open(t, engine.Observer(log.observe))
				for i := range tables {
					execAll(t, db, fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, a INTEGER UNIQUE, b INTEGER REFERENCES t%d, CHECK (a > 0))", i, i), fmt.Sprintf("CREATE INDEX i%d ON t%d (a, b)", i, i))
				}
				log.n.Store(0)
				if got := inspected(t, db, dialect.InspectOptions{}); len(got.Tables) != tables {
					t.Fatalf("%d tables", len(got.Tables))
				}
				return int(log.n.Load())
			}
			few, many := count(1), count(30)
			if few != many || many > 12 {
				t.Errorf("%d statements for a table, %d for thirty", few, many)
			}
		})
	}
}

func TestInspectFails(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t, engine.PoolSize(1), engine.PoolOverflow(0))
			execAll(t, db, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
			ctx, cancel := contextWithCancel(t)
			cancel()
			if _, err := Inspect(ctx, db, dialect.InspectOptions{}); err == nil {
				t.Error("a context that ended did not matter")
			}
			// The connection is free again, and takes writes.
			execAll(t, db, "INSERT INTO t VALUES (1)")
			if got := inspected(t, db, dialect.InspectOptions{}); len(got.Tables) != 1 {
				t.Errorf("%+v", got.Tables)
			}
			execAll(t, db, "INSERT INTO t VALUES (2)")
		})
	}
}

func TestInspectedIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 500 tables")
	}
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			c, err := db.Acquire(t.Context(), "test")
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Begin(t.Context(), engine.TxOptions{}); err != nil {
				t.Fatal(err)
			}
			for i := range 500 {
				var cols []string
				for j := range 18 {
					cols = append(cols, fmt.Sprintf("c%d VARCHAR(%d) DEFAULT 'x' NOT NULL", j, j+1))
				}
				up := "id"
				if i > 0 {
					up = fmt.Sprintf("up INTEGER REFERENCES t%d, id", i-1)
				}
				for _, s := range []string{
					fmt.Sprintf("CREATE TABLE t%d (%s INTEGER PRIMARY KEY, %s, CONSTRAINT ck%d CHECK (id > 0))", i, up, strings.Join(cols, ", "), i),
					fmt.Sprintf("CREATE INDEX ix%d ON t%d (c1, c2)", i, i),
				} {
					if err := c.ExecDDL(t.Context(), s); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := c.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.Release()
			quick(t, time.Second, func() {
				if got := inspected(t, db, dialect.InspectOptions{}); len(got.Tables) != 500 || len(got.Tables[77].Columns) < 19 {
					t.Fatal("not all was read")
				}
			})
		})
	}
}
