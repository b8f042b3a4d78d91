package expr

// Eq is true where the value equals v.
func (x Value[T, V, R]) Eq(v V) Expr[T] { return Expr[T]{compareValue(OpEq, x.n, v)} }

// Ne is true where the value differs from v.
func (x Value[T, V, R]) Ne(v V) Expr[T] { return Expr[T]{compareValue(OpNe, x.n, v)} }

// Lt is true where the value is less than v.
func (x Value[T, V, R]) Lt(v V) Expr[T] { return Expr[T]{compareValue(OpLt, x.n, v)} }

// Le is true where the value is at most v.
func (x Value[T, V, R]) Le(v V) Expr[T] { return Expr[T]{compareValue(OpLe, x.n, v)} }

// Gt is true where the value is greater than v.
func (x Value[T, V, R]) Gt(v V) Expr[T] { return Expr[T]{compareValue(OpGt, x.n, v)} }

// Ge is true where the value is at least v.
func (x Value[T, V, R]) Ge(v V) Expr[T] { return Expr[T]{compareValue(OpGe, x.n, v)} }

// EqTo is true where the value equals y.
func (x Value[T, V, R]) EqTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareValueTo(OpEq, x.n, operand(y))}
}

// NeTo is true where the value differs from y.
func (x Value[T, V, R]) NeTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareValueTo(OpNe, x.n, operand(y))}
}

// LtTo is true where the value is less than y.
func (x Value[T, V, R]) LtTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareValueTo(OpLt, x.n, operand(y))}
}

// LeTo is true where the value is at most y.
func (x Value[T, V, R]) LeTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareValueTo(OpLe, x.n, operand(y))}
}

// GtTo is true where the value is greater than y.
func (x Value[T, V, R]) GtTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareValueTo(OpGt, x.n, operand(y))}
}

// GeTo is true where the value is at least y.
func (x Value[T, V, R]) GeTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareValueTo(OpGe, x.n, operand(y))}
}

// In is true where the value equals one of vs; of nothing it is false.
func (x Value[T, V, R]) In(vs ...V) Expr[T] { return Expr[T]{inValue(x.n, vs, false)} }

// NotIn is true where the value equals none of vs; of nothing it is true.
func (x Value[T, V, R]) NotIn(vs ...V) Expr[T] { return Expr[T]{inValue(x.n, vs, true)} }

// Between is true where the value lies between lo and hi, both included.
func (x Value[T, V, R]) Between(lo, hi V) Expr[T] { return Expr[T]{betweenValue(x.n, lo, hi)} }

// Asc orders by the value, smallest first.
func (x Value[T, V, R]) Asc() Order[T] { return Order[T]{orderValue(x.n, false)} }

// Desc orders by the value, largest first.
func (x Value[T, V, R]) Desc() Order[T] { return Order[T]{orderValue(x.n, true)} }
