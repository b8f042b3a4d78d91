package main

import "github.com/dormer-orm/dormer/expr"

type money string

var cost, limit = struct{ expr.Column[User, money] }{}, struct{ expr.Nullable[User, money] }{}

func main() {
	var text string
	_ = expr.AddDecimal(cost.Column, text)            // want `cannot use text .variable of type string. as money value`
	_ = expr.AddDecimal(cost.Column, 1.5)             // want `1.5`
	_ = expr.AddDecimalTo(cost.Column, Users.Name)    // want `Users.Name`
	_ = expr.AddDecimalTo(cost.Column, limit)         // want `limit`
	_ = expr.Add(cost.Column, "1")                    // want `money does not satisfy expr.Number`
	_ = expr.Sum(cost.Column)                         // want `money does not satisfy expr.Number`
	_ = expr.ScaleDecimal(cost.Column, 1.5)           // want `float64 does not satisfy expr.Integer`
	_ = expr.ScaleDecimalTo(cost.Column, Users.Bonus) // want `Users.Bonus`
	var m *money
	to(&text, expr.NegDecimal(cost.Column)) // want `money`
	to(&m, expr.SumDecimal(cost.Column).Over(expr.Window()))
	_ = m
}
