package migrate

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// remedies are upgrades that rows or other objects stop, and what is said of it.
var remedies = []struct {
	name, only string
	setup      []string
	up         func(op *Op)
	want       []string
}{
	{"key of NULLs", "", []string{"CREATE TABLE t (id int, n int)", "INSERT INTO t VALUES (NULL, 5)"}, func(op *Op) { op.AddPrimaryKey("t", "id", "n") },
		[]string{": table t is to have the primary key (id, n), and there are rows that hold NULL in it: give them values before, by op.Exec"}},
	{"NULLs", "", []string{"CREATE TABLE t (id int, n int)", "INSERT INTO t VALUES (NULL, 5)"}, func(op *Op) {
		op.AlterColumn("t", schema.Col("id", schema.Int()).Nullable(), schema.Col("id", schema.Int()))
	}, []string{": column t.id is to take no NULL, and there are rows that hold NULL in it: say .Backfill(value)"}},
	{"column of a view", "", []string{"CREATE TABLE t (id int, n int)", "CREATE VIEW v AS SELECT n FROM t"}, func(op *Op) { op.DropColumn("t", "n") },
		[]string{"v", "by op.Exec, and make it again"}},
	{"column of a view of a table made anew", "sqlite", []string{"CREATE TABLE t (id int, n int UNIQUE)", "CREATE VIEW v AS SELECT n FROM t"}, func(op *Op) {
		op.AlterColumn("t", schema.Col("id", schema.Int()).Nullable(), schema.Col("id", schema.LongText()).Nullable())
		op.DropColumn("t", "n")
	}, []string{`"v"`, "a view or trigger uses what goes: drop it before, by op.Exec, and make it again"}},
	{"table that is there", "", []string{"CREATE TABLE t (id int)"}, func(op *Op) { op.CreateTable("t", schema.Col("id", schema.Int()), schema.Key("id")) },
		[]string{"dialect: it is there already", "write that down by stamp r", "drop it, or rename it"}},
	{"name taken of a table made anew", "sqlite", []string{"CREATE TABLE t (id int)", "CREATE TABLE dormer_new_t (id int)"}, func(op *Op) {
		op.AlterColumn("t", schema.Col("id", schema.Int()).Nullable(), schema.Col("id", schema.LongText()).Nullable())
	}, []string{"dormer_new_t\" already exists (1); all was rolled back"}},
	{"column that is there", "", []string{"CREATE TABLE t (id int)"}, func(op *Op) { op.AddColumn("t", schema.Col("id", schema.Int()).Nullable()) },
		[]string{"dialect: it is there already", "write that down by stamp r"}},
	{"view", "postgres", []string{"CREATE TABLE t (n int)", "CREATE MATERIALIZED VIEW v AS SELECT n FROM t"}, func(op *Op) {
		op.AlterColumn("t", schema.Col("n", schema.Int()).Nullable(), schema.Col("n", schema.BigInt()).Nullable())
	}, []string{"(alter column t.n): dialect: other objects depend on it: pq: materialized view v uses"}},
	{"check of another column", "postgres", []string{"CREATE TABLE t (a int, b int, CONSTRAINT ck CHECK (a > b))", "CREATE INDEX ix ON t (a) WHERE b = 3"}, func(op *Op) {
		op.AddColumn("t", schema.Col("c", schema.Int()).Nullable())
		op.AlterColumn("t", schema.Col("b", schema.Int()).Nullable(), schema.Col("b", schema.LongText()).Nullable())
	}, []string{"it is used by check ck, index ix: drop those before"}},
	{"ON CONFLICT", "sqlite", []string{"CREATE TABLE \"it's\" (a int UNIQUE ON CONFLICT IGNORE)"}, func(op *Op) {
		op.AlterColumn("it's", schema.Col("a", schema.Int()).Nullable(), schema.Col("a", schema.Int()).Nullable().Default(3))
	}, []string{": table it's has ON CONFLICT in its definition, which would be lost"}},
}

// What a failure says is plain, says what to do, and leaves out the statement where
// nobody has written it.
func TestRemedies(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for _, c := range remedies {
			if c.only != "" && c.only != d.name {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				db := d.open(t)
				execAll(t, db, c.setup...)
				err := Upgrade(t.Context(), db, followed(Set{}, "r", c.up, nil), "head", AllowDataLoss())
				wants(t, err, nil, c.want...)
				if err != nil && (strings.Contains(err.Error(), "JSON") || strings.Contains(err.Error(), "DO '") || strings.Contains(err.Error(), "Backfill") != (c.name == "NULLs")) {
					t.Errorf("error is %v", err)
				}
			})
		}
	})
}

// A table to which foreign keys point stays on every database, unless they go in the
// same revision.
func TestTablesThatAreReferredTo(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for name, c := range map[string]struct {
			up   func(op *Op)
			gone bool
		}{
			"alone":      {func(op *Op) { op.DropTable("t") }, false},
			"behind SQL": {func(op *Op) { op.Exec("SELECT 1"); op.DropTable("t") }, false},
			"with the key": {func(op *Op) {
				op.DropForeignKey("c", "fk")
				op.DropTable("t")
			}, true},
			"with the table":  {func(op *Op) { op.DropTable("c"); op.DropTable("t") }, true},
			"with the column": {func(op *Op) { op.DropColumn("c", "o"); op.DropTable("t") }, true},
		} {
			t.Run(name, func(t *testing.T) {
				db := d.open(t)
				execAll(t, db, "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t (id))", "CREATE TABLE c (id int PRIMARY KEY, o int, CONSTRAINT fk FOREIGN KEY (o) REFERENCES t (id))")
				err := Upgrade(t.Context(), db, followed(Set{}, "r", c.up, nil), "head", AllowDataLoss())
				if c.gone {
					must(t, err)
				} else {
					wants(t, err, nil, "drop table t", "fk", "c", "drop")
				}
				if there := inspected(t, db, dialect.InspectOptions{}).Table("", "t") != nil; there == c.gone {
					t.Errorf("the table is there: %v", there)
				}
			})
		}
	})
}

// A name may change by case alone, also where such names are one.
func TestNamesChangeByCase(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		first := []*schema.TableDef{schema.NewTable("t", schema.Col("id", schema.BigInt()), schema.Col("a", schema.Int()).Nullable(), schema.Key("id"), schema.IndexOn("ix", "a")),
			schema.NewTable("u", schema.Col("id", schema.BigInt()), schema.Col("t", schema.BigInt()).Nullable(), schema.Key("id"), schema.Reference("fk", []string{"t"}, "t", []string{"id"}))}
		second := []*schema.TableDef{fromTable(fromColumn(schema.NewTable("T", schema.Col("id", schema.BigInt()), schema.Col("A", schema.Int()).Nullable(), schema.Key("id"), schema.IndexOn("IX", "A")), "A", "a"), "t"),
			schema.NewTable("u", schema.Col("id", schema.BigInt()), schema.Col("t", schema.BigInt()).Nullable(), schema.Key("id"), schema.Reference("fk", []string{"t"}, "T", []string{"id"}))}
		alter(t, db, differences(t, db, first).Operations)
		execAll(t, db, "INSERT INTO t VALUES (1, 2)", "INSERT INTO u VALUES (3, 1)", "CREATE VIEW v AS SELECT a FROM t")
		diff := differences(t, db, second)
		back, _ := diff.Reverse()
		alter(t, db, diff.Operations)
		noDifference(t, db, second)
		if got := rowsOf(t, db, `SELECT "A" FROM "T" JOIN u ON u.t = "T".id`) + rowsOf(t, db, "SELECT a FROM v"); got != "22" {
			t.Errorf("rows are %s", got)
		}
		alter(t, db, back)
		noDifference(t, db, first)
	})
}

// Names that change places are not compared, which is said.
func TestNamesThatChangePlaces(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		table := func(a, b string) []*schema.TableDef {
			return []*schema.TableDef{schema.NewTable("t", schema.Col("id", schema.BigInt()), formerly(schema.Col("a", schema.Int()), a), formerly(schema.Col("b", schema.Int()), b), schema.Key("id"))}
		}
		alter(t, db, differences(t, db, table("", "")).Operations)
		diff, err := diffTables(t.Context(), db, table("b", "a"))
		must(t, err)
		if len(diff.Notes) != 1 || !strings.Contains(diff.Notes[0], "the names b and a of a column of table t are declared to change places") {
			t.Errorf("notes are %q", diff.Notes)
		}
	})
}

// SQL that is written for a database unseen drops tables that the revisions do not
// know.
func TestSQLDropsWhatItDoesNotKnow(t *testing.T) {
	s := followed(Set{}, "a", func(op *Op) { op.Exec("CREATE TABLE byhand (id int)"); op.DropTable("byhand") }, nil)
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		var b strings.Builder
		must(t, UpgradeSQL(&b, db.Dialect(), s, "head"))
		feed(t, db, b.String())
		if got := versions(t, db); got != "a" {
			t.Errorf("at %s", got)
		}
	})
}
