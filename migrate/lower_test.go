package migrate

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// carry runs operations as a runner does, without versions. The error is that of
// lower or of the first step that fails; then nothing is changed.
func carry(t testing.TB, db *engine.Engine, ops ...Operation) error {
	t.Helper()
	ctx := uow.Without(t.Context())
	c, err := db.Acquire(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	caps := db.Dialect().Capabilities()
	exec := func(list []string) {
		for _, s := range list {
			if err := c.ExecDDL(ctx, s); err != nil {
				t.Fatal(s, err)
			}
		}
	}
	exec(caps.RebuildBegin)
	defer exec(caps.RebuildEnd)
	begin := func() {
		if err := c.Begin(ctx, engine.TxOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	defer func() {
		if c.InTx() {
			if err := c.Rollback(ctx); err != nil {
				t.Error(err)
			}
		}
	}()
	steps, err := lower(db.Dialect(), ops, func() (*schema.Catalog, error) { return inspect(ctx, c, dialect.InspectOptions{}) })
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.about == "" {
			t.Errorf("a step is about nothing: %q", s.sql)
		}
		if s.outside {
			if err := c.Commit(ctx); err != nil {
				return err
			}
		}
		for _, sql := range s.sql {
			if err := c.ExecDDL(ctx, sql); err != nil {
				return fmt.Errorf("%s: %s: %w", s.about, sql, err)
			}
		}
		if s.outside {
			begin()
		}
	}
	if caps.ForeignKeyCheck != "" {
		n, err := c.Query(ctx, caps.ForeignKeyCheck, nil, func([]driver.Value) error { return nil })
		if err != nil || n != 0 {
			t.Errorf("%d foreign keys violated, %v", n, err)
		}
	}
	return c.Commit(ctx)
}

// emptied returns a function that gives an empty database, on PostgreSQL the same
// again and again: to make one takes long.
func emptied(t testing.TB, d database) func() *engine.Engine {
	var db *engine.Engine
	return func() *engine.Engine {
		if db == nil || d.name != "postgres" {
			db = d.open(t)
		} else {
			execAll(t, db, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
		}
		return db
	}
}

func catalogOf(t testing.TB, db *engine.Engine) *schema.Catalog {
	t.Helper()
	c, err := Inspect(t.Context(), db, dialect.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// dump is all that a catalog has, as text that compares.
func dump(d dialect.Dialect, c *schema.Catalog) string {
	var b strings.Builder
	for _, e := range c.Enums {
		fmt.Fprintln(&b, "enum", e.Name, e.Values)
	}
	for _, t := range c.Tables {
		list := []schema.DDL{schema.CreateTable{Table: t, ForeignKeys: t.ForeignKeys}, schema.CommentTable{Table: t}}
		for _, x := range t.Indexes {
			list = append(list, schema.CreateIndex{Index: x})
		}
		for _, x := range t.Columns {
			list = append(list, schema.CommentColumn{Column: x})
		}
		var lines []string
		for _, op := range list {
			s, err := dialect.RenderDDL(d, op)
			if err != nil {
				fmt.Fprintln(&b, t.Name, err)
			}
			for _, s := range s {
				lines = append(lines, strings.Split(strings.ReplaceAll(s, ",\n", "\n"), "\n")...)
			}
		}
		// Columns that were dropped and added stand last.
		slices.Sort(lines)
		fmt.Fprintln(&b, strings.Join(lines, "\n"))
	}
	var lines []string
	for _, v := range c.Views {
		lines = append(lines, "view "+v.Name+" "+v.SQL)
	}
	for _, v := range c.Triggers {
		lines = append(lines, "trigger "+v.Table+" "+v.Name+" "+v.SQL)
	}
	slices.Sort(lines)
	// SQLite quotes what it renames.
	return strings.ReplaceAll(b.String()+strings.Join(lines, "\n"), `"`, "")
}

// rowsOf are a query's rows as text.
func rowsOf(t testing.TB, db *engine.Engine, query string) string {
	t.Helper()
	c, err := db.Acquire(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	var lines []string
	if _, err := c.Query(t.Context(), query, nil, func(row []driver.Value) error {
		var cells []string
		for _, v := range row {
			switch x := v.(type) {
			case []byte:
				v = string(x)
			case bool:
				v = map[bool]int{true: 1}[x]
			case nil:
				v = "NULL"
			}
			cells = append(cells, fmt.Sprint(v))
		}
		lines = append(lines, strings.Join(cells, "|"))
		return nil
	}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(lines, "\n")
}

var moods = []string{"sad", "ok"}

// lowerShop is a small database: rows that point to each other, a view, triggers,
// indexes of several forms, names that must be quoted.
func lowerShop(t testing.TB, db *engine.Engine) {
	t.Helper()
	var op Op
	op.CreateEnum("mood", moods...)
	op.CreateTable("users",
		schema.Col("id", schema.BigInt()).Identity(), schema.Col("name", schema.Varchar(50)), schema.Col("age", schema.LongText()).Nullable(),
		schema.Col("mood", schema.EnumType("mood", moods...)).Default("sad"), schema.Col("level", schema.EnumType("", "low", "high")).Default("low"),
		schema.Col("price", schema.Numeric(10, 2)).Default("0.00"), schema.Col("boss", schema.BigInt()).Nullable(),
		schema.Col("select \"x\"", schema.LongText()).Nullable(),
		schema.Col("loud", schema.LongText()).Nullable().Computed(schema.SQL("upper(name)"), true),
		schema.Key("id"), schema.UniqueKey("uq_users_name", "name"),
		schema.CheckThat("ck_users_name", schema.SQL("length(name) > 0")),
		schema.Reference("fk_users_boss", []string{"boss"}, "users", []string{"id"}).OnDelete(schema.SetNull),
		schema.IndexOn("ix_users_age", "age", "id"), schema.IndexOn("ix_users_lower").ThenBy(schema.SQL("lower(name)"), false, 0).Unique(),
		schema.IndexOn("ix_users_part").Then("name", true, 0).Where(schema.SQL("boss IS NOT NULL")), schema.IndexOn("ix_users_loud", "loud"))
	op.CreateTable("posts", schema.Col("id", schema.BigInt()).Identity(), schema.Col("title", schema.LongText()), schema.Col("author", schema.BigInt()),
		schema.Key("id"), schema.Reference("fk_posts_author", []string{"author"}, "users", []string{"id"}).OnDelete(schema.Cascade))
	op.CreateTable("log", schema.Col("what", schema.LongText()))
	if err := carry(t, db, op.Operations()...); err != nil {
		t.Fatal(err)
	}
	execAll(t, db,
		`INSERT INTO users (name, age, boss) VALUES ('Ann', '40', NULL), ('Bob', NULL, 1), ('O''Neil', '7', 1)`,
		`INSERT INTO posts (title, author) VALUES ('one', 1), ('two', 1), ('three', 2)`,
		`CREATE VIEW bosses AS SELECT id, name AS name FROM users WHERE boss IS NULL`,
		`CREATE VIEW boss_names AS SELECT name FROM bosses`)
	if db.Dialect().Name() == "sqlite" {
		execAll(t, db,
			`CREATE TRIGGER users_added AFTER INSERT ON users BEGIN INSERT INTO log VALUES ('added ' || NEW.name); END`,
			`CREATE TRIGGER posts_added AFTER INSERT ON posts BEGIN INSERT INTO log SELECT 'post of ' || name FROM users WHERE id = NEW.author; END`)
	} else {
		execAll(t, db,
			`CREATE FUNCTION added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES ('added ' || NEW.name); RETURN NEW; END $$`,
			`CREATE FUNCTION posted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log SELECT 'post of ' || name FROM users WHERE id = NEW.author; RETURN NEW; END $$`,
			`CREATE TRIGGER users_added AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION added()`,
			`CREATE TRIGGER posts_added AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION posted()`)
	}
}

const (
	usersRows = "SELECT id, name, age, boss, level, CAST(price AS TEXT) FROM users ORDER BY id"
	postsRows = "SELECT id, title, author FROM posts ORDER BY id"
	someUsers = "1|Ann|40|NULL|low|0.00\n2|Bob|NULL|1|low|0.00\n3|O'Neil|7|1|low|0.00"
	somePosts = "1|one|1\n2|two|1\n3|three|2"
)

// alive checks that views and triggers work, and leaves no trace.
func alive(t testing.TB, db *engine.Engine) {
	t.Helper()
	if got := rowsOf(t, db, "SELECT name FROM boss_names"); got != "Ann" {
		t.Errorf("the view has %q", got)
	}
	execAll(t, db, "INSERT INTO posts (id, title, author) VALUES (77, 'xx', 2)", "DELETE FROM posts WHERE id = 77")
	if got := rowsOf(t, db, "SELECT count(*) FROM log WHERE what = 'post of Bob'"); got == "0" {
		t.Error("the trigger on posts did not run")
	}
	execAll(t, db, "DELETE FROM log")
}

// change is a revision in small: what it does, and what holds after it.
type change struct {
	name  string
	up    func(op *Op)
	check map[string]string // queries and what they give after up
	// lossy says that the rows are not to come back as they were.
	lossy bool
	// only is a dialect, "" for all.
	only string
	// shapes says that the schema does not come back as it was.
	shapes bool
}

func changes() []change {
	age, number := schema.Col("age", schema.LongText()).Nullable(), schema.Col("age", schema.Int()).Nullable()
	level := func(v ...string) *schema.ColumnSpec {
		return schema.Col("level", schema.EnumType("", v...)).Default("low")
	}
	loud := func(sql string) *schema.ColumnSpec {
		return schema.Col("loud", schema.LongText()).Nullable().Computed(schema.SQL(sql), true)
	}
	return []change{
		{name: "add column", up: func(op *Op) { op.AddColumn("users", schema.Col("nick", schema.Varchar(20)).Nullable()) },
			check: map[string]string{"SELECT count(*) FROM users WHERE nick IS NULL": "3"}},
		{name: "add column with default", up: func(op *Op) { op.AddColumn("users", schema.Col("nick", schema.Varchar(20)).Default("n'n")) },
			check: map[string]string{"SELECT count(*) FROM users WHERE nick = 'n''n'": "3"}},
		{name: "add column with expression", up: func(op *Op) {
			op.AddColumn("users", schema.Col("born", schema.Timestamp()).Default(schema.SQL("CURRENT_TIMESTAMP")))
		}, check: map[string]string{"SELECT count(*) FROM users WHERE born IS NOT NULL": "3"}},
		{name: "add column with backfill", up: func(op *Op) {
			op.AddColumn("users", schema.Col("nick", schema.Varchar(20))).Backfill(schema.SQL("substr(name, 1, 1)"))
		}, check: map[string]string{"SELECT nick FROM users ORDER BY id": "A\nB\nO"}},
		{name: "add nullable column with backfill", up: func(op *Op) {
			op.AddColumn("users", schema.Col("nick", schema.Varchar(20)).Nullable()).Backfill("x")
		}, check: map[string]string{"SELECT nick FROM users ORDER BY id": "x\nx\nx"}},
		{name: "add column with default and backfill", up: func(op *Op) {
			op.AddColumn("users", schema.Col("nick", schema.Varchar(20)).Default("d")).Backfill("b")
		}, check: map[string]string{"SELECT nick FROM users ORDER BY id": "b\nb\nb"}},
		{name: "add enum column", up: func(op *Op) { op.AddColumn("users", schema.Col("kind", schema.EnumType("", "a", "b")).Default("b")) },
			check: map[string]string{"SELECT count(*) FROM users WHERE kind = 'b'": "3"}},
		{name: "add computed column", up: func(op *Op) {
			op.AddColumn("users", schema.Col("len", schema.Int()).Nullable().Computed(schema.SQL("length(name)"), true))
		}, check: map[string]string{"SELECT len FROM users ORDER BY id": "3\n3\n6"}},
		{name: "drop column", lossy: true, up: func(op *Op) { op.DropColumn("users", "age", age) },
			check: map[string]string{"SELECT id, name FROM users ORDER BY id": "1|Ann\n2|Bob\n3|O'Neil"}, shapes: true},
		{name: "rename column", up: func(op *Op) { op.RenameColumn("users", "name", "full \"name\"") },
			check: map[string]string{`SELECT "full ""name""" FROM users ORDER BY id`: "Ann\nBob\nO'Neil"}},
		{name: "rename guarded column", up: func(op *Op) { op.RenameColumn("users", "level", "rank") },
			check: map[string]string{"SELECT rank FROM users ORDER BY id": "low\nlow\nlow"}},
		{name: "rename guarded column and widen it", up: func(op *Op) {
			op.RenameColumn("users", "level", "rank")
			op.AlterColumn("users", schema.Col("rank", schema.EnumType("", "low", "high")).Default("low"), schema.Col("rank", schema.EnumType("", "low", "mid", "high")).Default("low"))
		}},
		{name: "rename table", up: func(op *Op) { op.RenameTable("users", "people") },
			check: map[string]string{"SELECT name FROM people ORDER BY id": "Ann\nBob\nO'Neil"}},
		{name: "type to number", up: func(op *Op) { op.AlterColumn("users", age, number) },
			check: map[string]string{"SELECT age + 1 FROM users ORDER BY id": "41\nNULL\n8"}},
		{name: "type with default", up: func(op *Op) {
			op.AlterColumn("users", age, schema.Col("age", schema.Int()).Nullable().Default(5))
		}, check: map[string]string{"SELECT age + 1 FROM users ORDER BY id": "41\nNULL\n8"}},
		{name: "type using", lossy: true, up: func(op *Op) {
			op.AlterColumn("users", age, number).Using(schema.SQL("coalesce(length(age), 0)"))
		}, check: map[string]string{"SELECT age FROM users ORDER BY id": "2\n0\n1"}},
		{name: "longer", up: func(op *Op) {
			op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.Varchar(60)))
		}, only: "sqlite"}, // PostgreSQL alters no column that a view reads
		{name: "decimal", up: func(op *Op) {
			op.AlterColumn("users", schema.Col("price", schema.Numeric(10, 2)).Default("0.00"), schema.Col("price", schema.Numeric(12, 2)).Default("0.00"))
		}},
		{name: "not null with backfill", lossy: true, up: func(op *Op) {
			op.AlterColumn("users", age, schema.Col("age", schema.LongText())).Backfill("none")
		}, check: map[string]string{"SELECT age FROM users ORDER BY id": "40\nnone\n7"}},
		{name: "type, not null and backfill", lossy: true, up: func(op *Op) {
			op.AlterColumn("users", age, schema.Col("age", schema.Int()).Default(9)).Backfill(-1)
		}, check: map[string]string{"SELECT age FROM users ORDER BY id": "40\n-1\n7"}},
		{name: "nullable", up: func(op *Op) {
			op.AlterColumn("posts", schema.Col("title", schema.LongText()), schema.Col("title", schema.LongText()).Nullable())
		}},
		{name: "default", up: func(op *Op) {
			op.AlterColumn("users", age, schema.Col("age", schema.LongText()).Nullable().Default("it's"))
		}},
		{name: "default of SQL", up: func(op *Op) {
			op.AlterColumn("users", age, schema.Col("age", schema.LongText()).Nullable().Default(schema.SQL("lower('X')")))
		}},
		{name: "no default", up: func(op *Op) {
			op.AlterColumn("users", schema.Col("price", schema.Numeric(10, 2)).Default("0.00"), schema.Col("price", schema.Numeric(10, 2)))
		}},
		{name: "guard grows", up: func(op *Op) { op.AlterColumn("users", level("low", "high"), level("low", "mid", "high")) }},
		{name: "guard goes", up: func(op *Op) {
			op.AlterColumn("users", level("low", "high"), schema.Col("level", schema.LongText()).Default("low"))
		}},
		{name: "computed", up: func(op *Op) { op.AlterColumn("users", loud("upper(name)"), loud("lower(name)")) },
			check: map[string]string{"SELECT loud FROM users ORDER BY id": "ann\nbob\no'neil"}},
		{name: "no longer computed", up: func(op *Op) {
			op.AlterColumn("users", loud("upper(name)"), schema.Col("loud", schema.LongText()).Nullable())
		},
			check: map[string]string{"SELECT loud FROM users ORDER BY id": "ANN\nBOB\nO'NEIL"}},
		{name: "type under a computed column", up: func(op *Op) {
			op.AddColumn("users", schema.Col("len", schema.LongText()).Nullable().Computed(schema.SQL("age || '!'"), true))
			op.CreateIndex("users", schema.IndexOn("ix_users_len", "len"))
			op.AlterColumn("users", age, schema.Col("age", schema.Varchar(30)).Nullable())
		}, check: map[string]string{"SELECT len FROM users ORDER BY id": "40!\nNULL\n7!"}},
		{name: "identity goes and comes", up: func(op *Op) {
			op.AlterColumn("posts", schema.Col("id", schema.BigInt()).Identity(), schema.Col("id", schema.BigInt()))
		}},
		{name: "comments", up: func(op *Op) {
			op.CommentTable("users", "", "the users")
			op.AlterColumn("users", age, schema.Col("age", schema.LongText()).Nullable().Comment("in years"))
		}},
		{name: "indexes", up: func(op *Op) {
			op.CreateIndex("users", schema.IndexOn("ix_new", "mood", "age"))
			op.DropIndex("users", "ix_users_age", schema.IndexOn("ix_users_age", "age", "id"))
			op.RenameIndex("users", "ix_users_part", "ix_users_renamed")
		}},
		{name: "concurrent index", up: func(op *Op) {
			op.CreateIndex("users", schema.IndexOn("ix_new", "mood", "age").Unique()).Concurrently()
		}, shapes: false, check: map[string]string{"SELECT 1": "1"}},
		{name: "constraints", up: func(op *Op) {
			op.AddUnique("posts", "uq_posts", "title", "author")
			op.AddCheck("posts", "ck_posts", schema.SQL("length(title) > 1"))
			op.AddForeignKey("posts", schema.Reference("fk_posts_other", []string{"author"}, "users", []string{"id"}))
			op.DropForeignKey("posts", "fk_posts_author", schema.Reference("fk_posts_author", []string{"author"}, "users", []string{"id"}).OnDelete(schema.Cascade))
			op.DropUnique("users", "uq_users_name", "name")
			op.DropCheck("users", "ck_users_name", schema.SQL("length(name) > 0"))
		}},
		{name: "rename constraints", up: func(op *Op) {
			op.RenameConstraint("users", "uq_users_name", "uq_other")
			op.RenameConstraint("users", "ck_users_name", "ck_other")
			op.RenameConstraint("posts", "fk_posts_author", "fk_other")
		}},
		{name: "keys", up: func(op *Op) {
			op.DropPrimaryKey("posts", "id")
			op.AddPrimaryKey("posts", "id", "author")
			op.AlterColumn("posts", schema.Col("id", schema.BigInt()).Identity(), schema.Col("id", schema.BigInt()))
		}},
		{name: "key of a table without", up: func(op *Op) { op.AddPrimaryKey("log", "what") }},
		{name: "enum grows", up: func(op *Op) { op.AlterEnum("mood", moods, []string{"bad", "sad", "so", "ok", "top"}) },
			check: map[string]string{"SELECT count(*) FROM users WHERE mood = 'sad'": "3"}},
		{name: "enum is reordered", up: func(op *Op) { op.AlterEnum("mood", moods, []string{"ok", "sad"}) },
			check: map[string]string{"SELECT count(*) FROM users WHERE mood = 'sad'": "3"}},
		{name: "enum shrinks under checks and indexes", up: func(op *Op) {
			op.AddCheck("users", "ck_mood", schema.SQL("mood <> 'sad' OR boss IS NULL OR boss = 1"))
			op.CreateIndex("users", schema.IndexOn("ix_mood", "id").Where(schema.SQL("mood = 'sad'")))
			op.AlterEnum("mood", moods, []string{"sad"})
		}},
		{name: "tables", up: func(op *Op) {
			op.CreateTable("a", schema.Col("id", schema.BigInt()).Identity(), schema.Col("b", schema.BigInt()).Nullable(), schema.Key("id"),
				schema.IndexOn("ix_a", "b"), schema.TableComment("x"))
			op.CreateTable("b", schema.Col("id", schema.BigInt()).Identity(), schema.Col("a", schema.BigInt()).Nullable(), schema.Key("id"),
				schema.Reference("fk_b", []string{"a"}, "a", []string{"id"}))
			op.AddForeignKey("a", schema.Reference("fk_a", []string{"b"}, "b", []string{"id"}))
		}},
		{name: "many at once", up: func(op *Op) {
			op.AddColumn("users", schema.Col("a1", schema.Int()).Default(1))
			op.AddCheck("users", "ck_a1", schema.SQL("a1 > 0"))
			op.AlterColumn("users", age, number)
			op.AddColumn("posts", schema.Col("p1", schema.Int()).Nullable()).Backfill(3)
			op.RenameColumn("users", "a1", "a2")
			op.CreateIndex("users", schema.IndexOn("ix_a2", "a2"))
			op.AlterColumn("users", number, schema.Col("age", schema.BigInt()).Nullable())
			op.AlterColumn("users", schema.Col("a2", schema.Int()).Default(1), schema.Col("a2", schema.LongText()).Default("1"))
		}, check: map[string]string{"SELECT a2, age FROM users ORDER BY id": "1|40\n1|NULL\n1|7"}, only: "sqlite"},
	}
}

// Each change goes up and down with rows in the tables.
func TestLowerUpAndDown(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			empty := emptied(t, d)
			for _, c := range changes() {
				if c.only != "" && c.only != d.name {
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					db := empty()
					lowerShop(t, db)
					before := dump(db.Dialect(), catalogOf(t, db))
					var op Op
					c.up(&op)
					ops := op.Operations()
					var back []Operation
					for _, o := range slices.Backward(ops) {
						r, ok := o.Reverse()
						if !ok {
							t.Fatalf("%s has no reverse", about(o))
						}
						back = append(back, r)
					}
					if err := carry(t, db, ops...); err != nil {
						t.Fatal(err)
					}
					if got := rowsOf(t, db, postsRows); got != somePosts {
						t.Errorf("posts are\n%s", got)
					}
					for q, want := range c.check {
						if got := rowsOf(t, db, q); got != want {
							t.Errorf("%s:\n got %s\nwant %s", q, got, want)
						}
					}
					if d.name == "sqlite" || !strings.HasPrefix(c.name, "rename") {
						alive(t, db) // PostgreSQL's functions keep the names that they were written with
					}
					if dump(db.Dialect(), catalogOf(t, db)) == before && c.name != "comments" && !strings.HasPrefix(c.name, "decimal") {
						t.Error("nothing has changed")
					}
					if c.lossy {
						for i, o := range back {
							if a, ok := o.(AlterColumn); ok {
								a.Using = nil
								back[i] = a
							}
						}
					}
					if err := carry(t, db, back...); err != nil {
						t.Fatalf("down: %v", err)
					}
					alive(t, db)
					if got := rowsOf(t, db, postsRows); got != somePosts {
						t.Errorf("posts are, after down,\n%s", got)
					}
					if got := rowsOf(t, db, usersRows); got != someUsers && !c.lossy {
						t.Errorf("users are, after down,\n%s", got)
					}
					if after := dump(db.Dialect(), catalogOf(t, db)); after != before && !c.shapes {
						t.Errorf("the schema is not what it was:\n%s", differing(before, after))
					}
				})
			}
		})
	}
}

// differing are the lines that only one text has.
func differing(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out []string
	for _, s := range x {
		if !slices.Contains(y, s) {
			out = append(out, "- "+s)
		}
	}
	for _, s := range y {
		if !slices.Contains(x, s) {
			out = append(out, "+ "+s)
		}
	}
	return strings.Join(out, "\n")
}

// What rows stand in the way of is refused, with what to do, and changes nothing.
func TestLowerRefuses(t *testing.T) {
	age := schema.Col("age", schema.LongText()).Nullable()
	for _, d := range databases(t) {
		empty := emptied(t, d)
		for name, c := range map[string]struct {
			up   func(op *Op)
			want string
		}{
			"not null column without value": {func(op *Op) { op.AddColumn("users", schema.Col("x", schema.Int())) }, "Backfill"},
			"NULL where none may be":        {func(op *Op) { op.AlterColumn("users", age, schema.Col("age", schema.LongText())) }, "Backfill"},
			"NULL in a key":                 {func(op *Op) { op.DropPrimaryKey("users"); op.AddPrimaryKey("users", "age") }, ""},
			"text that is no number": {func(op *Op) {
				op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.Int()))
			}, ""},
			"text that is too long": {func(op *Op) {
				op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.Varchar(3)))
			}, ""},
			"a view needs it":    {func(op *Op) { op.DropColumn("users", "name") }, ""},
			"no such table":      {func(op *Op) { op.DropColumn("nobody", "name") }, "nobody"},
			"no such column":     {func(op *Op) { op.DropColumn("users", "nothing") }, "nothing"},
			"no such constraint": {func(op *Op) { op.DropCheck("users", "ck_nothing") }, "ck_nothing"},
			"rows break a check": {func(op *Op) { op.AddCheck("users", "ck_x", schema.SQL("id < 3")) }, "ck_x"},
			"rows break a guard": {func(op *Op) {
				op.AlterColumn("users", schema.Col("level", schema.EnumType("", "low", "high")).Default("low"), schema.Col("level", schema.EnumType("", "high")).Default("high"))
			}, ""},
		} {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				db := empty()
				lowerShop(t, db)
				before := dump(db.Dialect(), catalogOf(t, db))
				var op Op
				c.up(&op)
				err := carry(t, db, op.Operations()...)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("error is %v, want one with %q", err, c.want)
				}
				if after := dump(db.Dialect(), catalogOf(t, db)); after != before {
					t.Errorf("the schema has changed:\n%s", differing(before, after))
				}
				if got := rowsOf(t, db, usersRows); got != someUsers {
					t.Errorf("users are\n%s", got)
				}
				alive(t, db)
			})
		}
	}
}

// A table that has no rows takes a column that rows would have no value for.
func TestLowerNotNullColumnOfEmptyTable(t *testing.T) {
	for _, d := range databases(t) {
		db := d.open(t)
		lowerShop(t, db)
		var op Op
		op.AddColumn("log", schema.Col("x", schema.Int()))
		execAll(t, db, "DELETE FROM log")
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

// What SQLite needs a rebuild for is done by one, whatever it is.
func TestLowerMergesRebuilds(t *testing.T) {
	db := databases(t)[0].open(t)
	lowerShop(t, db)
	var op Op
	op.AlterColumn("users", schema.Col("age", schema.LongText()).Nullable(), schema.Col("age", schema.Int()).Nullable())
	op.AddCheck("users", "ck_age", schema.SQL("age > 0"))
	op.CreateIndex("users", schema.IndexOn("ix_more", "age"))
	op.AddColumn("posts", schema.Col("n", schema.Int()).Nullable())
	op.DropColumn("users", "mood")
	op.AddColumn("users", schema.Col("x", schema.Int())).Backfill(3)
	looks := 0
	cat := catalogOf(t, db)
	steps, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { looks++; return cat, nil })
	if err != nil {
		t.Fatal(err)
	}
	rebuilds := 0
	for _, s := range steps {
		for _, sql := range s.sql {
			if strings.HasPrefix(sql, "DROP TABLE") {
				rebuilds++
			}
		}
	}
	if rebuilds != 1 || looks != 1 {
		t.Errorf("%d rebuilds, %d looks: %v", rebuilds, looks, steps)
	}
	if i := slices.IndexFunc(steps, func(s step) bool { return s.loses != "" }); i < 0 || !strings.Contains(steps[i].loses, "users.mood") {
		t.Errorf("the loss is not named: %v", steps)
	}
	if cat.Table("", "users").Column("mood") == nil {
		t.Error("the catalog that was looked at has been changed")
	}
}

// Keys that SQLite has given out once are not given out again.
func TestLowerKeepsAutoincrement(t *testing.T) {
	db := databases(t)[0].open(t)
	execAll(t, db, "CREATE TABLE k (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT)", "INSERT INTO k (x) VALUES ('a'), ('b'), ('c')", "DELETE FROM k WHERE id > 1")
	for range 2 { // also of an empty table
		var op Op
		op.AlterColumn("k", schema.Col("x", schema.LongText()).Nullable(), schema.Col("x", schema.Varchar(5)).Nullable().Default("y"))
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Fatal(err)
		}
		execAll(t, db, "DELETE FROM k")
	}
	execAll(t, db, "INSERT INTO k (x) VALUES ('d')")
	if got := rowsOf(t, db, "SELECT id FROM k"); got != "4" {
		t.Errorf("the next key is %s", got)
	}
}

// What the model cannot say of a table is not lost without a word.
func TestLowerRefusesOnConflict(t *testing.T) {
	db := databases(t)[0].open(t)
	execAll(t, db, "CREATE TABLE k (id INTEGER PRIMARY KEY, x TEXT UNIQUE ON CONFLICT REPLACE)", "INSERT INTO k (x) VALUES ('a')")
	var op Op
	op.DropColumn("k", "x")
	if err := carry(t, db, op.Operations()...); err == nil || !strings.Contains(err.Error(), "ON CONFLICT") {
		t.Errorf("error is %v", err)
	}
	if got := rowsOf(t, db, "SELECT x FROM k"); got != "a" {
		t.Errorf("the table has %q", got)
	}
}

// Rows that were written before do not keep a table from being altered.
func TestLowerAfterDeferredConstraints(t *testing.T) {
	for _, d := range databases(t) {
		db := d.open(t)
		var op Op
		op.CreateTable("n", schema.Col("id", schema.BigInt()).Identity(), schema.Col("up", schema.BigInt()).Nullable(), schema.Key("id"),
			schema.Reference("fk_n", []string{"up"}, "n", []string{"id"}).Deferrable())
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Fatal(err)
		}
		execAll(t, db, "INSERT INTO n (id) VALUES (1), (2)")
		op = Op{}
		op.AlterColumn("n", schema.Col("up", schema.BigInt()).Nullable(), schema.Col("up", schema.BigInt())).Backfill(1)
		op.AddColumn("n", schema.Col("more", schema.BigInt())).Backfill(2)
		op.AddForeignKey("n", schema.Reference("fk_more", []string{"more"}, "n", []string{"id"}).Deferrable())
		op.AlterColumn("n", schema.Col("more", schema.BigInt()), schema.Col("more", schema.LongText()))
		op.AlterColumn("n", schema.Col("more", schema.LongText()), schema.Col("more", schema.BigInt()))
		ops := op.Operations()
		if d.name == "postgres" {
			ops = ops[:3] // a key does not point from text to a number
		}
		if err := carry(t, db, ops...); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		if got := rowsOf(t, db, "SELECT id, up, more FROM n ORDER BY id"); got != "1|1|2\n2|1|2" {
			t.Errorf("%s: %s", d.name, got)
		}
		if d.name == "sqlite" {
			continue // there constraints wait for nothing that alters a table
		}
		op = Op{}
		op.Exec("UPDATE n SET up = 2")
		var after Op
		after.DropColumn("n", "more")
		steps := func(ops []Operation) (list []step) {
			list, err := lower(db.Dialect(), ops, func() (*schema.Catalog, error) { return catalogOf(t, db), nil })
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		var sql []string
		for _, s := range append(steps(op.Operations()), steps(after.Operations())...) {
			sql = append(sql, s.sql...)
		}
		err := uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			for _, s := range sql {
				if _, err := tx.Exec(ctx, s); err != nil {
					return fmt.Errorf("%s: %w", s, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A trigger that needs a column is not left broken.
func TestLowerRefusesToBreakTriggers(t *testing.T) {
	db := databases(t)[0].open(t)
	lowerShop(t, db)
	execAll(t, db, "CREATE TRIGGER aged AFTER UPDATE OF boss ON users BEGIN INSERT INTO log VALUES (NEW.age); END")
	var op Op
	op.DropColumn("users", "age")
	if err := carry(t, db, op.Operations()...); err == nil || !strings.Contains(err.Error(), "age") {
		t.Errorf("error is %v", err)
	}
	if got := rowsOf(t, db, usersRows); got != someUsers {
		t.Errorf("users are\n%s", got)
	}
}

// SQLite keeps no schema's name in the text of a trigger.
func TestLowerRefusesTriggersOfAttachedDatabases(t *testing.T) {
	db := databases(t)[0].open(t)
	k := schema.NewTable("k", schema.InSchema("other"), schema.Col("id", schema.BigInt()).Identity(), schema.Col("x", schema.Int()), schema.Key("id"))
	cat := &schema.Catalog{Tables: []*schema.TableDef{k}, Triggers: []*schema.TriggerDef{{Schema: "other", Table: "k", Name: "tr", SQL: "CREATE TRIGGER tr AFTER INSERT ON k BEGIN SELECT 1; END"}}}
	var op Op
	op.DropColumn("other.k", "x")
	_, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { return cat, nil })
	if err == nil || !strings.Contains(err.Error(), "trigger tr") {
		t.Errorf("error is %v", err)
	}
}

// Where a revision is not to be found out about, what needs no catalog needs none.
func TestLowerWithoutCatalog(t *testing.T) {
	none := errors.New("offline")
	for _, d := range databases(t) {
		db := d.open(t)
		var op Op
		op.CreateTable("t", schema.Col("id", schema.BigInt()).Identity(), schema.Key("id"))
		op.AddColumn("t", schema.Col("x", schema.Int()).Nullable())
		op.RenameColumn("t", "x", "y")
		op.CreateIndex("t", schema.IndexOn("ix", "y")).Concurrently()
		op.RenameTable("t", "u")
		op.DropIndex("u", "ix")
		op.Exec("SELECT 1", "sqlite", "")
		steps, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { return nil, none })
		if err != nil {
			t.Fatal(err)
		}
		execs, outside := 0, 0
		for _, s := range steps {
			if s.about == "exec" {
				execs++
			}
			if s.outside {
				outside++
			}
			for _, sql := range s.sql {
				execAll(t, db, sql)
			}
		}
		if want := map[string]int{"postgres": 1}[d.name]; execs != want || outside != want {
			t.Errorf("%s: %d execs, %d outside", d.name, execs, outside)
		}
		if d.name != "sqlite" {
			continue
		}
		op = Op{}
		op.DropColumn("u", "y")
		if _, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { return nil, none }); !errors.Is(err, none) {
			t.Errorf("a rebuild without a catalog: %v", err)
		}
	}
}

// Foreign keys that close a cycle wait for their table.
func TestLowerForeignKeyCycle(t *testing.T) {
	for _, d := range databases(t) {
		db := d.open(t)
		var op Op
		for _, n := range []string{"a", "b"} {
			other := map[string]string{"a": "b", "b": "a"}[n]
			op.CreateTable(n, schema.Col("id", schema.BigInt()).Identity(), schema.Col("o", schema.BigInt()).Nullable(), schema.Key("id"),
				schema.Reference("fk_"+n, []string{"o"}, other, []string{"id"}))
		}
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		for _, n := range []string{"a", "b"} {
			if keys := catalogOf(t, db).Table("", n).ForeignKeys; len(keys) != 1 || keys[0].Name != "fk_"+n {
				t.Errorf("%s: table %s has the foreign keys %v", d.name, n, keys)
			}
		}
	}
}

// code in the middle ends what can be known.
func TestLowerRunIsLast(t *testing.T) {
	var op Op
	op.Run(func(context.Context, *uow.UnitOfWork) error { return nil })
	op.DropColumn("a", "b")
	db := databases(t)[0].open(t)
	if _, err := lower(db.Dialect(), op.Operations(), nil); err == nil {
		t.Error("no error")
	}
	steps, err := lower(db.Dialect(), op.Operations()[:1], nil)
	if err != nil || len(steps) != 1 || steps[0].run == nil {
		t.Errorf("%v, %v", steps, err)
	}
}
