package expr

import "errors"

// WindowFunc is a function that only a window has: Over says which. The zero
// WindowFunc is an error when the statement is built.
type WindowFunc[V, R any] struct{ n Node }

// Over is the function over the window of each row.
func (f WindowFunc[V, R]) Over(w WindowSpec) Windowed[V, R] {
	if f.n == nil {
		return Windowed[V, R]{}
	}
	return Windowed[V, R]{w.over(f.n)}
}

func windowFunc[V, R any](name string, args ...Node) WindowFunc[V, R] {
	n := &AggNode{Name: name}
	if len(args) > 0 {
		n.Arg, n.Args = args[0], args[1:]
	}
	return WindowFunc[V, R]{n}
}

// RowNumber is the number of the row in its window, from 1.
func RowNumber() WindowFunc[int64, int64] { return windowFunc[int64, int64]("row_number") }

// Rank is one more than the number of rows that order before this one.
func Rank() WindowFunc[int64, int64] { return windowFunc[int64, int64]("rank") }

// DenseRank is the rank without gaps: the number of the row's group of equals.
func DenseRank() WindowFunc[int64, int64] { return windowFunc[int64, int64]("dense_rank") }

// PercentRank is the rank as a fraction from 0 to 1.
func PercentRank() WindowFunc[float64, float64] { return windowFunc[float64, float64]("percent_rank") }

// CumeDist is the fraction of rows that order before this one or as it does.
func CumeDist() WindowFunc[float64, float64] { return windowFunc[float64, float64]("cume_dist") }

// NTile is the row's bucket, from 1, of n that are as equal as can be. An n below 1
// is an error when the statement is built.
func NTile(n int) WindowFunc[int64, int64] {
	if n < 1 || n > maxPlace {
		return WindowFunc[int64, int64]{errPlace}
	}
	return WindowFunc[int64, int64]{&AggNode{Name: "ntile", Args: []Node{&ParamNode{Value: int32(n)}}}}
}

// Lag is the value of x so many rows before this one, nil where there is none. A
// negative number is an error when the statement is built, since Lead is meant.
func Lag[V any](x Valued[V], rows int) WindowFunc[V, *V] { return shifted[V, *V]("lag", x, rows) }

// Lead is the value of x so many rows after this one, nil where there is none; see
// Lag.
func Lead[V any](x Valued[V], rows int) WindowFunc[V, *V] { return shifted[V, *V]("lead", x, rows) }

// LagOr is Lag with a value where there is no such row.
func LagOr[V, R any](x Result[V, R], rows int, v V) WindowFunc[V, R] {
	return shifted[V, R]("lag", x, rows, param(nodeOf(x), v))
}

// LeadOr is Lead with a value where there is no such row.
func LeadOr[V, R any](x Result[V, R], rows int, v V) WindowFunc[V, R] {
	return shifted[V, R]("lead", x, rows, param(nodeOf(x), v))
}

func shifted[V, R any](name string, x Any, rows int, def ...Node) WindowFunc[V, R] {
	if rows < 0 || rows > maxPlace {
		return WindowFunc[V, R]{errPlace}
	}
	return windowFunc[V, R](name, append([]Node{nodeOf(x), &ParamNode{Value: int32(rows)}}, def...)...)
}

// FirstValue is the value of x in the first row of the frame, nil where the frame is
// empty.
func FirstValue[V any](x Valued[V]) WindowFunc[V, *V] {
	return windowFunc[V, *V]("first_value", nodeOf(x))
}

// LastValue is the value of x in the last row of the frame. Where the window has an
// order and no frame said, that is the row at hand or an equal of it.
func LastValue[V any](x Valued[V]) WindowFunc[V, *V] {
	return windowFunc[V, *V]("last_value", nodeOf(x))
}

// NthValue is the value of x in the nth row of the frame, from 1, nil where it has
// less. An n below 1 is an error when the statement is built.
func NthValue[V any](x Valued[V], n int) WindowFunc[V, *V] {
	if n < 1 || n > maxPlace {
		return WindowFunc[V, *V]{errPlace}
	}
	return windowFunc[V, *V]("nth_value", nodeOf(x), &ParamNode{Value: int32(n)})
}

const maxPlace = 1<<31 - 1

var errPlace = &ErrorNode{errors.New("expr: NTile and NthValue count from 1, Lag and Lead from 0, all to the largest int32")}
