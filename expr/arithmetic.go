package expr

import "errors"

// Add is x + v. What exceeds the database's type is the database's error.
func Add[T any, V Number, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{arith(OpAdd, x, v)}
}

// AddTo is x + y, y being an expression that is nullable if x is. A nullable and
// a non-null operand are brought together by Coalesce or Optional.
func AddTo[T any, V Number, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpAdd, x, y)}
}

// Sub is x - v.
func Sub[T any, V Number, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{arith(OpSub, x, v)}
}

// SubTo is x - y; see AddTo.
func SubTo[T any, V Number, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpSub, x, y)}
}

// Mul is x * v.
func Mul[T any, V Number, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{arith(OpMul, x, v)}
}

// MulTo is x * y; see AddTo.
func MulTo[T any, V Number, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpMul, x, y)}
}

// Div is x / v; whole numbers divide to a whole number, cut off towards zero, as
// in Go. A v of zero is an error when the statement is built.
func Div[T any, V Number, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	if v == 0 {
		return Value[T, V, R]{&ErrorNode{errDivisionByZero}}
	}
	return Value[T, V, R]{arith(OpDiv, x, v)}
}

// DivTo is x / y; see Div and AddTo. Where y is zero PostgreSQL fails and SQLite
// gives NULL; NullIf(y, 0) gives NULL on both.
func DivTo[T any, V Number, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpDiv, x, y)}
}

// Mod is the remainder of x / v, with the sign of x, as in Go. A v of zero is an
// error when the statement is built.
func Mod[T any, V Integer, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	if v == 0 {
		return Value[T, V, R]{&ErrorNode{errDivisionByZero}}
	}
	return Value[T, V, R]{arith(OpMod, x, v)}
}

// ModTo is the remainder of x / y; see Mod and DivTo.
func ModTo[T any, V Integer, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpMod, x, y)}
}

// BitAnd has the bits that are set both in x and v.
func BitAnd[T any, V Integer, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{arith(OpBitAnd, x, v)}
}

// BitOr has the bits that are set in x or v.
func BitOr[T any, V Integer, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{arith(OpBitOr, x, v)}
}

// Neg is -x.
func Neg[T any, V Signed, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{&NegNode{nodeOf(x)}}
}

// Abs is the absolute value of x.
func Abs[T any, V Number, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncAbs, nodeOf(x))}
}

// Round is the whole number nearest to x; halves go away from zero.
func Round[T any, V Float, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncRound, nodeOf(x))}
}

// RoundTo is x rounded to so many digits after the point; a negative number of
// digits is an error when the statement is built.
func RoundTo[T any, V Float, R any](x Typed[T, V, R], digits int) Value[T, V, R] {
	if digits < 0 {
		return Value[T, V, R]{&ErrorNode{errors.New("expr: RoundTo with a negative number of digits")}}
	}
	return Value[T, V, R]{call(FuncRound, nodeOf(x), &ParamNode{Value: int64(digits)})}
}

// Floor is the largest whole number that is not above x.
func Floor[T any, V Float, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncFloor, nodeOf(x))}
}

// Ceil is the smallest whole number that is not below x.
func Ceil[T any, V Float, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncCeil, nodeOf(x))}
}

var errDivisionByZero = errors.New("expr: division by the value zero")

func arith(op ArithOp, x Any, v any) Node {
	l := nodeOf(x)
	return &ArithNode{Op: op, Left: l, Right: param(l, v)}
}

func arithTo(op ArithOp, x, y Any) Node {
	return &ArithNode{Op: op, Left: nodeOf(x), Right: nodeOf(y)}
}
