package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// piece is a part of a text: one that the program's source holds, or a hole, which
// is filled when it runs.
type piece struct {
	text string
	hole ast.Expr
}

// texts takes texts apart.
type texts struct {
	pass    *analysis.Pass
	origins origins
	// elements are what lists are given.
	elements elements
	// asked are the variables of which fixed is finding out.
	asked map[*types.Var]bool
	// now is what the variables hold of which steps is finding out.
	now map[*types.Var][]piece
}

// pieces are the parts of a text, in their order. Text that is one of several which
// the source holds is "…".
func (t *texts) pieces(e ast.Expr, depth int) []piece {
	if s, ok := t.constant(e); ok {
		return []piece{{text: s}}
	}
	hole := []piece{{hole: e}}
	if depth > 10 {
		return hole
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return append(t.pieces(x.X, depth+1), t.pieces(x.Y, depth+1)...)
		}
	case *ast.Ident:
		v := variable(t.pass, x)
		if p, ok := t.now[v]; ok {
			return p
		}
		if o := t.origins.one(v); o != nil && o.index == 0 {
			if _, call := ast.Unparen(o.expr).(*ast.CallExpr); !call || isText(t.pass, o.expr) {
				return t.named(t.pieces(o.expr, depth+1), x)
			}
		}
		if t.fixed(v, depth+1) {
			return []piece{{text: "…"}}
		}
		if p := t.steps(v, x, depth+1); holed(p) {
			return p
		}
	case *ast.IndexExpr:
		if t.fixedList(x.X, depth+1) {
			return []piece{{text: "…"}}
		}
	case *ast.CallExpr:
		if tv := t.pass.TypesInfo.Types[x.Fun]; tv.IsType() && len(x.Args) == 1 && isText(t.pass, x.Args[0]) {
			return t.pieces(x.Args[0], depth+1)
		}
		if p := t.replaced(x, depth); p != nil {
			return p
		}
		f := callee(t.pass, x)
		switch {
		case isStd(f, "fmt", "Sprintf"):
			if p := t.sprintf(x, depth); p != nil {
				return p
			}
		case isStd(f, "strings", "Repeat", "Join", "Trim", "TrimSpace", "TrimSuffix", "TrimPrefix", "TrimRight", "TrimLeft", "ReplaceAll", "Replace", "ToUpper", "ToLower") && receiver(f) == "":
			for _, a := range x.Args {
				if !isNumber(t.pass, a) && !t.fixedElement(a, depth+1) {
					return hole
				}
			}
			return []piece{{text: "…"}}
		}
	}
	return hole
}

// named is what a variable stands for: its text, or one hole where that is all it is.
func (t *texts) named(p []piece, x *ast.Ident) []piece {
	if len(p) == 1 && p[0].hole != nil {
		return []piece{{hole: x}}
	}
	return p
}

func holed(list []piece) bool {
	for _, p := range list {
		if p.hole != nil {
			return true
		}
	}
	return false
}

func (t *texts) value(e ast.Expr) constant.Value {
	if v := t.pass.TypesInfo.Types[e].Value; v != nil {
		return v
	}
	return constant.MakeUnknown()
}

func (t *texts) constant(e ast.Expr) (string, bool) {
	v := t.value(e)
	switch v.Kind() {
	case constant.Unknown:
		return "", false
	case constant.String:
		return constant.StringVal(v), true
	}
	return v.String(), true
}

// whole is a text of which all is known.
func (t *texts) whole(e ast.Expr, depth int) (string, bool) {
	p := joined(t.pieces(e, depth))
	if len(p) != 1 || p[0].hole != nil || strings.Contains(p[0].text, "…") {
		return "", false
	}
	return p[0].text, true
}

func isText(pass *analysis.Pass, e ast.Expr) bool { return isBasic(pass, e, types.IsString) }

func isNumber(pass *analysis.Pass, e ast.Expr) bool { return isBasic(pass, e, types.IsNumeric) }

func isBasic(pass *analysis.Pass, e ast.Expr, info types.BasicInfo) bool {
	t := pass.TypesInfo.TypeOf(e)
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&info != 0
}

// fixed reports whether all that a variable is ever given is in the source: texts, or
// lists of them.
func (t *texts) fixed(v *types.Var, depth int) bool {
	if v == nil || v.IsField() || len(t.origins[v]) == 0 || depth > 10 || v.Exported() && v.Parent() == v.Pkg().Scope() {
		return false
	}
	if t.asked[v] {
		return !isParameter(v) // it is made of itself, and whatever else is added
	}
	t.asked[v] = true
	defer delete(t.asked, v)
	for _, o := range t.origins[v] {
		switch {
		case o.kind == added && isParameter(v):
			return false
		case (o.kind == assigned || o.kind == added) && o.index == 0:
			if !t.fixedElement(o.expr, depth+1) {
				return false
			}
		case o.kind == ranged && o.index == 1:
			if !t.fixedList(o.expr, depth+1) {
				return false
			}
		default:
			return false
		}
	}
	return !slices.ContainsFunc(t.elements[v], func(e ast.Expr) bool { return e == nil || !t.fixedElement(e, depth+1) })
}

// sprintf takes apart what fmt.Sprintf makes, nil where its format is not constant or
// does not fit its arguments.
func (t *texts) sprintf(call *ast.CallExpr, depth int) []piece {
	if len(call.Args) == 0 || call.Ellipsis.IsValid() {
		return nil
	}
	format, ok := t.constant(call.Args[0])
	if !ok {
		return nil
	}
	args := call.Args[1:]
	var list []piece
	next := 0
	for {
		text, rest, found := strings.Cut(format, "%")
		list = append(list, piece{text: text})
		if !found {
			return list
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return r == '%' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		if n < 0 || strings.Contains(rest[:n], "*") {
			return nil
		}
		verb, flags := rest[n], rest[:n]
		format = rest[n+1:]
		if verb == '%' {
			list = append(list, piece{text: "%"})
			continue
		}
		if _, index, ok := strings.Cut(flags, "["); ok {
			k, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil {
				return nil
			}
			next = k - 1
		}
		if next < 0 || next >= len(args) {
			return nil
		}
		a := args[next]
		next++
		switch {
		case verb == 'q':
			if p := t.pieces(a, depth+1); isText(t.pass, a) && !holed(p) {
				list = append(list, piece{text: "…"})
			} else {
				list = append(list, piece{text: `"`}, piece{hole: a}, piece{text: `"`})
			}
		case isText(t.pass, a):
			list = append(list, t.pieces(a, depth+1)...)
		case t.pass.TypesInfo.Types[a].Value != nil:
			list = append(list, piece{text: "…"})
		default:
			list = append(list, piece{hole: a})
		}
	}
}
