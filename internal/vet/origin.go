package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// origin is where a variable has one of its values from.
type origin struct {
	// expr is what it is assigned, or ranges over.
	expr ast.Expr
	// index is which of expr's results, or of a range's two variables.
	index int
	kind  originKind
}

type originKind uint8

const (
	assigned originKind = iota
	ranged              // a variable of a range over expr
	added               // by +=
	other               // by another operator, by ++, or by whoever has its address
)

// origins are those of the package's variables; parameters have none.
type origins map[*types.Var][]origin

func originsOf(pass *analysis.Pass) origins {
	all := origins{}
	add := func(e ast.Expr, o origin) {
		if v := variable(pass, e); v != nil {
			all[v] = append(all[v], o)
		}
	}
	list := func(left, right []ast.Expr) {
		for i, l := range left {
			switch {
			case len(right) == len(left):
				add(l, origin{expr: right[i]})
			case len(right) == 1:
				add(l, origin{expr: right[0], index: i})
			}
		}
	}
	for _, f := range pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				switch n.Tok {
				case token.ASSIGN, token.DEFINE:
					list(n.Lhs, n.Rhs)
				case token.ADD_ASSIGN:
					add(n.Lhs[0], origin{expr: n.Rhs[0], kind: added})
				default:
					add(n.Lhs[0], origin{kind: other})
				}
			case *ast.ValueSpec:
				names := make([]ast.Expr, len(n.Names))
				for i, id := range n.Names {
					names[i] = id
				}
				list(names, n.Values)
			case *ast.RangeStmt:
				for i, e := range []ast.Expr{n.Key, n.Value} {
					if e != nil {
						add(e, origin{expr: n.X, index: i, kind: ranged})
					}
				}
			case *ast.IncDecStmt:
				add(n.X, origin{kind: other})
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					add(n.X, origin{kind: other})
				}
			}
			return true
		})
	}
	return all
}

// only is what a variable is assigned where that happens once, else nil. Other
// packages may assign to a variable of theirs to see.
func (all origins) only(v *types.Var) *origin {
	if v == nil || v.IsField() || len(all[v]) != 1 || all[v][0].kind != assigned || v.Exported() && v.Parent() == v.Pkg().Scope() {
		return nil
	}
	return &all[v][0]
}

// one is only, of variables that are no parameters: those hold what they were given, too.
func (all origins) one(v *types.Var) *origin {
	if isParameter(v) {
		return nil
	}
	return all.only(v)
}

func isParameter(v *types.Var) bool {
	return v != nil && (v.Kind() == types.ParamVar || v.Kind() == types.RecvVar)
}
