package expr

import (
	"bytes"
	"fmt"
	"reflect"
)

// param binds v in the stored form of the column that like is made from, if it
// is.
func param(like Node, v any) Node {
	ref, made := formOf(like)
	if isNil(v) {
		return errNil(ref, v)
	}
	return &ParamNode{Value: own(v), Like: ref, Decimal: made || ref == nil && declaredDecimal(v)}
}

func errNil(ref *ColumnRef, v any) Node {
	return &ErrorNode{fmt.Errorf("expr: nil %T used as a value%s: a comparison with NULL is never true; use IsNull or IsNotNull, and SetNull to assign it", v, ofColumn(ref))}
}

// own makes the tree independent of bytes that the caller may write to later.
func own(v any) any {
	if b, ok := v.([]byte); ok {
		return bytes.Clone(b)
	}
	return v
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
	return " for column " + ref.Source.Label() + "." + ref.Name
}

// comparison is a comparison with a bound value, in one piece of memory.
type comparison struct {
	CompareNode
	v ParamNode
}

func compare(op CompareOp, l Node, v any) Node {
	if isNil(v) {
		return &CompareNode{Op: op, Left: l, Right: errNil(likeOf(l), v)}
	}
	c := &comparison{CompareNode: CompareNode{Op: op, Left: l}, v: ParamNode{Value: own(v)}}
	if c.v.Like, c.v.Decimal = formOf(l); c.v.Like == nil && !c.v.Decimal {
		_, own := l.(*FuncNode) // whose form only the program knows
		c.v.Decimal = own && declaredDecimal(v)
	}
	c.Right = &c.v
	return &c.CompareNode
}

func compareTo(op CompareOp, l Node, y Any) Node {
	return compareNodes(op, l, nodeOf(y))
}

func in[V any](l Node, vs []V, not bool) Node {
	if len(vs) > 0 && isDecimal(l) {
		return inDecimals(l, vs, not)
	}
	if n, ok := inInts(l, vs, not); ok {
		return n
	}
	values := make([]any, len(vs))
	for i, v := range vs {
		if isNil(v) {
			return errNil(likeOf(l), v)
		}
		values[i] = own(v)
	}
	return &InNode{X: l, Values: values, Like: likeOf(l), Not: not}
}

const fewest = 10

// fewInts is an IN of a few whole numbers in one piece of memory.
type fewInts struct {
	InNode
	few [fewest]int64
}

// inInts is an IN of a copy of whole numbers of the usual types.
func inInts(l Node, vs any, not bool) (Node, bool) {
	var count int
	switch vs := vs.(type) {
	case []int64:
		count = len(vs)
	case []int:
		count = len(vs)
	default:
		return nil, false
	}
	var n *InNode
	if count <= fewest {
		f := &fewInts{}
		n = &f.InNode
		n.Ints = f.few[:count:count]
	} else {
		n = &InNode{Ints: make([]int64, count)}
	}
	switch vs := vs.(type) {
	case []int64:
		copy(n.Ints, vs)
	case []int:
		for i, v := range vs {
			n.Ints[i] = int64(v)
		}
	}
	n.X, n.Like, n.Not = l, likeOf(l), not
	return n, true
}

func between(l Node, lo, hi any) Node {
	return &BetweenNode{X: l, Low: param(l, lo), High: param(l, hi)}
}
