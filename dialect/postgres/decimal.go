package postgres

import (
	"fmt"
	"strconv"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Decimal writes operations on numeric, which are exact but for a division.
func (d Dialect) Decimal(c *dialect.Compiler, n expr.Node) error {
	switch n := n.(type) {
	case *expr.DecimalNode:
		return operation(c, n)
	case *expr.AggNode:
		return aggregated(c, n, n)
	case *expr.WindowNode:
		return aggregated(c, n, n.Func)
	}
	return fmt.Errorf("unknown operation %T on decimals", n)
}

// DecimalNumber is a decimal with zeros after its digits.
func (Dialect) DecimalNumber(c *dialect.Compiler, n expr.Node, scale int) error {
	c.Text("round(")
	if err := c.Typed(n); err != nil {
		return err
	}
	c.Text(", " + strconv.Itoa(scale) + ")")
	return nil
}

// DecimalColumn is the value itself: an assignment rounds, and looks at the digits.
func (Dialect) DecimalColumn(c *dialect.Compiler, n expr.Node, _ *schema.Type, _ string) error {
	return c.Expr(n)
}

func operation(c *dialect.Compiler, n *expr.DecimalNode) error {
	x := n.Args[0]
	scale := ", " + strconv.Itoa(n.Scale) + ")"
	infix := func(op string) error {
		return c.Sequence("(", dialect.Primary(x), op, dialect.Primary(n.Args[1]), ")")
	}
	switch n.Op {
	case expr.DecimalAdd:
		return infix(" + ")
	case expr.DecimalSub:
		return infix(" - ")
	case expr.DecimalMul, expr.DecimalTimes:
		return infix(" * ")
	case expr.DecimalNeg:
		return c.Sequence("(-", dialect.Primary(x), ")")
	case expr.DecimalAbs:
		return c.Sequence("abs(", dialect.Primary(x), ")")
	case expr.DecimalRound:
		return c.Sequence("round(", dialect.Primary(x), scale)
	case expr.DecimalDiv:
		a, _ := dialect.DecimalOf(x)
		b, _ := dialect.DecimalOf(n.Args[1])
		first, err := dividend(c, a.Scale, max(n.Scale, a.Scale-b.Scale)+b.Digits)
		if err != nil {
			return err
		}
		return c.Sequence("round(round(", dialect.Primary(x), first+" / ", dialect.Primary(n.Args[1]), scale)
	}
	return fmt.Errorf("unknown operation %d on decimals", n.Op)
}

// dividend ends the call that gives a dividend its scale, which a quotient has too.
// Rounding twice is as good as once where a quotient that is no half is further from
// one than the first rounding goes. Two fractions that differ, one of a divisor of so
// many digits and a half of the scale wanted, do so by their denominators.
func dividend(c *dialect.Compiler, own, digits int) (string, error) {
	digits = max(own, digits+1)
	if digits > 1000 {
		return "", c.Unsupported("a quotient of decimals of so many digits")
	}
	return ", " + strconv.Itoa(digits) + ")", nil
}

func aggregated(c *dialect.Compiler, n expr.Node, f *expr.AggNode) error {
	if f.Name == expr.AggSumDecimal {
		return c.Calculated(n, "sum", f.Arg)
	}
	x, _ := dialect.DecimalOf(f.Arg)
	digits := max(x.Scale, f.Scale) + 20 // rows are counted in 64 bits
	if digits > 1000 {
		return c.Unsupported("a mean of decimals of so many digits")
	}
	c.Text("round(")
	if err := c.Calculated(n, "avg", dialect.AsNumber(f.Arg, digits)); err != nil {
		return err
	}
	c.Text(", " + strconv.Itoa(f.Scale) + ")")
	return nil
}
