package dialect

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

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
		return scalesDiffer(branches(n))
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
		if n == nil || isNullParam(n) {
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
	scale, ok := c.byValue(byOrder, ns...)
	if !ok {
		return false, nil
	}
	for i, n := range ns {
		if i > 0 {
			c.Text(ops[i-1])
		}
		if err := c.d.DecimalNumber(c, n, scale); err != nil {
			return true, err
		}
	}
	return true, nil
}

// byValue reports whether decimals are compared by their values, at a scale, since the
// texts in which a dialect keeps them cannot be.
func (c *Compiler) byValue(byOrder bool, ns ...expr.Node) (scale int, ok bool) {
	if !c.caps.DecimalsAreText {
		return 0, false
	}
	all, made, stored := Decimal{}, false, false
	for _, n := range ns {
		if n == nil {
			return 0, false
		}
		d, ok := DecimalOf(n)
		if !ok {
			return 0, false
		}
		all = all.add(d)
		made, stored = made || madeDecimal(n), stored || storedAs(n) != nil
	}
	made = made || !stored // plain values alone
	switch differ := scalesDiffer(ns); {
	case !differ && !(made && byOrder), all.Wide && byOrder && !made:
		return 0, false
	}
	return all.Scale, true
}

// atOneScale are decimals as texts of one scale, where a dialect keeps them as such and
// they have several.
func (c *Compiler) atOneScale(ns []expr.Node) []expr.Node {
	if !c.caps.DecimalsAreText || !scalesDiffer(ns) {
		return ns
	}
	all, ok := decimalOfAll(ns)
	if !ok {
		return ns
	}
	out := slices.Clone(ns)
	for i, n := range ns {
		if d, ok := DecimalOf(n); ok && d.Scale < all.Scale && !isNullParam(n) {
			out[i] = &expr.DecimalNode{Op: expr.DecimalRound, Args: []expr.Node{n}, Scale: all.Scale}
		}
	}
	return out
}

// isNullParam reports whether a value is the program's NULL.
func isNullParam(n expr.Node) bool {
	p, ok := bare(n).(*expr.ParamNode)
	return ok && p != nil && p.Value == nil
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

// unknownForm reports whether a value is a text or a number in a form of its own: a CAST,
// a text that is put together, or the result of a function that only the program knows.
func unknownForm(n expr.Node) bool {
	switch n := bare(n).(type) {
	case *expr.CastNode, *expr.FuncNode, *expr.ArithNode, *expr.JSONNode:
		return true
	case *expr.CallNode:
		switch n.Name {
		case expr.FuncCoalesce, expr.FuncNullIf, expr.FuncGreatest, expr.FuncLeast:
			return false
		}
		return true
	}
	return false
}

// isOtherwise reports whether a value is known to be no decimal: one of a column that is
// none, or, where decimals are text, one in a form of its own.
func (c *Compiler) isOtherwise(n expr.Node) bool {
	if _, ok := DecimalOf(n); ok {
		return false
	}
	def := storedAs(n)
	return def != nil && def.Type.Custom == "" || c.caps.DecimalsAreText && (def != nil || unknownForm(n))
}

// bothDecimals refuses the comparison of a decimal with what is known to be none, such as
// one of repo.Rows, whose texts a database compares as texts or not at all.
func (c *Compiler) bothDecimals(l, r expr.Node) error {
	return c.allDecimals("a comparison with a decimal", l, r)
}

// allDecimals refuses what is known to be no decimal beside one.
func (c *Compiler) allDecimals(what string, ns ...expr.Node) error {
	some, other := false, -1
	for i, n := range ns {
		if n == nil {
			continue
		}
		if _, ok := DecimalOf(n); ok {
			some = true
		} else if other < 0 && c.isOtherwise(n) {
			other = i
		}
	}
	if some && other >= 0 {
		return noDecimal(what, ns[other])
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
// scale and must fit it, and where enums are types, a text becomes one of the column's.
func (c *Compiler) kept(column *expr.ColumnRef, v expr.Node) expr.Node {
	def := columnDef(column)
	if c.caps.NativeEnums && def != nil && def.Type.Kind == schema.EnumKind && def.Type.EnumName != "" {
		return c.inEnum(&def.Type, v)
	}
	if def == nil || v == nil || def.Type.Kind != schema.DecimalKind || def.Type.Custom != "" || isParam(v) {
		return v
	}
	d, ok := DecimalOf(v)
	if !ok && c.isOtherwise(v) {
		return &expr.ErrorNode{Err: noDecimal("an assignment to a decimal", v)}
	}
	if !c.caps.DecimalsAreText {
		return v
	}
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
