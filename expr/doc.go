// Package expr is the expression language: typed handles of columns, the
// conditions, values, orders and assignments made from them, and the immutable
// syntax tree behind them. It knows no database and imports only the standard
// library; package dialect turns trees into SQL.
//
//	Users.Name.Eq("Alice")                      // Expr[User]
//	Users.Age.Between(18, 30)
//	expr.HasPrefix(expr.Lower(Users.Name), p)   // p is escaped
//	expr.And(a, expr.Or(b, expr.Not(c)))
//	Users.CreatedAt.LtTo(expr.Now())
//	Users.Name.Desc().NullsLast()               // Order[User]
//	expr.Count(Users.ID).Filter(Users.Age.Ge(18))
//	expr.RowNumber().Over(expr.Window().OrderBy(Users.Age.Desc()))
//	Users.Age.SetTo(expr.Add(Users.Age, 1))     // Assign[User]
//
// Values are always bound and never written into SQL; expr.Raw is the one
// exception, named so that a reviewer can find it. What cannot be built (a nil
// slice compared, a handle that was never bound) becomes an error when the
// statement is compiled, before the database sees anything.
//
// Types keep what is known of NULL: Lower of a Nullable yields a pointer, and
// Coalesce of it a plain value. Methods exist where every type has the
// operation, functions where only some have it, and names in …To take an
// expression where the plain name takes a value.
//
// All expressions, and the trees behind them, are immutable: each method returns
// a new one, so that goroutines may share and extend them. Nil expressions and
// zero values are errors when the statement is built, never panics.
package expr
