package expr

// Eq is true where the column equals v.
func (x Column[T, V]) Eq(v V) Expr[T] { return Expr[T]{compareRef(OpEq, x.ref, v)} }

// Ne is true where the column differs from v.
func (x Column[T, V]) Ne(v V) Expr[T] { return Expr[T]{compareRef(OpNe, x.ref, v)} }

// Lt is true where the column is less than v.
func (x Column[T, V]) Lt(v V) Expr[T] { return Expr[T]{compareRef(OpLt, x.ref, v)} }

// Le is true where the column is at most v.
func (x Column[T, V]) Le(v V) Expr[T] { return Expr[T]{compareRef(OpLe, x.ref, v)} }

// Gt is true where the column is greater than v.
func (x Column[T, V]) Gt(v V) Expr[T] { return Expr[T]{compareRef(OpGt, x.ref, v)} }

// Ge is true where the column is at least v.
func (x Column[T, V]) Ge(v V) Expr[T] { return Expr[T]{compareRef(OpGe, x.ref, v)} }

// EqTo is true where the column equals y.
func (x Column[T, V]) EqTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareRefTo(OpEq, x.ref, operand(y))}
}

// NeTo is true where the column differs from y.
func (x Column[T, V]) NeTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareRefTo(OpNe, x.ref, operand(y))}
}

// LtTo is true where the column is less than y.
func (x Column[T, V]) LtTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareRefTo(OpLt, x.ref, operand(y))}
}

// LeTo is true where the column is at most y.
func (x Column[T, V]) LeTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareRefTo(OpLe, x.ref, operand(y))}
}

// GtTo is true where the column is greater than y.
func (x Column[T, V]) GtTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareRefTo(OpGt, x.ref, operand(y))}
}

// GeTo is true where the column is at least y.
func (x Column[T, V]) GeTo(y Valued[V]) Expr[T] {
	return Expr[T]{compareRefTo(OpGe, x.ref, operand(y))}
}

// In is true where the column equals one of vs; of nothing it is false.
func (x Column[T, V]) In(vs ...V) Expr[T] { return Expr[T]{inRef(x.ref, vs, false)} }

// NotIn is true where the column equals none of vs; of nothing it is true.
func (x Column[T, V]) NotIn(vs ...V) Expr[T] { return Expr[T]{inRef(x.ref, vs, true)} }

// Between is true where the column lies between lo and hi, both included.
func (x Column[T, V]) Between(lo, hi V) Expr[T] { return Expr[T]{betweenRef(x.ref, lo, hi)} }

// Asc orders by the column, smallest first.
func (x Column[T, V]) Asc() Order[T] { return Order[T]{orderRef(x.ref, false)} }

// Desc orders by the column, largest first.
func (x Column[T, V]) Desc() Order[T] { return Order[T]{orderRef(x.ref, true)} }

// Set assigns v in an UPDATE.
func (x Column[T, V]) Set(v V) Assign[T] { return Assign[T]{assign(x.ref, v)} }

// SetTo assigns the value of an expression in an UPDATE.
func (x Column[T, V]) SetTo(y Valued[V]) Assign[T] { return Assign[T]{assignTo(x.ref, operand(y))} }
