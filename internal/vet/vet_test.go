package vet

import (
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// TestMain runs the tests on one processor. The loader checks the types of as many packages at a time as there are
// processors, and two checkers of go/types that meet at one instantiated type race (golang/go#81122): harmless to what
// is tested here, but not to a run under the race detector.
func TestMain(m *testing.M) {
	const variable = "GOMAXPROCS"
	if os.Getenv(variable) == "1" {
		if err := os.Unsetenv(variable); err != nil { // the go command that lists the packages has all of them
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(m.Run())
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	again := exec.Command(self, os.Args[1:]...)
	again.Env = append(os.Environ(), variable+"=1")
	again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := again.Run(); err != nil {
		if again.ProcessState == nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(0)
}

// programs copies the programs of testdata into a module of their own, which uses
// this one and needs no network: it asks for what this module asks for.
func programs(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err == nil {
		err = os.CopyFS(dir, os.DirFS("testdata"))
	}
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		s := strings.Replace(string(text), "module "+module+"\n", "module example.org/vetted\n", 1)
		if name == "go.mod" {
			s += "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOFLAGS", "-mod=mod")
	return dir
}

// TestAnalyzers runs all checks over all programs, so that each is shown to say
// nothing of the others', too. The packages are loaded once.
func TestAnalyzers(t *testing.T) {
	all := *DroppedQuery
	all.Name = "all"
	all.Run = func(pass *analysis.Pass) (any, error) {
		for _, a := range Analyzers() {
			if _, err := a.Run(pass); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	var folders []string
	for _, a := range Analyzers() {
		folders = append(folders, "./"+a.Name)
	}
	analysistest.RunWithSuggestedFixes(t, programs(t), &all, folders...)
}

// TestThisModule runs the checks over what users copy from, and over the command.
func TestThisModule(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedModule, Dir: "../.."}, "./examples/...", "./cmd/...", "./dormertest")
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 {
		t.Fatal("the packages do not compile")
	}
	graph, err := checker.Analyze(Analyzers(), pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(graph.Roots) < 5*len(Analyzers()) {
		t.Errorf("only %d packages were checked", len(graph.Roots)/len(Analyzers()))
	}
	for _, a := range graph.Roots {
		if a.Err != nil {
			t.Error(a.Err)
		}
		for _, d := range a.Diagnostics {
			t.Errorf("%s: %s", a.Package.Fset.Position(d.Pos), d.Message)
		}
	}
}

func TestValid(t *testing.T) {
	all := Analyzers()
	if err := analysis.Validate(all); err != nil {
		t.Error(err)
	}
	for _, a := range all {
		if first, rest, _ := strings.Cut(a.Doc, "\n\n"); !strings.HasPrefix(first, "report ") || len(rest) < 100 || len(a.FactTypes) > 0 {
			t.Errorf("%s: %q", a.Name, a.Doc)
		}
	}
}

// TestWritesAreKnown lists what of relations and repositories has an error that may be dropped: whatever is not here
// is reported, so that a new function must be thought of.
func TestWritesAreKnown(t *testing.T) {
	silent := map[string]string{
		"rel": "DetachedError.Unwrap Join.RelatedOn JoinOf Many.Count Many.Load Many.LoadOnly Many.MarshalJSON Many.UnmarshalJSON " +
			"One.Load One.LoadOnly One.MarshalJSON One.UnmarshalJSON Step.Joins",
		"repo": "Keyed.Get Keyed2.Get Query.All Query.Count Query.Exists Query.First Query.One Query.Page Query.SQL Query.SQLIn " +
			"Repository.Count Repository.Detach Repository.Exists Repository.Find Repository.First Repository.Get Repository.One Repository.Refresh " +
			"Selection.All Selection.First Selection.One Selection.Page Selection.SQL Selection.SQLIn Selection.Scalar SortBy",
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadTypes, Dir: "../.."}, "./rel", "./repo")
	if err != nil || packages.PrintErrors(pkgs) > 0 || len(pkgs) != len(silent) {
		t.Fatal(err, pkgs)
	}
	for _, p := range pkgs {
		var got, reported []string
		look := func(name string, f *types.Func) {
			out := f.Signature().Results()
			switch {
			case !f.Exported() || out.Len() == 0 || !isError(out.At(out.Len()-1).Type()):
			case writes(f) == "":
				got = append(got, name)
			default:
				reported = append(reported, name)
			}
		}
		for _, name := range p.Types.Scope().Names() {
			switch o := p.Types.Scope().Lookup(name).(type) {
			case *types.Func:
				look(name, o)
			case *types.TypeName:
				if n := named(o.Type()); o.Exported() && n != nil && !o.IsAlias() {
					for m := range n.Methods() {
						look(name+"."+m.Name(), m)
					}
				}
			}
		}
		slices.Sort(got)
		if s := strings.Join(got, " "); s != silent[p.Name] {
			t.Errorf("%s: dropped errors are not reported of\n%s\nbut should not be of\n%s", p.Name, s, silent[p.Name])
		}
		if len(reported) == 0 {
			t.Errorf("%s: nothing is reported", p.Name)
		}
	}
}

func TestIsUnit(t *testing.T) {
	for line, want := range map[string]bool{
		"":                          false,
		"-flags":                    true,
		"-V=full":                   true,
		"/tmp/x/vet.cfg":            true,
		"-json -fix /tmp/x/vet.cfg": true,
		"vet ./...":                 false,
		"vet a.cfg":                 false,
		"vet -flags":                false,
		"-x.cfg":                    false,
		"--version":                 false,
	} {
		if got := IsUnit(strings.Fields(line)); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func Example() {
	for _, a := range Analyzers() {
		fmt.Println(a.Name)
	}
	// Output:
	// builtsql
	// droppederror
	// droppedquery
	// outercontext
	// untrackedchange
}
