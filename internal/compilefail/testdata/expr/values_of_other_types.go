package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.IsDistinctFrom(Users.Name, 1)             // want `as string value`
	expr.IsNotDistinctFromTo(Users.Name, Users.ID) // want `does not match inferred type expr.Valued.string.`
	expr.NullIf(Users.Age, "x")                    // want `as int value`
	expr.CoalesceTo(Users.Email, Users.Age)        // want `does not match inferred type expr.Result.string, R.`
	expr.Least(Users.Age, "x")                     // want `as int value`
	expr.GreatestTo(Users.Age, Users.Name)         // want `does not match inferred type expr.Result.int, int.`
	expr.AddTo(Users.Age, Users.Name)              // want `does not match inferred type expr.Result.int, int.`
	expr.DivTo(Users.Age, Users.ID)                // want `does not match inferred type expr.Result.int, int.`
	expr.ConcatTo(Users.Name, Users.Email)         // want `does not match inferred type expr.Result.string, string.`
	expr.BitXorTo(Users.Age, Users.ID)             // want `does not match inferred type expr.Result.int, int.`
	Users.Age.LtTo(Users.Name)                     // want `as expr.Valued.int. value`
	Users.Age.SetTo(Users.Name)                    // want `as expr.Valued.int. value`
	Users.Age.Between(1, "x")                      // want `as int value`
}
