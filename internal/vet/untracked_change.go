package vet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// UntrackedChange reports changes of entities that nobody tracks.
var UntrackedChange = &analysis.Analyzer{
	Name: "untrackedchange",
	Doc: `report changes of Untracked entities that have no effect

Entities of an Untracked query or repository belong to no unit of work: nobody writes
what is changed in them. Reported is a field that is assigned and never read again, of
an entity that never leaves its function: handing it to Merge or Add, to any other
function, or returning it, may well be what was meant.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      untrackedChange,
}

func untrackedChange(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	u := &untracked{pass: pass, origins: originsOf(pass), group: map[*types.Var]*group{}}
	u.find()
	if len(u.group) == 0 {
		return nil, nil
	}
	in.WithStack([]ast.Node{(*ast.Ident)(nil)}, func(n ast.Node, push bool, stack []ast.Node) bool {
		id := n.(*ast.Ident)
		v, ok := pass.TypesInfo.Uses[id].(*types.Var)
		if g := u.group[v]; push && ok && g != nil {
			u.use(g, v, stack)
		}
		return true
	})
	said := map[*group]bool{}
	var list []change
	for _, g := range u.group {
		if !said[g] && !g.escapes {
			said[g] = true
			list = append(list, g.lost()...)
		}
	}
	slices.SortFunc(list, func(a, b change) int { return cmp.Compare(a.expr.Pos(), b.expr.Pos()) })
	for _, c := range list {
		pass.Report(analysis.Diagnostic{
			Pos: c.expr.Pos(), End: c.expr.End(),
			Message: fmt.Sprintf("the change of %s is written nowhere: %s is Untracked, and no unit of work knows it; read it in a unit without Untracked, or hand it to Attach before the change", c.field, c.entity),
		})
	}
	return nil, nil
}

// untracked are the variables of a package that hold Untracked entities.
type untracked struct {
	pass    *analysis.Pass
	origins origins
	group   map[*types.Var]*group
}

// find fills the groups: variables whose every value is a result of an Untracked
// read, an element of one, or another variable of the same entities.
func (u *untracked) find() {
	for again := true; again; {
		again = false
		for v, from := range u.origins {
			if u.group[v] != nil || v.IsField() || v.Parent() == nil || v.Parent() == v.Pkg().Scope() {
				continue
			}
			var g *group
			for _, o := range from {
				h := u.of(o)
				if h == nil {
					g = nil
					break
				}
				if g == nil {
					g = h
				} else if h != g {
					u.join(g, h)
				}
			}
			if g != nil {
				u.group[v] = g
				if !g.declared.IsValid() || v.Pos() < g.declared {
					g.declared = v.Pos()
				}
				again = true
			}
		}
	}
}

// join makes one group of two.
func (u *untracked) join(g, h *group) {
	for v, x := range u.group {
		if x == h {
			u.group[v] = g
		}
	}
	if h.declared.IsValid() && h.declared < g.declared {
		g.declared = h.declared
	}
}

// of is the group of the entities that a value consists of, nil if they are not known
// to be Untracked.
func (u *untracked) of(o origin) *group {
	e := ast.Unparen(o.expr)
	switch {
	case o.kind != assigned && o.kind != ranged:
		return nil
	case o.kind == ranged:
		if call, ok := e.(*ast.CallExpr); ok && o.index == 0 && is(callee(u.pass, call), "repo", "Query", "Stream") && u.isUntracked(on(call)) {
			return &group{}
		}
		if v := u.held(e); v != nil && o.index == 1 {
			return u.group[v]
		}
	case o.index == 0:
		switch e := e.(type) {
		case *ast.CallExpr:
			f := callee(u.pass, e)
			if (is(f, "repo", "Query", "All", "First", "One", "Page") || isRepository(f, "Find", "First", "One", "Get")) && u.isUntracked(on(e)) {
				return &group{}
			}
		case *ast.Ident, *ast.SelectorExpr:
			if v := u.held(e); v != nil {
				return u.group[v]
			}
		case *ast.IndexExpr:
			if v := u.held(e.X); v != nil {
				return u.group[v]
			}
		}
	}
	return nil
}

// held is the variable that an expression names, or the page whose items it names.
func (u *untracked) held(e ast.Expr) *types.Var {
	if s, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && u.ofPage(s) == "Items" {
		e = s.X
	}
	return variable(u.pass, e)
}

// ofPage is the field of a repo.Page that a selector names, "" if it names none.
func (u *untracked) ofPage(s *ast.SelectorExpr) string {
	of := u.pass.TypesInfo.Selections[s]
	if of == nil || of.Kind() != types.FieldVal || !direct(of) {
		return ""
	}
	n := named(of.Recv())
	if n == nil || n.Obj().Name() != "Page" || roomOf(n.Obj().Pkg()) != "repo" {
		return ""
	}
	return of.Obj().Name()
}

// isUntracked reports whether a repository or query is certainly Untracked.
func (u *untracked) isUntracked(e ast.Expr) bool {
	for range 20 { // chains through variables are short
		switch x := ast.Unparen(e).(type) {
		case *ast.CallExpr:
			f := callee(u.pass, x)
			if is(f, "repo", "Query", "Untracked") || isRepository(f, "Untracked") {
				return true
			}
			if room(f) != "repo" || receiver(f) == "" {
				return false
			}
			e = on(x)
		case *ast.Ident:
			o := u.origins.only(variable(u.pass, x))
			if o == nil || o.index != 0 {
				return false
			}
			e = o.expr
		default:
			return false
		}
	}
	return false
}

func isRepository(f *types.Func, names ...string) bool {
	return is(f, "repo", "Repository", names...) || is(f, "repo", "Keyed", names...) || is(f, "repo", "Keyed2", names...)
}
