// Package both runs tests on every database that is there: SQLite always, and
// PostgreSQL where DORMER_TEST_POSTGRES holds the URL of a server. The test binary
// links the drivers.
package both

import (
	"os"
	"testing"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// Databases calls f in a subtest for each database, with an engine of a new and
// empty database that has the tables.
func Databases(t *testing.T, f func(t *testing.T, db *engine.Engine), tables ...schema.Handle) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, dormertest.SQLite(t, tables...)) })
	t.Run("postgres", func(t *testing.T) {
		url := os.Getenv("DORMER_TEST_POSTGRES")
		if url == "" {
			t.Skip("DORMER_TEST_POSTGRES is not set")
		}
		f(t, dormertest.Open(t, url, tables...))
	})
}
