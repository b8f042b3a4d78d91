package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The test program is what go vet calls when the command does.
func TestMain(m *testing.M) {
	if vetted() {
		main()
	}
	os.Exit(m.Run())
}

// program is a module with a mistake that has a fix and one that has none.
func program(t *testing.T) (dir string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	must(t, err)
	dir, err = filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	const module = "github.com/dormer-orm/dormer"
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	must(t, err)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	must(t, err)
	for name, text := range map[string]string{
		"go.mod": strings.Replace(string(mod), "module "+module+"\n", "module example.org/m\n", 1) + "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n",
		"go.sum": string(sum),
		"m.go": `package m

import "github.com/dormer-orm/dormer/expr"

func both(c expr.Expr[int], text string) expr.Expr[int] {
	c.And(expr.Raw[int](text))
	return c
}
`,
		"right/right.go": "package right\n",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOPROXY", "off")
	// The race detector has a program wait for a second before it ends, and go vet
	// starts the test program once for each package that there is.
	t.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	t.Chdir(dir)
	return dir
}

func TestVet(t *testing.T) {
	program(t)
	const query, raw = "m.go:6:2: the result of And is dropped", "m.go:6:22: the text of expr.Raw is built of text"
	for _, c := range []struct {
		args      string
		code      int
		want, not string
	}{
		{"vet ./...", 1, query, "right"},
		{"vet ./right", 0, "", query},
		{"vet --skip=droppedquery,outercontext", 1, raw, query},
		{"vet ./none", 1, "none", query},
	} {
		out, errs := do(t, c.code, strings.Fields(c.args)...)
		if out != "" || !strings.Contains(errs, c.want) || strings.Contains(errs, c.not) || c.code == 0 && errs != "" {
			t.Errorf("%s: %q\n%s", c.args, out, errs)
		}
	}
	out, errs := do(t, 0, "vet", "-json")
	var found map[string]map[string][]struct{ Posn, Message string }
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &found); err != nil || len(found["example.org/m"]["builtsql"]) != 1 {
		t.Error(err, found, errs)
	}
	const fixed = "c = c.And(expr.Raw[int](text))"
	if out, _ = do(t, 1, "vet", "-diff"); !strings.Contains(out, "+\t"+fixed) {
		t.Error(out)
	}
	do(t, 0, "vet", "-fix", "-only", "droppedquery")
	if text, err := os.ReadFile("m.go"); err != nil || !strings.Contains(string(text), fixed) {
		t.Errorf("%v\n%s", err, text)
	}
	if _, errs = do(t, 1, "vet"); strings.Contains(errs, query) || !strings.Contains(errs, "the text of expr.Raw") {
		t.Error(errs)
	}
	if _, errs = do(t, 2, "vet", "--only", "droped"); !strings.Contains(errs, `there is no check "droped": use builtsql, droppederror`) {
		t.Error(errs)
	}
	if out, _ = do(t, 0, "vet", "-h"); !strings.Contains(out, "  untrackedchange  report changes of Untracked entities") {
		t.Error(out)
	}
}

// TestVetTool builds the program, as users have it, and lets go vet call it.
func TestVetTool(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "dormer.exe")
	if text, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	program(t)
	for args, want := range map[string]int{"": 2, "-outercontext": 0} {
		line := append([]string{"vet", "-vettool=" + tool}, strings.Fields(args)...)
		text, err := exec.Command("go", append(line, "./...")...).CombinedOutput()
		if bytes.Count(text, []byte("m.go:6:")) != want || (err == nil) != (want == 0) {
			t.Errorf("%q: %v\n%s", args, err, text)
		}
	}
}
