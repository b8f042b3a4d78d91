package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// whyTree is newTree with d, e and g above its packages, and a test of a that
// imports e.
func whyTree(t *testing.T) *tree {
	tr := newTree(t)
	tr.add("d", "", []string{"net/c"}, nil)
	tr.add("e", "", []string{"d", "b"}, nil)
	tr.add("g", "", []string{"net/c", "b"}, nil)
	tr.list[0]["TestImports"] = []string{"e"}
	return tr
}

// said is what a run printed between the largest files and the phases.
func said(t *testing.T, r result) string {
	t.Helper()
	_, rest, ok := strings.Cut(r.stdout, "largest files:\n")
	i, j := strings.Index(rest, "\n\n"), strings.LastIndex(rest, "\n\n")
	if !ok || i < 0 || i == j {
		t.Fatalf("nothing said of a package:\n%s", r.stdout)
	}
	return rest[i+2 : j+1]
}

func TestWhy(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		json := whyTree(t).json()
		mustRun(t, "24 inserted, 0 updated, 0 deleted", "-db", url, "-json", json)
		const loaded = "\nloaded in 5 SQL statements, BEGIN and COMMIT included\n"
		const fromE = `
e imports 2 packages, and with what these import 6:
e
  b
    a
  d
    net/c
      C
      a (above)
      b (above)
      unsafe
`
		for _, c := range []struct{ args, want string }{
			{"-why e", "no package imports e\n" + fromE}, // tests aside
			{"-why e -from a", "a does not import e, nor does what it imports\n" + fromE},
			{"-why e -from e", "the shortest import path from e to e has 0 steps:\n  e\n" + fromE},
			{"-why a", "the shortest import path from d to a has 2 steps:\n  d → net/c → a\n\na imports nothing\n"},
			{"-why a -from e", "the shortest import path from e to a has 2 steps:\n  e → b → a\n\na imports nothing\n"},
			{"-why a -from g", "the shortest import path from g to a has 2 steps:\n  g → b → a\n\na imports nothing\n"}, // or by net/c
			{"-why a -from b", "the shortest import path from b to a has 1 step:\n  b → a\n\na imports nothing\n"},
			{"-why unsafe", "the shortest import path from e to unsafe has 3 steps:\n  e → d → net/c → unsafe\n\nunsafe imports nothing\n"},
			{"-why C -from g", "the shortest import path from g to C has 2 steps:\n  g → net/c → C\n\nC imports nothing\n"},
			{"-why b -from C", "C does not import b, nor does what it imports\n\nb imports 1 package, and with what these import 1:\nb\n  a\n"},
		} {
			r := mustRun(t, "0 inserted, 0 updated, 0 deleted", append(strings.Fields(c.args), "-db", url, "-json", json)...)
			if got := said(t, r); got != c.want+loaded {
				t.Errorf("%s: said\n%s\nwant\n%s", c.args, got, c.want+loaded)
			}
			if w := r.writes(); w != nil {
				t.Errorf("%s sent %q", c.args, w)
			}
		}
	})
}

// TestWhyInACircle has packages that import each other and one that imports
// itself, which no compiler takes but a list can say.
func TestWhyInACircle(t *testing.T) {
	tr := newTree(t)
	tr.list[0]["Imports"] = []string{"a", "net/c"}
	got := said(t, mustRun(t, "17 inserted, 0 updated, 0 deleted", "-db", "sqlite://:memory:", "-json", tr.json(), "-why", "b"))
	want := `the shortest import path from a to b has 2 steps:
  a → net/c → b

b imports 1 package, and with what these import 4:
b
  a
    a (above)
    net/c
      C
      a (above)
      b (above)
      unsafe
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
}

// TestWhyNobody names packages that are not there: that is found out before
// anything is written.
func TestWhyNobody(t *testing.T) {
	tr := newTree(t)
	json := tr.json()
	old := filepath.Join(t.TempDir(), "old.db")
	mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", "sqlite:///"+old, "-json", json)
	tr.add("d", "", nil, nil)
	json = tr.json()
	before := sumOf(t, old)
	for _, c := range []struct{ args, want string }{
		{"-why nobody", "stdlib: -why: there is no package \"nobody\"\n"},
		{"-why c", "stdlib: -why: there is no package \"c\": did you mean net/c?\n"},
		{"-why a -from c", "stdlib: -from: there is no package \"c\": did you mean net/c?\n"},
		{"-why /", "stdlib: -why: there is no package \"/\"\n"},
		{"-why x -from y", "stdlib: -why: there is no package \"x\"; -from: there is no package \"y\"\n"},
	} {
		fresh := filepath.Join(t.TempDir(), "new.db")
		for _, name := range []string{old, fresh} {
			r := run(t, append(strings.Fields(c.args), "-db", "sqlite:///"+name, "-json", json)...)
			refused(t, r, "there is no package")
			if r.stderr != c.want {
				t.Errorf("%s: said %q, want %q", c.args, r.stderr, c.want)
			}
		}
		if got := fileNames(t, filepath.Dir(fresh)); got != nil || sumOf(t, old) != before {
			t.Errorf("%s: left %v, or changed the old database", c.args, got)
		}
	}
}

// TestWhyInTheStandardLibrary compares with what the go command says.
func TestWhyInTheStandardLibrary(t *testing.T) {
	goList := func(args ...string) []string {
		out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(out))
	}
	r := run(t, "-db", "sqlite://:memory:", "-why", "bufio", "-from", "net/http/httputil")
	if r.code != 0 {
		t.Fatal(r.stderr)
	}
	path, tree, _ := strings.Cut(said(t, r), "\n\n")
	_, path, _ = strings.Cut(path, "\n  ")
	steps := strings.Split(path, " → ")
	if steps[0] != "net/http/httputil" || steps[len(steps)-1] != "bufio" || len(steps) != 2 {
		t.Errorf("the path is %q", steps)
	}
	var got []string
	lines := strings.Split(tree, "\n")
	for _, line := range lines[1:slices.Index(lines, "")] {
		if line = strings.TrimSpace(line); !strings.HasSuffix(line, " (above)") {
			got = append(got, line)
		}
	}
	slices.Sort(got)
	want := goList("-deps", "bufio")
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the tree has %q\nwant %q", got, want)
	}
	if line := fmt.Sprintf("bufio imports %d packages, and with what these import %d:", len(goList("-f", `{{join .Imports " "}}`, "bufio")), len(want)-1); lines[0] != line {
		t.Errorf("said %q, want %q", lines[0], line)
	}
}
