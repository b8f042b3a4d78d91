package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	expr.PercentileCont(0.5, Users.Name) // want `does not satisfy expr.Number`
	expr.StdDev(Users.Name)              // want `does not satisfy expr.Number`
	expr.StdDevPop(Users.Name)           // want `does not satisfy expr.Number`
	expr.Variance(Users.Name)            // want `does not satisfy expr.Number`
	expr.VariancePop(Users.Name)         // want `does not satisfy expr.Number`
	expr.Avg(Users.Name)                 // want `does not satisfy expr.Number`
}
