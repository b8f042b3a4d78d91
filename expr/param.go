package expr

import (
	"fmt"
	"reflect"
)

// param binds v in the stored form of the column that like stands for, if it is
// one.
func param(like Node, v any) Node {
	ref, _ := like.(*ColumnRef)
	if isNil(v) {
		return &ErrorNode{fmt.Errorf("expr: nil %T compared by value%s: a comparison with NULL is never true; use IsNull or IsNotNull", v, ofColumn(ref))}
	}
	return &ParamNode{Value: v, Like: ref}
}

func params[V any](vs []V) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}

func isNil(v any) bool {
	switch v.(type) {
	case nil:
		return true
	case int64, int, int32, string, bool, float64:
		return false
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return rv.IsNil()
	}
	return false
}

func ofColumn(ref *ColumnRef) string {
	if ref == nil {
		return ""
	}
	return " to column " + ref.Source.Label() + "." + ref.Name
}

func compare(op CompareOp, l Node, v any) Node {
	return &CompareNode{Op: op, Left: l, Right: param(l, v)}
}

func compareTo(op CompareOp, l Node, r Any) Node {
	if r == nil {
		return &ErrorNode{errZeroExpr}
	}
	return &CompareNode{Op: op, Left: l, Right: r.node()}
}

func in[V any](l Node, vs []V, not bool) Node {
	ref, _ := l.(*ColumnRef)
	return &InNode{X: l, Values: params(vs), Like: ref, Not: not}
}

func between(l Node, lo, hi any) Node {
	return &BetweenNode{X: l, Low: param(l, lo), High: param(l, hi)}
}
