package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.TruncDay(Users.Name)                             // want `does not match inferred type expr.Typed.User, time.Time, R.`
	expr.AddDays(Users.Name, 1)                           // want `does not match inferred type expr.Typed.User, time.Time, R.`
	expr.AddYears(Users.Age, 1)                           // want `does not match inferred type expr.Typed.User, time.Time, R.`
	expr.AddDuration(Users.Age, 1)                        // want `does not match inferred type expr.Typed.User, time.Time, R.`
	expr.Weekday(Users.Age)                               // want `does not match inferred type expr.Measured.User, time.Time, N.`
	expr.MicrosecondsSinceTo(Users.CreatedAt, Users.Name) // want `as expr.Valued.time.Time. value`
	expr.AddMonths(Users.CreatedAt, 1.5)                  // want `as int value`
}
