package containers

import (
	"net/url"
	"testing"
)

const (
	postgresUser     = "dormer"
	postgresPassword = "dormer"
	postgresDatabase = "dormer"
)

var postgres = &server{spec: spec{
	name:     "postgres",
	official: "postgres:15",
	port:     "5432/tcp",
	env: map[string]string{
		"POSTGRES_USER":     postgresUser,
		"POSTGRES_PASSWORD": postgresPassword,
		"POSTGRES_DB":       postgresDatabase,
		// One collation whichever image it is, so that ORDER BY on text has one answer.
		"POSTGRES_INITDB_ARGS": "--encoding=UTF8 --locale=C.UTF-8 --no-sync",
	},
	// The data lives as long as the container: nothing is gained by waiting for the disk. A commit is handed to the system all the
	// same, so that it outlives a Kill.
	command: []string{"postgres",
		"-c", "fsync=off",
		"-c", "full_page_writes=off",
		"-c", "max_connections=200",
		"-c", "max_prepared_transactions=20",
	},
	// By TCP: the server that prepares the cluster takes connections too, but only by socket.
	ready: []string{"pg_isready", "-q", "-h", loopback, "-p", "5432", "-U", postgresUser, "-d", postgresDatabase},
	url: url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(postgresUser, postgresPassword),
		Path:     "/" + postgresDatabase,
		RawQuery: "sslmode=disable",
	},
}}

// Postgres returns the URL of a PostgreSQL server, postgres://user:password@127.0.0.1:port/database?sslmode=disable, whose user
// is a superuser. The server is started by the first call in a process and shared by all others; it has 200 connections, UTF-8,
// the C.UTF-8 collation, and does not sync to disk.
//
// DORMER_POSTGRES_IMAGE names another image that follows the conventions of the official one. Without a Docker engine, or when
// the server does not start, the test fails, and so does every later one that asks.
//
// Postgres may be called by several goroutines at once, each on a testing.TB of its own.
func Postgres(t testing.TB) string {
	t.Helper()
	return postgres.get(t)
}
