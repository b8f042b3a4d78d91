package vet

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// DroppedQuery reports queries, conditions and orders that nobody uses.
var DroppedQuery = &analysis.Analyzer{
	Name: "droppedquery",
	Doc: `report queries, conditions, orders and contexts that are made and dropped

Queries, selections, paths of eager loading, conditions and orders are immutable: a
method returns a new one, and the old one stays as it is. A call that stands alone,

	q.Where(Users.Age.Ge(18))

has no effect. Assign what it returns: q = q.Where(…). The same is true of contexts:
ctx = repo.WithParameter(ctx, …).`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      droppedQuery,
}

func droppedQuery(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.ExprStmt)(nil), (*ast.GoStmt)(nil), (*ast.DeferStmt)(nil)}, func(n ast.Node) {
		call := dropped(n)
		if call == nil {
			return
		}
		f := callee(pass, call)
		what := built(f)
		if what == "" {
			return
		}
		d := analysis.Diagnostic{Pos: call.Pos(), End: call.End()}
		if v := given(pass, f, call); v != nil {
			d.Message = fmt.Sprintf("the result of %s is dropped: %s is immutable, and %[1]s returns a new one; assign it, %[3]s = %[4]s(%[3]s, …)", f.Name(), what, v.Name(), types.ExprString(call.Fun))
			if _, alone := n.(*ast.ExprStmt); alone {
				d.SuggestedFixes = assign(n, v)
			}
			pass.Report(d)
			return
		}
		v := root(pass, call)
		if _, alone := n.(*ast.ExprStmt); v == nil || !alone {
			d.Message = fmt.Sprintf("the result of %s is dropped: %s is immutable, and %[1]s returns a new one; use that, or remove the call", f.Name(), what)
			pass.Report(d)
			return
		}
		d.Message = fmt.Sprintf("the result of %s is dropped: %s is immutable, and %[1]s returns a new one; assign it, %[3]s = %[3]s.…", f.Name(), what, v.Name())
		d.SuggestedFixes = assign(n, v)
		pass.Report(d)
	})
	return nil, nil
}

// assign is the fix that assigns what a statement drops.
func assign(n ast.Node, v *types.Var) []analysis.SuggestedFix {
	return []analysis.SuggestedFix{{
		Message:   "assign the result to " + v.Name(),
		TextEdits: []analysis.TextEdit{{Pos: n.Pos(), End: n.Pos(), NewText: []byte(v.Name() + " = ")}},
	}}
}

// derives reports whether f makes a context of another.
func derives(f *types.Func) bool {
	return is(f, "repo", "", "WithParameter", "WithoutFilter") || is(f, "uow", "", "WithParameter", "WithoutFilter", "With", "Without")
}

// given is the variable of the context that f makes another of, nil if it makes none.
func given(pass *analysis.Pass, f *types.Func, call *ast.CallExpr) *types.Var {
	if !derives(f) || len(call.Args) == 0 {
		return nil
	}
	if v := variable(pass, call.Args[0]); v != nil && v.Pkg() == pass.Pkg {
		return v
	}
	return nil
}

// built is the type, with its article, of which f makes an immutable value
// without any effect, "" if it does not.
func built(f *types.Func) string {
	if f == nil || f.Signature().Results().Len() != 1 {
		return ""
	}
	if derives(f) {
		return "a context.Context"
	}
	switch room(f) {
	case "expr":
	case "repo", "rel":
		// Their functions, such as New, panic where the model is wrong: that is an effect.
		if receiver(f) == "" && !is(f, "repo", "", "Inserting") {
			return ""
		}
	default:
		return ""
	}
	n, ok := types.Unalias(f.Signature().Results().At(0).Type()).(*types.Named)
	if !ok {
		return ""
	}
	switch roomOf(n.Obj().Pkg()) {
	case "expr":
		return "an expr." + n.Obj().Name()
	case "repo", "rel":
		return "a " + n.Obj().Pkg().Name() + "." + n.Obj().Name()
	}
	return ""
}

// root is the variable with which a chain of calls begins, if what the chain returns
// can be assigned to it, else nil.
func root(pass *analysis.Pass, call *ast.CallExpr) *types.Var {
	var e ast.Expr = call
	for {
		c, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			break
		}
		if e = on(c); e == nil {
			return nil
		}
	}
	v := variable(pass, e)
	if v == nil || v.IsField() || !types.Identical(v.Type(), pass.TypesInfo.TypeOf(call)) || v.Pkg() != pass.Pkg {
		return nil
	}
	return v
}
