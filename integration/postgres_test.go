package integration_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/integration/containers"
	_ "github.com/lib/pq"
)

func TestMain(m *testing.M) { os.Exit(containers.Main(m)) }

// The whole chain: engine, image, entry point, published port, password, driver.
func TestPostgresAnswers(t *testing.T) {
	db, err := sql.Open("postgres", containers.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	var version string
	if err := db.QueryRowContext(t.Context(), `SELECT version()`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(version, "PostgreSQL ") {
		t.Fatalf("version() = %q, expected a PostgreSQL", version)
	}
	t.Log(version)

	// What the suites rely on, whichever image it is.
	for setting, want := range map[string]string{
		"fsync":           "off",
		"max_connections": "200",
		"server_encoding": "UTF8",
		"TimeZone":        "Etc/UTC",
	} {
		var got string
		if err := db.QueryRowContext(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s = %q, expected %q", setting, got, want)
		}
	}
	var collation string
	if err := db.QueryRowContext(t.Context(),
		`SELECT datcollate FROM pg_database WHERE datname = current_database()`).Scan(&collation); err != nil {
		t.Fatal(err)
	}
	if collation != "C.UTF-8" {
		t.Errorf("collation = %q, expected C.UTF-8", collation)
	}
}
