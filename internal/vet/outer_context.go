package vet

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

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

The ctx that was given to Run is meant, and those that it is made of, be they variables,
fields, s.ctx, or what r.Context() of a request returns. The block may be held in a
variable or be a method. Nothing is said of goroutines and of functions that may be
called later, which are not in the unit.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      outerContext,
}

// block is a function that is given to uow.Run.
type block struct {
	params *ast.FieldList
	body   *ast.BlockStmt
	// own is the name of its ctx, nil where it has none; "_" is a name here.
	own *ast.Ident
	// outer are the contexts that Run was called with.
	outer []place
	all   origins
	// runs are functions that variables hold, and which run in the block around them.
	runs map[*ast.FuncLit]bool
	// apart is set of a block whose unit is not that of the block around it.
	apart bool
}

func outerContext(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	var blocks []*block
	var all origins
	owns := map[*types.Var]bool{} // contexts of blocks
	runs := map[*ast.FuncLit]bool{}
	in.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
		call := n.(*ast.CallExpr)
		f := callee(pass, call)
		if !runsBlock(f) || len(call.Args) <= blockAt(f) {
			return
		}
		if all == nil {
			all = originsOf(pass)
		}
		if o := all.one(variable(pass, call.Args[blockAt(f)])); o != nil {
			if lit, ok := ast.Unparen(o.expr).(*ast.FuncLit); ok {
				runs[lit] = true
			}
		}
		if !is(f, "uow", "", "Run") {
			return
		}
		b := blockOf(pass, all, call)
		if b == nil {
			return
		}
		b.runs, b.apart = runs, requiresNew(pass, call)
		if names := b.params.List[0].Names; len(names) > 0 {
			b.own = names[0]
			if v, ok := pass.TypesInfo.Defs[b.own].(*types.Var); ok {
				owns[v] = true
			}
		}
		blocks = append(blocks, b)
	})
	slices.SortStableFunc(blocks, func(a, b *block) int { return cmp.Compare(a.body.Pos(), b.body.Pos()) })
	said := map[token.Pos]bool{}
	var set setters
	if len(blocks) > 0 {
		set = settersOf(pass)
	}
	for _, b := range slices.Backward(blocks) { // inner blocks first: their ctx is the right one
		b.outer = slices.DeleteFunc(b.outer, func(p place) bool {
			// The unit around one that stands apart may be meant.
			return b.apart && owns[p.root] || b.params.Pos() < p.root.Pos() && p.root.Pos() < b.body.End() || p.replaced(pass, b.body, all, set)
		})
		if len(b.outer) > 0 {
			b.check(pass, said)
		}
	}
	return nil, nil
}

// runsBlock reports whether a function of Dormer runs the function that it is given.
func runsBlock(f *types.Func) bool {
	return is(f, "uow", "", "Run") || is(f, "uow", "UnitOfWork", "Savepoint", "NoAutoflush")
}

// blockAt is where that function stands among the arguments.
func blockAt(f *types.Func) int {
	params := f.Signature().Params()
	for i := range params.Len() {
		if _, ok := params.At(i).Type().Underlying().(*types.Signature); ok {
			return i
		}
	}
	return 0
}

// blockOf is the function that a call of Run is given, nil if it is not known: one that
// stands there, that a variable holds, or that is a method of the package.
func blockOf(pass *analysis.Pass, all origins, call *ast.CallExpr) *block {
	b := &block{outer: madeOf(pass, all, call.Args[0]), all: all}
	arg := ast.Unparen(call.Args[2])
	if o := all.one(variable(pass, arg)); o != nil {
		arg = ast.Unparen(o.expr)
	}
	switch f := arg.(type) {
	case *ast.FuncLit:
		b.params, b.body = f.Type.Params, f.Body
		return b
	case *ast.SelectorExpr:
		decl := methodOf(pass, f)
		at, ok := placeOf(pass, f.X)
		if decl == nil || decl.Body == nil || !ok || len(decl.Recv.List[0].Names) == 0 {
			return nil
		}
		self, _ := pass.TypesInfo.Defs[decl.Recv.List[0].Names[0]].(*types.Var)
		var seen []place // of the contexts, what the method reaches by its receiver
		for _, p := range b.outer {
			if p.field != nil && p.has(at) && self != nil {
				seen = append(seen, place{self, strings.TrimPrefix(p.steps, at.steps), p.field})
			}
		}
		b.params, b.body, b.outer = decl.Type.Params, decl.Body, seen
		return b
	}
	return nil
}

// methodOf declares the method that an expression takes as a value, nil if it is none
// of the package.
func methodOf(pass *analysis.Pass, e *ast.SelectorExpr) *ast.FuncDecl {
	s := pass.TypesInfo.Selections[e]
	if s == nil || s.Kind() != types.MethodVal || len(s.Index()) > 1 {
		return nil
	}
	f := s.Obj().(*types.Func).Origin()
	for _, file := range pass.Files {
		for _, d := range file.Decls {
			if decl, ok := d.(*ast.FuncDecl); ok && pass.TypesInfo.Defs[decl.Name] == types.Object(f) {
				return decl
			}
		}
	}
	return nil
}

// madeOf are the places of a context and of those that it is derived from.
func madeOf(pass *analysis.Pass, all origins, e ast.Expr) []place {
	var list []place
	for {
		p, ok := placeOf(pass, e)
		if !ok {
			call, ok := ast.Unparen(e).(*ast.CallExpr)
			if !ok {
				return list
			}
			if e = source(pass, call); e == nil {
				return list
			}
			continue
		}
		if slices.Contains(list, p) {
			return list
		}
		list = append(list, p)
		o := all.one(p.root)
		if p.steps != "" || o == nil || o.index != 0 {
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
func (b *block) check(pass *analysis.Pass, said map[token.Pos]bool) {
	var found []ast.Expr
	uses := 0
	ast.Inspect(b.body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && pass.TypesInfo.Uses[id] != nil && b.holdsOuter(pass, id) {
			uses++
		}
		return true
	})
	b.walk(pass, func(e ast.Expr) {
		if !said[e.Pos()] {
			said[e.Pos()] = true
			found = append(found, e)
		}
	})
	for i, e := range found {
		d := analysis.Diagnostic{Pos: e.Pos(), End: e.End()}
		outer, made := b.isOuter(pass, e)
		here, _ := placeOf(pass, e)
		alias := here != outer
		from := here.String()
		switch {
		case made:
			from += " is made of " + outer.String() + ", and"
		case alias:
			from += " is " + outer.String() + ", and"
		}
		from += " is from outside this Run block, and does not carry its unit of work: "
		switch {
		case (b.own == nil || b.own.Name == "_") && outer.steps != "":
			d.Message = from + "give the block's own context a name, and use it"
		case b.own == nil || b.own.Name == "_":
			d.Message = from + "give the block's own context the name " + outer.String()
			if b.own != nil && !alias && i == 0 && uses == len(found) && same(found) {
				d.SuggestedFixes = []analysis.SuggestedFix{{
					Message:   "name the block's context " + outer.String(),
					TextEdits: []analysis.TextEdit{{Pos: b.own.Pos(), End: b.own.End(), NewText: []byte(outer.String())}},
				}}
			}
		default:
			d.Message = from + "use " + b.own.Name + ", the block's own"
			if alias { // would be left without use
				break
			}
			_, there := pass.Pkg.Scope().Innermost(e.Pos()).LookupParent(b.own.Name, e.Pos())
			if there == pass.TypesInfo.Defs[b.own] {
				d.SuggestedFixes = []analysis.SuggestedFix{{
					Message:   "use " + b.own.Name,
					TextEdits: []analysis.TextEdit{{Pos: e.Pos(), End: e.End(), NewText: []byte(b.own.Name)}},
				}}
			}
		}
		pass.Report(d)
	}
}

// isOuter is the context from outside that an expression reads, its own or under
// another name, if it reads one: its root is nil if not. made says that it is one which
// was made of that outside the block. Inside it the call that makes it is reported.
func (b *block) isOuter(pass *analysis.Pass, e ast.Expr) (of place, made bool) {
	p, ok := placeOf(pass, e)
	for range 20 { // names of names are few
		if !ok {
			break
		}
		if slices.Contains(b.outer, p) {
			return p, made
		}
		o := b.all.one(p.root)
		if p.steps != "" || o == nil || o.index != 0 {
			break
		}
		e := o.expr
		for p, ok = placeOf(pass, e); !ok; p, ok = placeOf(pass, e) {
			call, isCall := ast.Unparen(e).(*ast.CallExpr)
			if !isCall || b.body.Pos() <= call.Pos() && call.Pos() < b.body.End() || apart(pass, callee(pass, call), call) {
				return place{}, false
			}
			if e, made = source(pass, call), true; e == nil {
				return place{}, false
			}
		}
	}
	return place{}, false
}

func (b *block) holdsOuter(pass *analysis.Pass, e ast.Expr) bool {
	p, _ := b.isOuter(pass, e)
	return p.root != nil
}

// same reports whether all expressions are the same name.
func same(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool { return types.ExprString(e) != types.ExprString(list[0]) })
}

// walk calls report for the outer contexts that calls are given which certainly run
// in the block.
func (b *block) walk(pass *analysis.Pass, report func(ast.Expr)) {
	now := map[*ast.FuncLit]bool{} // functions that run where they stand
	ast.Inspect(b.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.FuncLit:
			return now[n] || b.runs[n]
		case *ast.CallExpr:
			f := callee(pass, n)
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				now[lit] = true
			}
			for _, a := range n.Args {
				if lit, ok := ast.Unparen(a).(*ast.FuncLit); ok && runsBlock(f) {
					now[lit] = true
				}
				if b.holdsOuter(pass, a) && !apart(pass, f, n) {
					report(ast.Unparen(a))
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
