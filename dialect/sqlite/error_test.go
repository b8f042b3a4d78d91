package sqlite_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
)

// The table that is not there is named whole, whatever its name.
func TestUndefinedTableIsNamed(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := sqlite.New()
	for _, name := range []string{"plain", "a.b", `ta"b'le; -- ü%s`, "two words", "x (y)", "x (7)", "temp", "no such table: z", "a:b"} {
		quoted := string(d.AppendQuoted(nil, name))
		for _, stmt := range []string{
			"SELECT * FROM " + quoted, "SELECT * FROM main." + quoted, "INSERT INTO " + quoted + " VALUES (1)", "DELETE FROM " + quoted, "DROP TABLE " + quoted,
			"UPDATE " + quoted + " SET a = 1",
		} {
			_, err := db.Exec(stmt)
			var u *dialect.UndefinedTable
			if err = d.Translate(err); !errors.As(err, &u) || u.Table != name {
				t.Errorf("%s: %v, %+v", stmt, err, u)
			}
		}
	}
	// A trigger and a foreign key name a table that is none of the statement's.
	for _, stmt := range []string{
		"PRAGMA foreign_keys = ON", `CREATE TABLE c (p REFERENCES "the parent"(id))`, "CREATE TABLE t (a)", `CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO "the.log" VALUES (1); END`,
	} {
		if _, err := db.Exec(stmt); err != nil {
			t.Fatal(err)
		}
	}
	for stmt, name := range map[string]string{"INSERT INTO c VALUES (1)": "the parent", "INSERT INTO t VALUES (1)": "the.log"} {
		_, err := db.Exec(stmt)
		var u *dialect.UndefinedTable
		if err = d.Translate(err); !errors.As(err, &u) || u.Table != name {
			t.Errorf("%s: %v, %+v", stmt, err, u)
		}
	}
}
