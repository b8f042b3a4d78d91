package semantics

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// drivers are the files that run the suite, by database.
var drivers = map[string]string{
	"SQLite":     "../suite/sqlite_test.go",
	"PostgreSQL": "../../integration/suite_test.go",
}

var number = regexp.MustCompile(`[SD]\d+`)

// suiteTests maps each test of the suite to whether it asserts anything.
func suiteTests(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../suite/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no suite", err)
	}
	tests := map[string]bool{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv != nil && strings.HasPrefix(fn.Name.Name, "Test") {
				tests[fn.Name.Name] = asserts(fn.Body)
			}
		}
	}
	return tests
}

// asserts reports whether a body can fail a test by what it finds: it calls a
// method of the testing package that does, or one of the suite's that call them.
func asserts(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch f := c.Fun.(type) {
		case *ast.Ident:
			found = found || f.Name == "eq" || f.Name == "violation"
		case *ast.SelectorExpr:
			switch f.Sel.Name {
			case "Error", "Errorf", "Fatal", "Fatalf", "is", "says", "quiet", "fails":
				found = true
			}
		}
		return !found
	})
	return found
}

// numbersOf are the statements that a test's name says it shows: those before
// the words begin, TestS29_D8_RollbackRestores.
func numbersOf(name string) (out []string) {
	for _, part := range strings.Split(strings.TrimPrefix(name, "Test"), "_") {
		if number.FindString(part) != part {
			break
		}
		out = append(out, part)
	}
	return out
}

func TestEveryStatementHasATest(t *testing.T) {
	tests := suiteTests(t)
	shown := map[string][]string{}
	for name, ok := range tests {
		for _, n := range numbersOf(name) {
			shown[n] = append(shown[n], name)
			if !ok {
				t.Errorf("%s asserts nothing", name)
			}
		}
	}
	known := map[string]bool{}
	for _, s := range Statements {
		known[s.Number] = true
		switch {
		case s.Waiting == "" && len(shown[s.Number]) == 0:
			t.Errorf("%s has no test: %s", s.Number, s.Text)
		case s.Waiting != "" && len(shown[s.Number]) > 0:
			t.Logf("%s waits for %s and is shown in part by %v", s.Number, s.Waiting, shown[s.Number])
		}
	}
	for n, names := range shown {
		if !known[n] {
			t.Errorf("%v show %s, which is no statement", names, n)
		}
	}
}

func TestNumbersAreComplete(t *testing.T) {
	i := 0
	for _, series := range []struct {
		letter string
		last   int
	}{{"S", 80}, {"D", 8}} {
		for n := 1; n <= series.last; n++ {
			want := fmt.Sprint(series.letter, n)
			if i >= len(Statements) || Statements[i].Number != want {
				t.Fatalf("statement %d is not %s", i, want)
			}
			i++
		}
	}
	if i != len(Statements) {
		t.Errorf("%d statements, want %d", len(Statements), i)
	}
}

// Every test of the suite runs on every database, since the suite finds its
// tests by itself; here it is checked that each database runs it.
func TestSuiteRunsOnEveryDatabase(t *testing.T) {
	for db, file := range drivers {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%s: %v", db, err)
			continue
		}
		if !regexp.MustCompile(`\bRun\(t, `).Match(b) {
			t.Errorf("%s: %s does not run the suite", db, file)
		}
	}
}

func Example() {
	kept := 0
	for _, s := range Statements {
		if s.Waiting == "" {
			kept++
		}
	}
	fmt.Println(len(Statements), "statements,", kept, "kept today")
	// Output: 88 statements, 87 kept today
}
