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
//	Users.Age.SetTo(expr.Add(Users.Age, 1))     // Assign[User]
//
// Values are always bound and never written into SQL; expr.Raw is the one
// exception, named so that a reviewer can find it. What cannot be built (a nil
// slice compared, a handle that was never bound) becomes an error when the
// statement is compiled, before the database sees anything.
package expr
