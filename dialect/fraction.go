package dialect

import (
	"reflect"

	"github.com/dormer-orm/dormer/expr"
)

// isFractional reports whether a value is known to have digits after the point.
func isFractional(n expr.Node) bool {
	if def := ColumnOf(n); def != nil {
		return isFraction(def.Type.Kind)
	}
	switch n := bare(n).(type) {
	case *expr.ParamNode:
		return isFloat(n.Value)
	case *expr.CastNode:
		return isFloat(n.To)
	case *expr.ArithNode:
		return isFractional(n.Left) || isFractional(n.Right)
	case *expr.NegNode:
		return isFractional(n.X)
	case *expr.DecimalNode:
		return true
	case *expr.JSONNode:
		return n.Kind == expr.JSONFloat
	case *expr.CallNode:
		switch n.Name {
		case expr.FuncAbs, expr.FuncRound, expr.FuncCoalesce, expr.FuncNullIf, expr.FuncGreatest, expr.FuncLeast:
			return len(n.Args) > 0 && isFractional(n.Args[0])
		}
	case *expr.CaseNode:
		for _, w := range n.When {
			if isFractional(w.Then) {
				return true
			}
		}
		return n.Else != nil && isFractional(n.Else)
	case *expr.AggNode:
		switch n.Name {
		case "avg", expr.AggSumDecimal, expr.AggAvgDecimal, expr.AggStdDev, expr.AggStdDevPop, expr.AggVariance, expr.AggVariancePop, expr.AggPercentileCont:
			return true
		case "min", "max", "sum", "lag", "lead", "first_value", "last_value", "nth_value":
			return n.Arg != nil && isFractional(n.Arg)
		case expr.AggMode, expr.AggPercentileDisc:
			return len(n.Within) == 1 && isFractional(n.Within[0].X)
		}
	case *expr.WindowNode:
		return n.Func != nil && isFractional(n.Func)
	case *expr.SubqueryNode:
		return n.Kind == expr.SubqueryValue && n.Stmt != nil && len(n.Stmt.Columns) == 1 && isFractional(n.Stmt.Columns[0])
	}
	return false
}

func isFloat(v any) bool {
	t := reflect.TypeOf(v)
	return t != nil && (t.Kind() == reflect.Float64 || t.Kind() == reflect.Float32)
}
