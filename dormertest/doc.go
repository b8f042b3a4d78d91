// Package dormertest gives a test a real database of its own in one line.
//
//	func TestRename(t *testing.T) {
//		db := dormertest.SQLite(t, Users, Posts)
//		users := UserService{repo.NewKeyed(db, Users.ID)}
//		…
//	}
//
// The database has the tables named, or all of schema.Default, is empty, and is
// gone when the test ends. The tables are created once per process and set of
// tables, in a template; each test gets a copy, which takes a millisecond or two
// on SQLite and some ten on PostgreSQL. Tests may run in parallel.
//
// A program with migrations tests on the tables that these make:
//
//	db := dormertest.Migrated(t, migrations.Revisions)
//
// The package imports no driver and starts no server. Import the driver in the
// test, such as
//
//	import _ "github.com/glebarez/sqlite"
//
// Where tests are many and the server is slow, one database and a sandbox for
// each test do as well: engine.Engine.Sandbox rolls back all that was done in
// it, transactions included.
package dormertest
