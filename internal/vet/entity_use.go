package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// group are variables that may hold the same entities, and what is done with those.
type group struct {
	declared token.Pos
	changes  []change
	reads    []read
	// escapes is set where something may be done with the entities that is not seen.
	escapes bool
}

type change struct {
	expr          ast.Expr
	entity, field string
	// since is where reads count from: the end of the statement, or the beginning of
	// the loop in which it comes again.
	since token.Pos
}

// read is of a field, of all where field is "".
type read struct {
	field string
	pos   token.Pos
}

// lost are the changes after which nobody reads the field.
func (g *group) lost() []change {
	return slices.DeleteFunc(slices.Clone(g.changes), func(c change) bool {
		return slices.ContainsFunc(g.reads, func(r read) bool {
			return r.pos > c.since && (r.field == "" || r.field == c.field)
		})
	})
}

// use notes what is done with variable v, the last node of the stack.
func (u *untracked) use(g *group, v *types.Var, stack []ast.Node) {
	i := len(stack) - 1
	pos := stack[i].Pos()
	for _, n := range stack {
		if lit, ok := n.(*ast.FuncLit); ok && (v.Pos() < lit.Pos() || v.Pos() >= lit.End()) {
			g.escapes = true // nobody knows when it runs
			return
		}
	}
	parent := func() ast.Node { return stack[i-1] }
	paren := func() {
		for _, ok := parent().(*ast.ParenExpr); ok; _, ok = parent().(*ast.ParenExpr) {
			i--
		}
	}
	paren()
	if s, ok := parent().(*ast.SelectorExpr); ok {
		switch u.ofPage(s) {
		case "":
		case "Items":
			i--
			paren()
		default: // says nothing of the entities
			return
		}
	}
	if x, ok := parent().(*ast.IndexExpr); ok && x.X == stack[i] { // an element of a slice
		i--
		paren()
	}
	here := stack[i]
	switch p := parent().(type) {
	case *ast.SelectorExpr:
		if s := u.pass.TypesInfo.Selections[p]; s != nil && s.Kind() == types.FieldVal {
			i--
			u.field(g, stack, i, pos)
			return
		}
	case *ast.StarExpr:
		i--
		paren()
		if a, ok := parent().(*ast.AssignStmt); ok && contains(a.Rhs, stack[i]) {
			g.reads = append(g.reads, read{"", pos})
			return
		}
	case *ast.BinaryExpr:
		if u.isNil(p.X) || u.isNil(p.Y) {
			return
		}
	case *ast.RangeStmt:
		return // what it gives is of the group, or not used
	case *ast.CallExpr:
		if id, ok := p.Fun.(*ast.Ident); ok && (id.Name == "len" || id.Name == "cap") && u.pass.TypesInfo.Uses[id] == types.Universe.Lookup(id.Name) {
			return
		}
	case *ast.AssignStmt:
		if contains(p.Lhs, here) {
			if _, element := here.(*ast.IndexExpr); !element {
				return
			}
			break
		}
		for k, r := range p.Rhs {
			if r == here && len(p.Lhs) == len(p.Rhs) && u.group[variable(u.pass, p.Lhs[k])] == g {
				return
			}
		}
	case *ast.ValueSpec:
		for k, r := range p.Values {
			if r == here && u.group[variable(u.pass, p.Names[k])] == g {
				return
			}
		}
	}
	g.escapes = true
}

// field notes what is done with the field stack[i] of an entity.
func (u *untracked) field(g *group, stack []ast.Node, i int, pos token.Pos) {
	sel := stack[i].(*ast.SelectorExpr)
	name := sel.Sel.Name
	for { // fields of fields that are structs
		next := stack[i-1]
		if s, ok := next.(*ast.SelectorExpr); ok {
			kind := u.pass.TypesInfo.Selections[s]
			_, value := u.pass.TypesInfo.TypeOf(s.X).Underlying().(*types.Struct)
			if kind == nil || kind.Kind() != types.FieldVal || kind.Indirect() || !value {
				break
			}
		} else if _, ok := next.(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	e := stack[i].(ast.Expr)
	written := false
	switch p := stack[i-1].(type) {
	case *ast.AssignStmt:
		written = contains(p.Lhs, e)
	case *ast.IncDecStmt:
		written = true
	case *ast.UnaryExpr:
		g.escapes = g.escapes || p.Op == token.AND
	case *ast.SliceExpr: // of an array, shares it
		g.escapes = true
	}
	if !written {
		g.reads = append(g.reads, read{name, pos})
		return
	}
	if u.pass.TypesInfo.Selections[sel].Indirect() && !direct(u.pass.TypesInfo.Selections[sel]) {
		g.escapes = true // of something that an embedded pointer leads to
		return
	}
	c := change{expr: e, entity: types.ExprString(sel.X), field: name, since: stack[i-1].End()}
	for _, n := range stack {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if n.Pos() > g.declared && n.Pos() < c.since {
				c.since = n.Pos()
			}
		}
	}
	g.changes = append(g.changes, c)
}

// direct reports whether a field is one of the entity itself: the entity's pointer is
// the only one on the way.
func direct(s *types.Selection) bool { return len(s.Index()) == 1 }

func contains(list []ast.Expr, n ast.Node) bool {
	for _, e := range list {
		if e == n {
			return true
		}
	}
	return false
}

func (u *untracked) isNil(e ast.Expr) bool { return u.pass.TypesInfo.Types[e].IsNil() }
