package expr

// Greatest is the largest of x and the values given. Where x is NULL it is NULL, on
// every database, though PostgreSQL's own GREATEST passes NULL over.
func Greatest[T, V, R any](x Typed[T, V, R], v V, more ...V) Value[T, V, R] {
	return Value[T, V, R]{extreme(FuncGreatest, x, v, more)}
}

// GreatestTo is the largest of several expressions, which are nullable if x is; see
// AddTo. Where one of them is NULL it is NULL; see Greatest.
func GreatestTo[T, V, R any](x Typed[T, V, R], y Result[V, R], more ...Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{extremeTo(FuncGreatest, x, y, more)}
}

// Least is the smallest of x and the values given; NULL is as in Greatest.
func Least[T, V, R any](x Typed[T, V, R], v V, more ...V) Value[T, V, R] {
	return Value[T, V, R]{extreme(FuncLeast, x, v, more)}
}

// LeastTo is the smallest of several expressions; see GreatestTo.
func LeastTo[T, V, R any](x Typed[T, V, R], y Result[V, R], more ...Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{extremeTo(FuncLeast, x, y, more)}
}

func extreme[V any](name string, x Any, v V, more []V) Node {
	n := nodeOf(x)
	args := []Node{n, param(n, v)}
	for _, m := range more {
		args = append(args, param(n, m))
	}
	return call(name, args...)
}

func extremeTo[V, R any](name string, x Any, y Result[V, R], more []Result[V, R]) Node {
	args := []Node{nodeOf(x), nodeOf(y)}
	for _, m := range more {
		args = append(args, nodeOf(m))
	}
	whole := call(name, args...)
	adopted := make([]Node, len(args))
	for i, a := range args {
		adopted[i] = adopt(whole, a)
	}
	return call(name, adopted...)
}
