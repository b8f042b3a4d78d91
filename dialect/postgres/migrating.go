package postgres

import (
	"errors"

	"github.com/dormer-orm/dormer/dialect"
)

var _ dialect.Migrating = Dialect{}

// MigrationLock is an advisory lock of the session. It is tried again and again
// rather than waited for: a statement that waits holds a snapshot, for which
// CREATE INDEX CONCURRENTLY in the session that has the lock would wait in turn.
func (Dialect) MigrationLock() dialect.MigrationLock {
	return dialect.MigrationLock{
		Try:     "SELECT pg_try_advisory_lock(1148350829, 1768518241)",
		Release: "SELECT pg_advisory_unlock(1148350829, 1768518241)",
		Holder: `SELECT 'session ' || l.pid || coalesce(' of ' || a.usename, '') || coalesce(' from ' || a.client_addr::text, '') ||
			coalesce(' (' || nullif(a.application_name, '') || ')', '') || coalesce(', connected since ' || to_char(a.backend_start AT TIME ZONE 'utc', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')
			FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
			WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 1148350829 AND l.objid = 1768518241 AND l.objsubid = 2
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
	}
}

// RebuildReady is empty: tables are altered, not rebuilt.
func (Dialect) RebuildReady() string { return "" }

// Clock is the time of the transaction.
func (Dialect) Clock() string {
	return `to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}

// Denied reports insufficient_privilege.
func (Dialect) Denied(err error) bool {
	var s interface{ SQLState() string }
	return errors.As(err, &s) && s.SQLState() == "42501"
}
