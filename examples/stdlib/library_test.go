package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
)

// tree is a small library on disk with what go list would say about it.
type tree struct {
	t    *testing.T
	dir  string
	list []map[string]any
}

// newTree has three packages: b imports a, c imports both, and unsafe and C.
func newTree(t *testing.T) *tree {
	tr := &tree{t: t, dir: t.TempDir()}
	tr.add("a", "Package a is first.", nil, map[string]string{"a.go": "package a\n", "a_test.go": "package a"})
	tr.add("b", "", []string{"a"}, map[string]string{"b.go": "package b\n\n", "b_s.s": ""})
	tr.add("net/c", "Package c's last.", []string{"C", "a", "b", "unsafe"}, map[string]string{"c.go": strings.Repeat("package c\n", 100)})
	return tr
}

func (tr *tree) add(path, doc string, imports []string, files map[string]string) {
	dir := filepath.Join(tr.dir, filepath.FromSlash(path))
	p := map[string]any{"Dir": dir, "ImportPath": path, "Name": filepath.Base(path), "Doc": doc, "Imports": imports}
	for name, text := range files {
		kind := "GoFiles"
		switch {
		case strings.HasSuffix(name, "_test.go"):
			kind = "TestGoFiles"
		case strings.HasSuffix(name, ".s"):
			kind = "SFiles"
		}
		list, _ := p[kind].([]string)
		p[kind] = append(list, name)
		tr.write(filepath.Join(path, name), text)
	}
	tr.list = append(tr.list, p)
}

func (tr *tree) write(name, text string) {
	tr.t.Helper()
	name = filepath.Join(tr.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		tr.t.Fatal(err)
	}
}

// text is go list's output.
func (tr *tree) text() string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "\t")
	for _, p := range tr.list {
		if err := enc.Encode(p); err != nil {
			tr.t.Fatal(err)
		}
	}
	return b.String()
}

// json is the name of a file with go list's output.
func (tr *tree) json() string {
	tr.write("std.json", tr.text())
	return filepath.Join(tr.dir, "std.json")
}

// result is what a run did.
type result struct {
	code           int
	stdout, stderr string
	sql            []string
}

func (r result) first() string {
	line, _, _ := strings.Cut(r.stdout, "\n")
	return line
}

func run(t *testing.T, args ...string) result {
	t.Helper()
	return runUntil(t, t.Context(), nil, args...)
}

// runUntil tells seen of each statement.
func runUntil(t *testing.T, ctx context.Context, seen func(engine.Statement), args ...string) (r result) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr, observe: func(s engine.Statement) {
		r.sql = append(r.sql, s.SQL)
		if seen != nil {
			seen(s)
		}
	}}
	r.code = p.run(ctx, args)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	if strings.Contains(r.stdout+r.stderr, "\r") {
		t.Error("a carriage return without a terminal")
	}
	return r
}

// mustRun wants success and a first line.
func mustRun(t *testing.T, first string, args ...string) result {
	t.Helper()
	r := run(t, args...)
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	if r.first() != first {
		t.Fatalf("said %q, want %q", r.first(), first)
	}
	return r
}

// refused wants exit code 1 and one line on standard error that says want.
func refused(t *testing.T, r result, want string) {
	t.Helper()
	if r.code != 1 || r.stdout != "" {
		t.Errorf("exit code %d, output %q", r.code, r.stdout)
	}
	if strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "stdlib: ") || !strings.Contains(r.stderr, want) {
		t.Errorf("said %q, want one line with %q", r.stderr, want)
	}
}

// writes are the statements that are not plain reading.
func (r result) writes() (list []string) {
	for _, s := range r.sql {
		word, rest, _ := strings.Cut(s, " ")
		switch word {
		case "SELECT", "COMMIT", "ROLLBACK", "PRAGMA":
		case "BEGIN":
			if rest != "" && rest != "READ ONLY" {
				list = append(list, s)
			}
		default:
			list = append(list, s)
		}
	}
	return list
}

// rows are the contents of a database without its keys, which are the
// database's own business.
func rows(t *testing.T, url string) []string {
	t.Helper()
	db, err := engine.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out []string
	if err := db.Select(t.Context(), &out, `
		SELECT 'package ' || path || ' ' || name || ' ' || doc || CASE WHEN listed THEN '' ELSE 'unlisted' END FROM packages
		UNION ALL SELECT 'file ' || p.path || ' ' || CAST(f.kind AS text) || ' ' || f.name || ' ' || CAST(f.size AS text) || ' ' || CAST(f.lines AS text) || ' ' || f.sum
			FROM files f JOIN packages p ON p.id = f.package_id
		UNION ALL SELECT 'import ' || p.path || ' ' || i.kind || ' ' || t.path
			FROM (SELECT 'Imports' AS kind, imported_by_id AS importer, import_id AS target FROM imports
				UNION ALL SELECT 'TestImports', test_imported_by_id, test_import_id FROM test_imports
				UNION ALL SELECT 'XTestImports', x_test_imported_by_id, x_test_import_id FROM x_test_imports) i
			JOIN packages p ON p.id = i.importer JOIN packages t ON t.id = i.target`); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// byHand changes a database.
func byHand(t *testing.T, url string, statements ...string) {
	t.Helper()
	db, err := engine.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// sumOf is a file's digest, "none" if there is none.
func sumOf(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "none"
	}
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(b))
}

// fileNames are the names in a directory.
func fileNames(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// rawSQLite makes a database without Dormer, so that nothing of Dormer's set-up
// is in the file.
func rawSQLite(t *testing.T, name string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
