package expr

import "errors"

// Lower is x in lower case. Beyond ASCII the database decides: SQLite leaves
// other letters as they are.
func Lower[T any, V String, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncLower, nodeOf(x))}
}

// Upper is x in upper case; see Lower.
func Upper[T any, V String, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncUpper, nodeOf(x))}
}

// Trim is x without the spaces at its ends. Tabs and line ends stay.
func Trim[T any, V String, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncTrim, nodeOf(x))}
}

// TrimLeft is x without the spaces at its beginning.
func TrimLeft[T any, V String, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncTrimLeft, nodeOf(x))}
}

// TrimRight is x without the spaces at its end.
func TrimRight[T any, V String, R any](x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{call(FuncTrimRight, nodeOf(x))}
}

// Length is the number of characters in a text, or of bytes in a []byte. A row
// yields it as int64 of a Column and as *int64 of all else; see Measured.
func Length[T any, V Sized, N any](x Measured[T, V, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncLength, nodeOf(x))}
}

// Substr is the part of x that begins with character start, counted from 1, and
// has at most length characters. A start below 1 or a negative length is an
// error when the statement is built, since databases disagree on them.
func Substr[T any, V String, R any](x Typed[T, V, R], start, length int) Value[T, V, R] {
	if start < 1 || length < 0 {
		return Value[T, V, R]{&ErrorNode{errors.New("expr: Substr counts characters from 1 and takes no negative length")}}
	}
	return Value[T, V, R]{call(FuncSubstr, nodeOf(x), &ParamNode{Value: int64(start)}, &ParamNode{Value: int64(length)})}
}

// Replace is x with each occurrence of old replaced. An empty old is an error
// when the statement is built.
func Replace[T any, V String, R any](x Typed[T, V, R], old, new string) Value[T, V, R] {
	if old == "" {
		return Value[T, V, R]{&ErrorNode{errors.New("expr: Replace of an empty text")}}
	}
	return Value[T, V, R]{call(FuncReplace, nodeOf(x), &ParamNode{Value: old}, &ParamNode{Value: new})}
}

// Concat is x followed by v.
func Concat[T any, V String, R any](x Typed[T, V, R], v V) Value[T, V, R] {
	return Value[T, V, R]{&ArithNode{Op: OpConcat, Left: nodeOf(x), Right: &ParamNode{Value: v}}}
}

// ConcatTo is x followed by y, an expression that is nullable if x is; see
// AddTo. Where one of them is NULL, so is the result.
func ConcatTo[T any, V String, R any](x Typed[T, V, R], y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{arithTo(OpConcat, x, y)}
}

// Prepend is v followed by x.
func Prepend[T any, V String, R any](v V, x Typed[T, V, R]) Value[T, V, R] {
	return Value[T, V, R]{&ArithNode{Op: OpConcat, Left: &ParamNode{Value: v}, Right: nodeOf(x)}}
}
