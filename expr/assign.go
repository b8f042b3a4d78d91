package expr

import "fmt"

// Assign is a column's new value in a bulk UPDATE of entity T. The zero Assign
// is an error when the statement is built. It is immutable and safe for
// concurrent use.
type Assign[T any] struct{ c SetClause }

// Clause returns the assignment as data.
func (a Assign[T]) Clause() SetClause { return a.c }

func assign[T any](ref *ColumnRef, v any) Assign[T] {
	if isNil(v) {
		return Assign[T]{SetClause{ref, &ErrorNode{fmt.Errorf("expr: Set of nil %T%s: use SetNull on a Nullable", v, ofColumn(ref))}}}
	}
	return Assign[T]{SetClause{ref, &ParamNode{Value: v, Like: ref}}}
}

func assignTo[T any](ref *ColumnRef, y Any) Assign[T] {
	if y == nil {
		return Assign[T]{SetClause{ref, &ErrorNode{errZeroExpr}}}
	}
	return Assign[T]{SetClause{ref, y.node()}}
}

func assignNull[T any](ref *ColumnRef) Assign[T] {
	return Assign[T]{SetClause{ref, &ParamNode{Like: ref}}}
}
