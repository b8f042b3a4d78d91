package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// parts of the table that single changes are made of, by name, so that a change
// replaces one of them.
type tableParts struct {
	name string
	keys []string
	part map[string]schema.TablePart
}

func (p *tableParts) set(key string, part schema.TablePart) *tableParts {
	if _, ok := p.part[key]; !ok {
		p.keys = append(p.keys, key)
	}
	p.part[key] = part
	return p
}

func (p *tableParts) drop(keys ...string) *tableParts {
	for _, key := range keys {
		delete(p.part, key)
		p.keys = slices.DeleteFunc(p.keys, func(k string) bool { return k == key })
	}
	return p
}

// def puts columns first, since constraints are made of them.
func (p *tableParts) def() *schema.TableDef {
	var cols, rest []schema.TablePart
	for _, k := range p.keys {
		if _, ok := p.part[k].(*schema.ColumnSpec); ok {
			cols = append(cols, p.part[k])
		} else {
			rest = append(rest, p.part[k])
		}
	}
	return schema.NewTable(p.name, append(cols, rest...)...)
}

// renamed says what a column was called before.
func formerly(c *schema.ColumnSpec, name string) *schema.ColumnSpec {
	c.Def().RenamedFrom = name
	return c
}

func users() *tableParts {
	p := &tableParts{name: "users", part: map[string]schema.TablePart{}}
	return p.set("id", schema.Col("id", schema.BigInt()).Identity()).
		set("name", schema.Col("name", schema.Varchar(50))).
		set("age", schema.Col("age", schema.Int()).Nullable()).
		set("note", schema.Col("note", schema.LongText()).Default("none")).
		set("mood", schema.Col("mood", schema.EnumType("mood", "sad", "ok", "glad")).Default("ok")).
		set("org", schema.Col("org", schema.Int()).Nullable()).
		set("twice", schema.Col("twice", schema.Int()).Nullable().Computed(schema.SQL("age * 2"), true)).
		set("key", schema.Key("id")).
		set("unique", schema.UniqueKey("uq_users_name", "name")).
		set("check", schema.CheckThat("ck_users_age", schema.SQL("age > 0"))).
		set("index", schema.IndexOn("ix_users_note", "note")).
		set("expr", schema.IndexOn("ix_users_lower").ThenBy(schema.SQL("lower(name)"), false, expr.NullsDefault).Where(schema.SQL("age > 1"))).
		set("fk", schema.Reference("fk_users_org", []string{"org"}, "orgs", []string{"id"}))
}

func orgs() *schema.TableDef {
	return schema.NewTable("orgs", schema.Col("id", schema.Int()), schema.Col("alt", schema.Int()), schema.Key("id"), schema.UniqueKey("uq_orgs_alt", "alt"))
}

type singleChange struct {
	name string
	to   func(*tableParts)
	want []string // how the operations print, up to what follows
	// lost are the columns whose values the way down does not bring back.
	lost []string
	// only says which databases have such a thing.
	only func(dialect.Capabilities) bool
}

func native(c dialect.Capabilities) bool   { return c.NativeEnums }
func guarded(c dialect.Capabilities) bool  { return !c.NativeEnums }
func alters(c dialect.Capabilities) bool   { return c.AlterTable }
func comments(c dialect.Capabilities) bool { return c.Comments }
func methods(c dialect.Capabilities) bool  { return c.IndexMethods }

var singleChanges = []singleChange{
	{name: "nothing", to: func(p *tableParts) {}},
	{name: "add column", to: func(p *tableParts) { p.set("x", schema.Col("x", schema.Int()).Nullable()) }, want: []string{`op.AddColumn("users", schema.Col("x"`}},
	{name: "add column with default", to: func(p *tableParts) { p.set("x", schema.Col("x", schema.Varchar(9)).Default("it's")) }, want: []string{`op.AddColumn("users", schema.Col("x", schema.Varchar(9)).Default("it's")`}},
	{name: "add column not null", to: func(p *tableParts) { p.set("x", schema.Col("x", schema.Timestamp())) }, want: []string{`op.AddColumn("users", schema.Col("x", schema.Timestamp())).Backfill(`}},
	{name: "add computed column", to: func(p *tableParts) {
		p.set("x", schema.Col("x", schema.Int()).Nullable().Computed(schema.SQL("age + 1"), true))
	}, want: []string{`op.AddColumn("users", schema.Col("x"`}},
	{name: "drop column", to: func(p *tableParts) { p.drop("org", "fk", "age", "check", "expr", "twice", "index", "note", "mood") }, lost: []string{"org", "age", "twice", "note", "mood"}, want: []string{
		`op.DropForeignKey("users", "fk_users_org"`, `op.DropIndex("users", "ix_users_note"`, `op.DropIndex("users", "ix_users_lower"`, `op.DropCheck("users", "ck_users_age"`,
		`op.DropColumn("users", "twice"`, `op.DropColumn("users", "age"`, `op.DropColumn("users", "note"`, `op.DropColumn("users", "mood"`, `op.DropColumn("users", "org"`, `op.DropEnum("mood"`}, only: native},
	{name: "drop plain column", to: func(p *tableParts) { p.drop("note", "index") }, lost: []string{"note"}, want: []string{`op.DropIndex("users", "ix_users_note"`, `op.DropColumn("users", "note"`}},
	{name: "drop guarded column", to: func(p *tableParts) { p.drop("mood") }, lost: []string{"mood"}, want: []string{`op.DropColumn("users", "mood"`, `op.DropEnum("users_mood"`}, only: guarded},
	{name: "not null", to: func(p *tableParts) { p.set("age", schema.Col("age", schema.Int())) }, want: []string{`op.AlterColumn("users", schema.Col("age", schema.Int()).Nullable(), schema.Col("age", schema.Int()))`}},
	{name: "nullable", to: func(p *tableParts) { p.set("name", schema.Col("name", schema.Varchar(50)).Nullable()) }, want: []string{`op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.Varchar(50)).Nullable())`}},
	{name: "longer text", to: func(p *tableParts) { p.set("name", schema.Col("name", schema.Varchar(70))) }, want: []string{`op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.Varchar(70)))`}},
	{name: "text without end", to: func(p *tableParts) { p.set("name", schema.Col("name", schema.LongText())) }, want: []string{`op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.LongText()))`}},
	{name: "number to text", to: func(p *tableParts) { p.set("org", schema.Col("org", schema.LongText()).Nullable()).drop("fk") }, want: []string{`op.DropForeignKey("users", "fk_users_org"`, `op.AlterColumn("users", schema.Col("org", schema.Int()).Nullable(), schema.Col("org", schema.LongText()).Nullable())`}},
	{name: "greater number", to: func(p *tableParts) { p.set("org", schema.Col("org", schema.BigInt()).Nullable()) }, want: []string{`op.AlterColumn("users", schema.Col("org", schema.Int()).Nullable(), schema.Col("org", schema.BigInt()).Nullable())`}},
	{name: "greater number that others are made of", to: func(p *tableParts) { p.set("age", schema.Col("age", schema.BigInt()).Nullable()) }, want: []string{`op.AlterColumn("users", schema.Col("age", schema.Int()).Nullable(), schema.Col("age", schema.BigInt()).Nullable())`}},
	{name: "another default", to: func(p *tableParts) { p.set("note", schema.Col("note", schema.LongText()).Default("some")) }, want: []string{`op.AlterColumn("users", schema.Col("note", schema.LongText()).Default(`}},
	{name: "no default", to: func(p *tableParts) { p.set("note", schema.Col("note", schema.LongText())) }, want: []string{`op.AlterColumn("users", schema.Col("note", schema.LongText()).Default(`}},
	{name: "computed default", to: func(p *tableParts) {
		p.set("note", schema.Col("note", schema.LongText()).Default(schema.SQL("upper('some')")))
	}, want: []string{`op.AlterColumn("users", schema.Col("note", schema.LongText()).Default(`}},
	{name: "computed in another way", to: func(p *tableParts) {
		p.set("twice", schema.Col("twice", schema.Int()).Nullable().Computed(schema.SQL("age * 3"), true))
	}, want: []string{`op.AlterColumn("users", schema.Col("twice", schema.Int()).Nullable().Computed(`}},
	{name: "computed in another way, indexed", to: func(p *tableParts) {
		p.set("twice", schema.Col("twice", schema.Int()).Nullable().Computed(schema.SQL("age * 3"), true)).set("ix", schema.IndexOn("ix_users_twice", "twice"))
	}, want: []string{`op.AlterColumn("users", schema.Col("twice"`, `op.CreateIndex("users", schema.IndexOn("ix_users_twice"`}},
	{name: "computed no more", to: func(p *tableParts) { p.set("twice", schema.Col("twice", schema.Int()).Nullable()) }, want: []string{`op.AlterColumn("users", schema.Col("twice", schema.Int()).Nullable().Computed(`}},
	{name: "no identity", to: func(p *tableParts) { p.set("id", schema.Col("id", schema.BigInt())) }, want: []string{`op.AlterColumn("users", schema.Col("id", schema.BigInt()).Identity(), schema.Col("id", schema.BigInt()))`}, only: alters},
	{name: "collation", to: func(p *tableParts) { p.set("note", schema.Col("note", schema.LongText()).Default("none").Collate("C")) }, want: []string{`op.AlterColumn("users", schema.Col("note", schema.LongText()).Default("none"), schema.Col("note", schema.LongText()).Default("none").Collate("C"))`}, only: methods},
	{name: "collation of the file's", to: func(p *tableParts) {
		p.set("note", schema.Col("note", schema.LongText()).Default("none").Collate("NOCASE"))
	}, want: []string{`op.AlterColumn("users", schema.Col("note", schema.LongText()).Default("none"), schema.Col("note", schema.LongText()).Default("none").Collate("NOCASE"))`}, only: guarded},
	{name: "comment", to: func(p *tableParts) { p.set("age", schema.Col("age", schema.Int()).Nullable().Comment("in years")) }, want: []string{`op.AlterColumn("users", schema.Col("age", schema.Int()).Nullable(), schema.Col("age", schema.Int()).Nullable().Comment("in years"))`}, only: comments},
	{name: "table comment", to: func(p *tableParts) { p.set("comment", schema.TableComment("it's us")) }, want: []string{`op.CommentTable("users", "", "it's us")`}, only: comments},
	{name: "key", to: func(p *tableParts) {
		p.set("key", schema.Key("id", "name")).set("id", schema.Col("id", schema.BigInt()))
	}, want: []string{`op.DropPrimaryKey("users", "id")`, `op.AlterColumn("users", schema.Col("id"`, `op.AddPrimaryKey("users", "id", "name")`}},
	{name: "unique", to: func(p *tableParts) { p.set("u2", schema.UniqueKey("uq_users_note", "note", "name")) }, want: []string{`op.AddUnique("users", "uq_users_note", "note", "name")`}},
	{name: "no unique", to: func(p *tableParts) { p.drop("unique") }, want: []string{`op.DropUnique("users", "uq_users_name", "name")`}},
	{name: "unique renamed", to: func(p *tableParts) { p.set("unique", schema.UniqueKey("uq_other", "name")) }, want: []string{`op.RenameConstraint("users", "uq_users_name", "uq_other")`}},
	{name: "unique of another column", to: func(p *tableParts) { p.set("unique", schema.UniqueKey("uq_users_name", "name", "age")) }, want: []string{`op.DropUnique("users", "uq_users_name", "name")`, `op.AddUnique("users", "uq_users_name", "name", "age")`}},
	{name: "check", to: func(p *tableParts) { p.set("c2", schema.CheckThat("ck_users_name", schema.SQL("name <> 'x'"))) }, want: []string{`op.AddCheck("users", "ck_users_name"`}},
	{name: "another check", to: func(p *tableParts) { p.set("check", schema.CheckThat("ck_users_age", schema.SQL("age > 2"))) }, want: []string{`op.DropCheck("users", "ck_users_age"`, `op.AddCheck("users", "ck_users_age"`}},
	{name: "the same check in other words", to: func(p *tableParts) { p.set("check", schema.CheckThat("ck_users_age", schema.SQL(`( AGE>0 )`))) }},
	{name: "no check", to: func(p *tableParts) { p.drop("check") }, want: []string{`op.DropCheck("users", "ck_users_age"`}},
	{name: "check renamed", to: func(p *tableParts) { p.set("check", schema.CheckThat("ck_age", schema.SQL("age > 0"))) }, want: []string{`op.RenameConstraint("users", "ck_users_age", "ck_age")`}},
	{name: "index", to: func(p *tableParts) {
		p.set("i2", schema.IndexOn("ix_users_age", "age").Then("name", true, expr.NullsDefault))
	}, want: []string{`op.CreateIndex("users", schema.IndexOn("ix_users_age", "age").Then("name", true`}},
	{name: "no index", to: func(p *tableParts) { p.drop("index") }, want: []string{`op.DropIndex("users", "ix_users_note", schema.IndexOn("ix_users_note", "note"))`}},
	{name: "unique index", to: func(p *tableParts) {
		p.set("expr", schema.IndexOn("ix_users_lower").ThenBy(schema.SQL("lower(name)"), false, expr.NullsDefault).Where(schema.SQL("age > 1")).Unique())
	}, want: []string{`op.DropIndex("users", "ix_users_lower"`, `op.CreateIndex("users", schema.IndexOn("ix_users_lower").ThenBy(`}},
	{name: "index of other rows", to: func(p *tableParts) {
		p.set("expr", schema.IndexOn("ix_users_lower").ThenBy(schema.SQL("lower(name)"), false, expr.NullsDefault).Where(schema.SQL("age > 2")))
	}, want: []string{`op.DropIndex("users", "ix_users_lower"`, `op.CreateIndex("users", schema.IndexOn("ix_users_lower").ThenBy(`}},
	{name: "index in another order", to: func(p *tableParts) {
		p.set("index", schema.IndexOn("ix_users_note").Then("note", true, expr.NullsDefault))
	}, want: []string{`op.DropIndex("users", "ix_users_note"`, `op.CreateIndex("users", schema.IndexOn("ix_users_note").Then("note", true`}},
	{name: "index renamed", to: func(p *tableParts) { p.set("index", schema.IndexOn("ix_other", "note")) }, want: []string{`op.RenameIndex("users", "ix_users_note", "ix_other")`}},
	{name: "index by another method", to: func(p *tableParts) { p.set("index", schema.IndexOn("ix_users_note", "note").Method("hash")) }, want: []string{`op.DropIndex("users", "ix_users_note"`, `op.CreateIndex("users", schema.IndexOn("ix_users_note", "note").Method("hash")`}, only: methods},
	{name: "index that includes", to: func(p *tableParts) { p.set("index", schema.IndexOn("ix_users_note", "note").Include("age")) }, want: []string{`op.DropIndex("users", "ix_users_note"`, `op.CreateIndex("users", schema.IndexOn("ix_users_note", "note").Include("age")`}, only: methods},
	{name: "NULLs first in an index", to: func(p *tableParts) {
		p.set("index", schema.IndexOn("ix_users_note").Then("note", false, expr.NullsFirst))
	}, want: []string{`op.DropIndex("users", "ix_users_note"`, `op.CreateIndex("users", schema.IndexOn("ix_users_note").Then("note", false, expr.NullsFirst)`}, only: methods},
	{name: "foreign key", to: func(p *tableParts) {
		p.set("fk2", schema.Reference("fk_users_age", []string{"org"}, "orgs", []string{"alt"}))
	}, want: []string{`op.AddForeignKey("users", schema.Reference("fk_users_age"`}},
	{name: "no foreign key", to: func(p *tableParts) { p.drop("fk") }, want: []string{`op.DropForeignKey("users", "fk_users_org"`}},
	{name: "foreign key renamed", to: func(p *tableParts) {
		p.set("fk", schema.Reference("fk_other", []string{"org"}, "orgs", []string{"id"}))
	}, want: []string{`op.RenameConstraint("users", "fk_users_org", "fk_other")`}},
	{name: "foreign key that acts", to: func(p *tableParts) {
		p.set("fk", schema.Reference("fk_users_org", []string{"org"}, "orgs", []string{"id"}).OnDelete(schema.Cascade).OnUpdate(schema.SetNull))
	}, want: []string{`op.DropForeignKey("users", "fk_users_org"`, `op.AddForeignKey("users", schema.Reference("fk_users_org"`}},
	{name: "foreign key that waits", to: func(p *tableParts) {
		p.set("fk", schema.Reference("fk_users_org", []string{"org"}, "orgs", []string{"id"}).Deferrable())
	}, want: []string{`op.DropForeignKey("users", "fk_users_org"`, `op.AddForeignKey("users", schema.Reference("fk_users_org"`}},
	{name: "foreign key to another column", to: func(p *tableParts) {
		p.set("fk", schema.Reference("fk_users_org", []string{"org"}, "orgs", []string{"alt"}))
	}, want: []string{`op.DropForeignKey("users", "fk_users_org"`, `op.AddForeignKey("users", schema.Reference("fk_users_org"`}},
	{name: "enum value added", to: func(p *tableParts) {
		p.set("mood", schema.Col("mood", schema.EnumType("mood", "sad", "so-so", "ok", "glad")).Default("ok"))
	}, want: []string{`op.AlterEnum("mood", []string{"sad", "ok", "glad"}, []string{"sad", "so-so", "ok", "glad"}, "users.mood")`}},
	{name: "enum value dropped", to: func(p *tableParts) {
		p.set("mood", schema.Col("mood", schema.EnumType("mood", "sad", "ok")).Default("ok"))
	}, want: []string{`op.AlterEnum("mood"`}},
	{name: "enum reordered", to: func(p *tableParts) {
		p.set("mood", schema.Col("mood", schema.EnumType("mood", "glad", "ok", "sad")).Default("ok"))
	}, want: []string{`op.AlterEnum("mood"`}},
	{name: "another enum", to: func(p *tableParts) {
		p.set("mood", schema.Col("mood", schema.EnumType("temper", "sad", "ok", "glad")).Default("ok"))
	}, want: []string{`op.CreateEnum("temper"`, `op.AlterColumn("users", schema.Col("mood"`, `op.DropEnum("mood"`}, only: native},
	{name: "enum no more", to: func(p *tableParts) { p.set("mood", schema.Col("mood", schema.LongText()).Default("ok")) }, want: []string{`op.AlterColumn("users", schema.Col("mood", schema.EnumType("mood", "sad", "ok", "glad")).Default(`, `op.DropEnum("mood"`}, only: native},
	{name: "guard no more", to: func(p *tableParts) { p.set("mood", schema.Col("mood", schema.LongText()).Default("ok")) }, want: []string{`op.AlterColumn("users", schema.Col("mood", schema.EnumType("users_mood", "sad", "ok", "glad")).Default(`, `op.DropEnum("users_mood"`}, only: guarded},
	{name: "column renamed", to: func(p *tableParts) {
		p.set("org", formerly(schema.Col("office", schema.Int()).Nullable(), "org")).set("fk", schema.Reference("fk_users_org", []string{"office"}, "orgs", []string{"id"}))
	}, want: []string{`op.RenameColumn("users", "org", "office")`}},
	{name: "column in expressions renamed", to: func(p *tableParts) {
		p.set("age", formerly(schema.Col("Years", schema.Int()).Nullable(), "age")).
			set("twice", schema.Col("twice", schema.Int()).Nullable().Computed(schema.SQL(`"Years" * 2`), true)).
			set("check", schema.CheckThat("ck_users_age", schema.SQL(`"Years" > 0`))).
			set("expr", schema.IndexOn("ix_users_lower").ThenBy(schema.SQL("lower(name)"), false, expr.NullsDefault).Where(schema.SQL(`"Years" > 1`)))
	}, want: []string{`op.RenameColumn("users", "age", "Years")`}},
	{name: "column with a guard renamed", to: func(p *tableParts) {
		p.set("mood", formerly(schema.Col("temper", schema.EnumType("mood", "sad", "ok", "glad")).Default("ok"), "mood"))
	}, want: []string{`op.RenameColumn("users", "mood", "temper")`}},
	{name: "stale rename", to: func(p *tableParts) { p.set("age", formerly(schema.Col("age", schema.Int()).Nullable(), "years")) }},
	{name: "column not declared as renamed", to: func(p *tableParts) {
		p.set("note", schema.Col("remark", schema.LongText()).Default("none")).set("index", schema.IndexOn("ix_users_note", "remark"))
	}, lost: []string{"note"}, want: []string{`op.DropIndex("users", "ix_users_note"`, `op.AddColumn("users", schema.Col("remark"`, `op.DropColumn("users", "note"`, `op.CreateIndex("users", schema.IndexOn("ix_users_note", "remark")`}},
	{name: "table renamed", to: func(p *tableParts) {
		p.name = "people"
		p.set("unique", schema.UniqueKey("uq_people_name", "name")).set("index", schema.IndexOn("ix_people_note", "note")).
			set("fk", schema.Reference("fk_people_org", []string{"org"}, "orgs", []string{"id"}))
	}, want: []string{`op.RenameTable("users", "people")`, `op.RenameConstraint("people", "uq_users_name", "uq_people_name")`, `op.RenameIndex("people", "ix_users_note", "ix_people_note")`, `op.RenameConstraint("people", "fk_users_org", "fk_people_org")`}},
}

// Each change is found as the operations that it takes and no others, leads to a
// database without a difference, and back, with the rows that were there.
func TestSingleChanges(t *testing.T) {
	for _, d := range databases(t) {
		db := d.open(t)
		for _, c := range singleChanges {
			t.Run(d.name+"/"+c.name, func(t *testing.T) {
				defer func() { alter(t, db, differences(t, db, nil, DropUnknown()).Operations) }()
				if c.only != nil && !c.only(db.Dialect().Capabilities()) {
					t.Skip("the database has no such thing")
				}
				before := []*schema.TableDef{orgs(), users().def()}
				alter(t, db, differences(t, db, before).Operations)
				execAll(t, db, "INSERT INTO orgs (id, alt) VALUES (7, 7), (8, 8)",
					`INSERT INTO users (id, name, age, mood, org) VALUES (1, 'Ann', 30, 'sad', 7), (2, 'it''s "Bob"', 40, 'ok', 8)`)
				cols := slices.DeleteFunc([]string{"id", "name", "age", "note", "mood", "org", "twice"}, func(s string) bool { return slices.Contains(c.lost, s) })
				rows := snapshot(t, db, "users", cols)

				to := users()
				c.to(to)
				renamed := to.def()
				if renamed.Name != "users" {
					renamed.RenamedFrom = "users"
				}
				after := []*schema.TableDef{orgs(), renamed}
				diff := differences(t, db, after)
				got := strings.Split(diff.String(), "\n")
				if diff.Empty() {
					got = nil
				}
				if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
					t.Fatalf("got\n%s\nwant\n%s", diff, strings.Join(c.want, "\n"))
				}
				back, lost := diff.Reverse()
				if len(lost) > 0 {
					t.Errorf("no way back from %v", lost)
				}
				alter(t, db, diff.Operations)
				noDifference(t, db, after)
				alter(t, db, back)
				noDifference(t, db, before)
				if again := snapshot(t, db, "users", cols); again != rows {
					t.Errorf("rows before:\n%s\nafterwards:\n%s", rows, again)
				}
			})
		}
	}
}

// Foreign keys make way for changes of what they point to, and come back.
func TestForeignKeysMakeWay(t *testing.T) {
	model := func(typ schema.Type, key []string, target string) []*schema.TableDef {
		return []*schema.TableDef{
			schema.NewTable("orgs", schema.Col("id", typ), schema.Col("alt", schema.Int()), schema.Key(key...), schema.UniqueKey("uq_orgs_id", "id"), schema.UniqueKey(target, "alt")),
			schema.NewTable("users", schema.Col("id", schema.Int()), schema.Col("org", typ).Nullable(), schema.Col("alt", schema.Int()).Nullable(), schema.Key("id"),
				schema.Reference("fk_users_org", []string{"org"}, "orgs", []string{"id"}),
				schema.Reference("fk_users_alt", []string{"alt"}, "orgs", []string{"alt"})),
		}
	}
	for _, d := range databases(t) {
		db := d.open(t)
		for name, after := range map[string][]*schema.TableDef{
			"both types": model(schema.LongText(), []string{"id"}, "uq_orgs_alt"),
			"the key":    model(schema.Int(), []string{"alt", "id"}, "uq_orgs_alt"),
			"its name":   model(schema.Int(), []string{"id"}, "uq_other"),
		} {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				defer func() { alter(t, db, differences(t, db, nil, DropUnknown()).Operations) }()
				before := model(schema.Int(), []string{"id"}, "uq_orgs_alt")
				alter(t, db, differences(t, db, before).Operations)
				execAll(t, db, "INSERT INTO orgs (id, alt) VALUES (7, 8)", "INSERT INTO users (id, org, alt) VALUES (1, 7, 8)")
				rows := snapshot(t, db, "users", []string{"id", "org", "alt"})
				diff := differences(t, db, after)
				back, _ := diff.Reverse()
				alter(t, db, diff.Operations)
				noDifference(t, db, after)
				alter(t, db, back)
				noDifference(t, db, before)
				if again := snapshot(t, db, "users", []string{"id", "org", "alt"}); again != rows {
					t.Errorf("rows before:\n%s\nafterwards:\n%s", rows, again)
				}
			})
		}
	}
}

// snapshot is a table's rows as text.
func snapshot(t testing.TB, db *engine.Engine, table string, cols []string) string {
	t.Helper()
	quote := func(s string) string { return string(db.Dialect().AppendQuoted(nil, s)) }
	var list []string
	for _, c := range cols {
		list = append(list, "coalesce(CAST("+quote(c)+" AS text), 'NULL')")
	}
	if len(list) == 0 {
		list = []string{"'row'"}
	}
	var rows []string
	if err := db.Select(t.Context(), &rows, "SELECT "+strings.Join(list, " || '|' || ")+" FROM "+quote(table)+" ORDER BY 1"); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d rows\n%s", len(rows), strings.Join(rows, "\n"))
}
