package expr

// Cast is x converted to Go type W's type in the database. It takes what is
// never NULL; CastNull takes the rest. A bool becomes the text true or false on
// every database. What text a float becomes is the database's own: PostgreSQL
// writes 1 and 1e+20 where SQLite writes 1.0 and 1.0e+20, and SQLite keeps
// fifteen digits; read floats as floats and format them in Go.
//
//	expr.Cast[string](Users.Age)
func Cast[W, T, V any](x Typed[T, V, V]) Value[T, W, W] { return Value[T, W, W]{cast[W](x)} }

// CastNull is x converted to Go type W's type in the database, and NULL where x
// is NULL.
func CastNull[W, T, V any](x Scoped[T, V]) Value[T, W, *W] { return Value[T, W, *W]{cast[W](x)} }

func cast[W any](x Any) Node {
	var w W
	if any(w) == nil {
		return &ErrorNode{errCastInterface}
	}
	return &CastNode{X: nodeOf(x), To: w}
}
