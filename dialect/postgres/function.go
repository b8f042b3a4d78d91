package postgres

import (
	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

var parts = map[string]string{
	expr.FuncYear: "YEAR", expr.FuncMonth: "MONTH", expr.FuncDay: "DAY", expr.FuncHour: "HOUR",
	expr.FuncMinute: "MINUTE", expr.FuncSecond: "SECOND", expr.FuncWeekday: "DOW",
}

var truncs = map[string]string{
	expr.FuncTruncYear: "year", expr.FuncTruncMonth: "month", expr.FuncTruncDay: "day",
	expr.FuncTruncHour: "hour", expr.FuncTruncMinute: "minute",
}

// Function renders the functions that PostgreSQL spells in its own way.
func (Dialect) Function(c *dialect.Compiler, call *expr.CallNode) (bool, error) {
	args := call.Args
	switch call.Name {
	case expr.FuncNow:
		c.Text("now()")
		return true, nil
	case expr.FuncLower, expr.FuncUpper, expr.FuncTrim, expr.FuncTrimLeft, expr.FuncTrimRight:
		return true, textCall(c, call.Name, args)
	case expr.FuncSubstr, expr.FuncReplace:
		return true, textCall(c, call.Name, args)
	case expr.FuncMatches:
		if len(args) != 2 {
			return false, nil
		}
		c.Text("(")
		if err := textOperand(c, args[0]); err != nil {
			return true, err
		}
		c.Text(" ~ ")
		if err := c.Operand(args[1]); err != nil {
			return true, err
		}
		c.Text(")")
		return true, nil
	case expr.FuncRound:
		return true, round(c, args)
	}
	if part, ok := parts[call.Name]; ok && len(args) == 1 {
		// A time with its zone has a year only in some zone: UTC.
		c.Text("CAST(floor(EXTRACT(" + part + " FROM ")
		if err := c.TypedPrimary(args[0]); err != nil {
			return true, err
		}
		c.Text(" AT TIME ZONE 'UTC')) AS bigint)")
		return true, nil
	}
	if unit, ok := truncs[call.Name]; ok && len(args) == 1 {
		c.Text("(date_trunc('" + unit + "', ")
		if err := c.TypedPrimary(args[0]); err != nil {
			return true, err
		}
		c.Text(" AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')")
		return true, nil
	}
	if call.Name == expr.FuncAddSeconds && len(args) == 2 {
		c.Text("(")
		if err := c.TypedPrimary(args[0]); err != nil {
			return true, err
		}
		c.Text(" + make_interval(secs => ")
		if err := c.Typed(args[1]); err != nil {
			return true, err
		}
		c.Text("))")
		return true, nil
	}
	return valueFunction(c, call.Name, args)
}

// textCall writes a function whose first argument must be text. The arguments
// after it are not cast: substr takes integer, which bigint does not become.
func textCall(c *dialect.Compiler, name string, args []expr.Node) error {
	c.Text(name + "(")
	for i, a := range args {
		if i == 0 {
			if err := textOperand(c, a); err != nil {
				return err
			}
			continue
		}
		c.Text(", ")
		if err := c.Expr(a); err != nil {
			return err
		}
	}
	c.Text(")")
	return nil
}

// textOperand writes an operand of a text operator. An enum or uuid is no text
// to PostgreSQL.
func textOperand(c *dialect.Compiler, n expr.Node) error {
	if def := dialect.ColumnOf(n); def != nil && def.Type.Kind != schema.TextKind {
		c.Text("CAST(")
		if err := c.Expr(n); err != nil {
			return err
		}
		c.Text(" AS text)")
		return nil
	}
	return c.TypedOperand(n)
}

// round rounds halves away from zero, as numeric does and double precision does
// not. The way over text keeps all digits; a cast to numeric keeps fifteen.
func round(c *dialect.Compiler, args []expr.Node) error {
	c.Text("CAST(round(CAST(CAST(")
	for i, a := range args {
		if i > 0 {
			c.Text(", ")
			if err := c.Expr(a); err != nil {
				return err
			}
			continue
		}
		if err := c.Typed(a); err != nil {
			return err
		}
		c.Text(" AS text) AS numeric)")
	}
	c.Text(") AS double precision)")
	return nil
}

// Like writes LIKE or ILIKE. A backslash escapes unless the clause says that
// nothing does.
func (Dialect) Like(c *dialect.Compiler, n *expr.LikeNode) error {
	if err := textOperand(c, n.X); err != nil {
		return err
	}
	if n.Not {
		c.Text(" NOT")
	}
	if n.Fold {
		c.Text(" ILIKE ")
	} else {
		c.Text(" LIKE ")
	}
	if err := c.Operand(n.Pattern); err != nil {
		return err
	}
	if n.Escape {
		// With the default escape, which is the backslash, no clause: its
		// spelling depends on standard_conforming_strings.
		return nil
	}
	c.Text(" ESCAPE ''")
	return nil
}

// LikePattern is the pattern itself.
func (Dialect) LikePattern(pattern string, _, _ bool) string { return pattern }
