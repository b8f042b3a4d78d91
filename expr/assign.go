package expr

import "fmt"

// Assign is a column's new value in a bulk UPDATE of entity T. The zero Assign
// is an error when the statement is built. It is immutable and safe for
// concurrent use.
type Assign[T any] struct{ c SetClause }

// Clause returns the assignment as data. That of the zero Assign has no column,
// and an ErrorNode for its value.
func (a Assign[T]) Clause() SetClause {
	if a.c.Value == nil {
		return SetClause{a.c.Column, &ErrorNode{errZeroAssign}}
	}
	return a.c
}

func assign[T any](ref *ColumnRef, v any) Assign[T] {
	if isNil(v) {
		return Assign[T]{SetClause{ref, &ErrorNode{fmt.Errorf("expr: nil %T Set%s: use SetNull on a Nullable", v, ofColumn(ref))}}}
	}
	return set[T](ref, &ParamNode{Value: own(v), Like: ref})
}

func assignTo[T any](ref *ColumnRef, y Any) Assign[T] {
	return set[T](ref, adopt(refNode(ref), nodeOf(y)))
}

func assignNull[T any](ref *ColumnRef) Assign[T] { return set[T](ref, &ParamNode{Like: ref}) }

func set[T any](ref *ColumnRef, value Node) Assign[T] {
	if ref == nil {
		value = refNode(ref)
	}
	return Assign[T]{SetClause{ref, value}}
}
