package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.Collate(Users.Age, "C")              // want `does not satisfy expr.String`
	expr.Round(Users.Age)                     // want `does not satisfy expr.Float`
	expr.RoundTo(Users.Age, 2)                // want `does not satisfy expr.Float`
	expr.Floor(Users.Name)                    // want `does not satisfy expr.Float`
	expr.Ceil(Users.Name)                     // want `does not satisfy expr.Float`
	expr.Neg(Users.Name)                      // want `does not satisfy expr.Signed`
	expr.Abs(Users.CreatedAt)                 // want `does not satisfy expr.Number`
	expr.Mod(expr.Cast[float64](Users.ID), 2) // want `does not satisfy expr.Integer`
	expr.ShiftLeft(Users.Name, 1)             // want `does not satisfy expr.Integer`
	expr.BitNot(Users.Name)                   // want `does not satisfy expr.SignedInteger`
	expr.Upper(Users.Age)                     // want `does not satisfy expr.String`
	expr.Trim(Users.Age)                      // want `does not satisfy expr.String`
	expr.Substr(Users.ID, 1, 2)               // want `does not satisfy expr.String`
	expr.Replace(Users.ID, "a", "b")          // want `does not satisfy expr.String`
	expr.Length(Users.Age)                    // want `does not satisfy expr.Sized`
	expr.Matches(Users.Age, "x")              // want `does not satisfy expr.String`
	expr.ILike(Users.Age, "x")                // want `does not satisfy expr.String`
	expr.HasPrefix(Users.ID, "x")             // want `does not satisfy expr.String`
	expr.Concat(Users.Name, 1)                // want `as string value`
	expr.Prepend(1, Users.Name)               // want `as string value`
}
