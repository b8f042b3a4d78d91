package expr

// IsNull is true where x is NULL. It takes what may be NULL only: a Nullable, or
// a Value made from one.
func IsNull[T, V any](x Typed[T, V, *V]) Expr[T] { return Expr[T]{&NullNode{X: nodeOf(x)}} }

// IsNotNull is true where x is not NULL; see IsNull.
func IsNotNull[T, V any](x Typed[T, V, *V]) Expr[T] {
	return Expr[T]{&NullNode{X: nodeOf(x), Not: true}}
}

// IsDistinctFrom is true where x differs from v, and where x is NULL. A nil
// slice or map is an error when the statement is built: use IsNotNull.
func IsDistinctFrom[T, V any](x Scoped[T, V], v V) Expr[T] {
	return Expr[T]{compare(OpDistinct, nodeOf(x), v)}
}

// IsDistinctFromTo is true where x differs from y, and where just one of them is
// NULL. Unlike NeTo it is never NULL.
func IsDistinctFromTo[T, V any](x Scoped[T, V], y Valued[V]) Expr[T] {
	return Expr[T]{compareTo(OpDistinct, nodeOf(x), y)}
}

// IsNotDistinctFrom is true where x equals v, and false where x is NULL; see
// IsDistinctFrom.
func IsNotDistinctFrom[T, V any](x Scoped[T, V], v V) Expr[T] {
	return Expr[T]{compare(OpNotDistinct, nodeOf(x), v)}
}

// IsNotDistinctFromTo is true where x equals y, and where both are NULL. Unlike
// EqTo it is never NULL.
func IsNotDistinctFromTo[T, V any](x Scoped[T, V], y Valued[V]) Expr[T] {
	return Expr[T]{compareTo(OpNotDistinct, nodeOf(x), y)}
}

// Coalesce is x, or v where x is NULL: it is never NULL itself.
func Coalesce[T, V any](x Scoped[T, V], v V) Value[T, V, V] {
	n := nodeOf(x)
	return Value[T, V, V]{call(FuncCoalesce, n, param(n, v))}
}

// CoalesceTo is x, or y where x is NULL. It may be NULL if y may.
func CoalesceTo[T, V, R any](x Scoped[T, V], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncCoalesce, alike(nodeOf(x), nodeOf(y))...)}
}

// NullIf is x, or NULL where x equals v.
func NullIf[T, V any](x Scoped[T, V], v V) Value[T, V, *V] {
	n := nodeOf(x)
	return Value[T, V, *V]{call(FuncNullIf, n, param(n, v))}
}

// NullIfTo is x, or NULL where x equals y.
func NullIfTo[T, V any](x Scoped[T, V], y Valued[V]) Value[T, V, *V] {
	return Value[T, V, *V]{call(FuncNullIf, alike(nodeOf(x), nodeOf(y))...)}
}

// Optional is x, yielded as a pointer: nil where x is NULL because an outer join
// found no row for it. It also brings a column that is never NULL together with
// a nullable one, where a function wants two alike.
func Optional[T, V any](x Scoped[T, V]) Value[T, V, *V] {
	return Value[T, V, *V]{call(FuncOptional, nodeOf(x))}
}
