package postgres

import (
	"strconv"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// length is that of bytes, or of what other columns are as text.
func length(c *dialect.Compiler, args []expr.Node) error {
	if def := dialect.ColumnOf(args[0]); def != nil {
		switch def.Type.Kind {
		case schema.BytesKind:
			return c.Call("length", args...)
		case schema.JSONKind: // not that of the text which was stored
			return c.Unsupported("the length of a JSON document")
		}
	}
	return textCall(c, "length", args)
}

// valueFunction renders the functions of numbers, arrays and the calendar. ok is
// false for all others.
func valueFunction(c *dialect.Compiler, name string, args []expr.Node) (ok bool, err error) {
	if len(args) == 1 {
		switch name {
		case expr.FuncBitNot:
			return true, c.Sequence("(~", dialect.Primary(args[0]), ")")
		case expr.FuncLength: // a number of 32 bits, as those below, which larger ones do not fit beside
			c.Text("CAST(")
			if err := length(c, args); err != nil {
				return true, err
			}
			c.Text(" AS bigint)")
			return true, nil
		case expr.FuncArrayLength:
			return true, c.Sequence("CAST(cardinality(", dialect.Whole(args[0]), ") AS bigint)")
		}
		return false, nil
	}
	if len(args) < 2 {
		return false, nil
	}
	x, y := args[0], args[1]
	switch name {
	case expr.FuncGreatest:
		return true, extreme(c, "GREATEST", args)
	case expr.FuncLeast:
		return true, extreme(c, "LEAST", args)
	case expr.FuncPosition:
		c.Text("CAST(strpos(")
		if err := textOperand(c, x); err != nil {
			return true, err
		}
		return true, c.Sequence(", ", dialect.Whole(y), ") AS bigint)")
	case expr.FuncBitXor:
		return true, c.Sequence("(", dialect.Primary(x), " # ", dialect.Primary(y), ")")
	case expr.FuncShiftLeft:
		return true, c.Sequence("(CAST(", dialect.Whole(x), " AS bigint) << CAST(", dialect.Whole(y), " AS integer))")
	case expr.FuncShiftRight:
		return true, c.Sequence("(CAST(", dialect.Whole(x), " AS bigint) >> CAST(", dialect.Whole(y), " AS integer))")
	case expr.FuncArrayContains:
		return true, c.Sequence("(", dialect.Primary(x), " @> ", dialect.Primary(y), ")")
	case expr.FuncArrayOverlaps:
		return true, c.Sequence("(", dialect.Primary(x), " && ", dialect.Primary(y), ")")
	case expr.FuncAddMonths:
		return true, c.Sequence("((", dialect.Primary(x), " AT TIME ZONE 'UTC' + make_interval(months => CAST(", dialect.Whole(y), " AS integer))) AT TIME ZONE 'UTC')")
	case expr.FuncMicrosSince:
		return true, c.Sequence("CAST(EXTRACT(EPOCH FROM ", dialect.Primary(x), " - ", dialect.Primary(y), ") * 1000000 AS bigint)")
	}
	return false, nil
}

// extreme makes GREATEST and LEAST NULL where one of the values is, as other
// databases have it. The values are written twice, with the same parameters: a query
// that names them would be another place for aggregates and for what is grouped by.
func extreme(c *dialect.Compiler, name string, args []expr.Node) error {
	c.Text("CASE WHEN num_nulls(")
	list, err := c.Repeatable(func() error {
		for i, a := range args {
			if i > 0 {
				c.Text(", ")
			}
			if err := c.Typed(a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Text(") = 0 THEN " + name + "(" + list + ") END")
	return nil
}

// JSON writes a path of -> operators, so that an index over it can be used.
func (d Dialect) JSON(c *dialect.Compiler, n *expr.JSONNode) error {
	at := func() error { return d.jsonPath(c, n, false) }
	typeIs := func(kind string) error {
		c.Text("CASE WHEN jsonb_typeof(")
		if err := at(); err != nil {
			return err
		}
		c.Text(") = '" + kind + "' THEN ")
		return nil
	}
	number := func() error {
		c.Text("CAST(")
		if err := at(); err != nil {
			return err
		}
		c.Text(" AS numeric)")
		return nil
	}
	switch n.Kind {
	case expr.JSONPresent:
		c.Text("(")
		if err := at(); err != nil {
			return err
		}
		c.Text(" IS NOT NULL)")
		return nil
	case expr.JSONText:
		if err := typeIs("string"); err != nil {
			return err
		}
		if err := d.jsonPath(c, n, true); err != nil {
			return err
		}
	case expr.JSONBool:
		if err := typeIs("boolean"); err != nil {
			return err
		}
		c.Text("CAST(")
		if err := at(); err != nil {
			return err
		}
		c.Text(" AS boolean)")
	case expr.JSONFloat:
		if err := typeIs("number"); err != nil {
			return err
		}
		c.Text("CAST(")
		if err := number(); err != nil {
			return err
		}
		c.Text(" AS double precision)")
	default:
		if err := typeIs("number"); err != nil {
			return err
		}
		c.Text("CASE WHEN ")
		if err := number(); err != nil {
			return err
		}
		c.Text(" BETWEEN -9223372036854775808 AND 9223372036854775807 AND ")
		if err := number(); err != nil {
			return err
		}
		c.Text(" % 1 = 0 THEN CAST(")
		if err := number(); err != nil {
			return err
		}
		c.Text(" AS bigint) END")
	}
	c.Text(" END")
	return nil
}

// jsonPath writes the value at the path, as JSON or as text. A place in an array is
// a strict path, since the operator takes what is no array for one of one element.
func (d Dialect) jsonPath(c *dialect.Compiler, n *expr.JSONNode, text bool) error {
	last := len(n.Path) - 1
	c.Text("(")
	for _, p := range n.Path {
		if _, ok := p.(int); ok {
			c.Text("jsonb_path_query_first(")
		}
	}
	if err := c.Expr(n.X); err != nil {
		return err
	}
	asText := false
	for i, p := range n.Path {
		if at, ok := p.(int); ok {
			c.Text(", 'strict $[" + place(at) + "]', '{}', true)")
			continue
		}
		asText = text && i == last
		if asText {
			c.Text(" ->> ")
		} else {
			c.Text(" -> ")
		}
		if err := c.Literal(p); err != nil {
			return err
		}
	}
	if text && !asText {
		c.Text(" #>> '{}'")
	}
	c.Text(")")
	return nil
}

// place is a place of an array as a path has it.
func place(at int) string {
	switch {
	case at >= 0:
		return strconv.Itoa(at)
	case at == -1:
		return "last"
	}
	return "last - " + strconv.Itoa(-1-at)
}

// Aggregate is the name itself: the canonical names are PostgreSQL's.
func (Dialect) Aggregate(name string) string { return name }
