package sqlite

import "github.com/dormer-orm/dormer/dialect"

var _ dialect.Migrating = Dialect{}

const (
	codePerm = 3
	codeAuth = 23
)

// MigrationLock is the write lock, which BEGIN IMMEDIATE takes.
func (Dialect) MigrationLock() dialect.MigrationLock {
	return dialect.MigrationLock{Impatient: "PRAGMA busy_timeout = 20", Patient: "PRAGMA busy_timeout = 5000"}
}

// RebuildReady asks whether foreign keys are left unguarded: dropping the old
// table of a rebuild would delete the rows that point to it, or fail.
func (Dialect) RebuildReady() string { return "PRAGMA foreign_keys" }

// Clock is the time of the statement.
func (Dialect) Clock() string { return "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')" }

// Denied reports that the program, or the file's mode, forbids it.
func (Dialect) Denied(err error) bool {
	code, ok := resultCode(err)
	return ok && (code&0xff == codePerm || code&0xff == codeAuth)
}
