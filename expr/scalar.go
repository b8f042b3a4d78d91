package expr

import "time"

// Scalar is a value of SQL type V that belongs to no entity: a constant, or a
// function without columns. It is immutable and safe for concurrent use.
type Scalar[V any] struct{ n Node }

func (x Scalar[V]) node() Node {
	if x.n == nil {
		return &ErrorNode{errZeroValue}
	}
	return x.n
}
func (x Scalar[V]) valued(V) {}
func (x Scalar[V]) yields(V) {}

// Val is the constant v as an expression; it is bound, not written into SQL. A
// nil slice or map is an error when the statement is built.
func Val[V any](v V) Scalar[V] { return Scalar[V]{param(nil, v)} }

// Now is the time of the database at the start of the transaction or statement,
// in UTC.
func Now() Scalar[time.Time] { return Scalar[time.Time]{&CallNode{Name: "now"}} }

// Agg is an aggregate of SQL type V over rows, yielded as R. Comparing it gives
// a Cond, which belongs into Having and not into a repository's Where. It is
// immutable and safe for concurrent use.
type Agg[V, R any] struct{ n Node }

func (x Agg[V, R]) node() Node {
	if x.n == nil {
		return &ErrorNode{errZeroValue}
	}
	return x.n
}
func (x Agg[V, R]) valued(V) {}
func (x Agg[V, R]) yields(R) {}

// Count counts the rows where x is not NULL. A nil x is an error when the
// statement is built; CountAll counts all rows.
func Count(x Any) Agg[int64, int64] {
	return Agg[int64, int64]{&AggNode{Name: "count", Arg: nodeOf(x)}}
}

// CountAll counts rows: COUNT(*).
func CountAll() Agg[int64, int64] { return Agg[int64, int64]{&AggNode{Name: "count"}} }

// Max is the largest value, nil of no rows.
func Max[V any](x Valued[V]) Agg[V, *V] { return Agg[V, *V]{&AggNode{Name: "max", Arg: nodeOf(x)}} }

// Min is the smallest value, nil of no rows.
func Min[V any](x Valued[V]) Agg[V, *V] { return Agg[V, *V]{&AggNode{Name: "min", Arg: nodeOf(x)}} }

// Sum is the sum of the values, nil of no rows.
func Sum[V Number](x Valued[V]) Agg[V, *V] { return Agg[V, *V]{&AggNode{Name: "sum", Arg: nodeOf(x)}} }

// Avg is the mean of the values, nil of no rows.
func Avg[V Number](x Valued[V]) Agg[float64, *float64] {
	return Agg[float64, *float64]{&AggNode{Name: "avg", Arg: nodeOf(x)}}
}
