package expr

import "fmt"

// Assign is a column's new value in a bulk UPDATE of entity T. The zero Assign
// is an error when the statement is built. It is immutable and safe for
// concurrent use.
type Assign[T any] struct{ c SetClause }

// Clause returns the assignment as data. That of the zero Assign has no column,
// and an ErrorNode for its value.
func (a Assign[T]) Clause() SetClause { return clause(a.c) }

//go:noinline
func clause(c SetClause) SetClause {
	if c.Value == nil {
		return SetClause{c.Column, &ErrorNode{errZeroAssign}}
	}
	return c
}

//go:noinline
func assign(ref *ColumnRef, v any) SetClause {
	if isNil(v) {
		return SetClause{ref, &ErrorNode{fmt.Errorf("expr: nil %T Set%s: use SetNull on a Nullable", v, ofColumn(ref))}}
	}
	return set(ref, &ParamNode{Value: own(v), Like: ref})
}

//go:noinline
func assignTo(ref *ColumnRef, y Node) SetClause { return set(ref, adopt(refNode(ref), y)) }

//go:noinline
func assignNull(ref *ColumnRef) SetClause { return set(ref, &ParamNode{Like: ref}) }

func set(ref *ColumnRef, value Node) SetClause {
	if ref == nil {
		value = refNode(ref)
	}
	return SetClause{ref, value}
}
