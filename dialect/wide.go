package dialect

import (
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// narrowed is a call that is a decimal in the database where Go has an int64: a sum
// of 64-bit whole numbers, on databases that widen it. It is cast back, so that what
// is made of it, as by a division, is whole too.
func (c *Compiler) narrowed(n *expr.AggNode, write func() error) error {
	if !c.caps.SumsWiden || n.Name != "sum" || !isLong(n.Arg) {
		return write()
	}
	c.Text("CAST(")
	if err := write(); err != nil {
		return err
	}
	c.Text(" AS " + c.d.CastType(&schema.Type{Kind: schema.Int64Kind}) + ")")
	return nil
}

// isLong reports whether a value is known to be a whole number of 64 bits.
func isLong(n expr.Node) bool {
	if def := ColumnOf(n); def != nil {
		return def.Type.Kind == schema.Int64Kind
	}
	switch n := bare(n).(type) {
	case *expr.ParamNode:
		return isInt64(n.Value)
	case *expr.CastNode:
		return isInt64(n.To)
	case *expr.ArithNode:
		return n.Op != expr.OpConcat && (isLong(n.Left) || isLong(n.Right))
	case *expr.NegNode:
		return isLong(n.X)
	case *expr.JSONNode:
		return n.Kind == expr.JSONInt
	case *expr.CallNode:
		switch n.Name {
		case expr.FuncLength, expr.FuncPosition, expr.FuncArrayLength, expr.FuncYear, expr.FuncMonth, expr.FuncDay,
			expr.FuncHour, expr.FuncMinute, expr.FuncSecond, expr.FuncWeekday, expr.FuncMicrosSince:
			return true
		case expr.FuncAbs, expr.FuncCoalesce, expr.FuncNullIf, expr.FuncGreatest, expr.FuncLeast, expr.FuncBitXor, expr.FuncBitNot,
			expr.FuncShiftLeft, expr.FuncShiftRight:
			return len(n.Args) > 0 && isLong(n.Args[0])
		}
	case *expr.CaseNode:
		for _, w := range n.When {
			if isLong(w.Then) {
				return true
			}
		}
		return n.Else != nil && isLong(n.Else)
	case *expr.RelatedNode:
		return n.Kind == expr.RelatedCount
	case *expr.AggNode:
		switch n.Name {
		case "count", "row_number", "rank", "dense_rank":
			return true
		case "min", "max", "sum", "lag", "lead", "first_value", "last_value", "nth_value":
			return n.Arg != nil && isLong(n.Arg)
		case expr.AggMode, expr.AggPercentileDisc:
			return len(n.Within) == 1 && isLong(n.Within[0].X)
		}
	case *expr.WindowNode:
		return n.Func != nil && isLong(n.Func)
	case *expr.SubqueryNode:
		return n.Kind == expr.SubqueryValue && n.Stmt != nil && len(n.Stmt.Columns) == 1 && isLong(n.Stmt.Columns[0])
	}
	return false
}

func isInt64(v any) bool {
	t := reflect.TypeOf(v)
	return t != nil && (t.Kind() == reflect.Int64 || t.Kind() == reflect.Int)
}
