package sqlite

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
)

// Drivers are glebarez's or modernc's, which share a name, and mattn's.
func (Dialect) Drivers() []dialect.Driver {
	return []dialect.Driver{
		{Name: "sqlite", Import: "github.com/glebarez/sqlite"},
		{Name: "sqlite3", Import: "github.com/mattn/go-sqlite3"},
	}
}

// DSN is the file's path, as a file: URI where the URL has parameters or the
// path has characters that a URI would take for its own. A database in memory is
// one connection's, so all work goes through one.
func (Dialect) DSN(u *dialect.URL, _ string) (string, bool, error) {
	if u.User != "" || u.HasPassword || u.Port != "" {
		return "", false, errors.New("sqlite: a file has no user, password or port: write sqlite://:memory:, sqlite://blog.db, or an absolute path as in sqlite:////srv/blog.db")
	}
	path := u.Host + u.Path
	if u.Host == "" {
		path = u.Database()
	}
	if path == "" || path == ":memory:" || u.Query.Get("mode") == "memory" {
		return ":memory:", true, nil
	}
	if len(u.Query) == 0 && !strings.ContainsAny(path, "?#%") && !strings.HasPrefix(path, "file:") {
		return path, false, nil
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath()
	if len(u.Query) > 0 {
		dsn += "?" + u.Query.Encode()
	}
	return dsn, false, nil
}

// Setup turns on what each connection must be told: the wait for locks first,
// since the others may need it.
func (Dialect) Setup(file bool) []string {
	s := []string{"PRAGMA busy_timeout = 5000", "PRAGMA foreign_keys = ON"}
	if file {
		s = append(s, "PRAGMA journal_mode = WAL")
	}
	return s
}

// BeginSQL takes the write lock at once unless the transaction only reads: one
// that takes it later fails at once if another has written in between.
func (Dialect) BeginSQL(opts sql.TxOptions) string {
	if opts.ReadOnly {
		return "BEGIN"
	}
	return "BEGIN IMMEDIATE"
}
