// Package containers starts the database servers of the container tests, each once per process, and stops them.
//
//	func TestMain(m *testing.M) { os.Exit(containers.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		db, err := sql.Open("postgres", containers.Postgres(t))
//		…
//	}
//
// The first call of a test binary starts the server, later ones and parallel ones get the same URL, so a test that needs a
// database of its own makes one on that server. A server that could not be started fails every test that asks for it:
// the tests never pass by not running. integration/prepare.sh makes a machine ready.
//
// Servers end with the process, by three hands, the later ones for when the earlier ones could not act:
//
//   - [Main] removes them when the tests are through.
//   - A reaper, a second copy of the test binary, removes them when the process has died, by a panic, a timeout, os.Exit or a
//     signal. It does without the container that testcontainers uses for this, whose image needs a registry.
//   - The next process that starts a server first removes those whose process is gone, by the labels they carry.
//
// The package opens no database and registers no driver: a test binary has those that it imports.
//
// All functions may be called by several goroutines at once. [Pause], [Kill] and [Restart] act on a server that all tests of the
// process share, so a test that calls them must not run in parallel with others.
package containers
