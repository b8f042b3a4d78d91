package vet

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// DroppedError reports errors of writes that nobody looks at.
var DroppedError = &analysis.Analyzer{
	Name: "droppederror",
	Doc: `report errors of writes that are dropped

Flush, Commit, Savepoint and Run, the Add, Remove and Set of relations, and the writes
of repositories, changes, upserts and INSERT … SELECT say by their error that something was not done. A call that stands
alone drops it. Return the error, or write _ = where it is meant to be dropped.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      droppedError,
}

func droppedError(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.WithStack([]ast.Node{(*ast.ExprStmt)(nil), (*ast.GoStmt)(nil), (*ast.DeferStmt)(nil)}, func(n ast.Node, push bool, stack []ast.Node) bool {
		call := dropped(n)
		if !push || call == nil {
			return true
		}
		f := callee(pass, call)
		lost := writes(f)
		if lost == "" {
			return true
		}
		name := f.Name()
		if r := receiver(f); r != "" {
			name = r + "." + name
		}
		d := analysis.Diagnostic{
			Pos: call.Pos(), End: call.End(),
			Message: fmt.Sprintf("the error of %s.%s is dropped: %s; handle it, or write _ = if it is meant to be dropped", f.Pkg().Name(), name, lost),
		}
		if _, alone := n.(*ast.ExprStmt); alone && returnsError(pass, stack) && inList(stack) {
			begin := "if err := "
			if f.Signature().Results().Len() == 2 {
				begin = "if _, err := "
			}
			d.SuggestedFixes = []analysis.SuggestedFix{{
				Message: "return the error",
				TextEdits: []analysis.TextEdit{
					{Pos: n.Pos(), End: n.Pos(), NewText: []byte(begin)},
					{Pos: n.End(), End: n.End(), NewText: []byte("; err != nil {\n\treturn err\n}")},
				},
			}}
		}
		pass.Report(d)
		return true
	})
	return nil, nil
}

// writes says what is not known if the error of f is dropped, "" if f is none of the
// functions whose error must not be.
func writes(f *types.Func) string {
	switch {
	case is(f, "rel", "Many", "Add", "Remove", "Set"), is(f, "rel", "One", "Set"):
		return "the relation may be what it was before"
	case is(f, "uow", "UnitOfWork", "Flush", "Commit"):
		return "the changes may not be in the database"
	case is(f, "uow", "", "Run"), is(f, "uow", "UnitOfWork", "Savepoint"):
		return "what the block did may have been rolled back"
	case room(f) == "repo" && runs(f) && !readers[receiver(f)] && !reads[f.Name()]:
		return "nothing may have been done"
	}
	return ""
}

// Of what repositories run in the database all is a write that is not here, so that
// no new one is forgotten.
var (
	readers = map[string]bool{"Query": true, "Selection": true}
	reads   = map[string]bool{"Count": true, "Detach": true, "Exists": true, "Find": true, "First": true, "Get": true, "One": true, "Refresh": true}
)

// runs reports whether f takes a context first and returns an error last.
func runs(f *types.Func) bool {
	in, out := f.Signature().Params(), f.Signature().Results()
	return in.Len() > 0 && isContext(in.At(0).Type()) && out.Len() > 0 && isError(out.At(out.Len()-1).Type())
}

// returnsError reports whether the innermost function returns an error and nothing else.
func returnsError(pass *analysis.Pass, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		var t *ast.FuncType
		switch n := stack[i].(type) {
		case *ast.FuncDecl:
			t = n.Type
		case *ast.FuncLit:
			t = n.Type
		default:
			continue
		}
		return t.Results.NumFields() == 1 &&
			isError(pass.TypesInfo.TypeOf(t.Results.List[0].Type))
	}
	return false
}

// inList reports whether the innermost node is a statement of a list, in whose place
// another can stand.
func inList(stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	switch p := stack[len(stack)-2].(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	case *ast.CommClause:
		return p.Comm != stack[len(stack)-1]
	}
	return false
}
