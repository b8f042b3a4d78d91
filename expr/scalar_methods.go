package expr

// Eq is true where the value equals v.
func (x Scalar[V]) Eq(v V) Cond { return mixed{compare(OpEq, x.node(), v)} }

// Ne is true where the value differs from v.
func (x Scalar[V]) Ne(v V) Cond { return mixed{compare(OpNe, x.node(), v)} }

// Lt is true where the value is less than v.
func (x Scalar[V]) Lt(v V) Cond { return mixed{compare(OpLt, x.node(), v)} }

// Le is true where the value is at most v.
func (x Scalar[V]) Le(v V) Cond { return mixed{compare(OpLe, x.node(), v)} }

// Gt is true where the value is greater than v.
func (x Scalar[V]) Gt(v V) Cond { return mixed{compare(OpGt, x.node(), v)} }

// Ge is true where the value is at least v.
func (x Scalar[V]) Ge(v V) Cond { return mixed{compare(OpGe, x.node(), v)} }

// EqTo is true where the value equals y.
func (x Scalar[V]) EqTo(y Valued[V]) Cond { return mixed{compareTo(OpEq, x.node(), y)} }

// NeTo is true where the value differs from y.
func (x Scalar[V]) NeTo(y Valued[V]) Cond { return mixed{compareTo(OpNe, x.node(), y)} }

// LtTo is true where the value is less than y.
func (x Scalar[V]) LtTo(y Valued[V]) Cond { return mixed{compareTo(OpLt, x.node(), y)} }

// LeTo is true where the value is at most y.
func (x Scalar[V]) LeTo(y Valued[V]) Cond { return mixed{compareTo(OpLe, x.node(), y)} }

// GtTo is true where the value is greater than y.
func (x Scalar[V]) GtTo(y Valued[V]) Cond { return mixed{compareTo(OpGt, x.node(), y)} }

// GeTo is true where the value is at least y.
func (x Scalar[V]) GeTo(y Valued[V]) Cond { return mixed{compareTo(OpGe, x.node(), y)} }

// In is true where the value equals one of vs; of nothing it is false.
func (x Scalar[V]) In(vs ...V) Cond { return mixed{in(x.node(), vs, false)} }

// NotIn is true where the value equals none of vs; of nothing it is true.
func (x Scalar[V]) NotIn(vs ...V) Cond { return mixed{in(x.node(), vs, true)} }

// Between is true where the value lies between lo and hi, both included.
func (x Scalar[V]) Between(lo, hi V) Cond { return mixed{between(x.node(), lo, hi)} }

// Asc orders by the value, smallest first.
func (x Scalar[V]) Asc() AnyOrder { return AnyOrder{OrderTerm{X: x.node()}} }

// Desc orders by the value, largest first.
func (x Scalar[V]) Desc() AnyOrder { return AnyOrder{OrderTerm{X: x.node(), Desc: true}} }
