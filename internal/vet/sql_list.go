package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// elements are what is written into lists and maps that variables hold: an element, or
// a list of them. It is nil where that is not known.
type elements map[*types.Var][]ast.Expr

func elementsOf(pass *analysis.Pass) elements {
	all := elements{}
	add := func(list, x ast.Expr) {
		if v := variable(pass, list); v != nil {
			all[v] = append(all[v], x)
		}
	}
	for _, f := range pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if list := listOf(l); list != ast.Unparen(l) {
						if len(n.Lhs) == len(n.Rhs) {
							add(list, n.Rhs[i])
						} else {
							add(list, nil)
						}
					}
				}
			case *ast.RangeStmt:
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if e != nil && listOf(e) != ast.Unparen(e) {
						add(listOf(e), nil)
					}
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND && listOf(n.X) != ast.Unparen(n.X) {
					add(listOf(n.X), nil)
				}
			case *ast.CallExpr:
				if builtin(pass, n) == "copy" && len(n.Args) == 2 {
					add(listOf(n.Args[0]), n.Args[1])
				}
			}
			return true
		})
	}
	return all
}

// listOf is the list that an element, or a part, is one of.
func listOf(e ast.Expr) ast.Expr {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		default:
			return x
		}
	}
}

// builtin is the name of the built-in function that a call calls, "" if it is none.
func builtin(pass *analysis.Pass, call *ast.CallExpr) string {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := pass.TypesInfo.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

func isList(pass *analysis.Pass, e ast.Expr) bool {
	t := pass.TypesInfo.TypeOf(e)
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Slice, *types.Array, *types.Map:
		return true
	}
	return false
}

// fixedList reports whether all texts of a list or map, and of those in it, are in the
// source.
func (t *texts) fixedList(e ast.Expr, depth int) bool {
	if depth > 10 || !isList(t.pass, e) {
		return false
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return !slices.ContainsFunc(x.Elts, func(x ast.Expr) bool {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			return !t.fixedElement(x, depth+1)
		})
	case *ast.Ident:
		return t.pass.TypesInfo.Types[e].IsNil() || t.fixed(variable(t.pass, x), depth+1)
	case *ast.IndexExpr:
		return t.fixedList(x.X, depth+1)
	case *ast.SliceExpr:
		return t.fixedList(x.X, depth+1)
	case *ast.CallExpr:
		return t.fixedCall(x, depth)
	}
	return false
}

// fixedElement reports whether an element of a list, or the list that it is, is in the
// source.
func (t *texts) fixedElement(e ast.Expr, depth int) bool {
	if isText(t.pass, e) {
		return !holed(t.pieces(e, depth))
	}
	return t.fixedList(e, depth)
}

// fixedCall is fixedList of a call.
func (t *texts) fixedCall(call *ast.CallExpr, depth int) bool {
	all := func(args []ast.Expr) bool {
		return !slices.ContainsFunc(args, func(a ast.Expr) bool { return !isNumber(t.pass, a) && !t.fixedElement(a, depth+1) })
	}
	if t.pass.TypesInfo.Types[call.Fun].IsType() {
		return all(call.Args)
	}
	switch builtin(t.pass, call) {
	case "append":
		return all(call.Args)
	case "make":
		return true
	}
	f := callee(t.pass, call)
	return (isStd(f, "slices", "Clone", "Concat") || isStd(f, "maps", "Clone") || isStd(f, "strings", "Fields", "Split", "SplitN")) && all(call.Args)
}
