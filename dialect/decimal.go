package dialect

import (
	"errors"
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
		all := make([]expr.Node, 0, len(n.When)+1)
		for _, w := range n.When {
			all = append(all, w.Then)
		}
		if n.Else != nil {
			all = append(all, n.Else)
		}
		return decimalOfAll(all)
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
		if def := ColumnOf(n); def != nil {
			return fmt.Errorf("%s of column %s, which is no decimal: schema.Decimal declares one", what, def.Name)
		}
		return fmt.Errorf("%s of what is not known to be a decimal: it is of columns that schema.Decimal declares, and of what is made of them", what)
	}
	return nil
}

var errDecimalOperands = errors.New("an operation on decimals with too few operands")

// decimal writes an operation on decimals.
func (c *Compiler) decimal(n *expr.DecimalNode) error {
	operands := n.Args
	if n.Op == expr.DecimalTimes && len(operands) == 2 {
		operands = operands[:1]
		if n.Args[1] == nil {
			return errNilNode
		}
	}
	for _, a := range n.Args {
		if a == nil {
			return errNilNode
		}
	}
	if err := checkDecimals("arithmetic of decimals", operands...); err != nil {
		return err
	}
	if _, ok := decimalResult(n); !ok {
		return errDecimalOperands
	}
	return c.d.Decimal(c, n)
}

// number is a decimal as an operand of what the dialect writes around it: at a scale.
type number struct {
	expr.Node
	scale int
}

// AsNumber is a decimal that DecimalNumber writes, wherever it stands.
func AsNumber(n expr.Node, scale int) expr.Node { return &number{n, scale} }

// computedHere reports whether the value of an expression is a decimal that a
// dialect which keeps decimals as text must write by Decimal.
func (c *Compiler) computedHere(n expr.Node) bool {
	if !c.caps.DecimalsAreText {
		return false
	}
	switch n := n.(type) {
	case *expr.AggNode:
		return (n.Name == "min" || n.Name == "max") && numeric(n)
	case *expr.WindowNode:
		return n.Func != nil && (n.Func.Name == "min" || n.Func.Name == "max") && numeric(n.Func)
	case *expr.CallNode:
		switch n.Name {
		case expr.FuncGreatest, expr.FuncLeast:
			d, ok := decimalOfAll(n.Args)
			return ok && !d.Wide
		case expr.FuncCoalesce, expr.FuncNullIf:
			return scalesDiffer(n.Args)
		}
	case *expr.CaseNode:
		all := make([]expr.Node, 0, len(n.When)+1)
		for _, w := range n.When {
			all = append(all, w.Then)
		}
		return scalesDiffer(append(all, n.Else))
	}
	return false
}

func numeric(n *expr.AggNode) bool {
	if _, ok := bare(n.Arg).(*number); ok {
		return false
	}
	d, ok := DecimalOf(n.Arg)
	return ok && !d.Wide
}

// scalesDiffer reports whether decimals have not all one scale.
func scalesDiffer(ns []expr.Node) bool {
	first := -1
	for _, n := range ns {
		if n == nil {
			continue
		}
		d, ok := DecimalOf(n)
		switch {
		case !ok:
		case first < 0:
			first = d.Scale
		case first != d.Scale:
			return true
		}
	}
	return false
}

// isDecimalAggregate reports whether an aggregate is one of decimals alone.
func isDecimalAggregate(n *expr.AggNode) bool {
	return n != nil && (n.Name == expr.AggSumDecimal || n.Name == expr.AggAvgDecimal)
}

// Calculated writes an aggregate or a function over a window under another of the
// names that Aggregate knows, of another argument.
func (c *Compiler) Calculated(n expr.Node, name string, arg expr.Node) error {
	switch n := n.(type) {
	case *expr.AggNode:
		as := *n
		as.Name, as.Arg = name, arg
		return c.aggregate(&as)
	case *expr.WindowNode:
		as, f := *n, *n.Func
		f.Name, f.Arg = name, arg
		as.Func = &f
		return c.window(&as)
	}
	return fmt.Errorf("unknown aggregate %T", n)
}

// numbers writes a comparison of decimals by their values, where the texts in which a
// dialect keeps them cannot be compared: done is false where they can, or where
// there are no decimals.
func (c *Compiler) numbers(byOrder bool, ops []string, ns ...expr.Node) (done bool, err error) {
	if !c.caps.DecimalsAreText {
		return false, nil
	}
	all, made := Decimal{}, false
	for _, n := range ns {
		if n == nil {
			return false, nil
		}
		d, ok := DecimalOf(n)
		if !ok {
			return false, nil
		}
		all = all.add(d)
		made = made || madeDecimal(n)
	}
	switch differ := scalesDiffer(ns); {
	case !differ && !(made && byOrder), all.Wide && byOrder && !made:
		return false, nil
	}
	for i, n := range ns {
		if i > 0 {
			c.Text(ops[i-1])
		}
		if err := c.d.DecimalNumber(c, n, all.Scale); err != nil {
			return true, err
		}
	}
	return true, nil
}

// sameScale refuses to look for a decimal among others by their texts where these
// have another scale.
func (c *Compiler) sameScale(what string, ns ...expr.Node) error {
	if c.caps.DecimalsAreText && scalesDiffer(ns) {
		return c.Unsupported(what + " of decimals of different scales, which are kept as text (bring them to one by expr.RoundDecimal)")
	}
	return nil
}

// comparable are the two sides of a comparison, of which a plain value beside a
// computed decimal is one too.
func comparable(l, r expr.Node) (expr.Node, expr.Node) {
	if computedDecimal(l) {
		r = expr.AsDecimal(r)
	} else if computedDecimal(r) {
		l = expr.AsDecimal(l)
	}
	return l, r
}

// bothDecimals refuses the comparison of a decimal with a column that is none, as one of
// repo.Rows, whose texts a database compares as texts or not at all.
func bothDecimals(l, r expr.Node) error {
	_, left := DecimalOf(l)
	_, right := DecimalOf(r)
	if left == right {
		return nil
	}
	if left {
		l, r = r, l
	}
	if def := ColumnOf(l); def != nil {
		return fmt.Errorf("a decimal is compared with column %s, which is no decimal: schema.Decimal declares one; values of the program's are given to In, or stored in a table", def.Name)
	}
	return nil
}

// computedDecimal is quick about what is none.
func computedDecimal(n expr.Node) bool {
	switch n := bare(n).(type) {
	case *expr.DecimalNode:
		return true
	case *expr.AggNode:
		return isDecimalAggregate(n)
	}
	return false
}

// assigned is a decimal on its way into a column.
type assigned struct {
	expr.Node
	to     *schema.Type
	column string
}

// kept is a value in the form of the column that it is assigned to: where decimals
// are text, one that is computed, or of another column, is rounded to the column's
// scale and must fit it.
func (c *Compiler) kept(column *expr.ColumnRef, v expr.Node) expr.Node {
	def := columnDef(column)
	if !c.caps.DecimalsAreText || def == nil || v == nil || def.Type.Kind != schema.DecimalKind || def.Type.Custom != "" || isParam(v) {
		return v
	}
	d, ok := DecimalOf(v)
	if !ok || d.Scale == def.Type.Scale && d.Digits <= def.Type.Precision {
		return v
	}
	return &assigned{Node: v, to: &def.Type, column: def.Name}
}

// keptAll is the query of an INSERT with its values in the form of the columns.
func (c *Compiler) keptAll(columns []*expr.ColumnRef, q *expr.SelectStmt) *expr.SelectStmt {
	out := *q
	out.Columns = make([]expr.Node, len(q.Columns))
	same := true
	for i, n := range q.Columns {
		out.Columns[i] = c.kept(columns[i], n)
		same = same && out.Columns[i] == n
	}
	if same {
		return q
	}
	return &out
}

// shifted are the arguments of a function after the first. What lag and lead give
// where there is no row has the scale of what they give of rows.
func (c *Compiler) shifted(n *expr.AggNode) ([]expr.Node, error) {
	if !c.caps.DecimalsAreText || n.Arg == nil || len(n.Args) != 2 {
		return n.Args, nil
	}
	x, ok := DecimalOf(n.Arg)
	d, other := DecimalOf(n.Args[1])
	switch {
	case !ok || !other || x.Scale == d.Scale:
		return n.Args, nil
	case d.Scale > x.Scale:
		return nil, c.Unsupported(n.Name + " of a decimal with a value of more digits after the point where there is no row")
	}
	return []expr.Node{n.Args[0], &expr.DecimalNode{Op: expr.DecimalRound, Args: n.Args[1:], Scale: x.Scale}}, nil
}

func (c *Compiler) decimalAggregate(n expr.Node, f *expr.AggNode) error {
	if err := checkDecimals("a sum or mean of decimals", f.Arg); err != nil {
		return err
	}
	return c.d.Decimal(c, n)
}

// OverRows reports whether values are made of several rows, by an aggregate or over a
// window.
func OverRows(ns ...expr.Node) (is bool) {
	for _, n := range ns {
		expr.Walk(n, func(n expr.Node) bool {
			switch n.(type) {
			case *expr.AggNode, *expr.WindowNode:
				is = true
			}
			return !is
		})
	}
	return is
}
