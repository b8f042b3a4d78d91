package dormertest

import (
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/migrate"
)

// Migrated is SQLite with the tables that revisions make: a new database upgraded to
// all heads, as production is, instead of one that the model's tables are created in.
// The upgrade runs once per process and set; each test gets a copy. The engine has
// schema.Default as its Metadata.
//
//	db := dormertest.Migrated(t, migrations.Revisions)
//
// What goes wrong ends the test: with a set, or in a revision.
func Migrated(t testing.TB, revisions migrate.Set) *engine.Engine {
	t.Helper()
	return OpenMigrated(t, "sqlite://test.db", revisions)
}

// OpenMigrated is Migrated for a database URL of any kind, which says what Open's
// does.
func OpenMigrated(t testing.TB, url string, revisions migrate.Set) *engine.Engine {
	t.Helper()
	return open(t, &set{url: url, revisions: &revisions})
}
