package compilefail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// modelFile is the file of a folder that all its programs are checked with.
const modelFile = "model.go"

type program struct {
	name  string
	files []*ast.File
	wants map[position]*regexp.Regexp
}

type position struct {
	file string
	line int
}

func TestPrograms(t *testing.T) {
	folders, err := filepath.Glob("testdata/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	fset := token.NewFileSet()
	var programs []program
	for _, folder := range folders {
		ps, err := load(fset, folder)
		if err != nil {
			t.Fatal(err)
		}
		compiling := 0
		for _, p := range ps {
			if len(p.wants) == 0 {
				compiling++
			}
		}
		if compiling != 1 || len(ps) < 2 {
			t.Errorf("%s has %d programs, %d of which compile; want one that compiles, and others", folder, len(ps), compiling)
		}
		programs = append(programs, ps...)
	}
	imports, err := newImporter(fset, programs)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			for _, problem := range check(fset, imports, p) {
				t.Error(problem)
			}
		})
	}
}

// A checker that lets everything pass would pass every test above.
func TestCheckerNoticesMissingAndUnexpectedErrors(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"missing", "package p\n\nvar x int = 1 // want \"cannot use\"\n", "compiles"},
		{"unexpected", "package p\n\nvar x int = \"\"\n", "cannot use"},
		{"other message", "package p\n\nvar x int = \"\" // want \"undefined\"\n", "does not match"},
		{"other line", "package p\n\nvar x int = \"\"\nvar y int // want \"cannot use\"\n", "cannot use"},
		{"good", "package p\n\nvar x int = \"\" // want \"cannot use\"\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, "p.go", c.src, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			p := program{name: c.name, files: []*ast.File{f}}
			if p.wants, err = wants(fset, f); err != nil {
				t.Fatal(err)
			}
			got := check(fset, nil, p)
			if c.want == "" && len(got) > 0 {
				t.Errorf("got %q, want nothing", got)
			}
			if c.want != "" && !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("got %q, want it to say %q", got, c.want)
			}
		})
	}
}

func load(fset *token.FileSet, folder string) ([]program, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	model, err := parser.ParseFile(fset, filepath.Join(folder, modelFile), nil, 0)
	if err != nil {
		return nil, err
	}
	var programs []program
	for _, path := range paths {
		if filepath.Base(path) == modelFile {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		w, err := wants(fset, f)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(folder) + "/" + strings.TrimSuffix(filepath.Base(path), ".go")
		programs = append(programs, program{name, []*ast.File{model, f}, w})
	}
	return programs, nil
}

// wants reads the comments of the form // want "regexp".
func wants(fset *token.FileSet, f *ast.File) (map[position]*regexp.Regexp, error) {
	found := map[position]*regexp.Regexp{}
	for _, group := range f.Comments {
		for _, comment := range group.List {
			quoted, ok := strings.CutPrefix(comment.Text, "// want ")
			if !ok {
				continue
			}
			at := fset.Position(comment.Pos())
			pattern, err := strconv.Unquote(strings.TrimSpace(quoted))
			if err != nil {
				return nil, fmt.Errorf("%s: want is followed by a quoted regexp: %w", at, err)
			}
			re, err := regexp.Compile(pattern)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", at, err)
			}
			found[position{at.Filename, at.Line}] = re
		}
	}
	return found, nil
}

// check reports where the errors of p are not the wanted ones.
func check(fset *token.FileSet, imports types.Importer, p program) (problems []string) {
	met := map[position]bool{}
	conf := types.Config{Importer: imports, Error: func(err error) {
		var e types.Error
		if !errors.As(err, &e) {
			problems = append(problems, err.Error())
			return
		}
		at := fset.Position(e.Pos)
		where := position{at.Filename, at.Line}
		switch re := p.wants[where]; {
		case strings.HasPrefix(e.Msg, "\t"): // goes on about the error before it
		case re == nil:
			problems = append(problems, fmt.Sprintf("%s: %s", at, e.Msg))
		case !re.MatchString(e.Msg):
			problems = append(problems, fmt.Sprintf("%s: error %q does not match %q", at, e.Msg, re))
		default:
			met[where] = true
		}
	}}
	// Check returns the first of the errors that the function above has seen.
	_, _ = conf.Check("main", fset, p.files, nil)
	for where, re := range p.wants {
		if !met[where] && len(problems) == 0 {
			problems = append(problems, fmt.Sprintf("%s:%d: compiles; want an error that matches %q", where.file, where.line, re))
		}
	}
	return problems
}

// newImporter reads the export data that the go command keeps of compiled
// packages, so that nothing is type-checked twice and no network is needed.
func newImporter(fset *token.FileSet, programs []program) (types.Importer, error) {
	paths := map[string]bool{}
	for _, p := range programs {
		for _, f := range p.files {
			for _, spec := range f.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return nil, err
				}
				paths[path] = true
			}
		}
	}
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, slices.Sorted(maps.Keys(paths))...)
	cmd := exec.Command("go", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	exports := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct{ ImportPath, Export string }
		if err := dec.Decode(&pkg); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		exports[pkg.ImportPath] = pkg.Export
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		file, ok := exports[path]
		if !ok || file == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(file)
	}), nil
}
