package corpus

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// caseSource is one case as it stands in a file of tests.
type caseSource struct {
	construct, name string
	body            *ast.FuncLit
}

// casesIn finds the cases of a file: construct("…", cases{"…": built(func …), …}).
func casesIn(f *ast.File) (out []caseSource) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		if fn, ok := call.Fun.(*ast.Ident); !ok || fn.Name != "construct" {
			return true
		}
		name, ok := call.Args[0].(*ast.BasicLit)
		list, isList := call.Args[1].(*ast.CompositeLit)
		if !ok || !isList {
			return true
		}
		for _, e := range list.Elts {
			kv, _ := e.(*ast.KeyValueExpr)
			if kv == nil {
				continue
			}
			key, _ := kv.Key.(*ast.BasicLit)
			conv, _ := kv.Value.(*ast.CallExpr)
			if key == nil || conv == nil || len(conv.Args) != 1 {
				continue
			}
			if body, ok := conv.Args[0].(*ast.FuncLit); ok {
				out = append(out, caseSource{unquoted(name), unquoted(key), body})
			}
		}
		return false
	})
	return out
}

func unquoted(l *ast.BasicLit) string {
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return s
}

// parsed are the files of tests of this folder.
func parsed(t *testing.T, fset *token.FileSet) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob("*_test.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	out := map[string]*ast.File{}
	for _, p := range paths {
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out[p] = f
	}
	return out
}

// readSources are the cases' bodies as text, by construct and name.
func readSources(t *testing.T) map[string]map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	out := map[string]map[string]string{}
	for path, f := range parsed(t, fset) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range casesIn(f) {
			if out[c.construct] == nil {
				out[c.construct] = map[string]string{}
			}
			out[c.construct][c.name] = bodyText(fset, string(text), c.body)
		}
	}
	return out
}

// bodyText is what stands between the braces, of a lone return its expression, with
// as much indentation taken off as its first line has.
func bodyText(fset *token.FileSet, text string, f *ast.FuncLit) string {
	if len(f.Body.List) == 0 {
		return ""
	}
	from, to := f.Body.List[0].Pos(), f.Body.List[len(f.Body.List)-1].End()
	if ret, ok := f.Body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
		from, to = ret.Results[0].Pos(), ret.Results[0].End()
	}
	begin, end := fset.Position(from).Offset, fset.Position(to).Offset
	line := text[strings.LastIndexByte(text[:begin], '\n')+1 : begin]
	indent := line[:len(line)-len(strings.TrimLeft(line, "\t"))]
	return strings.ReplaceAll(text[begin:end], "\n"+indent, "\n")
}
