package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// steps are the parts of the text that a variable holds at x, where several statements
// put it together: what those before it have assigned and added, in the order of the
// source. It is nil where that is not known.
func (t *texts) steps(v *types.Var, x *ast.Ident, depth int) []piece {
	if _, asked := t.now[v]; asked || v == nil || v.IsField() || v.Parent() == v.Pkg().Scope() || depth > 10 {
		return nil
	}
	list := []piece{{}}
	if isParameter(v) {
		list = []piece{{hole: x}}
	}
	defer delete(t.now, v)
	for _, o := range t.origins[v] {
		if o.kind != assigned && o.kind != added || o.index != 0 || len(list) > 1000 {
			return nil
		}
		if o.expr.Pos() > x.Pos() {
			break
		}
		t.now[v] = list
		p := t.pieces(o.expr, depth+1)
		if o.kind == added {
			p = slices.Concat(list, p)
		}
		list = p
	}
	if len(list) == 1 && list[0].hole != nil {
		return nil // the variable's name says more
	}
	return list
}

// replaced are the parts of what strings.Replace and ReplaceAll, or a Replacer that is
// made where it is used, makes of a text; nil where that is not known.
func (t *texts) replaced(call *ast.CallExpr, depth int) []piece {
	f := callee(t.pass, call)
	var pairs []ast.Expr
	times := -1
	switch {
	case isStd(f, "strings", "ReplaceAll", "Replace") && receiver(f) == "":
		if len(call.Args) < 3 {
			return nil
		}
		pairs = call.Args[1:3]
		if len(call.Args) == 4 {
			n, ok := constant.Int64Val(constant.ToInt(t.value(call.Args[3])))
			if !ok {
				return nil
			}
			times = int(n)
		}
	case isStd(f, "strings", "Replace") && receiver(f) == "Replacer":
		maker, ok := ast.Unparen(on(call)).(*ast.CallExpr)
		if !ok || !isStd(callee(t.pass, maker), "strings", "NewReplacer") || maker.Ellipsis.IsValid() || len(maker.Args)%2 == 1 {
			return nil
		}
		pairs = maker.Args
	default:
		return nil
	}
	list := t.pieces(call.Args[0], depth+1)
	for i := 0; i < len(pairs); i += 2 {
		old, ok := t.whole(pairs[i], depth+1)
		to := t.pieces(pairs[i+1], depth+1)
		if !ok || old == "" {
			return nil
		}
		if list, times = replace(list, old, to, times); list == nil {
			return nil
		}
	}
	return list
}

// replace puts to in the place of old, n times or, where n is below 0, everywhere. It is
// nil where the text is not known that old may stand in.
func replace(list []piece, old string, to []piece, n int) ([]piece, int) {
	var made []piece
	for _, p := range joined(list) {
		if p.hole != nil {
			made = append(made, p)
			continue
		}
		if strings.Contains(p.text, "…") {
			return nil, n
		}
		for n != 0 {
			before, after, found := strings.Cut(p.text, old)
			if !found {
				break
			}
			made = append(append(made, piece{text: before}), to...)
			p.text = after
			n--
		}
		made = append(made, p)
	}
	return made, n
}

// joined are the parts with those one that hold text side by side.
func joined(list []piece) []piece {
	var made []piece
	for _, p := range list {
		if last := len(made) - 1; last >= 0 && made[last].hole == nil && p.hole == nil {
			made[last].text += p.text
			continue
		}
		made = append(made, p)
	}
	return made
}
