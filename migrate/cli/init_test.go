package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const someTables = `package model

import "github.com/dormer-orm/dormer/schema"

type A struct{ ID int64 }

type as struct{ schema.Table[A] }

var As = schema.Define("as", func(t *as) {}, nil)
`

func goIn(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "DORMER_URL=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestInitFindsModelsAndDrivers(t *testing.T) {
	t.Setenv("GOFLAGS", "-mod=mod")
	dir := t.TempDir()
	newModule(t, dir)
	put(t, filepath.Join(dir, "model", "m.go"), someTables)
	put(t, filepath.Join(dir, "internal", "more", "m.go"), strings.Replace(someTables, "package model", "package more", 1))
	put(t, filepath.Join(dir, "app", "m.go"), strings.Replace(someTables, "package model", "package main", 1)+"\nfunc main() {}\n")
	put(t, filepath.Join(dir, "plain", "m.go"), "package plain\n\nimport _ \"github.com/dormer-orm/dormer/schema\"\n")
	put(t, filepath.Join(dir, "open", "m.go"), "package open\n\nimport _ \"github.com/lib/pq\"\n")
	put(t, filepath.Join(dir, "bad", "m.go"), "package bad\n\nfunc {\n")
	s, err := Init(context.Background(), InitOptions{Work: filepath.Join(dir, "model"), Dir: "db/schema-history", Command: "tools/dbtool"})
	must(t, err)
	if got := strings.Join(s.Models, " "); got != "example.org/blog/internal/more example.org/blog/model" {
		t.Errorf("models: %s", got)
	}
	if got := strings.Join(s.Mains, " "); got != "example.org/blog/app" {
		t.Errorf("programs: %s", got)
	}
	for name, words := range map[string][]string{
		"db/schema-history/revisions.go": {"package migrations\n", "var Revisions migrate.Set\n"},
		"tools/dbtool/main.go": {"// Command dbtool ", "\t_ \"github.com/lib/pq\"\n", "\tmigrations \"example.org/blog/db/schema-history\"\n", ", cli.Dir(\"db/schema-history\")) }\n",
			"\t_ \"example.org/blog/internal/more\" // its tables\n\t_ \"example.org/blog/model\"         // its tables\n"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		for _, w := range words {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s has no %q:\n%s", name, w, text)
			}
		}
		if strings.Contains(string(text), "go-sqlite") {
			t.Errorf("a driver that the module does not have:\n%s", text)
		}
	}
}

// The first revision goes to the folder that init made, from wherever the command is
// run in the module.
func TestWhereTheFirstRevisionGoes(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module m\n")
	put(t, filepath.Join(dir, "db", "history", "revisions.go"), "package history\n")
	put(t, filepath.Join(dir, "cmd", "x", "x.go"), "package x\n")
	put(t, filepath.Join(dir, "inner", "go.mod"), "module inner\n")
	s := &shell{T: t, opts: []Option{Dir("db/history")}}
	for i, from := range []string{".", "cmd/x", "db"} {
		t.Chdir(filepath.Join(dir, from))
		s.do(0, "revision", "-m", "one")
		list, err := filepath.Glob(filepath.Join(dir, "db", "history", "*_one_*.go"))
		if err != nil || len(list) != 1 {
			t.Fatalf("%d, from %s: %q %v", i, from, list, err)
		}
		must(t, os.Remove(list[0]))
	}
	t.Chdir(filepath.Join(dir, "inner"))
	s.fails(1, "path does not exist: db/history: run init first", "revision")
	s.opts = nil
	t.Chdir(dir)
	s.fails(1, "path does not exist: migrations: run init first", "revision")
}

func TestInitRefuses(t *testing.T) {
	t.Setenv("GOFLAGS", "-mod=mod")
	dir := t.TempDir()
	newModule(t, dir)
	put(t, filepath.Join(dir, "full", "x.txt"), "x")
	put(t, filepath.Join(dir, "file"), "x")
	must(t, os.Mkdir(filepath.Join(dir, "empty"), 0o777))
	for _, c := range []struct {
		o    InitOptions
		want string
	}{
		{InitOptions{Dir: "full"}, "migrate: init: directory full already exists and is not empty"},
		{InitOptions{Command: "full"}, "migrate: init: directory full already exists and is not empty"},
		{InitOptions{Dir: "file"}, "migrate: init: "},
		{InitOptions{Dir: "../x"}, "../x is no folder below the module's root"},
		{InitOptions{Dir: "."}, "is no folder below the module's root"},
		{InitOptions{Dir: filepath.Join(dir, "x")}, "is no folder below the module's root"},
		{InitOptions{Work: t.TempDir()}, "run go mod init first"},
	} {
		if c.o.Work == "" {
			c.o.Work = dir
		}
		s, err := Init(context.Background(), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %+v, %v; want %q", c.o, s, err, c.want)
		}
	}
	list, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err != nil || len(list) > 0 {
		t.Errorf("written: %v %v", list, err)
	}
	if _, err := Init(context.Background(), InitOptions{Work: dir, Dir: "empty", Models: []string{}}); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "cmd", "migrate", "main.go"))
	must(t, err)
	for _, w := range []string{"go-sqlite", "lib/pq", "// Import here the packages", "example.org/blog/empty"} {
		if !strings.Contains(string(text), w) {
			t.Errorf("no %q in\n%s", w, text)
		}
	}
}

// TestBadRevisionFiles has a program built and run with each of these files in the
// folder.
func TestBadRevisionFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program for each case")
	}
	t.Setenv("GOFLAGS", "-mod=mod")
	dir := t.TempDir()
	newModule(t, dir)
	_, err := Init(context.Background(), InitOptions{Work: dir})
	must(t, err)
	// As go run, but for keeping every program in the build cache.
	run := func(args ...string) (string, error) {
		program := filepath.Join(dir, "ran.exe")
		if out, err := goIn(t, dir, "build", "-o", program, "./cmd/migrate"); err != nil {
			return out, err
		}
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("heads"); err != nil || out != "" {
		t.Fatalf("%v\n%s", err, out)
	}
	revision := func(id, more string) string {
		return "package migrations\n\nimport \"github.com/dormer-orm/dormer/migrate\"\n\nfunc init() {\n\tRevisions.Add(migrate.Revision{ID: \"" + id + "\"" + more + "})\n}\n"
	}
	const good = "20261122_first_aaaaaaaaaaaa.go"
	first := revision("aaaaaaaaaaaa", "")
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"no Go", map[string]string{good: strings.Replace(first, "})", "}", 1)}, []string{good + ":6:", "syntax error"}},
		{"an operation that there is not", map[string]string{good: revision("aaaaaaaaaaaa", ", Upgrade: func(op *migrate.Op) { op.AddTable() }")}, []string{good + ":6:", "op.AddTable undefined"}},
		{"the first one left out", map[string]string{"20261122_add_test.go": first}, []string{"not part of the program: 20261122_add_test.go", "rename them so that the id stands last"}},
		{"left out by its system", map[string]string{good: first, "20261122_for_windows.go": revision("bbbbbbbbbbbb", "")}, []string{"not part of the program: 20261122_for_windows.go"}},
		{"left out by its processor", map[string]string{good: first, "20261122_json_js.go": revision("bbbbbbbbbbbb", "")}, []string{"not part of the program: 20261122_json_js.go"}},
		{"left out by a tag", map[string]string{good: first, "20261122_x_bbbbbbbbbbbb.go": "//go:build never\n\n" + revision("bbbbbbbbbbbb", "")}, []string{"not part of the program: 20261122_x_bbbbbbbbbbbb.go"}},
		{"another id", map[string]string{"20261122_first_cccccccccccc.go": first}, []string{"file 20261122_first_cccccccccccc.go holds revision aaaaaaaaaaaa", "must end in _aaaaaaaaaaaa.go"}},
		{"one id twice", map[string]string{good: first, "20261122_copy_aaaaaaaaaaaa.go": first}, []string{"aaaaaaaaaaaa is there more than once, in 20261122_copy_aaaaaaaaaaaa.go, " + good}},
		{"no parent", map[string]string{good: revision("aaaaaaaaaaaa", ", Parents: []string{\"ffff\"}")}, []string{"in file " + good + ": its parent ffff is not part of the program"}},
		{"a circle", map[string]string{
			good: revision("aaaaaaaaaaaa", ", Parents: []string{\"bbbbbbbbbbbb\"}"), "20261122_second_bbbbbbbbbbbb.go": revision("bbbbbbbbbbbb", ", Parents: []string{\"aaaaaaaaaaaa\"}"),
		}, []string{"cycle: revisions", "are each other's ancestors"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, text := range c.files {
				path := filepath.Join(dir, "migrations", name)
				put(t, path, text)
				defer func() { must(t, os.Remove(path)) }()
			}
			out, err := run("upgrade", "head", "--url", "sqlite://x.db")
			if err == nil {
				t.Errorf("it ran: %s", out)
			}
			for _, w := range c.want {
				if !strings.Contains(out, w) {
					t.Errorf("%q without %q", out, w)
				}
			}
			if strings.Count(strings.TrimSpace(out), "\n") > 2 {
				t.Errorf("too many lines:\n%s", out)
			}
			if _, err := os.Stat(filepath.Join(dir, "x.db")); err == nil {
				t.Error("a database was made")
			}
		})
	}
}
