package dialect

// Migrating is what migrations ask of a database beyond its DDL.
type Migrating interface {
	// MigrationLock is how a migration keeps others away.
	MigrationLock() MigrationLock
	// RebuildReady is a query for one number, which is 0 once RebuildBegin of the
	// Capabilities has worked; "" where tables are not rebuilt. It does not work
	// inside a transaction.
	RebuildReady() string
	// Clock is an expression of the moment as text: RFC 3339, UTC, whole seconds.
	Clock() string
	// Denied reports whether err says that the user lacks a permission.
	Denied(err error) bool
}

// MigrationLock is a lock on the database that one migration at a time holds.
type MigrationLock struct {
	// Try and Release are queries for one boolean, sent outside transactions: the
	// session has the lock from Try's true until Release. Where they are "", BEGIN
	// takes the lock, for as long as the transaction lasts.
	Try, Release string
	// Holder is a query for texts that say who has the lock, "" where nobody knows.
	Holder string
	// Impatient has BEGIN fail soon instead of waiting for the lock, Patient sets it
	// back. Both are "" where Try is not.
	Impatient, Patient string
}
