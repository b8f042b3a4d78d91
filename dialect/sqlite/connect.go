package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
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
func (Dialect) DSN(u *dialect.URL, driver string) (string, bool, error) {
	if u.User != "" || u.HasPassword || u.Port != "" {
		return "", false, errors.New("sqlite: a file has no user, password or port: write sqlite://:memory:, sqlite://blog.db, or an absolute path as in sqlite:////srv/blog.db")
	}
	if err := checkParameters(u.Query, driver); err != nil {
		return "", false, err
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

// parameters are the URI parameters of SQLite and of its drivers that take but a
// few values.
var parameters = map[string][]string{
	"mode":         {"ro", "rw", "rwc", "memory"},
	"cache":        {"shared", "private"},
	"nolock":       booleans,
	"immutable":    booleans,
	"psow":         booleans,
	"_txlock":      {"deferred", "immediate", "exclusive"},
	"_time_format": {"sqlite"},
}

var booleans = []string{"0", "1", "on", "off", "yes", "no", "true", "false"}

// uriParameters are SQLite's own. What it does not know, it passes over without a
// word.
var uriParameters = []string{"cache", "immutable", "mode", "modeof", "nolock", "psow", "vfs"}

// driverParameters are those of the drivers by name: of glebarez's and modernc's,
// and of mattn's.
var driverParameters = map[string][]string{
	"sqlite": {
		"_dqs", "_error_rc", "_inttotime", "_pragma", "_query_only", "_texttotime", "_time_format", "_time_integer_format", "_timezone", "_txlock",
	},
	"sqlite3": {
		"_auth", "_auth_crypt", "_auth_pass", "_auth_salt", "_auth_user", "_auto_vacuum", "_busy_timeout", "_cache_size", "_case_sensitive_like", "_cslike",
		"_defer_fk", "_defer_foreign_keys", "_fk", "_foreign_keys", "_ignore_check_constraints", "_journal", "_journal_mode", "_loc", "_locking",
		"_locking_mode", "_mutex", "_query_only", "_recursive_triggers", "_rt", "_secure_delete", "_sync", "_synchronous", "_timeout", "_txlock", "_vacuum",
		"_writable_schema",
	},
}

// checkParameters refuses what SQLite, asked to open the file, would call an
// error of logic or out of memory, and what neither it nor the driver knows. Of a
// driver that is not known all parameters are taken.
func checkParameters(q url.Values, driver string) error {
	own, strict := driverParameters[driver]
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if strict && !slices.Contains(uriParameters, name) && !slices.Contains(own, name) {
			return fmt.Errorf("sqlite: the URL's parameter %q is not known: there are %s", name, strings.Join(slices.Concat(uriParameters, own), ", "))
		}
		for _, v := range q[name] {
			if allowed := parameters[name]; allowed != nil && !slices.Contains(allowed, v) {
				return fmt.Errorf("sqlite: the URL's parameter %s has a value that it does not take: write one of %s", name, strings.Join(allowed, ", "))
			}
			if name == "_pragma" && !hasValue(v) {
				return errors.New("sqlite: the URL's parameter _pragma names no value: write _pragma=name(value) or _pragma=name%3Dvalue")
			}
		}
	}
	return nil
}

// hasValue reports whether a pragma is written as name(value) or name=value.
func hasValue(pragma string) bool {
	i := strings.IndexAny(pragma, "(=")
	if i <= 0 || strings.Trim(pragma[:i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_. ") != "" {
		return false
	}
	value := pragma[i+1:]
	if pragma[i] == '(' {
		inner, ok := strings.CutSuffix(strings.TrimSpace(value), ")")
		if !ok {
			return false
		}
		value = inner
	}
	return strings.TrimSpace(value) != ""
}

// Setup turns on what each connection must be told: the wait for locks first,
// since the others may need it. The two that concern the connection alone, and
// wait for nothing, are sent at once; the one that may find the file locked is by
// itself, to be tried again.
func (Dialect) Setup(file bool) []string {
	s := []string{"PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON"}
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
