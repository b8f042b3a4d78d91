package migrate

import (
	"context"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/schema"
)

// What is said of parts that are made anew around a change of types, and who may use
// them, is as it was afterwards.
func TestNotesOfWhatIsMadeAnew(t *testing.T) {
	db := postgresDB(t)
	for _, r := range []string{"reader_of_notes", "reader_by_default"} {
		_ = tryExec(t, db, "DROP ROLE IF EXISTS "+r)
		execAll(t, db, "CREATE ROLE "+r)
		t.Cleanup(func() {
			_, _ = db.Exec(context.Background(), "DROP OWNED BY "+r)
			_, _ = db.Exec(context.Background(), "DROP ROLE "+r)
		})
	}
	execAll(t, db, `CREATE TYPE "Mood" AS ENUM ('sad', 'ok', 'x')`, `COMMENT ON TYPE "Mood" IS 'it''s a type'`, `REVOKE ALL ON TYPE "Mood" FROM PUBLIC`, `GRANT USAGE ON TYPE "Mood" TO reader_of_notes WITH GRANT OPTION`,
		`CREATE TYPE plain AS ENUM ('a', 'b')`,
		`CREATE TABLE "A t" (id bigint PRIMARY KEY, n integer, g integer GENERATED ALWAYS AS (n * 2) STORED, m "Mood" DEFAULT 'ok', h integer GENERATED ALWAYS AS (CASE WHEN m = 'ok' THEN 1 ELSE 2 END) STORED, p plain,
			CONSTRAINT ck CHECK (m <> 'sad'), CONSTRAINT uq UNIQUE (g), CONSTRAINT ckg CHECK (g > 0))`,
		`CREATE INDEX "Ix" ON "A t" (id) WHERE m = 'ok'`, `CREATE INDEX ixg ON "A t" (g)`, `INSERT INTO "A t" (id, n) VALUES (1, 7)`,
		`COMMENT ON INDEX "Ix" IS 'of the index'`, `COMMENT ON INDEX ixg IS 'of it''s g'`, `COMMENT ON CONSTRAINT ck ON "A t" IS 'of the check'`, `COMMENT ON CONSTRAINT uq ON "A t" IS 'of the key'`, `COMMENT ON CONSTRAINT ckg ON "A t" IS 'of g'`,
		`COMMENT ON COLUMN "A t".g IS 'a column'`, `GRANT SELECT (g, h, n), UPDATE (n) ON "A t" TO reader_of_notes`, `GRANT SELECT (h) ON "A t" TO PUBLIC`,
		`ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO reader_by_default`)
	state := func() string {
		return strings.Join([]string{
			rowsOf(t, db, `SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1`),
			rowsOf(t, db, `SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conrelid = '"A t"'::regclass ORDER BY 1`),
			rowsOf(t, db, `SELECT a.attname, col_description(a.attrelid, a.attnum), p.grantee::regrole, p.privilege_type FROM pg_attribute a LEFT JOIN aclexplode(a.attacl) p ON true WHERE a.attrelid = '"A t"'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1, 3, 4`),
			rowsOf(t, db, `SELECT t.typname, obj_description(t.oid, 'pg_type'), p.grantee::regrole, p.is_grantable FROM pg_type t, aclexplode(COALESCE(t.typacl, acldefault('T', t.typowner))) p WHERE t.typtype = 'e' ORDER BY 1, 3`),
		}, "\n")
	}
	before := state()
	g := func(sql string) *schema.ColumnSpec {
		return schema.Col("g", schema.Int()).Nullable().Computed(schema.SQL(sql), true).Comment("a column")
	}
	var up, down Op
	up.AlterColumn("A t", schema.Col("n", schema.Int()).Nullable(), schema.Col("n", schema.BigInt()).Nullable())
	up.AlterColumn("A t", g("n * 2"), g("n * 3"))
	up.AlterEnum("Mood", []string{"sad", "ok", "x"}, []string{"ok", "sad"})
	up.AlterEnum("plain", []string{"a", "b"}, []string{"b"})
	down.AlterEnum("plain", []string{"b"}, []string{"a", "b"})
	down.AlterEnum("Mood", []string{"ok", "sad"}, []string{"sad", "ok", "x"})
	down.AlterColumn("A t", g("n * 3"), g("n * 2"))
	down.AlterColumn("A t", schema.Col("n", schema.BigInt()).Nullable(), schema.Col("n", schema.Int()).Nullable())
	for _, op := range []*Op{&up, &down} {
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Fatal(err)
		}
		if after := state(); after != before {
			t.Errorf("before\n%s\nafterwards\n%s", before, after)
		}
	}
}

// An enum of columns between which there is a foreign key changes, with the key.
func TestEnumsOfForeignKeys(t *testing.T) {
	model := func(key []schema.TablePart, values ...string) []*schema.TableDef {
		typ := schema.EnumType("mood", values...)
		return []*schema.TableDef{
			schema.NewTable("t", schema.Col("id", typ), schema.Key("id")),
			schema.NewTable("u", append([]schema.TablePart{schema.Col("id", schema.BigInt()), schema.Col("m", typ).Nullable(), schema.Key("id")}, key...)...),
		}
	}
	key := []schema.TablePart{schema.Reference("fk", []string{"m"}, "t", []string{"id"}).OnDelete(schema.Cascade)}
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		first, second := model(key, "a", "b", "c"), model(key, "b", "a")
		alter(t, db, differences(t, db, first).Operations)
		execAll(t, db, "INSERT INTO t VALUES ('a'), ('b')", "INSERT INTO u VALUES (1, 'a'), (2, NULL)")
		diff := differences(t, db, second)
		back, _ := diff.Reverse()
		for _, c := range []struct {
			ops  []Operation
			want []*schema.TableDef
		}{{diff.Operations, second}, {back, first}} {
			alter(t, db, c.ops)
			noDifference(t, db, c.want)
			if got := rowsOf(t, db, "SELECT id, m FROM u ORDER BY id"); got != "1|a\n2|NULL" {
				t.Errorf("rows are %s", got)
			}
			if err := tryExec(t, db, "INSERT INTO u VALUES (9, 'b')"); err != nil {
				t.Errorf("the key: %v", err)
			}
			execAll(t, db, "DELETE FROM t WHERE id = 'b'")
			if got := rowsOf(t, db, "SELECT count(*) FROM u"); got != "2" {
				t.Errorf("the key left %s rows", got)
			}
			execAll(t, db, "INSERT INTO t VALUES ('b')")
		}
	})
}

// Columns that one CHECK or index compares may change their types together.
func TestTypesOfColumnsComparedWithEachOther(t *testing.T) {
	model := func(typ schema.Type) []*schema.TableDef {
		return []*schema.TableDef{schema.NewTable("t", schema.Col("id", schema.BigInt()), schema.Col("a", typ), schema.Col("b", typ), schema.Key("id"),
			schema.CheckThat("ck", schema.SQL("a > b")), schema.IndexOn("ix", "id").Where(schema.SQL("a <> b")))}
	}
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		first, second := model(schema.Int()), model(schema.LongText())
		alter(t, db, differences(t, db, first).Operations)
		execAll(t, db, "INSERT INTO t VALUES (1, 7, 5)")
		diff := differences(t, db, second)
		back, _ := diff.Reverse()
		alter(t, db, diff.Operations)
		noDifference(t, db, second)
		alter(t, db, back)
		noDifference(t, db, first)
		if got := rowsOf(t, db, "SELECT a, b FROM t"); got != "7|5" {
			t.Errorf("rows are %s", got)
		}
	})
}

// A foreign key to a table that the same revision makes later waits for it, whatever
// stands between them.
func TestTablesThatPointToEachOther(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		table := func(op *Op, name, to string) {
			op.CreateTable(name, schema.Col("id", schema.BigInt()), schema.Col("o", schema.BigInt()).Nullable(), schema.Key("id"), schema.Reference("fk_"+name, []string{"o"}, to, []string{"id"}))
		}
		for name, f := range map[string]func(op *Op){
			"together": func(op *Op) { table(op, "a", "b"); table(op, "b", "a") },
			"apart":    func(op *Op) { table(op, "a", "b"); op.Exec("SELECT 1"); table(op, "b", "c"); table(op, "c", "a") },
			"outside": func(op *Op) {
				table(op, "a", "b")
				op.CreateIndex("a", schema.IndexOn("ix", "o")).Concurrently()
				table(op, "b", "a")
			},
			"at the moment": func(op *Op) { op.Exec("SELECT 1"); table(op, "a", "b"); table(op, "b", "b") },
		} {
			t.Run(name, func(t *testing.T) {
				s := followed(Set{}, "r", f, nil)
				db, fed := d.open(t), d.open(t)
				must(t, Upgrade(t.Context(), db, s, "head"))
				var b strings.Builder
				must(t, UpgradeSQL(&b, fed.Dialect(), s, "head"))
				feed(t, fed, b.String())
				if is, other := tell(t, db), tell(t, fed); is != other || !strings.Contains(is, `"fk_a", []string{"o"}, "b"`) {
					t.Errorf("a run makes\n%s\nSQL\n%s", is, other)
				}
			})
		}
	})
}
