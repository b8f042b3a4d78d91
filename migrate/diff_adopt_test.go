package migrate

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/schema"
)

// A database that was not made by Dormer, with constraints that nobody named.
func TestDiffOfAForeignDatabase(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			execAll(t, db, "CREATE TABLE orgs (id INTEGER PRIMARY KEY, code VARCHAR(8) NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE)",
				"CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, org INTEGER REFERENCES orgs (id), age INTEGER CHECK (age > 0) CHECK (age < 200))")
			orgs := schema.NewTable("orgs", schema.Col("id", schema.Int()), schema.Col("code", schema.Varchar(8)), schema.Col("name", schema.LongText()), schema.Key("id"),
				schema.UniqueKey("uq_orgs_code", "code"))
			if db.Dialect().Capabilities().InlineIdentity {
				orgs.Columns[0].Identity = true // an INTEGER PRIMARY KEY is one by itself
			}
			users := schema.NewTable("users", schema.Col("id", schema.Int()), schema.Col("org", schema.Int()).Nullable(), schema.Col("age", schema.Int()).Nullable(), schema.Key("id"),
				schema.CheckThat("ck_users_age", schema.SQL("age < 200")),
				schema.Reference("fk_users_org", []string{"org"}, "orgs", []string{"id"}))
			if db.Dialect().Capabilities().InlineIdentity {
				users.Columns[0].Identity = true
			}
			model := []*schema.TableDef{orgs, users}
			execAll(t, db, "INSERT INTO orgs (id, code, name) VALUES (1, 'a', 'A')", "INSERT INTO users (id, org, age) VALUES (1, 1, 30)")
			diff := differences(t, db, model)
			if s := diff.String(); strings.Count(s, "op.DropUnique(") != 1 || strings.Count(s, "op.DropCheck(") != 1 || strings.Contains(s, "op.Add") || strings.Contains(s, "Column") {
				t.Errorf("found\n%s", s)
			}
			alter(t, db, diff.Operations)
			noDifference(t, db, model)
			execAll(t, db, "INSERT INTO orgs (id, code, name) VALUES (2, 'b', 'A')", "INSERT INTO users (id, org, age) VALUES (2, 1, -1)")
			if err := tryExec(t, db, "INSERT INTO orgs (id, code, name) VALUES (3, 'b', 'C')"); err == nil {
				t.Error("the UNIQUE that stays is gone")
			}
			if err := tryExec(t, db, "INSERT INTO users (id, age) VALUES (4, 300)"); err == nil {
				t.Error("the CHECK that stays is gone")
			}
			if err := tryExec(t, db, "INSERT INTO users (id, org) VALUES (5, 99)"); err == nil {
				t.Error("the foreign key that stays is gone")
			}
		})
	}
}
