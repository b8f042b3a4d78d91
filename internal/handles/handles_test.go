package handles

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected files anew")

// cases are the packages in testdata, with the entities that -type names. A file
// in/x.go becomes out/x.go; out/drift.txt is what -check says.
var cases = map[string][]string{
	"blog":    nil,
	"columns": {"Category"},
	"drift":   nil,
	"given":   {"Item"},
	"circle":  nil,
}

// workspace is a module of its own, as a user has one, that builds against this
// repository.
func workspace(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	must(t, err)
	dir := t.TempDir()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	must(t, err)
	text := strings.Replace(string(mod), "module "+module+"\n", "module example.org/m\n", 1)
	text += "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n"
	write(t, filepath.Join(dir, "go.mod"), text)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	must(t, err)
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	must(t, os.WriteFile(path, []byte(text), 0o666))
}

func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(from, "*.go"))
	must(t, err)
	for _, f := range list {
		text, err := os.ReadFile(f)
		must(t, err)
		write(t, filepath.Join(to, filepath.Base(f)), string(text))
	}
}

func run(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestCases has each package examined, written, examined again, compiled, and its
// tables defined and sealed.
func TestCases(t *testing.T) {
	dir := workspace(t)
	main := "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/dormer-orm/dormer/schema\"\n"
	for name, asked := range cases {
		in, out := filepath.Join("testdata", name, "in"), filepath.Join("testdata", name, "out")
		copyFiles(t, in, filepath.Join(dir, name))
		main += "\t_ \"example.org/m/" + name + "\"\n"
		t.Run(name, func(t *testing.T) {
			r, err := Examine(context.Background(), dir, []string{name}, asked)
			must(t, err)
			must(t, r.Write())
			drift := strings.Join(r.Drift, "\n") + "\n"
			if *update {
				must(t, os.RemoveAll(out))
				copyFiles(t, filepath.Join(dir, name), out)
				write(t, filepath.Join(out, "drift.txt"), drift)
			}
			if want, err := os.ReadFile(filepath.Join(out, "drift.txt")); err != nil || drift != string(want) {
				t.Errorf("got\n%s\nwant\n%s", drift, want)
			}
			same(t, filepath.Join(dir, name), out)
			again, err := Examine(context.Background(), dir, []string{"./" + name}, asked)
			must(t, err)
			if len(again.Drift)+len(again.Files) > 0 || again.Entities != r.Entities || r.Entities == 0 {
				t.Errorf("not idempotent: %q, %d files, %d and %d entities", again.Drift, len(again.Files), r.Entities, again.Entities)
			}
			if text, err := exec.Command("gofmt", "-l", filepath.Join(dir, name)).CombinedOutput(); err != nil || len(text) > 0 {
				t.Errorf("not formatted: %s %v", text, err)
			}
		})
	}
	main += ")\n\nfunc main() {\n\tif err := schema.Default.Seal(); err != nil {\n\t\tpanic(err)\n\t}\n\tfor _, t := range schema.Default.Tables() {\n\t\tfmt.Println(t.Name)\n\t}\n}\n"
	write(t, filepath.Join(dir, "main.go"), main)
	program := filepath.Join(dir, "seals.exe") // go run would keep it in the build cache
	if text, err := run(t, dir, "build", "-o", program, "."); err != nil {
		t.Fatalf("what was written does not compile: %s", text)
	}
	text, err := exec.Command(program).CombinedOutput()
	if err != nil {
		t.Fatalf("what was written does not run: %s", text)
	}
	tables := strings.Fields(string(text))
	slices.Sort(tables)
	want := "all_records bills categories drift_cats drift_dogs drift_owners given_items given_orders groups nodes people posts profiles seats songs user_groups users weathers"
	if got := strings.ReplaceAll(strings.Join(tables, " "), " dogs ", " drift_dogs "); sorted(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func sorted(s string) string {
	list := strings.Fields(s)
	slices.Sort(list)
	return strings.Join(list, " ")
}

// same compares the Go files of two folders.
func same(t *testing.T, got, want string) {
	t.Helper()
	names := map[string]bool{}
	for _, dir := range []string{got, want} {
		list, err := filepath.Glob(filepath.Join(dir, "*.go"))
		must(t, err)
		for _, f := range list {
			names[filepath.Base(f)] = true
		}
	}
	for name := range names {
		a, err := os.ReadFile(filepath.Join(got, name))
		if err != nil {
			t.Errorf("%s was not written", name)
			continue
		}
		b, err := os.ReadFile(filepath.Join(want, name))
		if err != nil {
			t.Errorf("%s was written:\n%s", name, a)
			continue
		}
		if string(a) != string(b) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, a, b)
		}
	}
}
