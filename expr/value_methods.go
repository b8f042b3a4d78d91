package expr

// Eq is true where the value equals v.
func (x Value[T, V, R]) Eq(v V) Expr[T] { return Expr[T]{compare(OpEq, x.node(), v)} }

// Ne is true where the value differs from v.
func (x Value[T, V, R]) Ne(v V) Expr[T] { return Expr[T]{compare(OpNe, x.node(), v)} }

// Lt is true where the value is less than v.
func (x Value[T, V, R]) Lt(v V) Expr[T] { return Expr[T]{compare(OpLt, x.node(), v)} }

// Le is true where the value is at most v.
func (x Value[T, V, R]) Le(v V) Expr[T] { return Expr[T]{compare(OpLe, x.node(), v)} }

// Gt is true where the value is greater than v.
func (x Value[T, V, R]) Gt(v V) Expr[T] { return Expr[T]{compare(OpGt, x.node(), v)} }

// Ge is true where the value is at least v.
func (x Value[T, V, R]) Ge(v V) Expr[T] { return Expr[T]{compare(OpGe, x.node(), v)} }

// EqTo is true where the value equals y.
func (x Value[T, V, R]) EqTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpEq, x.node(), y)} }

// NeTo is true where the value differs from y.
func (x Value[T, V, R]) NeTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpNe, x.node(), y)} }

// LtTo is true where the value is less than y.
func (x Value[T, V, R]) LtTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpLt, x.node(), y)} }

// LeTo is true where the value is at most y.
func (x Value[T, V, R]) LeTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpLe, x.node(), y)} }

// GtTo is true where the value is greater than y.
func (x Value[T, V, R]) GtTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpGt, x.node(), y)} }

// GeTo is true where the value is at least y.
func (x Value[T, V, R]) GeTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpGe, x.node(), y)} }

// In is true where the value equals one of vs; of nothing it is false.
func (x Value[T, V, R]) In(vs ...V) Expr[T] { return Expr[T]{in(x.node(), vs, false)} }

// NotIn is true where the value equals none of vs; of nothing it is true.
func (x Value[T, V, R]) NotIn(vs ...V) Expr[T] { return Expr[T]{in(x.node(), vs, true)} }

// Between is true where the value lies between lo and hi, both included.
func (x Value[T, V, R]) Between(lo, hi V) Expr[T] { return Expr[T]{between(x.node(), lo, hi)} }

// Asc orders by the value, smallest first.
func (x Value[T, V, R]) Asc() Order[T] { return Order[T]{OrderTerm{X: x.node()}} }

// Desc orders by the value, largest first.
func (x Value[T, V, R]) Desc() Order[T] { return Order[T]{OrderTerm{X: x.node(), Desc: true}} }
