package arrows

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/dormer-orm/dormer"

// levels are the packages from the bottom up; a package may import those below
// it and none beside or above.
var levels = []string{"expr", "schema", "dialect", "dialect/postgres", "dialect/sqlite", "engine", "rel", "uow", "repo", "migrate", "migrate/cli", "dormertest"}

// deps lists everything that a package is built of.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("go list -deps %s: %v\n%s", pkg, err, out)
	}
	return strings.Fields(string(out))
}

func TestImportsGoOneWay(t *testing.T) {
	for i, level := range levels {
		for _, d := range deps(t, module+"/"+level) {
			for _, above := range levels[i+1:] {
				if d == module+"/"+above && !(strings.HasPrefix(level, "dialect/") && strings.HasPrefix(above, "dialect/")) {
					t.Errorf("%s imports %s, which stands above it", level, above)
				}
			}
		}
	}
}

func TestBottomPackages(t *testing.T) {
	for _, d := range deps(t, module+"/expr") {
		if strings.Contains(d, ".") && d != module+"/expr" {
			t.Errorf("expr is built of %s, which is not the standard library", d)
		}
	}
	for _, d := range deps(t, module+"/identity") {
		if d == "database/sql" || strings.HasPrefix(d, module) && d != module+"/identity" {
			t.Errorf("identity is built of %s", d)
		}
	}
}

func TestLibraryLinksNoDriver(t *testing.T) {
	for _, level := range append(slices.Clone(levels), "identity") {
		for _, d := range deps(t, module+"/"+level) {
			for _, driver := range []string{"lib/pq", "jackc/pgx", "glebarez", "modernc.org", "mattn/go-sqlite3", "go-sql-driver", "gorm.io", "testcontainers"} {
				if strings.Contains(d, driver) {
					t.Errorf("%s is built of %s", level, d)
				}
			}
		}
	}
}

// A program that migrates by functions is not built of a command line.
func TestCobraIsInCommandLinesAlone(t *testing.T) {
	for _, level := range levels {
		got := slices.ContainsFunc(deps(t, module+"/"+level), func(d string) bool { return strings.HasPrefix(d, "github.com/spf13/") })
		if got != (level == "migrate/cli") {
			t.Errorf("%s is built of cobra: %v", level, got)
		}
	}
}

// The checks of dormer vet are the program's alone.
func TestAnalysisIsInDormerAlone(t *testing.T) {
	const tools = "golang.org/x/tools/"
	has := func(pkg string) bool {
		return slices.ContainsFunc(deps(t, module+"/"+pkg), func(d string) bool { return strings.HasPrefix(d, tools) })
	}
	for _, level := range append(slices.Clone(levels), "identity") {
		if has(level) {
			t.Errorf("%s is built of %s", level, tools)
		}
	}
	if !has("cmd/dormer") {
		t.Errorf("cmd/dormer is not built of %s", tools)
	}
}

// The program links the drivers that its users need.
func TestDormerLinksDrivers(t *testing.T) {
	list := deps(t, module+"/cmd/dormer")
	for _, driver := range []string{"github.com/lib/pq", "github.com/glebarez/go-sqlite"} {
		if !slices.Contains(list, driver) {
			t.Errorf("cmd/dormer is not built of %s", driver)
		}
	}
	if i := slices.IndexFunc(list, func(d string) bool { return strings.HasPrefix(d, "gorm.io") }); i >= 0 {
		t.Errorf("cmd/dormer is built of %s", list[i])
	}
}

// A user's program imports glebarez/sqlite's driver, whose module names GORM:
// the program must not be built of it unless it asks for the GORM dialector.
func TestProgramsNeverCompileGORM(t *testing.T) {
	for _, d := range deps(t, "github.com/glebarez/go-sqlite") {
		if strings.HasPrefix(d, "gorm.io") {
			t.Errorf("the driver is built of %s", d)
		}
	}
}

func Example() {
	fmt.Println(levels[0], "is at the bottom,", levels[len(levels)-1], "at the top")
	// Output: expr is at the bottom, dormertest at the top
}
