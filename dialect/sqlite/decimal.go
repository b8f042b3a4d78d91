package sqlite

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// A decimal is kept as text and computed as a whole number: the text without its
// point, of which the compiler knows how many digits come after it. Where the digits
// that a result may have are not known to fit 64 bits, it is looked at: SQLite goes on
// with a floating-point number, and this is an error.

// Decimal is the text of what number computes.
func (d Dialect) Decimal(c *dialect.Compiler, n expr.Node) error {
	t, ok := dialect.DecimalOf(n)
	if !ok {
		return errNoDecimal
	}
	return decimalText(c, t.Scale, again(c, n), func() error { return d.DecimalNumber(c, n, t.Scale) })
}

// DecimalNumber is a decimal without its point, with as many digits after it as the
// scale says.
func (d Dialect) DecimalNumber(c *dialect.Compiler, n expr.Node, scale int) error {
	t, ok := dialect.DecimalOf(n)
	switch {
	case !ok:
		return errNoDecimal
	case t.Wide:
		return c.Unsupported("computing with a decimal declared with more than 18 digits (declare fewer, or read it and compute in Go)")
	case scale > dialect.WideDigits:
		return c.Unsupported(fmt.Sprintf("computing with %d digits after the point (expr.RoundDecimal of the operands leaves 18 or fewer)", scale))
	case scale == t.Scale:
		return d.number(c, n, t)
	}
	by := scale - t.Scale
	return d.inside(c, t.Digits+by, again(c, n), func() error { return times(c, by, func() error { return d.number(c, n, t) }) })
}

// DecimalColumn is the text of a number that was rounded to a column's scale, where it
// has no more digits than the column.
func (d Dialect) DecimalColumn(c *dialect.Compiler, n expr.Node, t *schema.Type, column string) error {
	x, ok := dialect.DecimalOf(n)
	if !ok {
		return errNoDecimal
	}
	twice := again(c, n)
	value := func() error { return d.rounded(c, n, x, t.Scale) }
	if t.Precision <= dialect.WideDigits {
		no := d.noDecimal("column " + column + ": more digits than its " + strconv.Itoa(t.Precision))
		whole := value
		value = func() error {
			return computed(c, twice, "CASE WHEN abs(@) < "+tens(t.Precision)+" THEN @ WHEN @ IS NOT NULL THEN "+no+" END", whole, nil)
		}
	}
	return decimalText(c, t.Scale, twice, value)
}

// badDecimal begins what an error of arithmetic says; see Refusal.
const badDecimal = "decimal: "

func (d Dialect) noDecimal(why string) string {
	return "json_extract('{}', " + d.texts(badDecimal+strings.NewReplacer("@", "", "#", "").Replace(why)) + ")"
}

var errNoDecimal = errors.New("a value that is not known to be a decimal, in place of one")

// again reports whether an expression cannot stand in an inner query, so that it is
// written as often as its value is needed.
func again(c *dialect.Compiler, n expr.Node) bool { return c.Inline() || overRows(n) && !ofColumns(n) }

// ofColumns reports whether all that is made of several rows are aggregates of
// columns. SQLite takes such a one in an inner query for one of the query whose
// columns they are; what a window sees are the rows of the inner query.
func ofColumns(n expr.Node) bool {
	is := true
	expr.Walk(n, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.AggNode:
			is = is && n.Arg != nil && len(expr.Columns(n.Arg)) > 0
			return false
		case *expr.WindowNode:
			is = false
		}
		return is
	})
	return is
}

func tens(n int) string { return "1" + strings.Repeat("0", n) }

// times writes a number with zeros appended.
func times(c *dialect.Compiler, zeros int, write func() error) error {
	if zeros == 0 {
		return write()
	}
	c.Text("(")
	if err := write(); err != nil {
		return err
	}
	c.Text(" * " + tens(zeros) + ")")
	return nil
}

// computed writes a formula of one or two numbers, @ and #, each of which is written
// once if it can be.
func computed(c *dialect.Compiler, twice bool, formula string, x, y func() error) error {
	if !twice {
		c.Text("(SELECT " + strings.NewReplacer("@", "a", "#", "b").Replace(formula) + " FROM (SELECT ")
		if err := x(); err != nil {
			return err
		}
		c.Text(" AS a")
		if y != nil {
			c.Text(", ")
			if err := y(); err != nil {
				return err
			}
			c.Text(" AS b")
		}
		c.Text("))")
		return nil
	}
	c.Text("(")
	for formula != "" {
		i := strings.IndexAny(formula, "@#")
		if i < 0 {
			c.Text(formula)
			break
		}
		c.Text(formula[:i])
		write := x
		if formula[i] == '#' {
			write = y
		}
		if err := write(); err != nil {
			return err
		}
		formula = formula[i+1:]
	}
	c.Text(")")
	return nil
}

// decimalText writes the text of a number: NULL of NULL, since || is.
func decimalText(c *dialect.Compiler, scale int, twice bool, number func() error) error {
	if scale == 0 {
		c.Text("CAST(")
		if err := number(); err != nil {
			return err
		}
		c.Text(" AS TEXT)")
		return nil
	}
	p := tens(scale)
	return computed(c, twice, "substr('-', 1, @ < 0) || (abs(@) / "+p+") || '.' || substr("+p+" + abs(@) % "+p+", 2)", number, nil)
}

// inside writes a number of so many digits, which is an error where it has become a
// floating-point number. The smallest of 64 bits has no absolute value.
func (d Dialect) inside(c *dialect.Compiler, digits int, twice bool, write func() error) error {
	if digits <= dialect.WideDigits {
		return write()
	}
	no := d.noDecimal("a result has more digits than 64 bits hold")
	return computed(c, twice, "CASE WHEN typeof(@) = 'integer' AND @ >= -9223372036854775807 THEN @ WHEN @ IS NOT NULL THEN "+no+" END", write, nil)
}

// rounded writes a number at another scale, of fewer digits to the nearest one: the
// remainder is half the divisor or more once, away from zero.
func (d Dialect) rounded(c *dialect.Compiler, n expr.Node, t dialect.Decimal, scale int) error {
	if scale >= t.Scale {
		return d.DecimalNumber(c, n, scale)
	}
	p, half := tens(t.Scale-scale), "5"+tens(t.Scale - scale - 1)[1:]
	return computed(c, again(c, n), "@ / "+p+" + @ % "+p+" / "+half, func() error { return d.DecimalNumber(c, n, t.Scale) }, nil)
}

// number writes a decimal at its own scale.
func (d Dialect) number(c *dialect.Compiler, n expr.Node, t dialect.Decimal) error {
	switch n := unwrapped(n).(type) {
	case *expr.DecimalNode:
		return d.operation(c, n, t)
	case *expr.AggNode:
		if ok, err := d.aggregated(c, n, n, t); ok {
			return err
		}
	case *expr.WindowNode:
		if ok, err := d.aggregated(c, n, n.Func, t); ok {
			return err
		}
	case *expr.CallNode:
		name := map[string]string{expr.FuncGreatest: "max", expr.FuncLeast: "min", expr.FuncCoalesce: "coalesce", expr.FuncNullIf: "nullif"}[n.Name]
		if name == "" {
			break
		}
		args := make([]expr.Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = asNumber(a, t.Scale)
		}
		return c.Call(name, args...)
	case *expr.CaseNode:
		as := &expr.CaseNode{When: make([]expr.WhenNode, len(n.When))}
		for i, w := range n.When {
			as.When[i] = expr.WhenNode{Cond: w.Cond, Then: asNumber(w.Then, t.Scale)}
		}
		if n.Else != nil {
			as.Else = asNumber(n.Else, t.Scale)
		}
		return c.Expr(as)
	case *expr.ParamNode:
		if t.Digits > dialect.WideDigits {
			return c.Unsupported("computing with a value of more than 18 digits (compute with it in Go)")
		}
	}
	return c.Sequence("CAST(replace(", dialect.Whole(n), ", '.', '') AS INTEGER)")
}

func unwrapped(n expr.Node) expr.Node {
	for {
		o, ok := n.(*expr.CallNode)
		if !ok || o.Name != expr.FuncOptional || len(o.Args) != 1 {
			return n
		}
		n = o.Args[0]
	}
}

func asNumber(n expr.Node, scale int) expr.Node {
	if _, ok := dialect.DecimalOf(n); !ok {
		return n // NULL
	}
	return dialect.AsNumber(n, scale)
}

func (d Dialect) operation(c *dialect.Compiler, n *expr.DecimalNode, t dialect.Decimal) error {
	twice := again(c, n)
	x, _ := dialect.DecimalOf(n.Args[0])
	operand := func(i, scale int) func() error {
		return func() error { return d.DecimalNumber(c, n.Args[i], scale) }
	}
	between := func(op string, l, r func() error) func() error {
		return func() error {
			c.Text("(")
			if err := l(); err != nil {
				return err
			}
			c.Text(op)
			if err := r(); err != nil {
				return err
			}
			c.Text(")")
			return nil
		}
	}
	switch n.Op {
	case expr.DecimalAdd:
		return d.inside(c, t.Digits, twice, between(" + ", operand(0, t.Scale), operand(1, t.Scale)))
	case expr.DecimalSub:
		return d.inside(c, t.Digits, twice, between(" - ", operand(0, t.Scale), operand(1, t.Scale)))
	case expr.DecimalMul:
		return d.inside(c, t.Digits, twice, between(" * ", operand(0, x.Scale), operand(1, t.Scale-x.Scale)))
	case expr.DecimalTimes:
		return d.inside(c, t.Digits, twice, between(" * ", operand(0, x.Scale), func() error { return c.TypedPrimary(n.Args[1]) }))
	case expr.DecimalDiv:
		y, _ := dialect.DecimalOf(n.Args[1])
		return d.quotient(c, n.Scale-x.Scale+y.Scale, twice, x.Digits, y.Digits, operand(0, x.Scale), operand(1, y.Scale))
	case expr.DecimalNeg:
		return d.inside(c, t.Digits, twice, between("-", func() error { return nil }, operand(0, x.Scale)))
	case expr.DecimalAbs:
		c.Text("abs(")
		if err := operand(0, x.Scale)(); err != nil {
			return err
		}
		c.Text(")")
		return nil
	case expr.DecimalRound:
		return d.rounded(c, n.Args[0], x, n.Scale)
	}
	return fmt.Errorf("unknown operation %d on decimals", n.Op)
}

// quotient writes x / y with zeros appended to x, or to y where they are fewer than
// none: the nearest whole number, halves away from zero. Twice the remainder might
// not fit.
func (d Dialect) quotient(c *dialect.Compiler, zeros int, twice bool, xDigits, yDigits int, x, y func() error) error {
	if zeros > dialect.WideDigits || -zeros > dialect.WideDigits {
		return c.Unsupported("a quotient of decimals with so many digits after the point (18 are what 64 bits hold)")
	}
	no := d.noDecimal("division by zero")
	more := func(zeros, digits int, write func() error) func() error {
		if zeros <= 0 {
			return write
		}
		return func() error {
			return d.inside(c, digits+zeros, twice, func() error { return times(c, zeros, write) })
		}
	}
	return computed(c, twice, "CASE WHEN # = 0 THEN "+no+" ELSE @ / # + CASE WHEN abs(@ % #) >= abs(#) - abs(@ % #) THEN CASE WHEN (@ < 0) = (# < 0) THEN 1 ELSE -1 END ELSE 0 END END",
		more(zeros, xDigits, x), more(-zeros, yDigits, y))
}

// aggregated writes an aggregate, or a window's, as a number. ok is false for one that
// passes values on as they are kept.
func (d Dialect) aggregated(c *dialect.Compiler, n expr.Node, f *expr.AggNode, t dialect.Decimal) (ok bool, err error) {
	x, _ := dialect.DecimalOf(f.Arg)
	arg := dialect.AsNumber(f.Arg, x.Scale)
	switch f.Name {
	case "min", "max":
		return true, c.Calculated(n, f.Name, arg)
	case expr.AggSumDecimal:
		return true, c.Calculated(n, "sum", arg)
	case expr.AggAvgDecimal:
		// The mean of no rows is NULL, as is the divisor.
		count := func() error {
			c.Text("nullif(")
			if err := c.Calculated(n, "count", arg); err != nil {
				return err
			}
			c.Text(", 0)")
			return nil
		}
		return true, d.quotient(c, f.Scale-x.Scale, again(c, n), x.Digits+19, 19, func() error { return c.Calculated(n, "sum", arg) }, count)
	}
	return false, nil
}
