package handles

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	module    = "github.com/dormer-orm/dormer"
	schemaPkg = module + "/schema"
	exprPkg   = module + "/expr"
	relPkg    = module + "/rel"
)

// pkg is a package, parsed and type-checked as far as it goes.
type pkg struct {
	dir    string
	fset   *token.FileSet
	files  []*file
	types  *types.Package
	info   *types.Info
	faults []error // what the type checker disliked
}

type file struct {
	path string
	text []byte
	ast  *ast.File
}

type listed struct {
	Dir, ImportPath, Name string
	GoFiles, CgoFiles     []string
	Imports               []string
	Error                 *struct{ Err string }
}

// load reads the packages that patterns name, as the go command understands them
// in folder dir.
func load(ctx context.Context, dir string, patterns []string) ([]*pkg, error) {
	for i, p := range patterns {
		if _, err := os.Stat(filepath.Join(dir, p)); err == nil && !filepath.IsAbs(p) && !strings.HasPrefix(p, ".") {
			patterns[i] = "./" + p
		}
	}
	list, err := goList(ctx, dir, append([]string{"-json=Dir,ImportPath,Name,GoFiles,CgoFiles,Imports,Error"}, patterns...))
	if err != nil {
		return nil, err
	}
	var out []*pkg
	fset := token.NewFileSet()
	exports := map[string]string{}
	var imports []string
	for _, l := range list {
		if len(l.GoFiles)+len(l.CgoFiles) == 0 {
			if l.Error != nil {
				return nil, errors.New("handles: " + strings.TrimSpace(l.Error.Err))
			}
			continue
		}
		p := &pkg{dir: l.Dir, fset: fset}
		for _, name := range slices.Concat(l.GoFiles, l.CgoFiles) {
			path := filepath.Join(l.Dir, name)
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("handles: %w", err)
			}
			f, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("handles: %w", err)
			}
			p.files = append(p.files, &file{path, text, f})
		}
		p.types = types.NewPackage(l.ImportPath, l.Name)
		imports = append(imports, l.Imports...)
		out = append(out, p)
	}
	slices.Sort(imports)
	imports = slices.DeleteFunc(slices.Compact(imports), func(s string) bool { return s == "C" || s == "unsafe" })
	if len(imports) > 0 {
		if err := exportData(ctx, dir, imports, exports); err != nil {
			return nil, err
		}
	}
	imp := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("package %s does not compile, or is not there", path)
		}
		return os.Open(exports[path])
	})
	for _, p := range out {
		p.check(imp)
	}
	return out, nil
}

func (p *pkg) check(imp types.Importer) {
	p.info = &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: imp, FakeImportC: true, Error: func(err error) { p.faults = append(p.faults, err) }}
	files := make([]*ast.File, len(p.files))
	for i, f := range p.files {
		files[i] = f.ast
	}
	checker := types.NewChecker(&conf, p.fset, p.types, p.info)
	_ = checker.Files(files) // the faults were noted one by one
}

// exportData finds the compiler's export data of packages and of what they import.
func exportData(ctx context.Context, dir string, paths []string, into map[string]string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Export"}, paths...)...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		return fmt.Errorf("handles: go list: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l struct{ ImportPath, Export string }
		switch err := dec.Decode(&l); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("handles: go list: %w", err)
		}
		into[l.ImportPath] = l.Export
	}
}

func goList(ctx context.Context, dir string, args []string) (out []listed, err error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-e"}, args...)...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		if stderr.Len() > 0 {
			return nil, fmt.Errorf("handles: go list: %s", bytes.TrimSpace(stderr.Bytes()))
		}
		return nil, fmt.Errorf("handles: go list: %w", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(text)); ; {
		var l listed
		switch err := dec.Decode(&l); {
		case err == io.EOF:
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("handles: go list: %w", err)
		}
		out = append(out, l)
	}
}

// importName is the name by which a file knows a package: "." for one whose names
// it has as its own, "" for one that it cannot name.
func (f *file) importName(path, name string) string {
	for _, s := range f.ast.Imports {
		if s.Path.Value != `"`+path+`"` {
			continue
		}
		switch {
		case s.Name == nil:
			return name
		case s.Name.Name != "_":
			return s.Name.Name
		}
	}
	return ""
}
