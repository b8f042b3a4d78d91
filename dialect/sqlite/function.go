package sqlite

import (
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// nowText is the time in the form that columns store; SQLite's clock has
// milliseconds.
const nowText = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"

// part is where a part of a time stands in its text. Text is cut and not parsed:
// SQLite's functions round to milliseconds, so that the last microsecond of a
// day would belong to the next.
type part struct{ from, length string }

var parts = map[string]part{
	expr.FuncYear: {"1", "4"}, expr.FuncMonth: {"6", "2"}, expr.FuncDay: {"9", "2"},
	expr.FuncHour: {"12", "2"}, expr.FuncMinute: {"15", "2"}, expr.FuncSecond: {"18", "2"},
}

var truncs = map[string]struct{ length, rest string }{
	expr.FuncTruncYear:   {"4", "-01-01 00:00:00.000000"},
	expr.FuncTruncMonth:  {"7", "-01 00:00:00.000000"},
	expr.FuncTruncDay:    {"10", " 00:00:00.000000"},
	expr.FuncTruncHour:   {"13", ":00:00.000000"},
	expr.FuncTruncMinute: {"16", ":00.000000"},
}

// Function renders the functions that SQLite spells in its own way.
func (Dialect) Function(c *dialect.Compiler, call *expr.CallNode) (bool, error) {
	args := call.Args
	if p, ok := parts[call.Name]; ok && len(args) == 1 {
		return true, wrap(c, "CAST(substr(", args[0], ", "+p.from+", "+p.length+") AS INTEGER)")
	}
	if t, ok := truncs[call.Name]; ok && len(args) == 1 {
		return true, wrap(c, "(substr(", args[0], ", 1, "+t.length+") || '"+t.rest+"')")
	}
	switch {
	case call.Name == expr.FuncNow:
		c.Text(nowText)
		return true, nil
	case call.Name == expr.FuncWeekday && len(args) == 1:
		return true, wrap(c, "CAST(strftime('%w', substr(", args[0], ", 1, 10)) AS INTEGER)")
	case call.Name == expr.FuncAddSeconds && len(args) == 2:
		return true, addSeconds(c, args[0], args[1])
	case call.Name == expr.FuncMatches:
		return true, c.Unsupported("matching a regular expression (expr.Matches)")
	}
	return valueFunction(c, call.Name, args)
}

func wrap(c *dialect.Compiler, before string, n expr.Node, after string) error {
	c.Text(before)
	if err := c.Expr(n); err != nil {
		return err
	}
	c.Text(after)
	return nil
}

// addSeconds counts microseconds, which SQLite's own functions do not: t is the
// time, f the microseconds from its whole second. The inner queries name what
// would else be written, and bound, more than once.
func addSeconds(c *dialect.Compiler, x, seconds expr.Node) error {
	if overRows(x, seconds) {
		t, s := dialect.Whole(x), dialect.Primary(seconds)
		f := []any{"(CAST(substr(", t, ", 21, 6) AS INTEGER) + CAST(round(", s, " * 1000000.0) AS INTEGER))"}
		rest := slices.Concat([]any{"(("}, f, []any{" % 1000000 + 1000000) % 1000000)"})
		return c.Sequence(slices.Concat([]any{"(strftime('%Y-%m-%d %H:%M:%S', substr(", t, ", 1, 19), (("}, f, []any{" - "}, rest, []any{") / 1000000) || ' seconds') || printf('.%06d', "}, rest, []any{"))"})...)
	}
	const floor = "((f % 1000000 + 1000000) % 1000000)"
	c.Text("(SELECT strftime('%Y-%m-%d %H:%M:%S', substr(t, 1, 19), ((f - " + floor + ") / 1000000) || ' seconds')" +
		" || printf('.%06d', " + floor + ") FROM (SELECT t, CAST(substr(t, 21, 6) AS INTEGER) + u AS f FROM (SELECT ")
	if err := c.Expr(x); err != nil {
		return err
	}
	c.Text(" AS t, CAST(round(")
	if err := c.Operand(seconds); err != nil {
		return err
	}
	c.Text(" * 1000000.0) AS INTEGER) AS u)))")
	return nil
}
