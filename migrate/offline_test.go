package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// feed runs a text of SQL as a client of the database would, comments and all.
func feed(t testing.TB, db *engine.Engine, text string) {
	t.Helper()
	must(t, fed(t, db, text))
}

// fed is feed up to the first error.
func fed(t testing.TB, db *engine.Engine, text string) error {
	t.Helper()
	c, err := db.Acquire(t.Context(), "test")
	must(t, err)
	defer c.Release()
	for s := range strings.SplitSeq(text, ";\n\n") {
		if strings.TrimSpace(s) != "" {
			if err := c.ExecDDL(t.Context(), s); err != nil {
				c.Discard() // which rolls back what the text has begun
				return fmt.Errorf("%s: %w", s, err)
			}
		}
	}
	return nil
}

func evolving() Set {
	s := followed(Set{}, "a", func(op *Op) {
		op.CreateTable("people", schema.Col("id", schema.BigInt()), schema.Col("name", schema.Varchar(20)).Nullable(), schema.Key("id"))
		op.Exec("INSERT INTO people VALUES (1, 'it''s'), (2, NULL)")
	}, func(op *Op) { op.DropTable("people") })
	s = followed(s, "b", func(op *Op) {
		op.AlterColumn("people", schema.Col("name", schema.Varchar(20)).Nullable(), schema.Col("name", schema.Varchar(40))).Backfill("o'hara")
		op.AddColumn("people", schema.Col("age", schema.Int()).Default(3))
		op.CreateIndex("people", schema.IndexOn("x_name", "name")).Concurrently()
	}, func(op *Op) {
		op.DropIndex("people", "x_name", schema.IndexOn("x_name", "name")).Concurrently()
		op.DropColumn("people", "age")
		op.AlterColumn("people", schema.Col("name", schema.Varchar(40)), schema.Col("name", schema.Varchar(20)).Nullable())
	})
	s = followed(s, "c", func(op *Op) {
		op.CreateTable("pets", schema.Col("id", schema.BigInt()), schema.Col("owner_id", schema.BigInt()), schema.Key("id"))
		op.AddForeignKey("pets", schema.Reference("fk_owner", []string{"owner_id"}, "people", []string{"id"}))
		op.RenameColumn("people", "age", "years")
	}, func(op *Op) {
		op.RenameColumn("people", "years", "age")
		op.DropTable("pets")
	})
	s.list[2].rev.Message = "pets\n-- of people;"
	return s
}

// tell describes a database's tables, for comparison.
func tell(t testing.TB, db *engine.Engine) string {
	t.Helper()
	c, err := Inspect(t.Context(), db, dialect.InspectOptions{})
	must(t, err)
	var b strings.Builder
	for _, def := range c.Tables {
		text, err := printOps([]Operation{CreateTable{def}})
		must(t, err)
		b.WriteString(text)
	}
	return b.String()
}

// What is written as SQL does what a run does.
func TestSQLDoesWhatARunDoes(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for _, opts := range [][]RunOption{nil, {TransactionPerRevision()}} {
			ctx, s := t.Context(), evolving()
			run, written := d.open(t), d.open(t)
			same := func(what string) {
				t.Helper()
				a, b := tell(t, run), tell(t, written)
				if a != b || versions(t, run) != versions(t, written) {
					t.Errorf("%s: run\n%s%s\nwritten\n%s%s", what, versions(t, run), a, versions(t, written), b)
				}
				if a, b := column(t, run, "SELECT id FROM dormer_revision ORDER BY id"), column(t, written, "SELECT id FROM dormer_revision ORDER BY id"); a != b {
					t.Errorf("%s: records %s, written %s", what, a, b)
				}
			}
			apply := func(write func(*strings.Builder) error) {
				t.Helper()
				var b strings.Builder
				must(t, write(&b))
				feed(t, written, b.String())
			}
			must(t, Upgrade(ctx, run, s, "b", opts...))
			apply(func(b *strings.Builder) error { return UpgradeSQL(b, written.Dialect(), s, "b", opts...) })
			same("upgrade to b")
			if got := column(t, written, "SELECT name FROM people ORDER BY id"); got != "it's o'hara" {
				t.Errorf("names %s", got)
			}
			must(t, Upgrade(ctx, run, s, "head", opts...))
			apply(func(b *strings.Builder) error { return UpgradeSQL(b, written.Dialect(), s, "b:head", opts...) })
			same("upgrade from b to head")
			must(t, Upgrade(ctx, written, s, "head")) // the checksums are right
			must(t, Downgrade(ctx, run, s, "a", opts...))
			apply(func(b *strings.Builder) error { return DowngradeSQL(b, written.Dialect(), s, "head:a", opts...) })
			same("downgrade to a")
			must(t, Downgrade(ctx, run, s, "base", opts...))
			apply(func(b *strings.Builder) error { return DowngradeSQL(b, written.Dialect(), s, "a:base", opts...) })
			same("downgrade to base")

			fresh := d.open(t)
			var b strings.Builder
			must(t, StampSQL(&b, fresh.Dialect(), s, "head"))
			feed(t, fresh, b.String())
			if got := versions(t, fresh); got != "c" {
				t.Errorf("stamped %s", got)
			}
			must(t, Upgrade(ctx, fresh, s, "head"))
		}
	})
}

func TestSQLText(t *testing.T) {
	s := evolving()
	for _, c := range []struct {
		d    dialect.Dialect
		want []string
	}{
		{postgres.New(), []string{
			"BEGIN", "CREATE TABLE \"dormer_version\"", "-- Running upgrade -> a, message of a", "INSERT INTO people VALUES (1, 'it''s')", "VALUES ('a')",
			"-- Running upgrade a -> b", "o''hara", "COMMIT", "CREATE INDEX CONCURRENTLY", "BEGIN", "SET version_num = 'b'", "-- Running upgrade b -> c, pets -- of people;", "COMMIT"}},
		{sqlite.New(), []string{
			"PRAGMA foreign_keys = OFF", "BEGIN", "CREATE TABLE \"dormer_version\"", "-- Running upgrade -> a", "-- Running upgrade a -> b", "o''hara", "CREATE INDEX",
			"-- Running upgrade b -> c", "FROM pragma_foreign_key_check", "COMMIT", "PRAGMA foreign_keys = ON"}},
	} {
		var b strings.Builder
		must(t, UpgradeSQL(&b, c.d, s, "head"))
		rest := b.String()
		for _, w := range c.want {
			_, after, ok := strings.Cut(rest, w)
			if !ok {
				t.Fatalf("%s: no %q in\n%s", c.d.Name(), w, rest)
			}
			rest = after
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no space left")

func TestSQLThatCannotBeWritten(t *testing.T) {
	pg := postgres.New()
	var b strings.Builder
	s := followed(evolving(), "d", func(op *Op) {
		op.Exec("SELECT 1")
		op.Run(func(context.Context, *uow.UnitOfWork) error { return nil })
	}, nil)
	err := UpgradeSQL(&b, pg, s, "head")
	wants(t, err, ErrOffline, "operation 2 of revision d (file run_test.go)", "online")
	if b.Len() > 0 {
		t.Errorf("written all the same:\n%s", b.String())
	}
	must(t, UpgradeSQL(&b, pg, s, "c"))
	wants(t, DowngradeSQL(&b, pg, s, "base"), ErrRange, "downgrade with --sql requires <fromrev>:<torev>")
	wants(t, DowngradeSQL(&b, pg, s, "d:c"), ErrIrreversible, "revision d")
	wants(t, UpgradeSQL(&b, pg, s, "c:a"), ErrNotAncestor)
	wants(t, UpgradeSQL(&b, pg, s, "a:b:c"), ErrRange)
	wants(t, UpgradeSQL(&b, pg, s, "-1:c"), ErrRange)
	wants(t, UpgradeSQL(&b, pg, s, "zz"), ErrUnknownRevision)
	wants(t, UpgradeSQL(fullDisk{}, pg, s, "c"), errFull)
	b.Reset()
	must(t, UpgradeSQL(&b, pg, s, "c:c"))
	if b.Len() > 0 {
		t.Errorf("nothing to do, and written:\n%s", b.String())
	}
}

// A range leads along a branch: from a revision to one that does not come after it
// there is no SQL for a database at the first.
func TestSQLBetweenBranches(t *testing.T) {
	pg := postgres.New()
	for _, c := range []struct {
		graph, target string
		err           error
	}{
		{branched, "b1:b2", ErrNotAncestor},
		{branched, "c1:b2", ErrNotAncestor},
		{branched, "c1:two@head", ErrNotAncestor},
		{merged, "c1:c2", ErrNotAncestor},
		{merged, "c1:b1", ErrNotAncestor},
		{branched, "a:c2", nil},
		{branched, "a:heads", nil},
		{branched, "b1:heads", nil},
		{branched, "b1:+1", nil},
		{merged, "c1:n", nil},
		{merged, "b1:head", nil},
		{dependent, "b1:a2", nil}, // a2 depends on b1
		{dependent, "a1:b1", ErrNotAncestor},
	} {
		var b strings.Builder
		err := UpgradeSQL(&b, pg, setOfTables(t, c.graph), c.target)
		if !errors.Is(err, c.err) || (b.Len() > 0) != (c.err == nil) {
			t.Errorf("%s: %v\n%s", c.target, err, b.String())
		}
	}
	wants(t, DowngradeSQL(&strings.Builder{}, pg, setOfTables(t, branched), "b1:b2"), ErrDowngradeTarget)
}

// The statements of a run and those that are written are the same, where nothing of
// the database has to be known.
func TestSQLHasTheRunsStatements(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		var seen []string
		db := d.open(t, engine.Observer(func(_ context.Context, st engine.Statement) { seen = append(seen, st.SQL) }))
		s := setOfTables(t, branched)
		must(t, Upgrade(t.Context(), db, s, "heads"))
		var b strings.Builder
		must(t, UpgradeSQL(&b, db.Dialect(), s, "heads"))
		for text := range strings.SplitSeq(b.String(), ";\n\n") {
			for strings.HasPrefix(text, "--") {
				_, text, _ = strings.Cut(text, "\n\n")
			}
			if text != "" && text != "BEGIN" && !slices.Contains(seen, text) {
				t.Errorf("not run: %s", fmt.Sprintf("%.80s", text))
			}
		}
	})
}

// What the revisions do not know of a table is not lost with it: the SQL stops.
func TestSQLKeepsWhatItDoesNotKnow(t *testing.T) {
	s := followed(Set{}, "a", func(op *Op) {
		op.CreateTable("Notes", schema.Col("id", schema.BigInt()), schema.Col("body", schema.Varchar(20)).Nullable(), schema.Key("id"))
		op.CreateIndex("Notes", schema.IndexOn("x_body", "body"))
	}, nil)
	s = followed(s, "b", func(op *Op) {
		op.AlterColumn("Notes", schema.Col("body", schema.Varchar(20)).Nullable(), schema.Col("body", schema.Int()).Nullable())
	}, nil)
	for _, c := range []struct{ kind, name, makes, drops string }{
		{"trigger", "it is", `CREATE TRIGGER "it is" AFTER DELETE ON notes BEGIN DELETE FROM Notes WHERE id = old.id; END`, `DROP TRIGGER "it is"`},
		{"index", "x_hand", "CREATE INDEX x_hand ON notes (body, id)", "DROP INDEX x_hand"},
		{"column", "Extra", `ALTER TABLE notes ADD COLUMN "Extra" TEXT`, `ALTER TABLE notes DROP COLUMN "Extra"`},
		{"column", "twice", "ALTER TABLE notes ADD COLUMN twice INTEGER AS (id * 2)", "ALTER TABLE notes DROP COLUMN twice"},
	} {
		db := databases(t)[0].open(t)
		must(t, Upgrade(t.Context(), db, s, "a"))
		execAll(t, db, "INSERT INTO Notes (id, body) VALUES (1, '7')", c.makes)
		was := column(t, db, "SELECT name FROM sqlite_schema ORDER BY name")
		var b strings.Builder
		must(t, UpgradeSQL(&b, db.Dialect(), s, "a:b"))
		if !strings.Contains(b.String(), "-bail") {
			t.Errorf("SQLite's shell would go on behind an error of\n%s", b.String())
		}
		wants(t, fed(t, db, b.String()), nil, "table Notes has the "+c.kind+" "+c.name+", which the revisions do not know", "online", "op.Exec")
		if is := column(t, db, "SELECT name FROM sqlite_schema ORDER BY name"); is != was || versions(t, db) != "a" {
			t.Errorf("%s: at %s there is %s, was %s", c.kind, versions(t, db), is, was)
		}
		execAll(t, db, c.drops)
		feed(t, db, b.String())
		if got := column(t, db, "SELECT typeof(body) FROM Notes"); got != "integer" || versions(t, db) != "b" {
			t.Errorf("%s: at %s the values are %s", c.kind, versions(t, db), got)
		}
	}
}

// Online all is known, so that it is kept.
func TestRunKeepsWhatRevisionsDoNotKnow(t *testing.T) {
	s := followed(Set{}, "a", func(op *Op) {
		op.CreateTable("Notes", schema.Col("id", schema.BigInt()), schema.Col("body", schema.Varchar(20)).Nullable(), schema.Key("id"))
	}, nil)
	s = followed(s, "b", func(op *Op) {
		op.Exec("CREATE TRIGGER g AFTER DELETE ON notes BEGIN DELETE FROM Notes WHERE id = old.id; END")
		op.Exec("CREATE UNIQUE INDEX X_Hand ON notes (body COLLATE NOCASE, id + 1) WHERE id > 3")
		op.Exec("ALTER TABLE notes ADD COLUMN twice INTEGER AS (id * 2)")
		op.AlterColumn("Notes", schema.Col("body", schema.Varchar(20)).Nullable(), schema.Col("body", schema.Int()).Nullable())
	}, nil)
	db := databases(t)[0].open(t)
	must(t, Upgrade(t.Context(), db, s, "head"))
	if got := column(t, db, "SELECT name FROM sqlite_schema WHERE tbl_name = 'Notes' COLLATE NOCASE AND sql IS NOT NULL ORDER BY name"); got != "Notes X_Hand g" {
		t.Errorf("there is %s", got)
	}
	if got := column(t, db, "SELECT name FROM pragma_table_xinfo('Notes')"); got != "id body twice" {
		t.Errorf("columns %s", got)
	}
}

// Rows that a new foreign key finds without their targets end the SQL before its
// COMMIT, as they end a run; those of a key that was broken before do not.
func TestSQLGuardsForeignKeys(t *testing.T) {
	s := followed(Set{}, "a", func(op *Op) {
		op.CreateTable("p", schema.Col("id", schema.BigInt()), schema.Key("id"))
		op.CreateTable("c", schema.Col("id", schema.BigInt()), schema.Col("p", schema.BigInt()).Nullable(), schema.Key("id"))
	}, nil)
	s = followed(s, "b", func(op *Op) {
		op.AddForeignKey("c", schema.Reference("fk", []string{"p"}, "p", []string{"id"}))
	}, nil)
	db := databases(t)[0].open(t)
	must(t, Upgrade(t.Context(), db, s, "a"))
	execAll(t, db, "CREATE TABLE old (id INTEGER REFERENCES p (id))", "PRAGMA foreign_keys = OFF", "INSERT INTO old VALUES (3), (4)", "PRAGMA foreign_keys = ON", "INSERT INTO c VALUES (1, 5), (2, 6), (3, NULL)")
	for _, opts := range [][]RunOption{nil, {TransactionPerRevision()}} {
		var b strings.Builder
		must(t, UpgradeSQL(&b, db.Dialect(), s, "a:b", opts...))
		execAll(t, db, "DELETE FROM p")
		wants(t, fed(t, db, b.String()), nil, "2 rows of c point to p, where there is no such row")
		if is := column(t, db, "SELECT count(*) FROM pragma_foreign_key_list('c')"); is != "0" || versions(t, db) != "a" {
			t.Errorf("at %s there are %s keys", versions(t, db), is)
		}
		execAll(t, db, "INSERT INTO p VALUES (5), (6)")
	}
	var b strings.Builder
	must(t, UpgradeSQL(&b, db.Dialect(), s, "a:b"))
	feed(t, db, b.String())
	if is := column(t, db, "SELECT count(*) FROM pragma_foreign_key_list('c')"); is != "1" || versions(t, db) != "b" {
		t.Errorf("at %s there are %s keys", versions(t, db), is)
	}
}
