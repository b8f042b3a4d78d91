package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
	"github.com/spf13/pflag"
)

// do runs a command line, which must return code.
func do(t *testing.T, code int, args ...string) (out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	if got := run(t.Context(), args, &o, &e); got != code {
		t.Fatalf("%q returned %d, want %d\n%s%s", args, got, code, &o, &e)
	}
	return o.String(), e.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// library makes a database with two tables and the tables of migrations.
func library(t *testing.T) (url string) {
	t.Helper()
	url = "sqlite:///" + filepath.Join(t.TempDir(), "library.db")
	var set migrate.Set
	set.Add(migrate.Revision{ID: "a1", Upgrade: func(op *migrate.Op) {
		op.CreateTable("authors", schema.Col("id", schema.BigInt()).Identity(), schema.Col("name", schema.Varchar(80)), schema.Key("id"))
		op.CreateTable("books", schema.Col("id", schema.BigInt()).Identity(), schema.Col("author_id", schema.BigInt()), schema.Key("id"),
			schema.Reference("fk_books_author_id", []string{"author_id"}, "authors", []string{"id"}).OnDelete(schema.Cascade))
	}})
	db, err := engine.Open(url, engine.Metadata(schema.NewMetadata()))
	must(t, err)
	must(t, errors.Join(migrate.Upgrade(context.Background(), db, set, "head"), db.Close()))
	return url
}

func TestInspect(t *testing.T) {
	url := library(t)
	for format, words := range map[string][]string{
		"text":    {"table authors\n", "    name  VARCHAR(80)  not null\n", "foreign key fk_books_author_id (author_id) references authors (id) on delete cascade\n"},
		"mermaid": {"erDiagram\n", "authors", "BIGINT author_id"},
		"go":      {"package ", "type Author struct", "schema.Define(\"books\"", "Authors.ID).OnDelete(schema.Cascade)"},
	} {
		out, err := do(t, 0, "inspect", url, "-format", format)
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("%s: no %q in\n%s", format, w, out)
			}
		}
		if err != "" || strings.Contains(out, "dormer_") || !strings.HasSuffix(out, "\n") || strings.HasSuffix(out, "\n\n") {
			t.Errorf("%s: %q\n%s", format, err, out)
		}
	}
	if out, _ := do(t, 0, "inspect", url, "--table", "auth*"); strings.Contains(out, "table books") || !strings.Contains(out, "table authors") {
		t.Error(out)
	}
	if out, _ := do(t, 0, "inspect", url, "--all"); !strings.Contains(out, "table dormer_version") {
		t.Error(out)
	}
}

func TestInspectMakesNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	for _, url := range []string{"sqlite:///" + path, "sqlite:///" + path + "?cache=shared", "sqlite:///" + path + "?"} {
		if _, err := do(t, 1, "inspect", url); !strings.Contains(err, "cannot open the database file") {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a database was made")
	}
	if got := existing("sqlite://x?mode=ro"); got != "sqlite://x?mode=ro" {
		t.Error(got)
	}
	if got := existing("postgres://x"); got != "postgres://x" {
		t.Error(got)
	}
}

func TestInspectPostgres(t *testing.T) {
	url := os.Getenv("DORMER_TEST_POSTGRES")
	if url == "" {
		t.Skip("DORMER_TEST_POSTGRES is not set")
	}
	name := fmt.Sprintf("dormer_cmd_%d", os.Getpid())
	db, err := engine.Open(url, engine.Metadata(schema.NewMetadata()))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	for _, sql := range []string{"CREATE SCHEMA " + name, "CREATE TABLE " + name + ".t (id INT PRIMARY KEY)"} {
		_, err := db.Exec(t.Context(), sql)
		must(t, err)
	}
	defer func() {
		_, err := db.Exec(context.Background(), "DROP SCHEMA "+name+" CASCADE")
		must(t, err)
	}()
	if out, _ := do(t, 0, "inspect", url, "-schema", name); !strings.Contains(out, "table "+name+".t\n") || strings.Count(out, "table ") != 1 {
		t.Error(out)
	}
}

func TestHandles(t *testing.T) {
	root, err := filepath.Abs("../..")
	must(t, err)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	put := func(name, text string) {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	must(t, err)
	const module = "github.com/dormer-orm/dormer"
	put("go.mod", strings.Replace(string(mod), "module "+module+"\n", "module example.org/m\n", 1)+"\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+root+"\n")
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	must(t, err)
	put("go.sum", string(sum))
	put("model/model.go", "package model\n\ntype Item struct {\n\tID int64\n}\n")
	t.Chdir(dir)
	t.Setenv("GOFLAGS", "-mod=mod")

	if _, err := do(t, 1, "handles", "./model"); !strings.Contains(err, "No entities were found") {
		t.Error(err)
	}
	out, errs := do(t, 1, "handles", "-check", "-type", "Item", "model")
	if out != "model/model.go:3: entity Item has no handles: no struct embeds schema.Table[Item]\n" || !strings.Contains(errs, "run dormer handles") {
		t.Error(out, errs)
	}
	if out, _ = do(t, 0, "handles", "-type=Item", "model"); out != filepath.Join("model", "model_handles.go")+"\n" {
		t.Error(out)
	}
	if out, errs = do(t, 0, "handles", "-check", "./..."); out+errs != "" {
		t.Error(out, errs)
	}
	if out, errs = do(t, 0, "handles", "./..."); out+errs != "" {
		t.Error(out, errs)
	}
	if _, errs = do(t, 1, "handles", "./none"); !strings.Contains(errs, "none") || strings.Count(errs, "\n") != 1 {
		t.Error(errs)
	}

	// What inspect writes has its handles.
	text, _ := do(t, 0, "inspect", library(t), "--format=go")
	put("written/model.go", text)
	if out, errs = do(t, 0, "handles", "-check", "written"); out+errs != "" {
		t.Error(out, errs)
	}

	out, errs = do(t, 0, "init", "revisions")
	if out != filepath.Join("revisions", "revisions.go")+"\n"+filepath.Join("cmd", "migrate", "main.go")+"\n" || !strings.Contains(errs, "go run ./cmd/migrate revision") {
		t.Error(out, errs)
	}
	if _, errs = do(t, 1, "init", "revisions"); errs != "migrate: init: directory revisions already exists and is not empty\n" {
		t.Error(errs)
	}
	if text, err := exec.Command("go", "vet", "./...").CombinedOutput(); err != nil {
		t.Errorf("what was written does not compile: %s", text)
	}
}

func TestUsage(t *testing.T) {
	for args, words := range map[string]string{
		"foo":                           `dormer: unknown command "foo" for "dormer"`,
		"inspect":                       "accepts 1 arg(s), received 0",
		"inspect a b":                   "accepts 1 arg(s), received 2",
		"inspect -format xml sqlite://": `there is no format "xml": use text, mermaid or go`,
		"inspect sqlite://a --table [":  "syntax error in pattern",
		"handles -chek":                 "unknown shorthand flag",
		"version now":                   "unknown command",
		"init a b":                      "accepts at most 1 arg(s)",
	} {
		out, err := do(t, 2, strings.Fields(args)...)
		if !strings.Contains(err, words) || out != "" {
			t.Errorf("%s: %q, %q", args, out, err)
		}
	}
	if _, err := do(t, 1, "inspect", "nonsense"); !strings.Contains(err, "://") {
		t.Error(err)
	}
	if out, _ := do(t, 0, "version"); !strings.HasPrefix(out, "dormer ") {
		t.Error(out)
	}
	if out, _ := do(t, 0, "--version"); !strings.Contains(out, "dormer") {
		t.Error(out)
	}
	if out, _ := do(t, 0, "__complete", "inspect", "--format", ""); !strings.HasPrefix(out, "text\nmermaid\ngo\n") {
		t.Error(out)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out, _ := do(t, 0, "completion", shell); len(out) < 1000 {
			t.Errorf("%s: %s", shell, out)
		}
	}
}

// TestPageHasEveryFlag compares the page's table with the commands.
func TestPageHasEveryFlag(t *testing.T) {
	text, err := os.ReadFile("../../docs/migrations.md")
	must(t, err)
	_, part, _ := strings.Cut(string(text), "\n## Commands of dormer\n")
	part, _, _ = strings.Cut(part, "\n## ")
	n := 0
	for _, c := range commands(nil, nil).Commands() {
		n++
		row := ""
		for l := range strings.Lines(part) {
			if strings.HasPrefix(l, "| `dormer "+c.Use+"` |") {
				row = l
			}
		}
		if row == "" {
			t.Errorf("the page has no dormer %s", c.Use)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(row, "`--"+f.Name+"`") {
				t.Errorf("dormer %s: the page has no --%s", c.Name(), f.Name)
			}
		})
	}
	if n < 4 {
		t.Errorf("only %d commands", n)
	}
}

func Example() {
	u, err := dialect.ParseURL(existing("sqlite://blog.db"))
	fmt.Println(u, err)
	// Output: sqlite://blog.db?mode=rw <nil>
}
