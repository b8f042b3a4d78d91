package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

const module = "github.com/dormer-orm/dormer"

// callee is the function or method that a call calls by name, nil where there is none.
func callee(pass *analysis.Pass, call *ast.CallExpr) *types.Func {
	f, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok {
		return nil
	}
	return f.Origin()
}

// room is the name of the package of Dormer that a function belongs to, "" if none.
func room(f *types.Func) string {
	if f == nil {
		return ""
	}
	return roomOf(f.Pkg())
}

func roomOf(p *types.Package) string {
	if p == nil {
		return ""
	}
	path, _, _ := strings.Cut(p.Path(), " ") // a package built for a test may be "path [test]"
	name, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return name
}

// receiver is the name of the type whose method f is, "" for a function.
func receiver(f *types.Func) string {
	r := f.Signature().Recv()
	if r == nil {
		return ""
	}
	if n := named(r.Type()); n != nil {
		return n.Obj().Name()
	}
	return ""
}

// named is the named type that t is or points to, nil if there is none.
func named(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// is reports whether f is one of the methods of recv, or functions where that is
// "", of a package of Dormer.
func is(f *types.Func, pkg, recv string, names ...string) bool {
	return f != nil && room(f) == pkg && receiver(f) == recv && slices.Contains(names, f.Name())
}

// isStd reports whether f is one of the functions of a package of the standard library.
func isStd(f *types.Func, pkg string, names ...string) bool {
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == pkg && (len(names) == 0 || slices.Contains(names, f.Name()))
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

func isContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "Context" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context"
}

// variable is the variable that an expression names, nil if it is no name of one.
func variable(pass *analysis.Pass, e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := pass.TypesInfo.ObjectOf(id).(*types.Var)
	return v
}

// dropped is the call whose results a statement drops, nil if it is no such statement.
func dropped(n ast.Node) *ast.CallExpr {
	switch n := n.(type) {
	case *ast.ExprStmt:
		call, _ := ast.Unparen(n.X).(*ast.CallExpr)
		return call
	case *ast.GoStmt:
		return n.Call
	case *ast.DeferStmt:
		return n.Call
	}
	return nil
}

// on is the expression whose method a call calls, nil if it calls none.
func on(call *ast.CallExpr) ast.Expr {
	if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return s.X
	}
	return nil
}
