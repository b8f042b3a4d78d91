package integration_test

import (
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/integration/containers"
)

// packages are those of the main module whose own tests go on to PostgreSQL when
// DORMER_TEST_POSTGRES names a server. Each gets a database of its own, since
// some end all connections of theirs.
var packages = []string{"engine", "dialect", "dialect/postgres", "internal/field", "rel", "internal/suite/values", "internal/suite/decimals", "internal/suite/filters", "internal/suite/paging", "internal/suite/statements", "internal/suite/upserts", "internal/corpus", "internal/property/trees", "examples/stdlib", "examples/report", "migrate", "migrate/cli", "cmd/dormer"}

func TestPackagesOnPostgres(t *testing.T) {
	server := containers.Postgres(t)
	admin, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	for _, pkg := range packages {
		t.Run(pkg, func(t *testing.T) {
			name := "packages_" + strings.NewReplacer("/", "_").Replace(pkg)
			if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(server)
			if err != nil {
				t.Fatal(err)
			}
			u.Path = "/" + name
			cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "./"+pkg)
			cmd.Dir = ".."
			cmd.Env = append(os.Environ(), "DORMER_TEST_POSTGRES="+u.String())
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if strings.Contains(string(out), "DORMER_TEST_POSTGRES is not set") {
				t.Errorf("a test was skipped although PostgreSQL is there:\n%s", out)
			}
			if strings.Contains(string(out), "no tests to run") {
				t.Errorf("no test ran:\n%s", out)
			}
		})
	}
}
