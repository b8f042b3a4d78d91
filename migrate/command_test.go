package migrate

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

func infoIDs(list []Info) string {
	var out []string
	for _, i := range list {
		out = append(out, i.ID)
	}
	return strings.Join(out, " ")
}

func TestCommandsWithoutADatabase(t *testing.T) {
	s := setOf(t, merged+"\n o")
	for _, c := range []struct {
		name, want string
		list       func() ([]Info, error)
	}{
		{"history", "o n m c2 b2 c1 b1 a", func() ([]Info, error) { return History(t.Context(), nil, s, "") }},
		{"history range", "n m c1 b1", func() ([]Info, error) { return History(t.Context(), nil, s, "b1:n") }},
		{"heads", "n o", func() ([]Info, error) { return Heads(s, false) }},
		{"branches", "a", func() ([]Info, error) { return Branches(s) }},
		{"show", "c1", func() ([]Info, error) { return Show(t.Context(), nil, s, "c1") }},
		{"show heads", "n o", func() ([]Info, error) { return Show(t.Context(), nil, s, "heads") }},
		{"show steps", "m", func() ([]Info, error) { return Show(t.Context(), nil, s, "n-1") }},
		{"heads of all", "a3 b2 c1", func() ([]Info, error) { return Heads(setOf(t, dependent), false) }},
		{"heads resolved", "a2 c", func() ([]Info, error) { return Heads(setOf(t, "a1\na2 < a1 / b\nb\nc"), true) }},
	} {
		list, err := c.list()
		if err != nil || infoIDs(list) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, infoIDs(list), err, c.want)
		}
	}
	_, err := History(t.Context(), nil, s, "current:")
	wants(t, err, nil, "needs a database")
	_, err = Show(t.Context(), nil, s, "head")
	wants(t, err, ErrMultipleHeads)
	if path, err := File(s, "c1"); err != nil || filepath.Base(path) != "graph_test.go" {
		t.Errorf("%s, %v", path, err)
	}
	_, err = File(s, "zz")
	wants(t, err, ErrUnknownRevision)

	list, err := Show(t.Context(), nil, s, "m")
	must(t, err)
	if got := list[0].String(); got != "c1, c2 -> m (one, two) (mergepoint)" {
		t.Errorf("%s", got)
	}
	list[0].Message, list[0].File, list[0].AppliedAt = "a message", "dir/m.go", time.Unix(0, 0).UTC()
	want := "Revision: m (one, two) (mergepoint)\nMerges: c1, c2\nPath: dir/m.go\nApplied: 1970-01-01T00:00:00Z\n\n    a message\n"
	if got := list[0].Verbose(); got != want {
		t.Errorf("%s", got)
	}
}

func TestCommandsOnADatabase(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db, ctx := d.open(t), t.Context()
		s := setOfTables(t, branched)
		list, err := Current(ctx, db, s)
		if err != nil || len(list) != 0 || userTables(t, db) != "" {
			t.Errorf("an empty database: %v, %v", list, err)
		}
		if c, err := Inspect(ctx, db, dialect.InspectOptions{}); err != nil || len(c.Tables) != 0 {
			t.Errorf("current made a table, %v", err)
		}
		wants(t, CheckHeads(ctx, db, s), ErrNotAtHeads, "database is not on all head revisions", "c1, c2")
		must(t, Upgrade(ctx, db, s, "c1"))
		must(t, Upgrade(ctx, db, s, "b2"))
		if list, err = Current(ctx, db, s); err != nil || infoIDs(list) != "c1 b2" || !list[0].Current || !list[0].Head || list[1].Head {
			t.Errorf("%v, %v", list, err)
		}
		if age := time.Since(list[0].AppliedAt); age < -time.Minute || age > time.Minute {
			t.Errorf("applied at %s", list[0].AppliedAt)
		}
		wants(t, CheckHeads(ctx, db, s), ErrNotAtHeads, "lacks c2")
		if list, err = History(ctx, db, s, ""); err != nil || infoIDs(list) != "c2 b2 c1 b1 a" || list[0].Applied || !list[4].Applied {
			t.Errorf("%v, %v", list, err)
		}
		if list, err = History(ctx, db, s, ":current"); err != nil || infoIDs(list) != "b2 c1 b1 a" {
			t.Errorf("%v, %v", list, err)
		}
		if list, err = Show(ctx, db, s, "current"); err != nil || infoIDs(list) != "c1 b2" {
			t.Errorf("%v, %v", list, err)
		}
		must(t, Upgrade(ctx, db, s, "heads"))
		must(t, CheckHeads(ctx, db, s))
	})
}

func TestStamp(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db, ctx := d.open(t), t.Context()
		s := setOfTables(t, branched)
		for _, c := range []struct {
			targets, rows string
			err           error
		}{
			{"a", "a", nil},
			{"c1", "c1", nil},
			{"c2", "c1 c2", nil},
			{"b1", "b1 c2", nil},
			{"base", "", nil},
			{"heads", "c1 c2", nil},
			{"one@base", "", nil},
			{"b1 b2", "b1 b2", nil},
			{"head", "b1 b2", ErrMultipleHeads},
			{"zz", "b1 b2", ErrUnknownRevision},
			{"heads base", "b1 b2", ErrStampTarget},
			{"base a", "b1 b2", ErrStampTarget},
			{"a", "a", nil},
			{"one@head", "c1", nil},
		} {
			err := Stamp(ctx, db, s, strings.Fields(c.targets))
			if !errors.Is(err, c.err) {
				t.Errorf("%s: %v", c.targets, err)
			}
			if got := versions(t, db); got != c.rows {
				t.Errorf("%s: rows %s, want %s", c.targets, got, c.rows)
			}
		}
		wants(t, Stamp(ctx, db, s, []string{"head"}), nil, "multiple heads are present")
		wants(t, Stamp(ctx, db, s, nil), nil, "name the revision")
		wants(t, Stamp(ctx, db, s, []string{"heads", "base"}), ErrStampTarget, "'base'", "beside heads", "alone")
		var text strings.Builder
		wants(t, StampSQL(&text, db.Dialect(), s, "heads,base"), ErrStampTarget)
		if text.Len() > 0 {
			t.Errorf("written all the same: %s", &text)
		}
		if got := column(t, db, "SELECT id FROM dormer_revision ORDER BY id"); got != "a b1 c1" {
			t.Errorf("records of %s", got)
		}
		if got := userTables(t, db); got != "" {
			t.Errorf("stamp has run %s", got)
		}
	})
}

func TestEnsureVersion(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db, ctx := d.open(t), t.Context()
		for range 2 {
			must(t, EnsureVersion(ctx, db))
		}
		if got := versions(t, db) + column(t, db, "SELECT count(*) FROM dormer_revision"); got != "0" {
			t.Errorf("%s", got)
		}
	})
}

func TestReadOnlyDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		url := d.url(t)
		s := setOfTables(t, "a\nb < a")
		db := openURL(t, url)
		must(t, Upgrade(t.Context(), db, s, "a"))
		if d.name == "postgres" { // whose driver asks for READ WRITE, which only a standby refuses
			s = followed(setOfTables(t, "a"), "b", func(op *Op) { op.Exec("SET TRANSACTION READ ONLY") }, nil)
			wants(t, Upgrade(t.Context(), db, s, "head"), dialect.ErrReadOnly, "revision b", "the database is read-only: see that")
			return
		}
		db = openURL(t, url+"?mode=ro")
		for _, err := range []error{
			Upgrade(t.Context(), db, s, "head"), Downgrade(t.Context(), db, s, "base"), Stamp(t.Context(), db, s, []string{"b"}),
		} {
			wants(t, err, dialect.ErrReadOnly, "migrate: ", "the database is read-only: see that")
		}
		must(t, Upgrade(t.Context(), db, s, "a"))
		if list, err := Current(t.Context(), db, s); err != nil || infoIDs(list) != "a" {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestWithoutPermission(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		if d.name != "postgres" {
			t.Skip("a file's permissions do not bind every user")
		}
		u := d.url(t)
		db := openURL(t, u)
		role := "migrate_" + strings.ToLower(rand.Text()[:12])
		execAll(t, db, "CREATE ROLE "+role+" LOGIN PASSWORD 'x'")
		t.Cleanup(func() { _, _ = openForeverThen(u, "DROP ROLE "+role) })
		parsed, err := url.Parse(u)
		must(t, err)
		parsed.User = url.UserPassword(role, "x")
		low := openURL(t, parsed.String())
		s := setOfTables(t, "a\nb < a")
		wants(t, Upgrade(t.Context(), low, s, "head"), ErrDenied, "lacks a permission")
		must(t, Upgrade(t.Context(), db, s, "a"))
		execAll(t, db, "GRANT SELECT ON dormer_version, dormer_revision TO "+role)
		wants(t, Upgrade(t.Context(), low, s, "head"), ErrDenied, "revision b", "lacks a permission", "all was rolled back")
		execAll(t, db, "REVOKE ALL ON dormer_version, dormer_revision FROM "+role)
		_, err = Current(t.Context(), low, s)
		wants(t, err, ErrDenied, "lacks a permission")
	})
}

func openForeverThen(url, sql string) (any, error) {
	db, err := openForever(url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.Exec(context.Background(), sql)
}

// Tables of SQLite are made anew without foreign keys that are guarded; they are
// checked before the COMMIT, and guarded again afterwards.
func TestForeignKeysWhileTablesAreRebuilt(t *testing.T) {
	url := databases(t)[0].url(t)
	db, ctx := openURL(t, url, engine.PoolSize(1), engine.PoolOverflow(0)), t.Context()
	guarded := func() {
		t.Helper()
		if on := column(t, db, "PRAGMA foreign_keys"); on != "1" {
			t.Errorf("foreign keys are %s", on)
		}
	}
	narrow := func(op *Op) {
		op.AlterColumn("parent", schema.Col("n", schema.BigInt()).Nullable(), schema.Col("n", schema.BigInt()))
	}
	s := followed(Set{}, "a", func(op *Op) {
		op.CreateTable("parent", schema.Col("id", schema.BigInt()), schema.Col("n", schema.BigInt()).Nullable(), schema.Key("id"))
		op.CreateTable("child", schema.Col("id", schema.BigInt()), schema.Col("parent_id", schema.BigInt()), schema.Key("id"),
			schema.Reference("fk", []string{"parent_id"}, "parent", []string{"id"}).OnDelete(schema.Cascade))
		op.Exec("INSERT INTO parent VALUES (1, 1), (2, 2)")
		op.Exec("INSERT INTO child VALUES (1, 1), (2, 2)")
	}, nil)
	must(t, Upgrade(ctx, db, s, "head"))
	guarded()
	must(t, Upgrade(ctx, db, followed(s, "b", narrow, nil), "head"))
	if got := column(t, db, "SELECT id FROM child ORDER BY id"); got != "1 2" {
		t.Errorf("children %s", got)
	}
	guarded()

	bad := followed(s, "b", narrow, nil)
	bad = followed(bad, "c", func(op *Op) {
		op.AlterColumn("parent", schema.Col("n", schema.BigInt()), schema.Col("n", schema.BigInt()).Nullable())
		op.Exec("DELETE FROM parent WHERE id = 2")
	}, nil)
	wants(t, Upgrade(ctx, db, bad, "head"), dialect.ErrForeignKey, "revision c", "1 rows of child point to parent", "all was rolled back")
	if got := column(t, db, "SELECT id FROM parent ORDER BY id"); got != "1 2" {
		t.Errorf("parents %s", got)
	}
	guarded()

	// What was broken before is no reason to stop.
	execAll(t, db, "PRAGMA foreign_keys = OFF", "INSERT INTO child VALUES (3, 33)", "PRAGMA foreign_keys = ON")
	fine := followed(s, "b", narrow, nil)
	fine = followed(fine, "c", func(op *Op) {
		op.AlterColumn("parent", schema.Col("n", schema.BigInt()), schema.Col("n", schema.BigInt()).Nullable())
	}, nil)
	must(t, Upgrade(ctx, db, fine, "head"))
	guarded()

	box, err := db.Sandbox(ctx)
	must(t, err)
	defer box.Close()
	wants(t, Upgrade(ctx, box, followed(fine, "d", narrow, nil), "head"), nil, "cannot be rebuilt inside a transaction")
}

func TestSandboxIsMigrated(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		box, err := db.Sandbox(t.Context())
		must(t, err)
		s := setOfTables(t, branched)
		must(t, Upgrade(t.Context(), box, s, "heads"))
		must(t, Upgrade(t.Context(), box, s, "heads"))
		must(t, box.Close())
		if got := userTables(t, db); got != "" {
			t.Errorf("tables %s", got)
		}
	})
}

func TestMemory(t *testing.T) {
	db := openURL(t, "sqlite://:memory:")
	s := longRun(func(string) error { return nil })
	must(t, Upgrade(t.Context(), db, s, "head", TransactionPerRevision()))
	must(t, Downgrade(t.Context(), db, s, "base"))
	must(t, Upgrade(t.Context(), db, s, "head"))
	if got := versions(t, db); got != "c" {
		t.Errorf("%s", got)
	}
}

// Files are found by where revisions were added; here the sets are made by hand.
func TestRevisionFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	const text = "package m\n\nfunc init() { Revisions.Add(migrate.Revision{}) }\n"
	one := file("20261122_first_aaaaaaaaaaaa.go", text)
	file("revisions.go", "package m\n\nvar Revisions migrate.Set\n")
	file("helper_test.go", text)
	file("README.md", text)
	s := Set{list: []*added{{Revision{ID: "aaaaaaaaaaaa"}, one}}}
	mustGraph(t, s)
	if got := s.Dir(); got != dir {
		t.Errorf("folder %s", got)
	}

	for _, name := range []string{"20261122_add_a_test.go", "20261122_for_windows.go", "next_bbbbbbbbbbbb.go"} {
		path := file(name, text)
		_, err := s.graph()
		wants(t, err, ErrLeftOut, name, "not part of the program")
		must(t, os.Remove(path))
	}
	mustGraph(t, s)
	for name, ok := range map[string]bool{
		"20261122_first_bbbbbbbbbbbb.go": false, "first_bbbbbbbbbbbb.go": false, "20261122_aaaaaaaaaaaa_first.go": false,
		"20261122_first_aaaaaaaaaaaa.go": true, "main.go": true, "x_test.go": true, "aaaaaaaaaaaa.go": true,
	} {
		_, err := Set{list: []*added{{Revision{ID: "aaaaaaaaaaaa"}, name}}}.graph()
		if ok != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if !ok {
			wants(t, err, ErrFileName, name, "must end in _aaaaaaaaaaaa.go")
		}
	}
}
