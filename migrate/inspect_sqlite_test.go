package migrate

import (
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// sqliteDB is an empty database on SQLite.
func sqliteDB(t testing.TB) *engine.Engine {
	t.Helper()
	return databases(t)[0].open(t, engine.PoolSize(1), engine.PoolOverflow(0))
}

// TestInspectedSQLiteByHand reads what Dormer never writes.
func TestInspectedSQLiteByHand(t *testing.T) {
	db := sqliteDB(t)
	execAll(t, db,
		`CREATE TABLE parents (a INTEGER, b TEXT, PRIMARY KEY (a, b))`,
		`CREATE TABLE Users (
			id INTEGER PRIMARY KEY AUTOINCREMENT, -- the row's own number, never "reused"
			name varchar( 20 ) /* short ) */ NOT NULL ON CONFLICT ABORT DEFAULT 'it''s, -- no comment' COLLATE nocase UNIQUE ON CONFLICT IGNORE,
			"order" DECIMAL(10,2) DEFAULT -1.5e-3 CHECK ("order" > 0 -- positive
				) CONSTRAINT "fair ""price""" CHECK ("order" <> ')' || '"'),
			[odd name] blob DEFAULT x'00ff',
			`+"`tick``ed`"+` UNSIGNED BIG INT(8) DEFAULT 0x1F,
			untyped,
			key text default current_timestamp,
			word TEXT DEFAULT plain, quoted TEXT DEFAULT "say ""it""", truth BOOLEAN DEFAULT TRUE, nix TEXT DEFAULT NULL,
			total REAL GENERATED ALWAYS AS (round("order" * 2, 1)) STORED NOT NULL, twice INT AS ((id) + (id)), generated TEXT,
			up INTEGER CONSTRAINT fk_up REFERENCES users ON DELETE SET NULL MATCH FULL ON UPDATE CASCADE NOT DEFERRABLE INITIALLY DEFERRED,
			pa INTEGER, pb TEXT,
			CONSTRAINT uq UNIQUE (name COLLATE RTRIM, key DESC) UNIQUE ("order", key)
			CHECK (length(name) > 1) CONSTRAINT two FOREIGN KEY (pa, PB) REFERENCES Parents DEFERRABLE INITIALLY DEFERRED,
			FOREIGN KEY (pa) REFERENCES missing (x) DEFERRABLE INITIALLY IMMEDIATE
		)`,
		`CREATE TABLE w (k TEXT COLLATE NOCASE, v ANY, n INTEGER, PRIMARY KEY (k DESC, v)) STRICT, WITHOUT ROWID`,
		`CREATE TABLE d (id INTEGER PRIMARY KEY DESC)`,
		`CREATE TABLE e (id INTEGER, PRIMARY KEY (id DESC AUTOINCREMENT)) STRICT`,
		`CREATE TABLE f (id INT PRIMARY KEY, x "my type", y TEXT CHECK (y IN ('a','b')), z TEXT, CONSTRAINT ck_f_z CHECK (z in ('a' , 'b')), CONSTRAINT ck_f_y CHECK (y IN ('a', 1)))`,
		`CREATE TABLE g AS SELECT 1 AS one, 'x' AS "two words"`,
		`CREATE INDEX ix_1 ON Users (NAME DESC, lower(name) COLLATE nocase, "key" collate NOCASE ASC) WHERE name IS NOT NULL -- all
			AND up > 3`,
		`CREATE UNIQUE INDEX [ix [2] ON users ((pa + pb) DESC, 'name', name COLLATE nocase)`,
		`CREATE VIRTUAL TABLE docs USING fts5(body)`,
		`CREATE VIEW v AS SELECT name FROM users`,
		`CREATE TRIGGER tr AFTER INSERT ON users BEGIN UPDATE users SET name = 'x' WHERE id = new.id; SELECT ';'; END`,
		`CREATE TEMP TABLE passing (x)`,
		`ALTER TABLE f ADD COLUMN late TEXT DEFAULT 'x' REFERENCES w (k)`,
		`ALTER TABLE f RENAME COLUMN x TO "new ""x"""`,
	)
	cat := inspected(t, db, dialect.InspectOptions{})
	var names, got []string
	for _, tab := range cat.Tables {
		names = append(names, tab.Name)
		got = append(got, spelled(db.Dialect(), tab)...)
	}
	if want := []string{"Users", "d", "e", "f", "g", "parents", "w"}; !slices.Equal(names, want) {
		t.Errorf("tables %q", names)
	}
	column := func(rest string) string {
		return "column " + rest
	}
	compare(t, []string{
		`table ""."parents" comment "" options "" key "a","b"`,
		column(`"a" INTEGER values [] null true key true identity false default - computed - stored false collation "" comment ""`),
		column(`"b" TEXT values [] null true key true identity false default - computed - stored false collation "" comment ""`),

		`table ""."Users" comment "" options "AUTOINCREMENT" key "id"`,
		column(`"id" INTEGER values [] null false key true identity true default - computed - stored false collation "" comment ""`),
		column(`"name" VARCHAR(20) values [] null false key false identity false default 'it''s, -- no comment' computed - stored false collation "nocase" comment ""`),
		column(`"order" DECIMAL(10, 2) values [] null true key false identity false default -1.5e-3 computed - stored false collation "" comment ""`),
		column(`"odd name" BLOB values [] null true key false identity false default x'00ff' computed - stored false collation "" comment ""`),
		column("\"tick`ed\" UNSIGNED BIG INT(8) values [] null true key false identity false default 0x1F computed - stored false collation \"\" comment \"\""),
		column(`"untyped" BLOB values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"key" TEXT values [] null true key false identity false default current_timestamp computed - stored false collation "" comment ""`),
		column(`"word" TEXT values [] null true key false identity false default 'plain' computed - stored false collation "" comment ""`),
		column(`"quoted" TEXT values [] null true key false identity false default 'say "it"' computed - stored false collation "" comment ""`),
		column(`"truth" BOOLEAN values [] null true key false identity false default TRUE computed - stored false collation "" comment ""`),
		column(`"nix" TEXT values [] null true key false identity false default NULL computed - stored false collation "" comment ""`),
		column(`"total" REAL values [] null false key false identity false default - computed round("order" * 2, 1) stored true collation "" comment ""`),
		column(`"twice" INT values [] null true key false identity false default - computed (id) + (id) stored false collation "" comment ""`),
		column(`"generated" TEXT values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"up" INTEGER values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"pa" INTEGER values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"pb" TEXT values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		`unique "" "name"`, `unique "uq" "name","key"`, `unique "" "order","key"`,
		`check "" "order" > 0`, `check "fair \"price\"" "order" <> ')' || '"'`, `check "" length(name) > 1`,
		`foreign key "fk_up" "up" to ""."Users" "id" SET NULL CASCADE deferrable false`,
		`foreign key "two" "pa","pb" to ""."parents" "a","b" NO ACTION NO ACTION deferrable true`,
		`foreign key "" "pa" to ""."missing" "x" NO ACTION NO ACTION deferrable false`,
		`index "ix_1" "name" desc true nulls 0; (lower(name) COLLATE nocase) desc false nulls 0; ("key" collate NOCASE) desc false nulls 0 include  unique false where name IS NOT NULL AND up > 3 method ""`,
		`index "ix [2" (pa + pb) desc true nulls 0; "name" desc false nulls 0; "name" desc false nulls 0 include  unique true where - method ""`,

		`table ""."w" comment "" options "STRICT, WITHOUT ROWID" key "k","v"`,
		column(`"k" TEXT values [] null false key true identity false default - computed - stored false collation "NOCASE" comment ""`),
		column(`"v" ANY values [] null false key true identity false default - computed - stored false collation "" comment ""`),
		column(`"n" INTEGER values [] null true key false identity false default - computed - stored false collation "" comment ""`),

		`table ""."d" comment "" options "" key "id"`,
		column(`"id" INTEGER values [] null true key true identity false default - computed - stored false collation "" comment ""`),
		`table ""."e" comment "" options "AUTOINCREMENT, STRICT" key "id"`,

		`table ""."f" comment "" options "" key "id"`,
		column(`"id" INT values [] null true key true identity false default - computed - stored false collation "" comment ""`),
		column(`"new ""x""" "my type" values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"y" TEXT values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"z" TEXT values ["a" "b"] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"late" TEXT values [] null true key false identity false default 'x' computed - stored false collation "" comment ""`),
		`check "" y IN ('a','b')`, `check "ck_f_y" y IN ('a', 1)`,
		`foreign key "" "late" to ""."w" "k" NO ACTION NO ACTION deferrable false`,

		`table ""."g" comment "" options "" key `,
		column(`"one" BLOB values [] null true key false identity false default - computed - stored false collation "" comment ""`),
		column(`"two words" BLOB values [] null true key false identity false default - computed - stored false collation "" comment ""`),
	}, normal(got))
	if len(cat.Views) != 1 || cat.Views[0].Name != "v" || cat.Views[0].SQL != "CREATE VIEW v AS SELECT name FROM users" {
		t.Errorf("views %+v", cat.Views)
	}
	if len(cat.Triggers) != 1 || cat.Triggers[0].Name != "tr" || cat.Triggers[0].Table != "users" || !strings.HasSuffix(cat.Triggers[0].SQL, "SELECT ';'; END") {
		t.Errorf("triggers %+v", cat.Triggers)
	}
	agree(t, db, cat)
}

// normal writes spaces in a row as one where lines were broken.
func normal(lines []string) []string {
	for i, l := range lines {
		if strings.Contains(l, "\n") {
			lines[i] = strings.Join(strings.Fields(l), " ")
		}
		lines[i] = strings.ReplaceAll(lines[i], `new \"x\"`, `new ""x""`)
	}
	return lines
}

// agree compares what was read from the tables' texts with the database's own
// account of keys, uniques and foreign keys.
func agree(t *testing.T, db *engine.Engine, cat *schema.Catalog) {
	t.Helper()
	for _, tab := range cat.Tables {
		var pk []string
		if err := db.Select(t.Context(), &pk, "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", tab.Name); err != nil {
			t.Fatal(err)
		}
		if got := namesOf(tab.PrimaryKey); !slices.Equal(got, pk) {
			t.Errorf("%s: key %q, not %q", tab.Name, got, pk)
		}
		var uniques []string
		if err := db.Select(t.Context(), &uniques, `SELECT (SELECT group_concat(name, '|') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno))
			FROM pragma_index_list(?) l WHERE origin = 'u'`, tab.Name); err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, u := range tab.Uniques {
			found = append(found, strings.Join(namesOf(u.Columns), "|"))
		}
		slices.Sort(uniques)
		slices.Sort(found)
		if !slices.Equal(uniques, found) {
			t.Errorf("%s: uniques %q, not %q", tab.Name, found, uniques)
		}
		var keys int
		if err := db.Get(t.Context(), &keys, "SELECT count(DISTINCT id) FROM pragma_foreign_key_list(?)", tab.Name); err != nil || keys != len(tab.ForeignKeys) {
			t.Errorf("%s: %d foreign keys, not %d (%v)", tab.Name, len(tab.ForeignKeys), keys, err)
		}
	}
}

func namesOf(cols []*schema.ColumnDef) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.Name)
	}
	return out
}

// TestInspectedSQLiteWithoutModule: a virtual table whose module is missing does
// not keep others from being read.
func TestInspectedSQLiteWithoutModule(t *testing.T) {
	db := sqliteDB(t)
	execAll(t, db, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "PRAGMA writable_schema = ON",
		"INSERT INTO sqlite_schema VALUES ('table', 'lost', 'lost', 0, 'CREATE VIRTUAL TABLE lost USING nosuch(x)')", "PRAGMA writable_schema = RESET")
	if cat := inspected(t, db, dialect.InspectOptions{}); len(cat.Tables) != 1 {
		t.Errorf("%+v", cat.Tables)
	}
}
