package dormertest

import (
	"context"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/suite/watch"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
)

// SQLite returns an engine on a new SQLite database with the tables, or with all
// of schema.Default's where none is named. The database is a file in the test's
// temporary directory, so that connections, locks and WAL are as in production;
// when the test ends, the engine is closed and the file goes.
//
// What goes wrong ends the test: no driver imported, a wrong model, tables that
// cannot be created. It must be called by the test's own goroutine, as t.Fatal
// must; tests may run in parallel.
func SQLite(t testing.TB, tables ...schema.Handle) *engine.Engine {
	t.Helper()
	return Open(t, "sqlite://test.db", tables...)
}

// Open is SQLite for a database URL of any kind: it returns an engine on a new
// database with the tables, or with all of schema.Default's where none is named,
// and drops it when the test ends.
//
// On a server, the URL says how to reach it and as whom; the user must be allowed
// to create databases, and the database in the URL is only connected to. The new
// ones have names of their own that begin with dormertest_; processes do not
// disturb each other. What a killed process left behind, and templates no longer
// needed, are dropped by a later process after a quarter of an hour.
//
// For a file, the URL gives the driver, the parameters and the name; the file is
// made in the test's temporary directory, and the one in the URL not touched.
// sqlite://:memory: is a database in memory, whose tables are made each time.
func Open(t testing.TB, url string, tables ...schema.Handle) *engine.Engine {
	t.Helper()
	return open(t, &set{url: url, tables: tables, meta: metadataOf(tables)})
}

// open makes the set's database.
func open(t testing.TB, s *set) *engine.Engine {
	t.Helper()
	probe, err := engine.Open(s.url)
	if err != nil {
		t.Fatalf("dormertest: %v", err)
	}
	make, shared := makers[probe.Dialect().Name()], probe.Shared()
	_ = probe.Close() // it never connected
	switch {
	case shared:
		make = inMemory
	case make == nil:
		t.Fatalf("dormertest: no way is known to make a database for the scheme of %s", probe)
	}
	own, err := make(t, s)
	if err != nil {
		t.Fatalf("dormertest: %v", err)
	}
	return own
}

// makers make a test's own database, by dialect.
var makers = map[string]func(testing.TB, *set) (*engine.Engine, error){
	"sqlite":   file,
	"postgres": postgres,
}

// set is what a database is made for: a URL, and tables or revisions.
type set struct {
	url       string
	tables    []schema.Handle
	revisions *migrate.Set
	meta      *schema.Metadata
}

// fill makes what the set's databases have from the start.
func (s *set) fill(ctx context.Context, db *engine.Engine) error {
	if s.revisions != nil {
		return migrate.Upgrade(ctx, db, *s.revisions, "heads")
	}
	return db.CreateAll(ctx, s.tables...)
}

// metadataOf is the Metadata that the tables belong to; nil, which is the
// default one, for none or where they belong to several.
func metadataOf(tables []schema.Handle) *schema.Metadata {
	var m *schema.Metadata
	for _, h := range tables {
		def := schema.DefOf(h)
		if def == nil || m != nil && def.Metadata != m {
			return nil
		}
		m = def.Metadata
	}
	return m
}

// open opens one of the set's databases.
func (s *set) open(url string) (*engine.Engine, error) {
	log := new(watch.Log)
	db, err := engine.Open(url, engine.Metadata(s.meta), engine.Observer(log.Observe))
	if err == nil {
		watch.Keep(db, log)
	}
	return db, err
}

// closing closes db when the test ends, before what was registered earlier.
func closing(t testing.TB, db *engine.Engine) {
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("dormertest: close: %v", err)
		}
	})
}

// withPath puts another path, already percent-encoded, into a URL; the password
// stays in it, which the engine's own form of a URL does not give away.
func withPath(url, path string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	rest, query, has := strings.Cut(rest, "?")
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest = rest[:i]
	}
	url = scheme + "://" + rest + path
	if has {
		url += "?" + query
	}
	return url
}
