package migrate

import (
	"database/sql/driver"
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
