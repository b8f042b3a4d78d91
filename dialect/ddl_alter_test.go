package dialect_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// The tables that changes are tried on, with rows in them.
var (
	mood    = schema.EnumType("mood", "sad", "it's ok")
	level   = schema.EnumType("", "low", "high")
	parents = schema.NewTable("parents", schema.Col("id", schema.BigInt()).Identity(), schema.Col("code", schema.Varchar(20)), schema.Key("id"), schema.UniqueKey("uq_code", "code"))
	things  = schema.NewTable("things",
		schema.Col("id", schema.BigInt()).Identity(),
		schema.Col("name", schema.Varchar(50)).Default("none"),
		schema.Col("note", schema.LongText()).Nullable(),
		schema.Col("age", schema.Int()).Nullable().Default(3),
		schema.Col("mood", mood).Default("sad"),
		schema.Col("level", level),
		schema.Col("ok", schema.Bool()),
		schema.Col("parent_id", schema.BigInt()).Nullable(),
		schema.Col("title", schema.Varchar(50)).Default("none"),
		schema.Col("size", schema.Int()).Nullable().Default(3),
		schema.Col("loud", schema.LongText()).Nullable().Computed(schema.SQL("upper(name)"), true),
		schema.Key("id"),
		schema.UniqueKey("uq_things", "name", "note"),
		schema.CheckThat("ck_age", schema.SQL("age >= 0")),
		schema.Reference("fk_parent", []string{"parent_id"}, "parents", []string{"id"}).OnDelete(schema.Cascade),
		schema.IndexOn("ix_name", "name").Where(schema.SQL("age > 0")),
	)
	kept = schema.NewTable("kept", schema.InSchema("other"), schema.WithOptions("AUTOINCREMENT"), schema.Col("id", schema.BigInt()).Identity(),
		schema.Col("x", schema.LongText()).Nullable(), schema.Key("id"), schema.IndexOn("ix_kept", "x"))
	plain = schema.NewTable("plain", schema.Col("a", schema.BigInt()), schema.Col("b", schema.LongText()))
)

// col is a column of things.
func col(name string) *schema.ColumnDef { return things.Column(name) }

// as is a column of a table as a specification has it.
func as(t *schema.TableDef, s *schema.ColumnSpec) *schema.ColumnDef {
	c := *s.Def()
	c.Table = t
	return &c
}

// altered is a change of a column of things.
func altered(name string, to *schema.ColumnSpec) schema.AlterColumn {
	return schema.AlterColumn{From: col(name), To: as(things, to)}
}

func withBackfill(a schema.AlterColumn, n expr.Node) schema.AlterColumn { a.Backfill = n; return a }
func withUsing(a schema.AlterColumn, n expr.Node) schema.AlterColumn    { a.Using = n; return a }

func like(name string) *schema.ColumnSpec { return schema.SpecOf(col(name)) }

func retyped(name string, t schema.Type) *schema.ColumnSpec {
	c := *col(name)
	c.Type = t
	return schema.SpecOf(&c)
}

func notNull(name string) *schema.ColumnSpec {
	c := *col(name)
	c.Nullable = false
	return schema.SpecOf(&c)
}

// rebuilt is things after a change of its description, its rows copied.
func rebuilt(change func(*schema.TableDef)) schema.RebuildTable {
	to := things.Clone()
	change(to)
	op := schema.RebuildTable{From: things, To: to}
	for _, c := range to.Columns {
		var n expr.Node
		if old := things.Column(c.Name); old != nil && c.Computed == nil {
			n = schema.SQL(`"` + c.Name + `"`)
		}
		op.Copy = append(op.Copy, n)
	}
	return op
}

type change struct {
	name string
	op   schema.DDL
}

func changes(collation string) []change {
	noted := rebuilt(func(t *schema.TableDef) {
		t.Columns[2].Nullable = false
		t.Checks = append(t.Checks, &schema.CheckDef{Name: "ck_new", Cond: schema.SQL("length(name) > 0")})
	})
	noted.Copy[2] = schema.SQL("coalesce(note, '')")
	noted.Triggers = []*schema.TriggerDef{{Table: "things", Name: "tr", SQL: `CREATE TRIGGER tr AFTER INSERT ON things BEGIN UPDATE things SET note = 'x' WHERE id = NEW.id; END`}}
	noted.Views = []*schema.ViewDef{{Name: "v"}}
	return []change{
		{"add nullable", schema.AddColumn{Column: as(things, schema.Col("x", schema.Varchar(5)).Nullable())}},
		{"add with constant", schema.AddColumn{Column: as(things, schema.Col("x", schema.Int()).Default(-7))}},
		{"add with text", schema.AddColumn{Column: as(things, schema.Col("x", schema.LongText()).Default("it's").Collate(collation))}},
		{"add with expression", schema.AddColumn{Column: as(things, schema.Col("x", schema.Timestamp()).Default(schema.SQL("CURRENT_TIMESTAMP")))}},
		{"add not null", schema.AddColumn{Column: as(plain, schema.Col("x", schema.Int()))}},
		{"add enum", schema.AddColumn{Column: as(things, schema.Col("x", mood).Nullable())}},
		{"add guarded", schema.AddColumn{Column: as(things, schema.Col("x", level).Default("low"))}},
		{"add computed", schema.AddColumn{Column: as(things, schema.Col("x", schema.LongText()).Nullable().Computed(schema.SQL("name || 'x'"), true))}},
		{"add virtual", schema.AddColumn{Column: as(things, schema.Col("x", schema.LongText()).Nullable().Computed(schema.SQL("name || 'x'"), false))}},
		{"add identity", schema.AddColumn{Column: as(plain, schema.Col("x", schema.BigInt()).Identity())}},
		{"drop column", schema.DropColumn{Column: col("note")}},
		{"rename column", schema.RenameColumn{Column: col("note"), To: `select "x"`}},
		{"rename table", schema.RenameTable{Table: things, To: "stuff"}},

		{"alter nothing", altered("note", like("note"))},
		{"comment only", altered("note", like("note").Comment("x"))},
		{"not null", altered("note", notNull("note"))},
		{"not null, backfill", withBackfill(altered("note", notNull("note")), &expr.ParamNode{Value: "it's"})},
		{"nullable", altered("name", like("name").Nullable())},
		{"type", altered("size", retyped("size", schema.BigInt()))},
		{"type with default", altered("size", retyped("size", schema.LongText()).Default("x"))},
		{"type, shorter", altered("title", retyped("title", schema.Varchar(30)))},
		{"type, number to text", altered("size", retyped("size", schema.Varchar(30)).Default("3"))},
		{"type, text to number", withUsing(altered("note", retyped("note", schema.Int())), schema.SQL("length(note)"))},
		{"type, bool to number", altered("ok", retyped("ok", schema.BigInt()))},
		{"type, enum to text", altered("mood", retyped("mood", schema.LongText()))},
		{"type, text to enum", withUsing(altered("level", retyped("level", mood).Default("sad")), schema.SQL("CAST('sad' AS mood)"))},
		{"guarded values", altered("level", retyped("level", schema.EnumType("", "low", "mid", "high")))},
		{"guarded to free", altered("level", retyped("level", schema.LongText()))},
		{"collation", altered("note", like("note").Collate(collation))},
		{"default", altered("note", like("note").Default("new"))},
		{"default, expression", altered("note", like("note").Default(schema.SQL("upper('x')")))},
		{"no default", altered("name", like("name").Default(nil))},
		{"identity", schema.AlterColumn{From: plain.Column("a"), To: as(plain, schema.SpecOf(plain.Column("a")).Identity())}},
		{"no identity", altered("id", schema.Col("id", schema.BigInt()))},
		{"computed", altered("loud", like("loud").Computed(schema.SQL("lower(name)"), true))},
		{"no longer computed", altered("loud", like("loud").Computed(nil, false))},
		{"becomes computed", altered("note", like("note").Computed(schema.SQL("lower(name)"), true))},

		{"create index", schema.CreateIndex{Index: schema.IndexOn("ix_new", "note", "age").Unique().Def(things)}},
		{"drop index", schema.DropIndex{Index: things.Indexes[0]}},
		{"rename index", schema.RenameIndex{Index: things.Indexes[0], To: "ix_other"}},
		{"rename index by name", schema.RenameIndex{Index: &schema.IndexDef{Name: "ix_name", Table: things}, To: "ix_other"}},
		{"create concurrently", schema.CreateIndexConcurrently{Index: schema.IndexOn("ix_later", "note").Def(things)}},
		{"drop concurrently", schema.DropIndexConcurrently{Index: &schema.IndexDef{Name: "ix_later", Table: things}}},

		{"add key", schema.AddPrimaryKey{Table: schema.NewTable("plain", schema.Col("a", schema.BigInt()), schema.Col("b", schema.LongText()), schema.Key("a", "b"))}},
		{"drop key", schema.DropConstraint{Table: things, Kind: schema.PrimaryKeyConstraint}},
		{"drop key by name", schema.DropConstraint{Table: things, Kind: schema.PrimaryKeyConstraint, Name: "things_pkey"}},
		{"add unique", schema.AddUnique{Table: things, Unique: &schema.UniqueDef{Name: "uq_x", Columns: []*schema.ColumnDef{col("id"), col("name")}}}},
		{"add check", schema.AddCheck{Table: things, Check: &schema.CheckDef{Name: "ck_x", Cond: schema.SQL("age < 1000")}}},
		{"add unnamed check", schema.AddCheck{Table: things, Check: &schema.CheckDef{Cond: schema.SQL("age < 1000")}}},
		{"drop unique", schema.DropConstraint{Table: things, Kind: schema.UniqueConstraint, Name: "uq_things"}},
		{"drop check", schema.DropConstraint{Table: things, Kind: schema.CheckConstraint, Name: "ck_age"}},
		{"drop foreign key", schema.DropConstraint{Table: things, Kind: schema.ForeignKeyConstraint, Name: "fk_parent"}},
		{"rename constraint", schema.RenameConstraint{Table: things, Name: "ck_age", To: "ck_years"}},

		{"enum grows", schema.AlterEnum{Name: "mood", From: mood.Values, To: []string{"best", "sad", "so", "it's ok", "great", "fine"}}},
		{"enum, same", schema.AlterEnum{Name: "mood", From: mood.Values, To: mood.Values}},
		{"enum shrinks", schema.AlterEnum{Name: "mood", From: mood.Values, To: []string{"sad"}, Columns: []*schema.ColumnDef{col("mood")}}},
		{"enum reordered", schema.AlterEnum{Name: "mood", From: mood.Values, To: []string{"it's ok", "sad"}, Columns: []*schema.ColumnDef{col("mood")}}},
		{"drop schema", schema.DropSchema{Name: "empty"}},
		{"rebuild", noted},
		{"rebuild in a schema", schema.RebuildTable{From: kept, To: kept, Copy: []expr.Node{schema.SQL("id"), schema.SQL("x")},
			Views: []*schema.ViewDef{{Schema: "other", Name: "w"}}}},
		{"rebuild with options", rebuilt(func(t *schema.TableDef) { t.Options = "AUTOINCREMENT, STRICT"; onlyStrict(t) })},
	}
}

// onlyStrict has the types that a STRICT table takes.
func onlyStrict(t *schema.TableDef) {
	for _, c := range t.Columns {
		switch c.Type.Kind {
		case schema.Int32Kind, schema.Int64Kind, schema.BoolKind:
			c.Type = schema.CustomType("INTEGER")
		default:
			c.Type = schema.CustomType("TEXT")
		}
	}
}

// Each change is rendered, and run in a transaction that is rolled back.
func TestChanges(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			db := changeable(t, d)
			var b strings.Builder
			ran := 0
			for _, c := range changes(map[string]string{"sqlite": "NOCASE", "postgres": "C"}[d.Name()]) {
				b.WriteString("-- " + c.name + "\n")
				list, err := dialect.RenderDDL(d, c.op)
				if err != nil {
					if list != nil {
						t.Errorf("%s: statements and an error", c.name)
					}
					if !errors.Is(err, dialect.ErrUnsupported) {
						t.Errorf("%s: %v", c.name, err)
					}
					b.WriteString("-- " + err.Error() + "\n\n")
					continue
				}
				for _, s := range list {
					b.WriteString(s + ";\n")
				}
				b.WriteString("\n")
				if db == nil {
					continue
				}
				_, outside := c.op.(schema.CreateIndexConcurrently)
				if _, drop := c.op.(schema.DropIndexConcurrently); drop {
					outside = true
				}
				if !outside {
					run(t, db, "BEGIN")
				}
				for _, s := range list {
					if _, err := db.Exec(s); err != nil {
						t.Errorf("%s: %s\n%v", c.name, s, err)
						break
					}
					ran++
				}
				if !outside {
					run(t, db, "ROLLBACK")
				}
			}
			golden(t, "alter."+d.Name()+".golden", b.String())
			if db != nil && ran < 30 {
				t.Errorf("%d statements ran", ran)
			}
		})
	}
}

// changeable has the tables with rows, and foreign keys off for rebuilding.
func changeable(t *testing.T, d dialect.Dialect) *sql.DB {
	db := opened(t, d)
	if db == nil {
		return nil
	}
	for _, s := range d.Capabilities().RebuildBegin {
		run(t, db, s)
	}
	ops := []schema.DDL{schema.CreateEnum{Name: "mood", Values: mood.Values}, schema.CreateSchema{Name: "empty"}}
	for _, table := range []*schema.TableDef{parents, things, plain} {
		ops = append(ops, schema.CreateTable{Table: table, ForeignKeys: table.ForeignKeys})
		for _, x := range table.Indexes {
			ops = append(ops, schema.CreateIndex{Index: x})
		}
	}
	if d.Name() == "postgres" {
		run(t, db, "DROP SCHEMA IF EXISTS empty")
	}
	for _, op := range ops {
		for _, s := range rendered(t, d, op) {
			run(t, db, s)
		}
	}
	if d.Name() == "sqlite" {
		run(t, db, "CREATE VIEW v AS SELECT id, name, note FROM things")
		run(t, db, "ATTACH ':memory:' AS other")
		for _, s := range append(rendered(t, d, schema.CreateTable{Table: kept}), rendered(t, d, schema.CreateIndex{Index: kept.Indexes[0]})...) {
			run(t, db, s)
		}
		run(t, db, "INSERT INTO other.kept (x) VALUES ('a')")
		run(t, db, "CREATE VIEW other.w AS SELECT id FROM kept")
	}
	run(t, db, "INSERT INTO parents (code) VALUES ('a'), ('b')")
	run(t, db, "INSERT INTO things (name, note, age, mood, level, ok, parent_id) VALUES ('n', 'x', 5, 'sad', 'low', true, 1), ('m', 'y', NULL, 'sad', 'low', false, NULL)")
	return db
}
