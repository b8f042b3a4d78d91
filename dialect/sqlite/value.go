package sqlite

import (
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// valueFunction renders the functions of numbers, arrays and the calendar. ok is
// false for all others. An inner query names what would else be written, and bound,
// more than once; see overRows for where there can be none.
func valueFunction(c *dialect.Compiler, name string, args []expr.Node) (ok bool, err error) {
	if len(args) == 1 {
		switch name {
		case expr.FuncBitNot:
			return true, c.Sequence("(~", dialect.Primary(args[0]), ")")
		case expr.FuncArrayLength:
			return true, c.Sequence("json_array_length(", dialect.Whole(args[0]), ")")
		}
		return false, nil
	}
	if len(args) < 2 {
		return false, nil
	}
	x, y := args[0], args[1]
	switch name {
	case expr.FuncGreatest:
		return true, extreme(c, "max", args)
	case expr.FuncLeast:
		return true, extreme(c, "min", args)
	case expr.FuncPosition:
		return true, c.Sequence("instr(", dialect.Whole(x), ", ", dialect.Whole(y), ")")
	case expr.FuncBitXor:
		if overRows(x, y) {
			return true, c.Sequence("((", dialect.Primary(x), " | ", dialect.Primary(y), ") - (", dialect.Primary(x), " & ", dialect.Primary(y), "))")
		}
		return true, c.Sequence("(SELECT (a | b) - (a & b) FROM (SELECT ", dialect.Whole(x), " AS a, ", dialect.Whole(y), " AS b))")
	case expr.FuncShiftLeft:
		return true, c.Sequence("(", dialect.Primary(x), " << ", dialect.Primary(y), ")")
	case expr.FuncShiftRight:
		return true, c.Sequence("(", dialect.Primary(x), " >> ", dialect.Primary(y), ")")
	case expr.FuncArrayContains, expr.FuncArrayOverlaps:
		if overRows(x, y) {
			return true, c.Unsupported("comparing arrays of an aggregate or a window function (read them in a query of its own, by repo.As, and compare there)")
		}
	}
	switch name {
	case expr.FuncArrayContains:
		return true, c.Sequence("(SELECT CASE WHEN a IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM json_each(b) AS e WHERE e.value NOT IN (SELECT o.value FROM json_each(a) AS o)) END FROM (SELECT ",
			dialect.Whole(x), " AS a, ", dialect.Whole(y), " AS b))")
	case expr.FuncArrayOverlaps:
		return true, c.Sequence("(SELECT CASE WHEN a IS NOT NULL THEN EXISTS (SELECT 1 FROM json_each(b) AS e WHERE e.value IN (SELECT o.value FROM json_each(a) AS o)) END FROM (SELECT ",
			dialect.Whole(x), " AS a, ", dialect.Whole(y), " AS b))")
	case expr.FuncAddMonths:
		return true, addMonths(c, x, y)
	case expr.FuncMicrosSince:
		if overRows(x, y) {
			a, b := dialect.Whole(x), dialect.Whole(y)
			return true, c.Sequence("((strftime('%s', substr(", a, ", 1, 19)) - strftime('%s', substr(", b, ", 1, 19))) * 1000000 + CAST(substr(", a, ", 21, 6) AS INTEGER) - CAST(substr(", b, ", 21, 6) AS INTEGER))")
		}
		return true, c.Sequence("(SELECT (strftime('%s', substr(a, 1, 19)) - strftime('%s', substr(b, 1, 19))) * 1000000 + CAST(substr(a, 21, 6) AS INTEGER) - CAST(substr(b, 21, 6) AS INTEGER) FROM (SELECT ",
			dialect.Whole(x), " AS a, ", dialect.Whole(y), " AS b))")
	}
	return false, nil
}

// overRows reports whether values are made of several rows. In an inner query these
// would be over its own one row: such values are written as often as they are needed.
func overRows(ns ...expr.Node) bool { return dialect.OverRows(ns...) }

// extreme writes max or min of several values, which are the aggregates of one.
func extreme(c *dialect.Compiler, name string, args []expr.Node) error {
	d := Dialect{}
	for _, a := range args {
		if def := dialect.ColumnOf(a); def != nil {
			if before, _ := d.Ordered(&def.Type); before != "" {
				return c.Unsupported("the greatest or least of decimals, which are kept as text,")
			}
		}
	}
	return c.Call(name, args...)
}

// addMonths counts months from the year 0, and takes the month's last day where it
// has not the day: d is the day, m the month, r what follows the date. SQLite's own
// dates end with the year 9999, so that the day after is no help.
func addMonths(c *dialect.Compiler, x, months expr.Node) error {
	if overRows(x, months) {
		t, n := dialect.Whole(x), dialect.Primary(months)
		// The last day that cannot be found is that of December 9999.
		return c.Sequence("(strftime('%Y-%m-', substr(", t, ", 1, 10), 'start of month', ", n, " || ' months') || min(substr(", t, ", 9, 2), coalesce(strftime('%d', substr(", t,
			", 1, 10), 'start of month', ", n, " || ' months', '+1 month', '-1 day'), '31')) || substr(", t, ", 11))")
	}
	const leap = "(m / 12 % 4 = 0 AND (m / 12 % 100 <> 0 OR m / 12 % 400 = 0))"
	const last = "CASE m % 12 + 1 WHEN 2 THEN 28 + " + leap + " WHEN 4 THEN 30 WHEN 6 THEN 30 WHEN 9 THEN 30 WHEN 11 THEN 30 ELSE 31 END"
	return c.Sequence("(SELECT printf('%04d-%02d-%02d', m / 12, m % 12 + 1, min(d, "+last+")) || r FROM "+
		"(SELECT CAST(substr(t, 1, 4) AS INTEGER) * 12 + CAST(substr(t, 6, 2) AS INTEGER) - 1 + n AS m, CAST(substr(t, 9, 2) AS INTEGER) AS d, substr(t, 11) AS r FROM (SELECT ",
		dialect.Whole(x), " AS t, ", dialect.Whole(months), " AS n)))")
}

// JSON writes json_extract and json_type of a path.
func (Dialect) JSON(c *dialect.Compiler, n *expr.JSONNode) error {
	args := func(name string) error {
		if err := c.Sequence(name+"(", dialect.Whole(n.X), ", "); err != nil {
			return err
		}
		if err := c.Literal(jsonPath(n.Path)); err != nil {
			return err
		}
		c.Text(")")
		return nil
	}
	const kind, value = "json_type", "json_extract"
	switch n.Kind {
	case expr.JSONPresent:
		c.Text("(")
		if err := args(kind); err != nil {
			return err
		}
		c.Text(" IS NOT NULL)")
		return nil
	case expr.JSONBool:
		c.Text("CASE ")
		if err := args(kind); err != nil {
			return err
		}
		c.Text(" WHEN 'true' THEN 1 WHEN 'false' THEN 0 END")
		return nil
	}
	c.Text("CASE WHEN ")
	if err := args(kind); err != nil {
		return err
	}
	switch n.Kind {
	case expr.JSONText:
		c.Text(" = 'text' THEN ")
	case expr.JSONFloat:
		c.Text(" IN ('integer', 'real') THEN CAST(")
	default:
		// A number past 64 bits is a float to SQLite, and none to bound it by.
		c.Text(" IN ('integer', 'real') AND ")
		if err := args(value); err != nil {
			return err
		}
		c.Text(" >= -9223372036854775808 AND ")
		if err := args(value); err != nil {
			return err
		}
		c.Text(" < 9223372036854775808.0 AND ")
		if err := args(value); err != nil {
			return err
		}
		c.Text(" = CAST(")
		if err := args(value); err != nil {
			return err
		}
		c.Text(" AS INTEGER) THEN CAST(")
	}
	if err := args(value); err != nil {
		return err
	}
	switch n.Kind {
	case expr.JSONFloat:
		c.Text(" AS REAL)")
	case expr.JSONInt:
		c.Text(" AS INTEGER)")
	}
	c.Text(" END")
	return nil
}

// jsonPath is SQLite's spelling of a path, each key in quotes.
func jsonPath(parts []any) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b.WriteString(`."` + keyQuoter.Replace(p) + `"`)
		case int:
			if p < 0 {
				b.WriteString("[#" + strconv.Itoa(p) + "]")
			} else {
				b.WriteString("[" + strconv.Itoa(p) + "]")
			}
		}
	}
	return b.String()
}

var keyQuoter = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

var aggregates = map[string]string{
	"count": "count", "min": "min", "max": "max", "sum": "sum", "avg": "avg",
	expr.AggString: "group_concat", expr.AggBoolAnd: "min", expr.AggBoolOr: "max",
	"row_number": "row_number", "rank": "rank", "dense_rank": "dense_rank", "percent_rank": "percent_rank", "cume_dist": "cume_dist",
	"ntile": "ntile", "lag": "lag", "lead": "lead", "first_value": "first_value", "last_value": "last_value", "nth_value": "nth_value",
}

// Aggregate is the name that SQLite has. A condition is 1 or 0 to it, so that the
// least says whether all are true.
func (Dialect) Aggregate(name string) string { return aggregates[name] }
