// Package property tests the unit of work by random sequences of its verbs. Each
// step is done twice: by the unit of work on a real database, and by a plain
// model in memory that knows which rows there are and what every entity must
// hold. After each step the entities are compared, and after each flush, commit
// and rollback the rows. What must fail must fail in the way that the model
// foretells.
//
// Run is called with SQLite here and with PostgreSQL by package integration.
package property
