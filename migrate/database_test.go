package migrate

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// database is a kind of database that tests run on.
type database struct {
	name string
	// url makes an empty database, which goes when the test ends, and returns its
	// URL: for tests that open it several times.
	url func(t testing.TB) string
}

// databases are SQLite, and PostgreSQL where DORMER_TEST_POSTGRES names a server.
//
//	for _, d := range databases(t) {
//		t.Run(d.name, func(t *testing.T) { db := d.open(t) … })
//	}
func databases(t testing.TB) []database {
	t.Helper()
	list := []database{{"sqlite", func(t testing.TB) string {
		return "sqlite:///" + filepath.Join(t.TempDir(), "test.db")
	}}}
	if server := os.Getenv("DORMER_TEST_POSTGRES"); server != "" {
		list = append(list, database{"postgres", func(t testing.TB) string { return newPostgres(t, server) }})
	}
	return list
}

// open opens an empty database of the test's own. Without a Metadata among opts
// the engine has an empty one.
func (d database) open(t testing.TB, opts ...engine.Option) *engine.Engine {
	t.Helper()
	return openURL(t, d.url(t), opts...)
}

// openURL opens a database until the test ends.
func openURL(t testing.TB, url string, opts ...engine.Option) *engine.Engine {
	t.Helper()
	opts = append([]engine.Option{engine.Metadata(schema.NewMetadata())}, opts...)
	db, err := engine.Open(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// execAll runs statements of hand-written SQL, in order.
func execAll(t testing.TB, db *engine.Engine, statements ...string) {
	t.Helper()
	c, err := db.Acquire(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	for _, s := range statements {
		if err := c.ExecDDL(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// newPostgres makes a database on the server.
func newPostgres(t testing.TB, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("DORMER_TEST_POSTGRES is no URL")
	}
	name := "migrate_" + strings.ToLower(rand.Text()[:16])
	admin := func(sql string) error {
		db, err := engine.Open(server)
		if err != nil {
			return err
		}
		_, err = db.Exec(context.Background(), sql)
		if cerr := db.Close(); err == nil {
			err = cerr
		}
		return err
	}
	if err := admin(fmt.Sprintf(`CREATE DATABASE %q TEMPLATE template0`, name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin(fmt.Sprintf(`DROP DATABASE IF EXISTS %q WITH (FORCE)`, name)); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name
	return u.String()
}
