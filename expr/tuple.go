package expr

import "slices"

// Pair is two expressions over one entity that are compared together, in their
// order. It is immutable and safe for concurrent use; of a zero Pair every
// condition is an error when the statement is built.
type Pair[T, A, B any] struct{ row []Node }

// PairValue is a pair of values; Pair.Of makes it.
type PairValue[A, B any] struct {
	A A
	B B
}

// Tuple2 puts two expressions together, for comparisons of rows of values.
//
//	place := expr.Tuple2(Seats.Row, Seats.Col)
//	place.In(place.Of(1, 2), place.Of(3, 4))
//	place.Gt(7, 3) // Row > 7, or Row = 7 and Col > 3
func Tuple2[T, A, B any](a Scoped[T, A], b Scoped[T, B]) Pair[T, A, B] {
	return Pair[T, A, B]{[]Node{nodeOf(a), nodeOf(b)}}
}

// Of is a pair of values for In and NotIn.
func (x Pair[T, A, B]) Of(a A, b B) PairValue[A, B] { return PairValue[A, B]{a, b} }

// Eq is true where both are equal.
func (x Pair[T, A, B]) Eq(a A, b B) Expr[T] { return rowCompare[T](OpEq, x.row, a, b) }

// Ne is true where one of the two differs.
func (x Pair[T, A, B]) Ne(a A, b B) Expr[T] { return rowCompare[T](OpNe, x.row, a, b) }

// Lt is true where the first is less, or equal and the second less.
func (x Pair[T, A, B]) Lt(a A, b B) Expr[T] { return rowCompare[T](OpLt, x.row, a, b) }

// Le is true where Lt or Eq is.
func (x Pair[T, A, B]) Le(a A, b B) Expr[T] { return rowCompare[T](OpLe, x.row, a, b) }

// Gt is true where the first is greater, or equal and the second greater.
func (x Pair[T, A, B]) Gt(a A, b B) Expr[T] { return rowCompare[T](OpGt, x.row, a, b) }

// Ge is true where Gt or Eq is.
func (x Pair[T, A, B]) Ge(a A, b B) Expr[T] { return rowCompare[T](OpGe, x.row, a, b) }

// In is true where the pair is one of vs; of nothing it is false. Of two columns it
// takes a list of any length, of other expressions as many as the database takes
// parameters.
func (x Pair[T, A, B]) In(vs ...PairValue[A, B]) Expr[T] { return x.in(vs, false) }

// NotIn is true where the pair is none of vs; of nothing it is true.
func (x Pair[T, A, B]) NotIn(vs ...PairValue[A, B]) Expr[T] { return x.in(vs, true) }

func (x Pair[T, A, B]) in(vs []PairValue[A, B], not bool) Expr[T] {
	rows := make([][]any, len(vs))
	for i, v := range vs {
		rows[i] = []any{v.A, v.B}
	}
	return Expr[T]{rowsIn(x.row, rows, not)}
}

// Triple is Pair of three expressions.
type Triple[T, A, B, C any] struct{ row []Node }

// TripleValue is three values; Triple.Of makes it.
type TripleValue[A, B, C any] struct {
	A A
	B B
	C C
}

// Tuple3 is Tuple2 of three expressions.
func Tuple3[T, A, B, C any](a Scoped[T, A], b Scoped[T, B], c Scoped[T, C]) Triple[T, A, B, C] {
	return Triple[T, A, B, C]{[]Node{nodeOf(a), nodeOf(b), nodeOf(c)}}
}

// Of is three values for In and NotIn.
func (x Triple[T, A, B, C]) Of(a A, b B, c C) TripleValue[A, B, C] {
	return TripleValue[A, B, C]{a, b, c}
}

// Eq is true where all are equal.
func (x Triple[T, A, B, C]) Eq(a A, b B, c C) Expr[T] { return rowCompare[T](OpEq, x.row, a, b, c) }

// Ne is true where one of them differs.
func (x Triple[T, A, B, C]) Ne(a A, b B, c C) Expr[T] { return rowCompare[T](OpNe, x.row, a, b, c) }

// Lt is true where the first that differs is less.
func (x Triple[T, A, B, C]) Lt(a A, b B, c C) Expr[T] { return rowCompare[T](OpLt, x.row, a, b, c) }

// Le is true where Lt or Eq is.
func (x Triple[T, A, B, C]) Le(a A, b B, c C) Expr[T] { return rowCompare[T](OpLe, x.row, a, b, c) }

// Gt is true where the first that differs is greater.
func (x Triple[T, A, B, C]) Gt(a A, b B, c C) Expr[T] { return rowCompare[T](OpGt, x.row, a, b, c) }

// Ge is true where Gt or Eq is.
func (x Triple[T, A, B, C]) Ge(a A, b B, c C) Expr[T] { return rowCompare[T](OpGe, x.row, a, b, c) }

// In is as Pair's.
func (x Triple[T, A, B, C]) In(vs ...TripleValue[A, B, C]) Expr[T] { return x.in(vs, false) }

// NotIn is as Pair's.
func (x Triple[T, A, B, C]) NotIn(vs ...TripleValue[A, B, C]) Expr[T] { return x.in(vs, true) }

func (x Triple[T, A, B, C]) in(vs []TripleValue[A, B, C], not bool) Expr[T] {
	rows := make([][]any, len(vs))
	for i, v := range vs {
		rows[i] = []any{v.A, v.B, v.C}
	}
	return Expr[T]{rowsIn(x.row, rows, not)}
}

func rowCompare[T any](op CompareOp, row []Node, vs ...any) Expr[T] {
	if row == nil {
		return Expr[T]{&ErrorNode{errZeroTuple}}
	}
	return Expr[T]{&CompareNode{Op: op, Left: &RowNode{Items: row}, Right: &RowNode{Items: rowOf(row, vs)}}}
}

func rowOf(row []Node, vs []any) []Node {
	right := make([]Node, len(vs))
	for i, v := range vs {
		right[i] = param(row[i], v)
	}
	return right
}

// rowsIn takes the form whose list may have any length where all are columns whose form
// the values take.
func rowsIn(row []Node, rows [][]any, not bool) Node {
	if row == nil {
		return &ErrorNode{errZeroTuple}
	}
	cols := make([]*ColumnRef, len(row))
	for i, x := range row {
		if ref, ok := x.(*ColumnRef); ok && !undeclared(ref) {
			cols[i] = ref
		}
	}
	if slices.Contains(cols, nil) {
		n := &TupleInNode{Items: row, Not: not}
		for _, vs := range rows {
			n.Rows = append(n.Rows, rowOf(row, vs))
		}
		return n
	}
	in := &RowInNode{Columns: cols, Values: make([][]any, len(cols))}
	for _, vs := range rows {
		for i, v := range vs {
			if isNil(v) {
				return errNil(cols[i], v)
			}
			in.Values[i] = append(in.Values[i], own(v))
		}
	}
	if not {
		return &NotNode{X: in}
	}
	return in
}
