package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dormer-orm/dormer/"

// makesNoSQL are exported functions that no case can show, by package, and why.
var makesNoSQL = map[string]map[string]string{
	"expr": {
		"NodeOf": "reads trees", "Walk": "reads trees", "Columns": "reads trees", "Statements": "reads trees", "ConditionOf": "reads trees",
		"Bind": "binds handles", "Describe": "describes handles", "FunctionNames": "is for tests of compilers",
		"Sought": "is for packages above", "Together": "is for packages above", "InFormOf": "is for packages above", "InForms": "is for packages above", "AsDecimal": "is for compilers", "DeclareDecimal": "is for package schema", "DeclaredDecimal": "is for packages above", "NewAgg": "is for packages above", "NewColumnRef": "is for packages above", "NewExpr": "is for packages above", "NewID": "is for packages above",
		"NewOrder": "is for packages above", "NewSource": "is for packages above", "NewValue": "is for packages above",
		"Column.Ref": "reads a handle", "Nullable.Ref": "reads a handle", "Source.Label": "reads a source", "RowInNode.Empty": "reads a node",
		"Order.Term": "reads an order", "AnyOrder.Term": "reads an order", "Assign.Clause": "reads an assignment", "Expr.IsZero": "reads a condition",
		"InNode.Len": "reads a node",
	},
	"repo": {
		"Repository.Add": "is the unit of work's", "Repository.Attach": "is the unit of work's", "Repository.Delete": "is the unit of work's",
		"Repository.Detach": "is the unit of work's", "Repository.Merge": "is the unit of work's", "Repository.Expect": "is the unit of work's",
		"Repository.Purge": "is the unit of work's", "Repository.Restore": "is the unit of work's",
		"Repository.Engine": "reads a repository", "OwnUnit": "is an option of repositories",
		"Keyed.Untracked": "is the repository's", "Keyed2.Untracked": "is the repository's", "Keyed2.OnlyDeleted": "is the repository's",
		"Keyed2.Unfiltered": "is the repository's", "Keyed2.WithDeleted": "is the repository's",
		"Query.SQL": "runs each case", "Selection.SQL": "runs each case", "Query.SQLIn": "is SQL with a context", "Selection.SQLIn": "is SQL with a context", "SortError.Error": "is an error's", "SortError.Is": "is an error's",
	},
	"rel": {
		"ToMany.BindRelation": "binds handles", "ToOne.BindRelation": "binds handles", "ToMany.DescribeRelation": "describes handles",
		"ToOne.DescribeRelation": "describes handles", "ToMany.Relation": "reads a handle", "ToOne.Relation": "reads a handle",
		"ToMany.Eager": "reads a path", "ToOne.Eager": "reads a path", "EagerPath.Eager": "reads a path", "EagerPath.Relation": "reads a path",
		"EagerPath.Join": "is the handle's", "EagerPath.SelectIn": "is the handle's", "EagerPath.Depth": "is the handle's", "EagerPath.Where": "is the handle's",
		"EagerPath.With": "is the handle's",
	},
}

// ofRel are the types of package rel that are the query language's.
var ofRel = []string{"ToMany", "ToOne", "EagerPath"}

// TestEveryFunctionHasACase fails for an exported function or method of the query
// language that no case uses.
func TestEveryFunctionHasACase(t *testing.T) {
	fset := token.NewFileSet()
	files := parsed(t, fset)
	imports, err := newImporter(fset, files)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: imports}
	own, err := conf.Check(module+"internal/corpus", fset, slices.Collect(maps.Values(files)), info)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, f := range files {
		for _, c := range casesIn(f) {
			ast.Inspect(c.body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if fn, ok := info.Uses[id].(*types.Func); ok && fn.Pkg() != nil {
						used[nameOf(fn.Origin())] = true
					}
				}
				return true
			})
		}
	}
	checked := 0
	for _, pkg := range own.Imports() {
		name, ours := strings.CutPrefix(pkg.Path(), module)
		if !ours || makesNoSQL[name] == nil {
			continue
		}
		exported := map[string]bool{}
		for _, fn := range functions(pkg) {
			exported[fn] = true
			checked++
			switch _, without := makesNoSQL[name][fn]; {
			case !used[name+"."+fn] && !without:
				t.Errorf("no case uses %s.%s", name, fn)
			case used[name+"."+fn] && without:
				t.Errorf("a case uses %s.%s: it is not to be among those that make no SQL", name, fn)
			}
		}
		for fn := range makesNoSQL[name] {
			if !exported[fn] {
				t.Errorf("there is no %s.%s", name, fn)
			}
		}
	}
	if checked < 400 {
		t.Errorf("%d functions: some packages were not looked at", checked)
	}
}

// nameOf is package.Function or package.Type.Method.
func nameOf(fn *types.Func) string {
	name := strings.TrimPrefix(fn.Pkg().Path(), module) + "."
	if recv := fn.Signature().Recv(); recv != nil {
		typ := recv.Type()
		if p, ok := typ.(*types.Pointer); ok {
			typ = p.Elem()
		}
		if named, ok := typ.(*types.Named); ok {
			name += named.Obj().Name() + "."
		}
	}
	return name + fn.Name()
}

// functions are the names of a package's exported functions and methods.
func functions(pkg *types.Package) (names []string) {
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Func:
			if pkg.Name() != "rel" {
				names = append(names, name)
			}
		case *types.TypeName:
			named, ok := obj.Type().(*types.Named)
			if !ok || types.IsInterface(named) || pkg.Name() == "rel" && !slices.Contains(ofRel, name) {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() {
					names = append(names, name+"."+m.Name())
				}
			}
		}
	}
	return names
}

// newImporter reads the export data that the go command keeps of compiled packages.
func newImporter(fset *token.FileSet, files map[string]*ast.File) (types.Importer, error) {
	paths := map[string]bool{}
	for _, f := range files {
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, err
			}
			paths[path] = true
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
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[pkg.ImportPath] = pkg.Export
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(exports[path])
	}), nil
}
