package expr

import (
	"errors"
	"strings"
)

// Like is true where x matches a pattern in which % stands for any text, _ for
// any one character, and a backslash makes the character after it literal, on
// every database. It regards case. A pattern that ends in a lone backslash is an
// error when the statement is built. EscapeLike makes text literal in a pattern.
func Like[T any, V String](x Scoped[T, V], pattern string) Expr[T] {
	return Expr[T]{like(x, pattern, false, false)}
}

// NotLike is true where x does not match the pattern; see Like. Where x is NULL
// it is not true.
func NotLike[T any, V String](x Scoped[T, V], pattern string) Expr[T] {
	return Expr[T]{like(x, pattern, false, true)}
}

// ILike is Like without regard to case. How far beyond ASCII case is disregarded
// is up to the database: SQLite stops there.
func ILike[T any, V String](x Scoped[T, V], pattern string) Expr[T] {
	return Expr[T]{like(x, pattern, true, false)}
}

// NotILike is NotLike without regard to case; see ILike.
func NotILike[T any, V String](x Scoped[T, V], pattern string) Expr[T] {
	return Expr[T]{like(x, pattern, true, true)}
}

// HasPrefix is true where x begins with prefix, in which no character is
// special. Every text that is not NULL begins with "".
func HasPrefix[T any, V String](x Scoped[T, V], prefix string) Expr[T] {
	return Expr[T]{like(x, EscapeLike(prefix)+"%", false, false)}
}

// HasSuffix is true where x ends with suffix, in which no character is special.
func HasSuffix[T any, V String](x Scoped[T, V], suffix string) Expr[T] {
	return Expr[T]{like(x, "%"+EscapeLike(suffix), false, false)}
}

// Contains is true where part stands somewhere in x; no character of part is
// special.
func Contains[T any, V String](x Scoped[T, V], part string) Expr[T] {
	return Expr[T]{like(x, "%"+EscapeLike(part)+"%", false, false)}
}

// Matches is true where the regular expression matches a part of x. The
// expression's dialect is the database's own; one without regular expressions
// answers with an error when the statement is built.
func Matches[T any, V String](x Scoped[T, V], pattern string) Expr[T] {
	return Expr[T]{call(FuncMatches, nodeOf(x), &ParamNode{Value: pattern})}
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// EscapeLike returns text in which no character is special to Like, to be put
// into a larger pattern.
func EscapeLike(text string) string { return likeEscaper.Replace(text) }

var errLonePatternEscape = errors.New(`expr: pattern ends in a lone backslash: write \\ for a backslash, or use EscapeLike`)

// like binds the pattern as plain text and not in the column's stored form: a
// pattern may be longer than the column.
func like(x Any, pattern string, fold, not bool) Node {
	if n := len(pattern) - len(strings.TrimRight(pattern, `\`)); n%2 == 1 {
		return &ErrorNode{errLonePatternEscape}
	}
	return &LikeNode{X: nodeOf(x), Pattern: &ParamNode{Value: pattern}, Escape: true, Fold: fold, Not: not}
}
