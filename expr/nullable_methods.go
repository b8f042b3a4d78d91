package expr

// Eq is true where the column equals v.
func (x Nullable[T, V]) Eq(v V) Expr[T] { return Expr[T]{compare(OpEq, x.node(), v)} }

// Ne is true where the column differs from v.
func (x Nullable[T, V]) Ne(v V) Expr[T] { return Expr[T]{compare(OpNe, x.node(), v)} }

// Lt is true where the column is less than v.
func (x Nullable[T, V]) Lt(v V) Expr[T] { return Expr[T]{compare(OpLt, x.node(), v)} }

// Le is true where the column is at most v.
func (x Nullable[T, V]) Le(v V) Expr[T] { return Expr[T]{compare(OpLe, x.node(), v)} }

// Gt is true where the column is greater than v.
func (x Nullable[T, V]) Gt(v V) Expr[T] { return Expr[T]{compare(OpGt, x.node(), v)} }

// Ge is true where the column is at least v.
func (x Nullable[T, V]) Ge(v V) Expr[T] { return Expr[T]{compare(OpGe, x.node(), v)} }

// EqTo is true where the column equals y.
func (x Nullable[T, V]) EqTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpEq, x.node(), y)} }

// NeTo is true where the column differs from y.
func (x Nullable[T, V]) NeTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpNe, x.node(), y)} }

// LtTo is true where the column is less than y.
func (x Nullable[T, V]) LtTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpLt, x.node(), y)} }

// LeTo is true where the column is at most y.
func (x Nullable[T, V]) LeTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpLe, x.node(), y)} }

// GtTo is true where the column is greater than y.
func (x Nullable[T, V]) GtTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpGt, x.node(), y)} }

// GeTo is true where the column is at least y.
func (x Nullable[T, V]) GeTo(y Valued[V]) Expr[T] { return Expr[T]{compareTo(OpGe, x.node(), y)} }

// In is true where the column equals one of vs; of nothing it is false.
func (x Nullable[T, V]) In(vs ...V) Expr[T] { return Expr[T]{in(x.node(), vs, false)} }

// NotIn is true where the column equals none of vs; of nothing it is true.
func (x Nullable[T, V]) NotIn(vs ...V) Expr[T] { return Expr[T]{in(x.node(), vs, true)} }

// Between is true where the column lies between lo and hi, both included.
func (x Nullable[T, V]) Between(lo, hi V) Expr[T] { return Expr[T]{between(x.node(), lo, hi)} }

// Asc orders by the column, smallest first.
func (x Nullable[T, V]) Asc() Order[T] { return Order[T]{OrderTerm{X: x.node()}} }

// Desc orders by the column, largest first.
func (x Nullable[T, V]) Desc() Order[T] { return Order[T]{OrderTerm{X: x.node(), Desc: true}} }

// Set assigns v in an UPDATE.
func (x Nullable[T, V]) Set(v V) Assign[T] { return assign[T](x.ref, v) }

// SetTo assigns the value of an expression in an UPDATE.
func (x Nullable[T, V]) SetTo(y Valued[V]) Assign[T] { return assignTo[T](x.ref, y) }

// SetNull assigns NULL in an UPDATE.
func (x Nullable[T, V]) SetNull() Assign[T] { return assignNull[T](x.ref) }

// IsNull is true where the column is NULL.
func (x Nullable[T, V]) IsNull() Expr[T] { return Expr[T]{&NullNode{X: x.node()}} }

// IsNotNull is true where the column is not NULL.
func (x Nullable[T, V]) IsNotNull() Expr[T] { return Expr[T]{&NullNode{X: x.node(), Not: true}} }
