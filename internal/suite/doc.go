// Package suite holds the tests that every database must pass: the unit of work,
// the repositories and all below them, on a real database. The main module runs
// it on SQLite, the integration module on servers.
//
// A test is a method of suite whose name begins with Test; S and D numbers in
// names are those of the semantics that Dormer keeps to. What only some databases
// have is asked of the dialect's Capabilities.
package suite
