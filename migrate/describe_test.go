package migrate

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

func described(t testing.TB, c *schema.Catalog, format string) string {
	t.Helper()
	s, err := Describe(c, format)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDescribeText(t *testing.T) {
	db := sqliteDB(t)
	execAll(t, db,
		`CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(20) NOT NULL DEFAULT 'x' COLLATE NOCASE, up INTEGER, low TEXT AS (lower(name)),
			mood TEXT, CONSTRAINT uq UNIQUE (name), CHECK (id > 0), CONSTRAINT ck_users_mood CHECK (mood IN ('a', 'b')),
			CONSTRAINT fk FOREIGN KEY (up) REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED)`,
		`CREATE UNIQUE INDEX ix ON users (name DESC, lower(low)) WHERE up > 0`,
		"CREATE TABLE \"odd\nname\" (\"tab\there\" ANY, PRIMARY KEY (\"tab\there\")) STRICT, WITHOUT ROWID",
		`CREATE VIEW v AS
			SELECT 1`,
		`CREATE TRIGGER tr AFTER DELETE ON users BEGIN SELECT 1; END`,
	)
	c := inspected(t, db, dialect.InspectOptions{})
	const want = `table odd\nname STRICT, WITHOUT ROWID
    tab\there  ANY  not null
    primary key (tab	here)
table users AUTOINCREMENT
    id    INTEGER      not null, identity
    name  VARCHAR(20)  not null, default 'x', collate NOCASE
    up    INTEGER
    low   TEXT         computed lower(name) virtual
    mood  TEXT         one of "a", "b"
    primary key (id)
    unique uq (name)
    check (id > 0)
    foreign key fk (up) references users (id) on delete set null on update cascade deferrable
    unique index ix (name desc, (lower(low))) where up > 0
view v
    CREATE VIEW v AS
    			SELECT 1
trigger tr on users
    CREATE TRIGGER tr AFTER DELETE ON users BEGIN SELECT 1; END
`
	if got := described(t, c, "text"); got != want {
		t.Errorf("text is\n%s", got)
	}
	if got := described(t, c, ""); got != want {
		t.Errorf("no format is\n%s", got)
	}
	if _, err := Describe(c, "xml"); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("format xml: %v", err)
	}
}

func TestDescribeMermaid(t *testing.T) {
	db := sqliteDB(t)
	execAll(t, db,
		`CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20) UNIQUE, amount DECIMAL(10, 2))`,
		`CREATE TABLE profiles (user_id BIGINT PRIMARY KEY REFERENCES users, "the ""text"" %" DOUBLE PRECISION)`,
		`CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id BIGINT REFERENCES users, editor_id BIGINT NOT NULL REFERENCES users (id))`,
	)
	const want = `erDiagram
    "posts" {
        INTEGER id PK
        BIGINT author_id FK
        BIGINT editor_id FK
    }
    "profiles" {
        BIGINT user_id PK, FK
        DOUBLE_PRECISION the__text___ "the 'text' _"
    }
    "users" {
        INTEGER id PK
        VARCHAR(20) name UK
        DECIMAL(10_2) amount
    }
    "users" |o--o{ "posts" : "author_id"
    "users" ||--o{ "posts" : "editor_id"
    "users" |o--o| "profiles" : "user_id"
`
	if got := described(t, inspected(t, db, dialect.InspectOptions{}), "mermaid"); got != want {
		t.Errorf("diagram is\n%s", got)
	}
}

// program is what a user would write around the package.
const program = `package main

import (
	"context"
	"fmt"
	"log"
	"os"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/migrate"

	_ "example.com/described/model"
)

func main() {
	db, err := engine.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	switch os.Args[2] {
	case "create":
		if err := db.CreateAll(context.Background()); err != nil {
			log.Fatal(err)
		}
	case "upgrade":
		var set migrate.Set
		up := compared(db).Operations
		set.Add(migrate.Revision{ID: "a", Upgrade: func(op *migrate.Op) { op.Add(up...) }})
		if err := migrate.Upgrade(context.Background(), db, set, "head"); err != nil {
			log.Fatal(err)
		}
		fmt.Println(compared(db))
	case "compare":
		fmt.Println(compared(db))
	}
	if err := db.Close(); err != nil {
		log.Fatal(err)
	}
}

func compared(db *engine.Engine) *migrate.Difference {
	diff, err := migrate.Diff(context.Background(), db, nil)
	if err != nil {
		log.Fatal(err)
	}
	return diff
}
`

// runDescribed builds a module of the source and has it create its tables in the
// database of the URL, compare them with it, or change it to be like them and compare
// then. It returns what that prints.
func runDescribed(t *testing.T, source, url, verb string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	own := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(mod), "module example.com/described") +
		"\nrequire github.com/dormer-orm/dormer v0.0.0\nreplace github.com/dormer-orm/dormer => " + root + "\n"
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": own, "go.sum": string(sum), "main.go": program, "model/model.go": source} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", ".", url, verb)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, source)
	}
	return strings.TrimSpace(string(out))
}

// common is what the databases have in common.
var common = []string{
	`CREATE TABLE groups (id INTEGER NOT NULL, tag VARCHAR(10) NOT NULL, PRIMARY KEY (tag, id))`,
	`CREATE TABLE statuses (code VARCHAR(8) NOT NULL PRIMARY KEY, "createdAt" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, "Table" INTEGER, "type" TEXT, "naïve 表 """ INTEGER, "` + "a`b" + `" INTEGER, "1st" INTEGER, "create" BOOLEAN DEFAULT TRUE NOT NULL)`,
	`CREATE TABLE time (id BIGINT NOT NULL PRIMARY KEY, string TEXT NOT NULL DEFAULT 'it''s', amount INTEGER NOT NULL DEFAULT -5, status VARCHAR(8) REFERENCES statuses (code) ON UPDATE CASCADE, "group" INTEGER, tag VARCHAR(10),
		CONSTRAINT "fk ""odd""" FOREIGN KEY (tag, "group") REFERENCES groups (tag, id) ON DELETE SET NULL,
		CONSTRAINT uq_amount UNIQUE (amount, "group"), CONSTRAINT uq_time_tag UNIQUE (tag), CONSTRAINT ck_time CHECK (amount < 7 AND string <> '?'), CONSTRAINT ck_too CHECK (amount > -9))`,
	`CREATE TABLE nodes (id BIGINT NOT NULL PRIMARY KEY, parent_id BIGINT REFERENCES nodes (id) ON DELETE CASCADE, first_id BIGINT, owner BIGINT NOT NULL UNIQUE REFERENCES time (id))`,
	`CREATE TABLE leaves (id BIGINT NOT NULL PRIMARY KEY, node_id BIGINT NOT NULL REFERENCES nodes (id), second BIGINT REFERENCES nodes (id))`,
	`CREATE INDEX ix_time_amount ON time (amount, status)`,
	`CREATE UNIQUE INDEX "ix odd" ON time (amount DESC, id)`,
	`CREATE INDEX ix_lower ON time (status, lower(string) DESC) WHERE amount > 0`,
}

// Cycles come to be in other ways.
var commonOn = map[string][]string{
	"sqlite": {
		`CREATE TABLE chickens (id INTEGER PRIMARY KEY AUTOINCREMENT, egg_id INTEGER, CONSTRAINT fk_chickens_egg_id FOREIGN KEY (egg_id) REFERENCES eggs (id) DEFERRABLE INITIALLY DEFERRED)`,
		`CREATE TABLE eggs (id INTEGER PRIMARY KEY, chicken_id INTEGER REFERENCES chickens, size TEXT NOT NULL, odd DATE, CONSTRAINT ck_eggs_size CHECK (size IN ('s', 'l')))`,
		`CREATE TABLE strict (id TEXT NOT NULL PRIMARY KEY, n INT, r REAL, b BLOB, a ANY) STRICT, WITHOUT ROWID`,
		`CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, name TEXT COLLATE NOCASE, size INTEGER AS (length(name)) STORED, made DATETIME, price DECIMAL(10,2))`,
	},
	"postgres": {
		`CREATE TYPE mood AS ENUM ('sad', 'it''s')`,
		`CREATE TABLE chickens (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, egg_id integer)`,
		`CREATE TABLE eggs (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, chicken_id bigint REFERENCES chickens (id), size text NOT NULL, CONSTRAINT ck_eggs_size CHECK (size IN ('s', 'l')))`,
		`ALTER TABLE chickens ADD CONSTRAINT fk_chickens_egg_id FOREIGN KEY (egg_id) REFERENCES eggs (id) DEFERRABLE INITIALLY DEFERRED`,
		`CREATE SCHEMA "Other One"`,
		`CREATE TABLE "Other One".time (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), m mood NOT NULL, n mood DEFAULT 'it''s', amount numeric(10, 2), any_amount numeric, doc jsonb NOT NULL DEFAULT '{}', raw json, list text[], words varchar(9)[], at timestamp, day date, addr inet DEFAULT '1.2.3.4',
			flag boolean NOT NULL DEFAULT false, f4 real DEFAULT 1.5, f8 double precision, b bytea, c text COLLATE "C", more bigint GENERATED BY DEFAULT AS IDENTITY, twice integer GENERATED ALWAYS AS (length(c) * 2) STORED, tags character varying)`,
		`CREATE INDEX gin ON "Other One".time USING gin (doc)`,
		`CREATE INDEX nulls ON "Other One".time (day DESC NULLS LAST, at NULLS FIRST) INCLUDE (addr)`,
		`COMMENT ON TABLE "Other One".time IS 'it''s "here"'`,
		`COMMENT ON COLUMN "Other One".time.m IS 'how'`,
	},
}

// TestDescribedGoMakesTheSameSchema runs what Describe writes.
func TestDescribedGoMakesTheSameSchema(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			db := d.open(t)
			execAll(t, db, common...)
			execAll(t, db, commonOn[d.name]...)
			for _, n := range hostile {
				q := string(db.Dialect().AppendQuoted(nil, n))
				execAll(t, db, "CREATE TABLE "+q+" ("+q+" VARCHAR(9) NOT NULL PRIMARY KEY, up VARCHAR(9), CONSTRAINT "+string(db.Dialect().AppendQuoted(nil, "fk "+n))+
					" FOREIGN KEY (up) REFERENCES "+q+" ("+q+"), CONSTRAINT "+string(db.Dialect().AppendQuoted(nil, "ck "+n))+" CHECK ("+q+" <> 'x'))")
			}
			execAll(t, db, "CREATE TABLE keyless (a INTEGER)")
			was := inspected(t, db, dialect.InspectOptions{})
			url := d.url(t)
			source := described(t, was, "go")
			runDescribed(t, source, url, "create")
			is := inspected(t, openURL(t, url), dialect.InspectOptions{})
			lines := func(c *schema.Catalog) (out []string) {
				for _, tab := range c.Tables {
					if unsayable(tab) != "" {
						if !strings.Contains(source, "// Table "+oneLine(tab.Name)+" is left out: ") {
							t.Errorf("nothing says that %q is left out", tab.Name)
						}
						continue
					}
					for _, l := range spelled(db.Dialect(), tab) {
						out = append(out, tab.QualifiedName()+": "+byConvention(tab, l))
					}
				}
				for _, e := range c.Enums {
					out = append(out, e.Schema+e.Name+strings.Join(e.Values, ","))
				}
				return out
			}
			compare(t, lines(was), lines(is))
			if t.Failed() {
				t.Logf("%s", source)
			}
		})
	}
}

// byConvention takes the name out of a line about a constraint that was made
// without one, which models name.
func byConvention(t *schema.TableDef, line string) string {
	name := regexp.QuoteMeta(t.Name)
	return regexp.MustCompile(`^(unique|foreign key) "(`+name+`_[^"]*key|(uq|fk)_`+name+`_[^"]*)?" `).ReplaceAllString(line, "$1 ")
}
