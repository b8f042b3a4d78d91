package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

// InitOptions say what Init writes. The zero value finds out by itself.
type InitOptions struct {
	// Work is a folder of the module, "" for the working directory.
	Work string
	// Dir is the folder of the revisions, Command that of the main package beside
	// it, both relative to the module's root; "" for migrations and cmd/migrate.
	Dir, Command string
	// Models are the import paths of the packages whose variables are the tables,
	// nil for those of the module that call schema.Define.
	Models []string
	// Drivers are the import paths of database drivers, nil for those that the
	// module imports, or else lib/pq and glebarez/go-sqlite.
	Drivers []string
}

// drivers are the packages that register drivers which Dormer knows.
var drivers = []string{
	"github.com/glebarez/go-sqlite", "github.com/glebarez/sqlite", "github.com/jackc/pgx/v5/stdlib",
	"github.com/lib/pq", "github.com/mattn/go-sqlite3", "modernc.org/sqlite",
}

const ours = "github.com/dormer-orm/dormer"

// Started is what Init found and wrote.
type Started struct {
	// Files are the paths written.
	Files []string
	// Models are the packages that the command imports for their tables.
	Models []string
	// Mains are packages with tables that nothing can import, since they are
	// programs.
	Mains []string
}

// Init begins the migrations of a module: it writes the package of the revisions
// and the command that runs them. It refuses a folder that is there and holds
// anything; nothing is written then.
func Init(ctx context.Context, o InitOptions) (*Started, error) {
	root, module, err := moduleOf(ctx, o.Work)
	if err != nil {
		return nil, err
	}
	if o.Dir == "" {
		o.Dir = "migrations"
	}
	if o.Command == "" {
		o.Command = "cmd/migrate"
	}
	for _, dir := range []string{o.Dir, o.Command} {
		if !filepath.IsLocal(dir) || filepath.Clean(dir) == "." {
			return nil, fmt.Errorf("migrate: init: %s is no folder below the module's root: its packages could not import each other", dir)
		}
		list, err := os.ReadDir(filepath.Join(root, dir))
		if err == nil && len(list) > 0 {
			return nil, fmt.Errorf("migrate: init: directory %s already exists and is not empty", dir)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("migrate: init: %w", err)
		}
	}
	s := &Started{Models: o.Models}
	found, err := survey(ctx, root)
	if err != nil {
		return nil, err
	}
	if o.Models == nil {
		s.Models, s.Mains = found.models, found.mains
	}
	if o.Drivers == nil {
		o.Drivers = found.drivers
	}
	if len(o.Drivers) == 0 {
		o.Drivers = []string{"github.com/glebarez/go-sqlite", "github.com/lib/pq"}
	}
	name := filepath.Base(o.Dir)
	if !token.IsIdentifier(name) || name == "main" {
		name = "migrations"
	}
	data := map[string]any{
		"Package": name, "Import": path.Join(module, filepath.ToSlash(filepath.Clean(o.Dir))),
		"Named": name != path.Base(filepath.ToSlash(filepath.Clean(o.Dir))), "Models": s.Models, "Drivers": o.Drivers,
		"Command": path.Base(filepath.ToSlash(o.Command)), "Ours": ours,
	}
	if dir := filepath.ToSlash(filepath.Clean(o.Dir)); dir != "migrations" {
		data["Dir"] = dir
	}
	for _, f := range []struct{ path, text string }{
		{filepath.Join(o.Dir, "revisions.go"), revisionsText},
		{filepath.Join(o.Command, "main.go"), mainText},
	} {
		var b bytes.Buffer
		if err := template.Must(template.New("").Parse(f.text)).Execute(&b, data); err != nil {
			return nil, fmt.Errorf("migrate: init: %w", err)
		}
		text, err := format.Source(b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("migrate: init: %w", err)
		}
		at := filepath.Join(root, f.path)
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			return nil, fmt.Errorf("migrate: init: %w", err)
		}
		if err := os.WriteFile(at, text, 0o666); err != nil {
			return nil, fmt.Errorf("migrate: init: %w", err)
		}
		s.Files = append(s.Files, at)
	}
	return s, nil
}

const revisionsText = `// Package {{.Package}} holds the revisions of the database, each in a file of its own.
package {{.Package}}

import "{{.Ours}}/migrate"

// Revisions are what the other files of this folder add.
var Revisions migrate.Set
`

const mainText = `// Command {{.Command}} takes a database from one revision to another.
package main

import (
{{- range .Drivers}}
	_ "{{.}}"
{{- end}}

	"{{.Ours}}/migrate/cli"
	"{{.Ours}}/schema"

	{{if .Named}}{{.Package}} {{end}}"{{.Import}}"
{{- range .Models}}
	_ "{{.}}" // its tables
{{- else}}
	// Import here the packages whose variables are the tables: _ "…/model"
{{- end}}
)

func main() { cli.Main({{.Package}}.Revisions, schema.Default{{with .Dir}}, cli.Dir("{{.}}"){{end}}) }
`

// moduleOf finds the module that a folder is in.
func moduleOf(ctx context.Context, dir string) (root, module string, err error) {
	file, err := goCommand(ctx, dir, "env", "GOMOD")
	if err != nil {
		return "", "", err
	}
	at := strings.TrimSpace(string(file))
	if at == "" || at == os.DevNull {
		return "", "", errors.New("migrate: init: this folder is in no module: run go mod init first")
	}
	out, err := goCommand(ctx, dir, "mod", "edit", "-json", at)
	if err != nil {
		return "", "", err
	}
	var m struct{ Module struct{ Path string } }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", "", fmt.Errorf("migrate: init: %s: %w", at, err)
	}
	if m.Module.Path == "" {
		return "", "", fmt.Errorf("migrate: init: %s names no module", at)
	}
	return filepath.Dir(at), m.Module.Path, nil
}

func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return nil, fmt.Errorf("migrate: init: go %s: %s", args[0], text)
		}
		return nil, fmt.Errorf("migrate: init: go %s: %w", args[0], err)
	}
	return out, nil
}

type surveyed struct{ models, mains, drivers []string }

// survey finds the packages of a module that define tables, and its drivers.
func survey(ctx context.Context, root string) (*surveyed, error) {
	out, err := goCommand(ctx, root, "list", "-e", "-json=ImportPath,Name,Dir,GoFiles,Imports", "./...")
	if err != nil {
		return nil, err
	}
	s := &surveyed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Name, Dir string
			GoFiles, Imports      []string
		}
		switch err := dec.Decode(&p); {
		case err == io.EOF:
			slices.Sort(s.drivers)
			s.drivers = slices.Compact(s.drivers)
			return s, nil
		case err != nil:
			return nil, fmt.Errorf("migrate: init: go list: %w", err)
		}
		for _, d := range drivers {
			if slices.Contains(p.Imports, d) {
				s.drivers = append(s.drivers, d)
			}
		}
		if !slices.Contains(p.Imports, ours+"/schema") || !slices.ContainsFunc(p.GoFiles, func(f string) bool { return defines(filepath.Join(p.Dir, f)) }) {
			continue
		}
		if p.Name == "main" {
			s.mains = append(s.mains, p.ImportPath)
		} else {
			s.models = append(s.models, p.ImportPath)
		}
	}
}

// defines reports whether a file has a package variable made by schema.Define.
func defines(path string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	found := false
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		ast.Inspect(g, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Define" {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "schema" {
					found = true
				}
			}
			return !found
		})
	}
	return found
}
