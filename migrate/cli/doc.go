// Package cli is the command line of a program's migrations: a main package beside
// the folder of revisions calls Main, and dormer init writes it.
//
//	func main() { cli.Main(migrations.Revisions, schema.Default) }
//
// Each command is one function of package migrate, with flags; what a command does,
// a service or a test does by calling that function. The database is the one of
// --url, of the environment variable DORMER_URL, or of the option URL, in this
// order. The program imports the driver.
package cli
