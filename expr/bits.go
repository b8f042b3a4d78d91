package expr

import "errors"

// SignedInteger is a Go type of whole numbers that may be negative.
type SignedInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

// BitXor has the bits that are set in just one of x and v.
func BitXor[T any, V Integer, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	n := nodeOf(x)
	return Value[T, V, R]{call(FuncBitXor, n, param(n, v))}
}

// BitXorTo is BitXor with an expression; see AddTo.
func BitXorTo[T any, V Integer, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncBitXor, nodeOf(x), nodeOf(y))}
}

// BitAndTo is BitAnd with an expression; see AddTo.
func BitAndTo[T any, V Integer, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpBitAnd, x, y)}
}

// BitOrTo is BitOr with an expression; see AddTo.
func BitOrTo[T any, V Integer, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpBitOr, x, y)}
}

// BitNot has the bits that are not set in x, the sign included: -x - 1. It takes
// signed numbers, since databases have no others.
func BitNot[T any, V SignedInteger, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncBitNot, nodeOf(x))}
}

// ShiftLeft is x with its bits moved n places up, in 64 bits whatever the size of
// V: what does not fit V is an error when it is read. An n below 0 or above 63 is
// an error when the statement is built.
func ShiftLeft[T any, V Integer, R any](x Typed[T, V, R], n int) Value[T, V, R] {
	return Value[T, V, R]{shift(FuncShiftLeft, x, n)}
}

// ShiftRight is x with its bits moved n places down; negative numbers stay
// negative. n is as in ShiftLeft.
func ShiftRight[T any, V Integer, R any](x Typed[T, V, R], n int) Value[T, V, R] {
	return Value[T, V, R]{shift(FuncShiftRight, x, n)}
}

func shift(name string, x Any, n int) Node {
	if n < 0 || n > 63 {
		return &ErrorNode{errors.New("expr: a shift is by 0 to 63 bits")}
	}
	return call(name, nodeOf(x), &ParamNode{Value: int64(n)})
}
