package features

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	name = regexp.MustCompile("`([a-z/]+): ([A-Za-z0-9_]+)`")
	decl = regexp.MustCompile(`(?m)^func (?:\(s \*suite\) )?(Test[A-Za-z0-9_]+)\(`)
)

// pages are what names tests, and how many at least.
var pages = map[string]int{"features.md": 30, "differences.md": 10}

func TestNamedTestsExist(t *testing.T) {
	for page, least := range pages {
		t.Run(page, func(t *testing.T) { namedTestsExist(t, page, least) })
	}
}

func namedTestsExist(t *testing.T, page string, least int) {
	text, err := os.ReadFile("../../docs/" + page)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]bool{}
	named := name.FindAllStringSubmatch(string(text), -1)
	for _, m := range named {
		pkg, test := m[1], m[2]
		if pkg == "suite" {
			pkg, test = "internal/suite", "Test"+test
		}
		if found[pkg] == nil {
			found[pkg] = testsOf(t, pkg)
		}
		if !found[pkg][test] {
			t.Errorf("%s has no %s", pkg, test)
		}
	}
	if len(named) < least {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, "✓") && !name.MatchString(line) {
			t.Errorf("no test is named for: %s", line)
		}
	}
}

func testsOf(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", pkg, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no package %s: %v", pkg, err)
	}
	tests := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range decl.FindAllStringSubmatch(string(b), -1) {
			tests[m[1]] = true
		}
	}
	return tests
}

func Example() {
	m := name.FindStringSubmatch("| Sandbox | ✓ | `engine: TestSandbox` |")
	fmt.Println(m[1], m[2])
	// Output: engine TestSandbox
}
