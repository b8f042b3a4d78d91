package expr

import "errors"

// Arithmetic of decimals: columns that schema.Decimal declares, and what is made of
// them. Their Go type has no operators, so the compiler cannot tell it from other
// texts or structs: it checks that both operands are of one type, and the build that
// they are decimals. All results are exact or an error, and have one scale, digits
// after the point, on every database. Rounding takes halves away from zero.
//
// A plain value has the digits that it is written with. SQLite computes in whole
// numbers of 64 bits: what exceeds them is the statement's error, and a column of
// more than 18 digits a *dialect.UnsupportedError.

// AddDecimal is x + v, with the larger scale of both.
func AddDecimal[T, V, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{decimal(DecimalAdd, x, v, 0)}
}

// AddDecimalTo is x + y; y is nullable if x is, see AddTo.
func AddDecimalTo[T, V, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{decimalTo(DecimalAdd, x, y, 0)}
}

// SubDecimal is x - v, with the larger scale of both.
func SubDecimal[T, V, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{decimal(DecimalSub, x, v, 0)}
}

// SubDecimalTo is x - y; see AddDecimalTo.
func SubDecimalTo[T, V, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{decimalTo(DecimalSub, x, y, 0)}
}

// MulDecimal is x * v, with the scales of both added up. RoundDecimal of it has
// fewer digits.
func MulDecimal[T, V, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{decimal(DecimalMul, x, v, 0)}
}

// MulDecimalTo is x * y; see MulDecimal and AddDecimalTo.
func MulDecimalTo[T, V, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{decimalTo(DecimalMul, x, y, 0)}
}

// ScaleDecimal is x * n of a whole number, with x's scale.
func ScaleDecimal[T, V, R any, I Integer](x Typed[T, V, R], n I) Value[T, V, R] {
	return Value[T, V, R]{&DecimalNode{Op: DecimalTimes, Args: []Node{nodeOf(x), &ParamNode{Value: n}}}}
}

// ScaleDecimalTo is x * n of an expression that is a whole number and not NULL, such
// as a quantity; one that may be NULL is made so by Coalesce.
func ScaleDecimalTo[T, V, R any, I Integer](x Typed[T, V, R], n Result[I, I]) Value[T, V, R] {
	return Value[T, V, R]{&DecimalNode{Op: DecimalTimes, Args: []Node{nodeOf(x), nodeOf(n)}}}
}

// DivDecimal is x / v, rounded to a scale. Division by zero is an error on every
// database, when the statement runs.
func DivDecimal[T, V, R any](x Typed[T, V, R], v V, scale int) Value[T, V, R] {
	return Value[T, V, R]{decimal(DecimalDiv, x, v, scale)}
}

// DivDecimalTo is x / y, rounded to a scale; see DivDecimal and AddDecimalTo. The
// NullIf of y and zero gives NULL in place of the error.
func DivDecimalTo[T, V, R any](x Typed[T, V, R], y Result[V, R], scale int) Value[T, V, R] {
	return Value[T, V, R]{decimalTo(DecimalDiv, x, y, scale)}
}

// NegDecimal is -x.
func NegDecimal[T, V, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{&DecimalNode{Op: DecimalNeg, Args: []Node{nodeOf(x)}}}
}

// AbsDecimal is the absolute value of x.
func AbsDecimal[T, V, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{&DecimalNode{Op: DecimalAbs, Args: []Node{nodeOf(x)}}}
}

// RoundDecimal is x with so many digits after the point.
func RoundDecimal[T, V, R any](x Typed[T, V, R], scale int) Value[T, V, R] {
	if !isScale(scale) {
		return Value[T, V, R]{errScale}
	}
	return Value[T, V, R]{&DecimalNode{Op: DecimalRound, Args: []Node{nodeOf(x)}, Scale: scale}}
}

// SumDecimal is the sum of decimals with their scale, nil of no rows.
func SumDecimal[V any](x Valued[V]) Agg[V, *V] {
	return Agg[V, *V]{&AggNode{Name: AggSumDecimal, Arg: nodeOf(x)}}
}

// AvgDecimal is the mean of decimals, rounded to a scale, nil of no rows.
func AvgDecimal[V any](x Valued[V], scale int) Agg[V, *V] {
	if !isScale(scale) {
		return Agg[V, *V]{errScale}
	}
	return Agg[V, *V]{&AggNode{Name: AggAvgDecimal, Arg: nodeOf(x), Scale: scale}}
}

// maxScale is what PostgreSQL can round to, less what an exact division needs.
const maxScale = 500

func isScale(scale int) bool { return scale >= 0 && scale <= maxScale }

var errScale = &ErrorNode{errors.New("expr: the scale of a decimal, its digits after the point, is from 0 to 500")}

func decimal(op DecimalOp, x Any, v any, scale int) Node {
	if !isScale(scale) {
		return errScale
	}
	if isNil(v) {
		return errNil(likeOf(nodeOf(x)), v)
	}
	return &DecimalNode{Op: op, Args: []Node{nodeOf(x), &ParamNode{Value: own(v), Decimal: true}}, Scale: scale}
}

func decimalTo(op DecimalOp, x, y Any, scale int) Node {
	if !isScale(scale) {
		return errScale
	}
	return &DecimalNode{Op: op, Args: []Node{nodeOf(x), AsDecimal(nodeOf(y))}, Scale: scale}
}

// inDecimals compares with each value by itself: their digits differ, so that they
// are no list of one form.
func inDecimals[V any](l Node, vs []V, not bool) Node {
	op := OpEq
	if not {
		op = OpNe
	}
	any := &LogicNode{Or: !not, Args: make([]Node, len(vs))}
	for i, v := range vs {
		any.Args[i] = compare(op, l, v)
	}
	return any
}

// DecimalOp is an operation on decimals.
type DecimalOp uint8

// The operations on decimals.
const (
	DecimalAdd DecimalOp = iota
	DecimalSub
	DecimalMul
	DecimalTimes // by a whole number
	DecimalDiv
	DecimalNeg
	DecimalAbs
	DecimalRound
)

// DecimalNode is an operation on decimals, of one or two operands. Scale is that of
// the result of DecimalDiv and DecimalRound.
type DecimalNode struct {
	Op    DecimalOp
	Args  []Node
	Scale int
}

func (*DecimalNode) isNode() {}
