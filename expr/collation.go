package expr

import "errors"

// Collate is x compared and ordered by a collation of the database: NOCASE or
// BINARY of SQLite, C or und-x-icu of PostgreSQL, whose names have a case. The name
// is quoted; a collation that the database has not is its error.
//
//	expr.Collate(Users.Name, "C").Asc()
func Collate[T any, V String, R any](x Typed[T, V, R], name string) Value[T, V, R] {
	if name == "" {
		return Value[T, V, R]{&ErrorNode{errors.New("expr: Collate without the name of a collation")}}
	}
	return Value[T, V, R]{&CollateNode{X: nodeOf(x), Name: name}}
}

// Position is where part stands in x first, counted in characters from 1, and 0
// where it does not stand there; an empty part stands at 1. A row yields it as
// Length.
func Position[T any, V String, N any](x Measured[T, V, N], part string) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncPosition, nodeOf(x), &ParamNode{Value: part})}
}
