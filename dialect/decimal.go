package dialect

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Decimal is what is known of a decimal before the database computes it.
type Decimal struct {
	// Digits is a bound of its digits, those after the point included, Scale how many
	// there are after the point.
	Digits, Scale int
	// Wide: it comes from a column that was declared with more than WideDigits.
	Wide bool
}

// WideDigits is how many digits a number of 64 bits holds, whatever they are.
const WideDigits = 18

// computedDigits is added to the precision of a column of a subquery that holds a
// computed decimal, in which no column declared it.
const computedDigits = 1 << 20

// IsComputed reports whether a decimal type is that of a subquery's computed column,
// whose digits nobody declared.
func IsComputed(t *schema.Type) bool {
	return t.Kind == schema.DecimalKind && t.Precision >= computedDigits
}

func (d Decimal) add(e Decimal) Decimal {
	scale := max(d.Scale, e.Scale)
	return Decimal{max(d.Digits-d.Scale, e.Digits-e.Scale) + scale, scale, d.Wide || e.Wide}
}

// DecimalOf is what is known of a value that is a decimal; ok is false where it is
// none, or not known to be one.
func DecimalOf(n expr.Node) (d Decimal, ok bool) {
	if def := ColumnOf(n); def != nil {
		return decimalType(&def.Type)
	}
	switch n := bare(n).(type) {
	case *expr.ParamNode:
		if def := columnDef(n.Like); def != nil {
			return decimalType(&def.Type)
		}
		if !n.Decimal {
			return Decimal{}, false
		}
		_, whole, scale, err := field.DecimalText(n.Value)
		return Decimal{Digits: literalDigits(whole + scale), Scale: scale}, err == nil
	case *expr.FilterParamNode:
		if def := columnDef(n.Like); def != nil {
			return decimalType(&def.Type)
		}
	case *expr.DecimalNode:
		return decimalResult(n)
	case *expr.CallNode:
		switch n.Name {
		case expr.FuncCoalesce, expr.FuncNullIf, expr.FuncGreatest, expr.FuncLeast:
			return decimalOfAll(n.Args)
		}
	case *expr.CaseNode:
		return decimalOfAll(branches(n))
	case *expr.AggNode:
		return decimalOfAggregate(n)
	case *expr.WindowNode:
		if n.Func != nil {
			return decimalOfAggregate(n.Func)
		}
	case *expr.RelatedNode:
		if n.Kind == expr.RelatedValue {
			return DecimalOf(n.Value)
		}
	case *expr.SubqueryNode:
		if n.Kind == expr.SubqueryValue && n.Stmt != nil && len(n.Stmt.Columns) == 1 {
			return DecimalOf(n.Stmt.Columns[0])
		}
	case *assigned:
		return Decimal{Digits: n.to.Precision, Scale: n.to.Scale, Wide: n.to.Precision > WideDigits}, true
	}
	return Decimal{}, false
}

// DecimalType is the type that a column of a decimal's values has: ok is false of what
// is not known to be one.
func DecimalType(n expr.Node) (t schema.Type, ok bool) {
	d, ok := DecimalOf(n)
	if !ok {
		return schema.Type{}, false
	}
	t = schema.Type{Kind: schema.DecimalKind, Precision: d.Digits, Scale: d.Scale}
	if d.Digits > WideDigits && !d.Wide {
		t.Precision += computedDigits
	}
	return t, true
}

// AnyDigits is the type of a decimal of t's scale that is computed, of as many digits as
// the database can.
func AnyDigits(t *schema.Type) schema.Type {
	out := *t
	if d, ok := decimalType(t); ok && !d.Wide {
		out.Precision = computedDigits + max(d.Digits, wholeDigits)
	}
	return out
}

func decimalType(t *schema.Type) (Decimal, bool) {
	if t.Kind != schema.DecimalKind || t.Custom != "" {
		return Decimal{}, false
	}
	if IsComputed(t) {
		return Decimal{Digits: t.Precision - computedDigits, Scale: t.Scale}, true
	}
	return Decimal{t.Precision, t.Scale, t.Precision > WideDigits}, true
}

// literalDigits keeps the number of digits of plain values out of a statement's
// shape, but for two classes.
func literalDigits(n int) int {
	switch {
	case n <= WideDigits/2:
		return WideDigits / 2
	case n <= WideDigits:
		return WideDigits
	}
	return n
}

// wholeDigits bounds those of a whole number of 64 bits.
const wholeDigits = 19

func decimalResult(n *expr.DecimalNode) (Decimal, bool) {
	var x, y Decimal
	var ok bool
	if len(n.Args) == 0 {
		return x, false
	}
	if x, ok = DecimalOf(n.Args[0]); !ok {
		return x, false
	}
	switch n.Op {
	case expr.DecimalAdd, expr.DecimalSub, expr.DecimalMul, expr.DecimalDiv:
		if len(n.Args) != 2 {
			return x, false
		}
		if y, ok = DecimalOf(n.Args[1]); !ok {
			return y, false
		}
	}
	wide := x.Wide || y.Wide
	switch n.Op {
	case expr.DecimalAdd, expr.DecimalSub:
		d := x.add(y)
		d.Digits++
		return d, true
	case expr.DecimalMul:
		return Decimal{x.Digits + y.Digits, x.Scale + y.Scale, wide}, true
	case expr.DecimalTimes:
		return Decimal{x.Digits + wholeDigits, x.Scale, wide}, len(n.Args) == 2
	case expr.DecimalDiv:
		return Decimal{x.Digits - x.Scale + y.Scale + 1 + n.Scale, n.Scale, wide}, true
	case expr.DecimalRound:
		return Decimal{max(x.Digits-x.Scale+1, 1) + n.Scale, n.Scale, wide}, true
	case expr.DecimalNeg, expr.DecimalAbs:
		return x, true
	}
	return x, false
}

// decimalOfAll is what holds each of several decimals. A NULL is one of any scale.
func decimalOfAll(ns []expr.Node) (d Decimal, ok bool) {
	for _, n := range ns {
		if p, is := bare(n).(*expr.ParamNode); is && p != nil && p.Value == nil && p.Like == nil {
			continue
		}
		e, is := DecimalOf(n)
		if !is {
			return Decimal{}, false
		}
		d, ok = d.add(e), true
	}
	return d, ok
}

func decimalOfAggregate(n *expr.AggNode) (d Decimal, ok bool) {
	switch n.Name {
	case expr.AggSumDecimal:
		d, ok = DecimalOf(n.Arg)
		d.Digits += wholeDigits
	case expr.AggAvgDecimal:
		d, ok = DecimalOf(n.Arg)
		d.Digits, d.Scale = d.Digits-d.Scale+1+n.Scale, n.Scale
	case "min", "max", "lag", "lead", "first_value", "last_value", "nth_value":
		if n.Arg != nil {
			return DecimalOf(n.Arg)
		}
	case expr.AggMode, expr.AggPercentileDisc:
		if len(n.Within) == 1 {
			return DecimalOf(n.Within[0].X)
		}
	}
	return d, ok
}

// madeDecimal reports whether a decimal is none of a column or beside a column alone,
// whose stored form says how it compares.
func madeDecimal(n expr.Node) bool {
	return storedAs(n) == nil && !isParam(n)
}

// checkDecimals wants decimals as the operands of an operation on them.
func checkDecimals(what string, ns ...expr.Node) error {
	for _, n := range ns {
		if e, ok := bare(n).(*expr.ErrorNode); ok && e != nil {
			return e.Err
		}
		if p, ok := bare(n).(*expr.ParamNode); ok && p != nil && p.Decimal {
			text, _, _, err := field.DecimalText(p.Value)
			if err != nil {
				return err
			}
			if text == "" {
				return fmt.Errorf("%s of NULL as a plain value", what)
			}
		}
		if _, ok := DecimalOf(n); ok {
			continue
		}
		return noDecimal(what, n)
	}
	return nil
}
