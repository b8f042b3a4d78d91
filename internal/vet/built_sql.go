package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// BuiltSQL reports SQL that has values in its text.
var BuiltSQL = &analysis.Analyzer{
	Name: "builtsql",
	Doc: `report SQL that is built of values

A value in the text of a statement can change what the statement does, and each text
is compiled anew. The text of expr.Raw is constant; values are its arguments, a ? each.
The text of an engine's or a unit's Exec, Get, Select, NamedExec and Query…, and of the
methods of the pool that an engine's DB returns, may be built of names, but not of
values: reported are those that fmt.Sprintf, +, += or strings.Replace put where a value
stands: after a comparison, in the lists of IN and VALUES, in BETWEEN, or between quotes.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      builtSQL,
}

// textAt says which argument of a method of engines and units is the statement.
var textAt = map[string]int{
	"Exec": 1, "ExecContext": 1, "Get": 2, "Select": 2, "NamedExec": 1,
	"QueryContext": 1, "QueryxContext": 1, "QueryRowxContext": 1,
}

func builtSQL(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	t := &texts{pass: pass, asked: map[*types.Var]bool{}, now: map[*types.Var][]piece{}}
	in.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
		call := n.(*ast.CallExpr)
		f := callee(pass, call)
		raw := is(f, "expr", "", "Raw")
		statement := room(f) == "engine" && receiver(f) == "Engine" || room(f) == "uow" && receiver(f) == "UnitOfWork"
		at, ok := 0, raw
		switch {
		case statement:
			at, ok = textAt[f.Name()], textAt[f.Name()] > 0
		case isPool(f):
			at, ok = queryOf(f)
		}
		if !ok || at >= len(call.Args) {
			return
		}
		if t.origins == nil {
			t.origins, t.elements = originsOf(pass), elementsOf(pass)
		}
		if isPool(f) && !t.ofEngine(on(call)) {
			return
		}
		list := joined(t.pieces(call.Args[at], 0))
		if raw {
			checkRaw(pass, t, call, list)
		} else {
			checkStatement(pass, f, call.Args[at], list)
		}
	})
	return nil, nil
}

// isPool reports whether f is a method of a pool of connections, of database/sql or sqlx.
func isPool(f *types.Func) bool {
	return f != nil && f.Pkg() != nil && receiver(f) == "DB" && (f.Pkg().Path() == "database/sql" || f.Pkg().Path() == "github.com/jmoiron/sqlx")
}

// queryOf says which argument of a method of a pool is the statement.
func queryOf(f *types.Func) (at int, ok bool) {
	params := f.Signature().Params()
	for i := range params.Len() {
		if params.At(i).Name() == "query" {
			return i, true
		}
	}
	return 0, false
}

// ofEngine reports whether a pool is one that DB of an engine gives.
func (t *texts) ofEngine(e ast.Expr) bool {
	for range 20 { // names of names are few
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr: // the pool of database/sql in that of sqlx
			if x.Sel.Name != "DB" {
				return false
			}
			e = x.X
		case *ast.Ident:
			o := t.origins.one(variable(t.pass, x))
			if o == nil || o.index != 0 {
				return false
			}
			e = o.expr
		case *ast.CallExpr:
			return is(callee(t.pass, x), "engine", "Engine", "DB")
		default:
			return false
		}
	}
	return false
}

func checkRaw(pass *analysis.Pass, t *texts, call *ast.CallExpr, list []piece) {
	for _, p := range list {
		if p.hole == nil {
			continue
		}
		// A function that hands on a text with its arguments is another Raw: values
		// are bound by it.
		if v := variable(pass, p.hole); len(list) == 1 && call.Ellipsis.IsValid() && v != nil && len(t.origins[v]) == 0 && !v.IsField() {
			return
		}
		pass.Report(analysis.Diagnostic{
			Pos: call.Args[0].Pos(), End: call.Args[0].End(),
			Message: fmt.Sprintf("the text of expr.Raw is built of %s, which can change what it says: write the text as a constant with a ? for each value, and pass the values as arguments", short(p.hole)),
		})
		return
	}
}

var (
	takesValues = regexp.MustCompile(`(?is)^\s*(?:select|insert|update|delete|with|values|replace|merge)\b`)
	// A value stands after a comparison, in the lists of IN and VALUES, in BETWEEN, and
	// as the argument of a function that stands there.
	beforeValue = regexp.MustCompile(`(?is)(?:[=<>]|\b(?:like|ilike|limit|offset|between|between\s+\S+\s+and)|` + listBegun + `)\s*(?:\w+\(\s*)*$`)
	// What the program calls so is text of the statement by intention.
	notValue = regexp.MustCompile(`(?i)placeholder|bindvar|^marks?$|quote|sub_?(?:query|select)`)
)

// listBegun is the beginning of a list of values.
const listBegun = `\b(?:in|values)\s*(?:\((?:[^()]|\([^()]*\))*\)\s*,\s*)*\((?:(?:[^()]|\([^()]*\))*,)?`

func checkStatement(pass *analysis.Pass, f *types.Func, arg ast.Expr, list []piece) {
	if !takesValues.MatchString(list[0].text) {
		return
	}
	before := ""
	for i, p := range list {
		if p.hole == nil {
			before += p.text
			continue
		}
		after := ""
		if i+1 < len(list) {
			after = list[i+1].text
		}
		if isValue(pass, p.hole, before, after) {
			pass.Report(analysis.Diagnostic{
				Pos: arg.Pos(), End: arg.End(),
				Message: fmt.Sprintf("%s is written into the text of %s, where it can change what the statement does: write a placeholder, and pass it as an argument", short(p.hole), f.Name()),
			})
			return
		}
		before += "…"
	}
}

// isValue reports whether a hole certainly stands where a value does.
func isValue(pass *analysis.Pass, hole ast.Expr, before, after string) bool {
	if strings.Count(before, "'")%2 == 1 {
		return true
	}
	if !beforeValue.MatchString(before) || strings.HasPrefix(after, ".") || strings.HasPrefix(after, "(") {
		return false
	}
	if !isText(pass, hole) {
		return isNumber(pass, hole)
	}
	switch x := ast.Unparen(hole).(type) {
	case *ast.Ident:
		return !notValue.MatchString(x.Name)
	case *ast.SelectorExpr:
		return !notValue.MatchString(x.Sel.Name)
	}
	return false
}

// short is an expression as a message names it.
func short(e ast.Expr) string {
	s := types.ExprString(e)
	if len(s) > 60 {
		return "an expression"
	}
	return s
}
