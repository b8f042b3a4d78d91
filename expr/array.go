package expr

import "slices"

// ArrayContains is true where v is an element of the slice x. Where a database keeps
// slices as JSON, its elements are compared there.
func ArrayContains[T any, V ~[]E, E any](x Scoped[T, V], v E) Expr[T] {
	return Expr[T]{arrayCall(FuncArrayContains, x, V{v})}
}

// ArrayContainsAll is true where all vs are elements of the slice x; of nothing it
// is true. Order and repetitions do not count.
func ArrayContainsAll[T any, V ~[]E, E any](x Scoped[T, V], vs ...E) Expr[T] {
	return Expr[T]{arrayCall(FuncArrayContains, x, append(V{}, vs...))}
}

// ArrayOverlaps is true where one of vs is an element of the slice x; of nothing it
// is false.
func ArrayOverlaps[T any, V ~[]E, E any](x Scoped[T, V], vs ...E) Expr[T] {
	return Expr[T]{arrayCall(FuncArrayOverlaps, x, append(V{}, vs...))}
}

// ArrayLength is the number of elements of a slice. A row yields it as Length.
func ArrayLength[T any, V ~[]E, E, N any](x Measured[T, V, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncArrayLength, nodeOf(x))}
}

func arrayCall[V ~[]E, E any](name string, x Any, vs V) Node {
	for _, v := range vs {
		if isNil(v) {
			return errNil(likeOf(nodeOf(x)), v)
		}
	}
	n := nodeOf(x)
	return call(name, n, param(n, slices.Clone(vs)))
}
