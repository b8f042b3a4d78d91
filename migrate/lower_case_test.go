package migrate

import (
	"github.com/dormer-orm/dormer/schema"
)

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
