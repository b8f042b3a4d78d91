package expr

// Eq is true where the aggregate equals v.
func (x Agg[V, R]) Eq(v V) Cond { return mixed{compare(OpEq, x.node(), v)} }

// Ne is true where the aggregate differs from v.
func (x Agg[V, R]) Ne(v V) Cond { return mixed{compare(OpNe, x.node(), v)} }

// Lt is true where the aggregate is less than v.
func (x Agg[V, R]) Lt(v V) Cond { return mixed{compare(OpLt, x.node(), v)} }

// Le is true where the aggregate is at most v.
func (x Agg[V, R]) Le(v V) Cond { return mixed{compare(OpLe, x.node(), v)} }

// Gt is true where the aggregate is greater than v.
func (x Agg[V, R]) Gt(v V) Cond { return mixed{compare(OpGt, x.node(), v)} }

// Ge is true where the aggregate is at least v.
func (x Agg[V, R]) Ge(v V) Cond { return mixed{compare(OpGe, x.node(), v)} }

// EqTo is true where the aggregate equals y.
func (x Agg[V, R]) EqTo(y Valued[V]) Cond { return mixed{compareTo(OpEq, x.node(), y)} }

// NeTo is true where the aggregate differs from y.
func (x Agg[V, R]) NeTo(y Valued[V]) Cond { return mixed{compareTo(OpNe, x.node(), y)} }

// LtTo is true where the aggregate is less than y.
func (x Agg[V, R]) LtTo(y Valued[V]) Cond { return mixed{compareTo(OpLt, x.node(), y)} }

// LeTo is true where the aggregate is at most y.
func (x Agg[V, R]) LeTo(y Valued[V]) Cond { return mixed{compareTo(OpLe, x.node(), y)} }

// GtTo is true where the aggregate is greater than y.
func (x Agg[V, R]) GtTo(y Valued[V]) Cond { return mixed{compareTo(OpGt, x.node(), y)} }

// GeTo is true where the aggregate is at least y.
func (x Agg[V, R]) GeTo(y Valued[V]) Cond { return mixed{compareTo(OpGe, x.node(), y)} }

// In is true where the aggregate equals one of vs; of nothing it is false.
func (x Agg[V, R]) In(vs ...V) Cond { return mixed{in(x.node(), vs, false)} }

// NotIn is true where the aggregate equals none of vs; of nothing it is true.
func (x Agg[V, R]) NotIn(vs ...V) Cond { return mixed{in(x.node(), vs, true)} }

// Between is true where the aggregate lies between lo and hi, both included.
func (x Agg[V, R]) Between(lo, hi V) Cond { return mixed{between(x.node(), lo, hi)} }

// Asc orders by the aggregate, smallest first.
func (x Agg[V, R]) Asc() AnyOrder { return AnyOrder{OrderTerm{X: x.node()}} }

// Desc orders by the aggregate, largest first.
func (x Agg[V, R]) Desc() AnyOrder { return AnyOrder{OrderTerm{X: x.node(), Desc: true}} }
