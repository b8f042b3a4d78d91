package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// place is where a context is read: a variable, or what fields and methods lead to
// from one, as s.ctx, r.Context() and c.Request().Context() do. Two reads of one place
// give one context as long as nothing is assigned to what is on the way.
type place struct {
	root *types.Var
	// steps are written as in the source, "" for the variable itself.
	steps string
	// field is the last of the steps that is a field.
	field *types.Var
}

func (p place) String() string { return p.root.Name() + p.steps }

// has reports whether p is q, or is read by way of q.
func (p place) has(q place) bool {
	rest, ok := strings.CutPrefix(p.steps, q.steps)
	return ok && p.root == q.root && (rest == "" || rest[0] == '.')
}

// getters are methods that say the same whenever they are asked.
var getters = []string{"Context", "UserContext", "Request"}

// placeOf is the place that an expression reads, if it is one. Variables of packages
// are none: whatever runs may assign to them.
func placeOf(pass *analysis.Pass, e ast.Expr) (p place, ok bool) {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := variable(pass, x)
		return place{root: v}, v != nil && !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
	case *ast.StarExpr:
		return placeOf(pass, x.X)
	case *ast.SelectorExpr:
		s := pass.TypesInfo.Selections[x]
		if s == nil || s.Kind() != types.FieldVal {
			return p, false
		}
		p, ok = placeOf(pass, x.X)
		p.steps += "." + x.Sel.Name
		p.field = s.Obj().(*types.Var).Origin()
		return p, ok
	case *ast.CallExpr:
		f := callee(pass, x)
		if f == nil || len(x.Args) > 0 || receiver(f) == "" || !slices.Contains(getters, f.Name()) || on(x) == nil {
			return p, false
		}
		p, ok = placeOf(pass, on(x))
		p.steps += "." + f.Name() + "()"
		return p, ok
	}
	return p, false
}

// setters are the functions of the package that assign to a field.
type setters map[*types.Var][]*types.Func

func settersOf(pass *analysis.Pass) setters {
	all := setters{}
	for _, file := range pass.Files {
		for _, d := range file.Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok || decl.Body == nil {
				continue
			}
			f, _ := pass.TypesInfo.Defs[decl.Name].(*types.Func)
			ast.Inspect(decl.Body, func(n ast.Node) bool {
				for _, e := range written(n) {
					if s, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
						if v, ok := pass.TypesInfo.Uses[s.Sel].(*types.Var); ok && v.IsField() {
							all[v.Origin()] = append(all[v.Origin()], f)
						}
					}
				}
				return true
			})
		}
	}
	return all
}

// written are the expressions that a node assigns to, or whose address it takes.
func written(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return n.Lhs
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	}
	return nil
}

// replaced reports whether a body may give a place another context: by an assignment
// of one that is not made of the context that it has, as in r = r.WithContext(ctx), or
// by calling what assigns to the field or is named after that.
func (p place) replaced(pass *analysis.Pass, body *ast.BlockStmt, all origins, set setters) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		for i, e := range written(n) {
			if q, ok := placeOf(pass, e); !ok || !p.has(q) {
				continue
			}
			if a, ok := n.(*ast.AssignStmt); ok && (i == 0 || len(a.Rhs) == len(a.Lhs)) && slices.Contains(madeOf(pass, all, a.Rhs[i]), p) {
				continue
			}
			found = true
		}
		if call, ok := n.(*ast.CallExpr); ok {
			f := callee(pass, call)
			if p.field != nil && f != nil && slices.Contains(set[p.field], f) {
				found = true
			}
			if e := on(call); e != nil && f != nil && len(call.Args) > 0 && strings.HasPrefix(strings.ToLower(f.Name()), "set") {
				q, ok := placeOf(pass, e)
				found = found || ok && p.has(q)
			}
		}
		return !found
	})
	return found
}
