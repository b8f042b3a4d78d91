package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// OuterContext reports contexts that do not carry the unit of work of their block.
var OuterContext = &analysis.Analyzer{
	Name: "outercontext",
	Doc: `report contexts from outside that are used in a block of uow.Run

The ctx that Run gives its function carries the unit of work. One from outside does
not: a repository that is called with it finds no unit, or another one. Use the
block's own, or give both the same name, so that the outer one cannot be reached.

The ctx that was given to Run is meant, and those that it is made of. Nothing is said
of goroutines and of functions that may be called later, which are not in the unit.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      outerContext,
}

// block is a function that is given to uow.Run.
type block struct {
	lit *ast.FuncLit
	// own is the name of its ctx, nil where it has none; "_" is a name here.
	own *ast.Ident
	// outer are the contexts that Run was called with.
	outer []*types.Var
	all   origins
}

func outerContext(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	var blocks []block
	var all origins
	owns := map[*types.Var]bool{} // contexts of blocks
	in.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
		call := n.(*ast.CallExpr)
		if f := callee(pass, call); !is(f, "uow", "", "Run") || len(call.Args) < 3 {
			return
		}
		lit, ok := ast.Unparen(call.Args[2]).(*ast.FuncLit)
		if !ok {
			return
		}
		if all == nil {
			all = originsOf(pass)
		}
		b := block{lit: lit, outer: madeOf(pass, all, call.Args[0]), all: all}
		if requiresNew(pass, call) { // the unit outside is another one, and may be meant
			b.outer = slices.DeleteFunc(b.outer, func(v *types.Var) bool { return owns[v] })
		}
		if names := lit.Type.Params.List[0].Names; len(names) > 0 {
			b.own = names[0]
			if v, ok := pass.TypesInfo.Defs[b.own].(*types.Var); ok {
				owns[v] = true
			}
		}
		if len(b.outer) > 0 {
			blocks = append(blocks, b)
		}
	})
	said := map[token.Pos]bool{}
	for _, b := range slices.Backward(blocks) { // inner blocks first: their ctx is the right one
		b.check(pass, said)
	}
	return nil, nil
}

// madeOf are the variables of a context and of those that it is derived from.
func madeOf(pass *analysis.Pass, all origins, e ast.Expr) []*types.Var {
	var list []*types.Var
	for {
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
			if e = source(pass, call); e == nil {
				return list
			}
			continue
		}
		v := variable(pass, e)
		if v == nil || v.IsField() || slices.Contains(list, v) || v.Parent() == v.Pkg().Scope() {
			return list
		}
		list = append(list, v)
		o := all.only(v)
		if o == nil || o.index != 0 {
			return list
		}
		e = o.expr
	}
}

// source is the context that a call makes another of, nil if it makes none: by package
// context, or by any function of Dormer that takes a context first and returns one.
// uow.Without is none of them: who calls it means the unit outside to be another.
func source(pass *analysis.Pass, call *ast.CallExpr) ast.Expr {
	f := callee(pass, call)
	if f == nil || len(call.Args) == 0 {
		return nil
	}
	if isStd(f, "context") {
		return call.Args[0]
	}
	in, out := f.Signature().Params(), f.Signature().Results()
	ours := (room(f) == "repo" || room(f) == "uow") && receiver(f) == "" && in.Len() > 0 && out.Len() > 0
	if ours && isContext(in.At(0).Type()) && isContext(out.At(0).Type()) && !is(f, "uow", "", "Without") {
		return call.Args[0]
	}
	return nil
}

// check reports the outer contexts that calls in the block are given.
func (b block) check(pass *analysis.Pass, said map[token.Pos]bool) {
	var found []*ast.Ident
	uses := 0
	ast.Inspect(b.lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && b.holdsOuter(pass, id) {
			uses++
		}
		return true
	})
	b.walk(pass, b.lit.Body, func(id *ast.Ident) {
		if !said[id.Pos()] {
			said[id.Pos()] = true
			found = append(found, id)
		}
	})
	for i, id := range found {
		d := analysis.Diagnostic{Pos: id.Pos(), End: id.End()}
		outer, made := b.isOuter(pass, id)
		was := outer.Name()
		alias := pass.TypesInfo.Uses[id] != types.Object(outer)
		from := id.Name
		switch {
		case made:
			from += " is made of " + was + ", and"
		case alias:
			from += " is " + was + ", and"
		}
		switch {
		case b.own == nil || b.own.Name == "_":
			d.Message = fmt.Sprintf("%s is from outside this Run block, and does not carry its unit of work: give the block's own context the name %s", from, was)
			if b.own != nil && !alias && i == 0 && uses == len(found) && same(found) {
				d.SuggestedFixes = []analysis.SuggestedFix{{
					Message:   "name the block's context " + id.Name,
					TextEdits: []analysis.TextEdit{{Pos: b.own.Pos(), End: b.own.End(), NewText: []byte(id.Name)}},
				}}
			}
		default:
			d.Message = fmt.Sprintf("%s is from outside this Run block, and does not carry its unit of work: use %s, the block's own", from, b.own.Name)
			if alias { // would be left without use
				break
			}
			_, there := pass.Pkg.Scope().Innermost(id.Pos()).LookupParent(b.own.Name, id.Pos())
			if there == pass.TypesInfo.Defs[b.own] {
				d.SuggestedFixes = []analysis.SuggestedFix{{
					Message:   "use " + b.own.Name,
					TextEdits: []analysis.TextEdit{{Pos: id.Pos(), End: id.End(), NewText: []byte(b.own.Name)}},
				}}
			}
		}
		pass.Report(d)
	}
}

// isOuter is the context from outside that a variable holds, its own or under another
// name, nil if it holds none; made says that it holds one which was made of that
// outside the block. Inside it the call that makes it is reported.
func (b block) isOuter(pass *analysis.Pass, id *ast.Ident) (of *types.Var, made bool) {
	v, _ := pass.TypesInfo.Uses[id].(*types.Var)
	for range 20 { // names of names are few
		if slices.Contains(b.outer, v) {
			return v, made
		}
		o := b.all.only(v)
		if o == nil || o.index != 0 {
			return nil, false
		}
		e := o.expr
		for {
			call, ok := ast.Unparen(e).(*ast.CallExpr)
			if !ok {
				break
			}
			if b.lit.Pos() <= call.Pos() && call.Pos() < b.lit.End() || apart(pass, callee(pass, call), call) {
				return nil, false
			}
			if e, made = source(pass, call), true; e == nil {
				return nil, false
			}
		}
		v = variable(pass, e)
	}
	return nil, false
}

func (b block) holdsOuter(pass *analysis.Pass, id *ast.Ident) bool {
	v, _ := b.isOuter(pass, id)
	return v != nil
}

func same(ids []*ast.Ident) bool {
	return !slices.ContainsFunc(ids, func(id *ast.Ident) bool { return id.Name != ids[0].Name })
}

// walk calls report for the outer contexts that calls are given which certainly run
// in the block.
func (b block) walk(pass *analysis.Pass, n ast.Node, report func(*ast.Ident)) {
	now := map[*ast.FuncLit]bool{} // functions that run where they stand
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.FuncLit:
			return now[n]
		case *ast.CallExpr:
			f := callee(pass, n)
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				now[lit] = true
			}
			runs := is(f, "uow", "", "Run") || is(f, "uow", "UnitOfWork", "Savepoint", "NoAutoflush")
			for _, a := range n.Args {
				if lit, ok := ast.Unparen(a).(*ast.FuncLit); ok && runs {
					now[lit] = true
				}
				if id, ok := ast.Unparen(a).(*ast.Ident); ok && b.holdsOuter(pass, id) && !apart(pass, f, n) {
					report(id)
				}
			}
		}
		return true
	})
}

// apart reports whether a call is one that stands apart from the unit by intention,
// or for which it makes no difference.
func apart(pass *analysis.Pass, f *types.Func, call *ast.CallExpr) bool {
	if is(f, "uow", "", "With", "Without") || isStd(f, "context", "WithoutCancel", "Cause", "AfterFunc") || isStd(f, "log/slog") {
		return true
	}
	return is(f, "uow", "", "Run") && requiresNew(pass, call)
}

func requiresNew(pass *analysis.Pass, call *ast.CallExpr) bool {
	return slices.ContainsFunc(call.Args, func(a ast.Expr) bool {
		option, ok := ast.Unparen(a).(*ast.CallExpr)
		return ok && is(callee(pass, option), "uow", "", "RequiresNew")
	})
}
