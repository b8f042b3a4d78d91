package integration_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	atlasmigrate "ariga.io/atlas/sql/migrate"
	atlaspostgres "ariga.io/atlas/sql/postgres"
	atlas "ariga.io/atlas/sql/schema"
	atlassqlite "ariga.io/atlas/sql/sqlite"
	_ "github.com/glebarez/go-sqlite"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/integration/containers"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
)

// oracle is Atlas's library for one kind of database.
type oracle struct {
	name string
	// empty is the URL of a new, empty database.
	empty func(t *testing.T) string
	open  func(atlas.ExecQuerier) (atlasmigrate.Driver, error)
}

// made counts the databases on the server.
var made atomic.Int64

func oracles(t *testing.T) []oracle {
	server := containers.Postgres(t)
	return []oracle{
		{"sqlite", func(t *testing.T) string {
			return "sqlite:///" + filepath.Join(t.TempDir(), "test.db")
		}, atlassqlite.Open},
		{"postgres", func(t *testing.T) string {
			name := fmt.Sprintf("atlas_%d", made.Add(1))
			admin, err := engine.Open(server)
			if err != nil {
				t.Fatal(err)
			}
			defer admin.Close()
			if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(server)
			if err != nil {
				t.Fatal(err)
			}
			u.Path = "/" + name
			return u.String()
		}, atlaspostgres.Open},
	}
}

// database opens an empty database until the test ends.
func (o oracle) database(t *testing.T, m *schema.Metadata) *engine.Engine {
	t.Helper()
	db, err := engine.Open(o.empty(t), engine.Metadata(m))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// created is a database that CreateAll made.
func (o oracle) created(t *testing.T, step int) *engine.Engine {
	t.Helper()
	db := o.database(t, schema.NewMetadata())
	m := stepModel(step, db.Dialect().Capabilities())
	db = o.database(t, m)
	if err := db.CreateAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// inspect is what Atlas sees of a database, without the tables of migrations.
func (o oracle) inspect(t *testing.T, q atlas.ExecQuerier) *atlas.Realm {
	t.Helper()
	driver, err := o.open(q)
	if err != nil {
		t.Fatal(err)
	}
	realm, err := driver.InspectRealm(t.Context(), &atlas.InspectRealmOption{Exclude: []string{"*.dormer_version", "*.dormer_revision"}})
	if err != nil {
		t.Fatal(err)
	}
	return realm
}

// changes are the differences that Atlas finds from what it saw to a database. Both
// are as the database prints them, so that Atlas may compare the text of a CHECK.
// Change of a computed column is an error of Atlas's, and the only finding then.
func (o oracle) changes(t *testing.T, was *atlas.Realm, to atlas.ExecQuerier) []string {
	t.Helper()
	driver, err := o.open(to)
	if err != nil {
		t.Fatal(err)
	}
	is := o.inspect(t, to)
	if len(is.Schemas) == 0 {
		t.Fatal("Atlas finds no schema")
	}
	sameNames(was)
	list, err := driver.RealmDiff(was, is, atlas.DiffNormalized())
	if err != nil {
		return []string{err.Error()}
	}
	return told(list)
}

// told names changes, and those within them.
func told(list []atlas.Change) (out []string) {
	say := func(c atlas.Change, format string, args ...any) {
		out = append(out, strings.TrimPrefix(fmt.Sprintf("%T ", c), "*schema.")+fmt.Sprintf(format, args...))
	}
	for _, c := range list {
		switch c := c.(type) {
		case *atlas.ModifySchema:
			out = append(out, told(c.Changes)...)
		case *atlas.ModifyTable:
			for _, s := range told(c.Changes) {
				out = append(out, c.T.Name+": "+s)
			}
		case *atlas.AddTable:
			say(c, "%s", c.T.Name)
		case *atlas.DropTable:
			say(c, "%s", c.T.Name)
		case *atlas.AddColumn:
			say(c, "%s", c.C.Name)
		case *atlas.DropColumn:
			say(c, "%s", c.C.Name)
		case *atlas.ModifyColumn:
			say(c, "%s %s: %+v, %+v", c.From.Name, c.Change, *c.From, *c.To)
		case *atlas.AddIndex:
			say(c, "%s", c.I.Name)
		case *atlas.DropIndex:
			say(c, "%s", c.I.Name)
		case *atlas.ModifyIndex:
			say(c, "%s %s: %+v, %+v", c.From.Name, c.Change, *c.From, *c.To)
		case *atlas.ModifyForeignKey:
			say(c, "%s %s", c.From.Symbol, c.Change)
		case *atlas.ModifyCheck:
			say(c, "%s: %s, %s", c.From.Name, c.From.Expr, c.To.Expr)
		default:
			say(c, "%+v", c)
		}
	}
	return out
}

// sameNames does for the database that a comparison starts from what Atlas does for
// the one that it leads to. Its SQLite driver calls the index of a UNIQUE constraint
// <table>_<columns> there, and leaves it its sqlite_autoindex name here, so that each
// would be dropped and added.
func sameNames(r *atlas.Realm) {
	for _, s := range r.Schemas {
		for _, t := range s.Tables {
			for _, x := range t.Indexes {
				if strings.HasPrefix(x.Name, "sqlite_autoindex_") {
					x.Name = t.Name
					for _, p := range x.Parts {
						x.Name += "_" + p.C.Name
					}
				}
			}
		}
	}
}

// alike fails where Atlas finds a difference, whichever database it starts from.
func (o oracle) alike(t *testing.T, what string, got, want *engine.Engine) {
	t.Helper()
	for _, c := range o.changes(t, o.inspect(t, got.DB()), want.DB()) {
		t.Errorf("%s, and Atlas finds: %s", what, c)
	}
	for _, c := range o.changes(t, o.inspect(t, want.DB()), got.DB()) {
		t.Errorf("%s, and Atlas finds the other way: %s", what, c)
	}
}

// differ is what autogenerate finds.
func differ(t *testing.T, db *engine.Engine, m *schema.Metadata) *migrate.Difference {
	t.Helper()
	d, err := migrate.Diff(t.Context(), db, m, migrate.DropUnknown())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range d.Notes {
		t.Errorf("note: %s", n)
	}
	return d
}

// add adds to a set the revision that a difference makes.
func add(t *testing.T, set *migrate.Set, id string, parents []string, d *migrate.Difference) {
	t.Helper()
	back, lost := d.Reverse()
	if len(lost) > 0 {
		t.Fatalf("no way back from %v", lost)
	}
	set.Add(migrate.Revision{
		ID: id, Parents: parents,
		Upgrade:   func(op *migrate.Op) { op.Add(d.Operations...) },
		Downgrade: func(op *migrate.Op) { op.Add(back...) },
	})
}

// Each model, made by autogenerate from nothing, is to Atlas what CreateAll makes.
func TestAtlasFindsNothingAfterAutogenerate(t *testing.T) {
	for _, o := range oracles(t) {
		for i, step := range steps {
			t.Run(o.name+"/"+step.name, func(t *testing.T) {
				want := o.created(t, i)
				db := o.database(t, schema.NewMetadata())
				var set migrate.Set
				add(t, &set, "r", nil, differ(t, db, want.Metadata()))
				if err := migrate.Upgrade(t.Context(), db, set, "head"); err != nil {
					t.Fatal(err)
				}
				o.alike(t, "it was made by autogenerate", db, want)
			})
		}
	}
}

// A database that goes from model to model, and back again, is each time to Atlas
// what CreateAll makes of the model.
func TestAtlasFindsNothingAfterEachRevision(t *testing.T) {
	for _, o := range oracles(t) {
		t.Run(o.name, func(t *testing.T) {
			db := o.database(t, schema.NewMetadata())
			models := []*engine.Engine{o.database(t, schema.NewMetadata())}
			var set migrate.Set
			var parents []string
			for i, step := range steps {
				want := o.created(t, i)
				d := differ(t, db, want.Metadata())
				if d.Empty() {
					t.Errorf("%s: nothing changes", step.name)
				}
				id := fmt.Sprintf("r%d", i)
				add(t, &set, id, parents, d)
				if err := migrate.Upgrade(t.Context(), db, set, "head", migrate.AllowDataLoss()); err != nil {
					t.Fatalf("%s: %v\n%s", step.name, err, d)
				}
				o.alike(t, step.name, db, want)
				if len(o.changes(t, o.inspect(t, db.DB()), models[i].DB())) == 0 {
					t.Errorf("%s: Atlas does not tell the models apart", step.name)
				}
				if t.Failed() {
					t.Fatalf("%s", d)
				}
				models, parents = append(models, want), []string{id}
			}
			for i := len(steps) - 1; i >= 0; i-- {
				if err := migrate.Downgrade(t.Context(), db, set, "-1", migrate.AllowDataLoss()); err != nil {
					t.Fatalf("back from %s: %v", steps[i].name, err)
				}
				o.alike(t, "back from "+steps[i].name, db, models[i])
			}
		})
	}
}

// alterations are made by hand on the last model. Those of SQLite replace a text of
// the schema's; those of PostgreSQL are statements.
var alterations = map[string][]struct{ name, old, change string }{
	"sqlite": {
		{"a type", `"weight" DOUBLE PRECISION`, `"weight" TEXT`},
		{"nullability", `"weight" DOUBLE PRECISION`, `"weight" DOUBLE PRECISION NOT NULL`},
		{"a default", `DEFAULT '7a'`, `DEFAULT '7b'`},
		{"a default that goes", ` DEFAULT '7a'`, ``},
		{"a default of SQL", `'now')`, `'now', '+1 day')`},
		{"a column's name", `"weight"`, `"mass"`},
		{"a column more", `"weight" DOUBLE PRECISION,`, `"weight" DOUBLE PRECISION, "more" INTEGER,`},
		{"a column less", `"weight" DOUBLE PRECISION,`, ``},
		{"a computed column", `("id" * (3))`, `("id" * (4))`},
		{"a computed column that is not stored", `("id" * (3)) STORED`, `("id" * (3)) VIRTUAL`},
		{"a key's columns", `PRIMARY KEY ("code", "id")`, `PRIMARY KEY ("code")`},
		{"a UNIQUE constraint's columns", `UNIQUE ("title", "price")`, `UNIQUE ("title", "weight")`},
		{"a CHECK", `id>3`, `id>4`},
		{"an enum's values", `'blue', 'black', 'green'`, `'blue', 'green'`},
		{"a CHECK's name", `"ck_gadgets_price"`, `"ck_devices_price"`},
		{"what a foreign key does", `"producers" ("id") ON UPDATE CASCADE`, `"producers" ("id") ON UPDATE RESTRICT`},
		{"a foreign key less", `CONSTRAINT "fk_lines" FOREIGN KEY ("b", "c") REFERENCES "customers" ("code", "id") ON UPDATE CASCADE`, `CHECK (TRUE)`},
		{"an index's columns", `("big", "long")`, `("big", "short")`},
		{"an index's order", `("made_on" DESC)`, `("made_on")`},
		{"an index of an expression", `((lower("code")))`, `((upper("code")))`},
		{"an index's condition", `WHERE "id" > 10`, `WHERE "id" > 11`},
		{"an index that is not UNIQUE", `CREATE UNIQUE INDEX "ix_devices_code"`, `CREATE INDEX "ix_devices_code"`},
		{"an index's name", `"ix_devices_made_on"`, `"ix_devices_made"`},
	},
	"postgres": {
		{"a type", "", `ALTER TABLE devices ALTER weight TYPE real`},
		{"a type's size", "", `ALTER TABLE devices ALTER code TYPE varchar(13)`},
		{"a type's scale", "", `ALTER TABLE devices ALTER price TYPE numeric(14, 3)`},
		{"a type's elements", "", `ALTER TABLE every ALTER counts TYPE integer[]`},
		{"nullability", "", `ALTER TABLE devices ALTER weight SET NOT NULL`},
		{"a default", "", `ALTER TABLE devices ALTER code SET DEFAULT '7b'`},
		{"a default that goes", "", `ALTER TABLE devices ALTER code DROP DEFAULT`},
		{"a column's name", "", `ALTER TABLE devices RENAME weight TO mass`},
		{"a column more", "", `ALTER TABLE devices ADD more integer`},
		{"a column less", "", `ALTER TABLE devices DROP weight`},
		{"a computed column", "", `ALTER TABLE devices DROP doubled, ADD doubled bigint GENERATED ALWAYS AS (id * 4) STORED NOT NULL`},
		{"a column that is computed no longer", "", `ALTER TABLE devices ALTER doubled DROP EXPRESSION`},
		{"a column that counts no longer", "", `ALTER TABLE orders ALTER id DROP IDENTITY`},
		{"a column's comment", "", `COMMENT ON COLUMN devices.title IS 'another'`},
		{"a table's comment", "", `COMMENT ON TABLE every IS NULL`},
		{"the key's order", "", `ALTER TABLE devices DROP CONSTRAINT devices_pkey, ADD PRIMARY KEY (id, code)`},
		{"a UNIQUE constraint's columns", "", `ALTER TABLE devices DROP CONSTRAINT uq_devices_title_price, ADD CONSTRAINT uq_devices_title_price UNIQUE (title, weight)`},
		{"a CHECK", "", `ALTER TABLE devices DROP CONSTRAINT ck_gadgets_code, ADD CONSTRAINT ck_gadgets_code CHECK (code<>'' OR id>4)`},
		{"a CHECK's name", "", `ALTER TABLE devices RENAME CONSTRAINT ck_gadgets_code TO ck_devices_code`},
		{"an enum's values", "", `ALTER TYPE colour ADD VALUE 'white'`},
		{"an enum's value", "", `ALTER TYPE colour RENAME VALUE 'black' TO 'white'`},
		{"what a foreign key does", "", `ALTER TABLE lines DROP CONSTRAINT fk_lines, ADD CONSTRAINT fk_lines FOREIGN KEY (b, c) REFERENCES customers (code, id) ON UPDATE RESTRICT`},
		{"a foreign key less", "", `ALTER TABLE lines DROP CONSTRAINT fk_lines`},
		{"an index's columns", "", `DROP INDEX ix_every_big_long; CREATE INDEX ix_every_big_long ON every (big, short)`},
		{"an index's order", "", `DROP INDEX ix_devices_made_on; CREATE INDEX ix_devices_made_on ON devices (made_on)`},
		{"an index's NULLs", "", `DROP INDEX ix_devices_made_on; CREATE INDEX ix_devices_made_on ON devices (made_on DESC NULLS LAST)`},
		{"an index's further columns", "", `DROP INDEX ix_every_include; CREATE INDEX ix_every_include ON every ("order") INCLUDE (single)`},
		{"an index of an expression", "", `DROP INDEX ix_devices_code; CREATE UNIQUE INDEX ix_devices_code ON devices (upper(code)) INCLUDE (price) WHERE id > 10`},
		{"an index's condition", "", `DROP INDEX ix_devices_code; CREATE UNIQUE INDEX ix_devices_code ON devices (lower(code)) INCLUDE (price) WHERE id > 11`},
		{"an index's method", "", `DROP INDEX ix_devices_made_on; CREATE INDEX ix_devices_made_on ON devices USING brin (made_on)`},
		{"a table of another schema", "", `ALTER TABLE "some place".placed ADD more integer`},
		{"a table's schema", "", `ALTER TABLE "some place".placed SET SCHEMA public`},
	},
}

// unseen are alterations that Atlas does not find, with the reason: what the tests
// above cannot tell, and those of package migrate must.
var unseen = map[string][]struct{ name, old, change string }{
	"sqlite": {
		// Its inspector lists the key's columns as they stand in the table.
		{"the key's order", `PRIMARY KEY ("code", "id")`, `PRIMARY KEY ("id", "code")`},
		// Its differ compares the kinds of types, not their sizes.
		{"a type's size", `VARCHAR(12)`, `VARCHAR(13)`},
		// Neither its inspector nor its differ knows a column's collation.
		{"a collation", `COLLATE "NOCASE"`, `COLLATE "RTRIM"`},
		// It reads the foreign keys from a PRAGMA, which does not tell.
		{"a foreign key that does not wait", `ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED`, `ON UPDATE CASCADE`},
		// It reads UNIQUE constraints as the indexes that they make.
		{"a UNIQUE constraint's name", `"uq_devices_title_price"`, `"uq_devices_price"`},
		// Its differ takes foreign keys with the same columns for the same.
		{"a foreign key's name", `"fk_lines"`, `"fk_lines_customers"`},
	},
	"postgres": {
		// Its differ does not compare foreign keys' attributes.
		{"a foreign key that does not wait", "", `ALTER TABLE devices ALTER CONSTRAINT fk_devices_producer_id NOT DEFERRABLE`},
		// Its differ does not compare columns' collations.
		{"a collation", "", `ALTER TABLE every ALTER collated TYPE text COLLATE "POSIX"`},
	},
}

// Atlas finds what somebody has altered by hand, but for what is known: it is an
// oracle that speaks.
func TestAtlasFindsWhatIsAltered(t *testing.T) {
	for _, o := range oracles(t) {
		whole := o.created(t, len(steps)-1)
		for _, a := range alterations[o.name] {
			t.Run(o.name+"/"+a.name, func(t *testing.T) {
				if len(altered(t, o, whole, a.old, a.change)) == 0 {
					t.Error("Atlas does not find it")
				}
			})
		}
		for _, a := range unseen[o.name] {
			t.Run(o.name+"/unseen/"+a.name, func(t *testing.T) {
				if found := altered(t, o, whole, a.old, a.change); len(found) > 0 {
					t.Errorf("Atlas finds it now: move it to the alterations: %s", found)
				}
			})
		}
	}
}

// altered is what Atlas finds between a database and one that was altered by hand.
func altered(t *testing.T, o oracle, whole *engine.Engine, old, change string) []string {
	t.Helper()
	was := o.inspect(t, whole.DB()) // before a transaction locks tables
	if o.name == "sqlite" {
		return o.changes(t, was, edited(t, o, whole, old, change).DB())
	}
	tx, err := whole.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	return o.changes(t, was, tx)
}

// edited is a database with the schema of another, but for one text in it.
func edited(t *testing.T, o oracle, whole *engine.Engine, old, change string) *engine.Engine {
	t.Helper()
	var statements []string
	if err := whole.Select(t.Context(), &statements, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY type DESC"); err != nil {
		t.Fatal(err)
	}
	db := o.database(t, schema.NewMetadata())
	times := 0
	for _, s := range statements {
		times += strings.Count(s, old)
		if _, err := db.Exec(t.Context(), strings.ReplaceAll(s, old, change)); err != nil {
			t.Fatal(err)
		}
	}
	if times != 1 {
		t.Fatalf("%q stands %d times in the schema", old, times)
	}
	return db
}
