package expr

// Computed stands where a type parameter wants the entity of a value that is of
// no single row of a table: an aggregate, a window function, the value of a subquery,
// a constant. It has no table, so that no Repository takes conditions on it, while joins and Having do.
type Computed struct{}

// Value is the aggregate as an operand: of arithmetic, Coalesce, Round, Cast, Case
// and all else that takes values.
//
//	expr.Coalesce(expr.Sum(Orders.Total).Value(), 0) // never NULL: an int64 field takes it
//	expr.SubTo(expr.Sum(Orders.Total).Value(), expr.Sum(Orders.Refunded))
func (x Agg[V, R]) Value() Value[Computed, V, R] { return Value[Computed, V, R]{x.node()} }

// Value is the constant or function as the operand of others; see Agg.Value.
//
//	Orders.PlacedAt.GeTo(expr.AddDays(expr.Now().Value(), -30))
func (x Scalar[V]) Value() Value[Computed, V, V] { return Value[Computed, V, V]{x.node()} }

// Value is the function over its window as an operand; see Agg.Value. What is made
// of it stands in the results and the order of a query alone, as the function does.
func (x Windowed[V, R]) Value() Value[Computed, V, R] { return Value[Computed, V, R]{x.node()} }

// Null is NULL of SQL type V: what a query of a union has where the others have a
// value.
//
//	repo.To(&l.Month, expr.Null[time.Time]()) // of the row that is the total of all months
func Null[V any]() Value[Computed, V, *V] {
	var v V
	if any(v) == nil {
		return Value[Computed, V, *V]{&ErrorNode{errCastInterface}}
	}
	if declaredDecimal(v) {
		return Value[Computed, V, *V]{&ParamNode{Decimal: true}}
	}
	return Value[Computed, V, *V]{&CastNode{X: &ParamNode{}, To: v}}
}
