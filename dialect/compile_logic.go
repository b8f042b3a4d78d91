package dialect

import "github.com/dormer-orm/dormer/expr"

func (c *Compiler) logic(n *expr.LogicNode) error {
	if len(n.Args) == 0 {
		if c.guarded {
			return errNothing
		}
		c.bool(!n.Or)
		return nil
	}
	if len(n.Args) == 1 {
		return c.expr(n.Args[0], precLowest)
	}
	op, least := " AND ", precAnd
	if n.Or {
		op, least = " OR ", precOr
	}
	args := n.Args
	if several(n, mostInARow+1) > mostInARow {
		args = appendSeveral(nil, n)
	}
	return c.halves(args, op, least)
}

// mostInARow is how many conditions are joined one after the other. Each is a level
// to a database, of which SQLite has a thousand.
const mostInARow = 250

// halves joins conditions; too many for one row of them by halves in parentheses.
func (c *Compiler) halves(args []expr.Node, op string, least int) error {
	if len(args) <= mostInARow {
		for i, a := range args {
			if i > 0 {
				c.Text(op)
			}
			if err := c.expr(a, least); err != nil {
				return err
			}
		}
		return nil
	}
	c.Text("(")
	if err := c.halves(args[:len(args)/2], op, least); err != nil {
		return err
	}
	c.Text(")" + op + "(")
	if err := c.halves(args[len(args)/2:], op, least); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

// several is how many conditions n joins, those within it that are joined in the same
// way being its own, and at least most where there are as many.
func several(n *expr.LogicNode, most int) int {
	count := len(n.Args)
	for _, a := range n.Args {
		if count >= most {
			break
		}
		if in := joinedAlike(a, n.Or); in != nil {
			count += several(in, most-count+1) - 1
		}
	}
	return count
}

func appendSeveral(to []expr.Node, n *expr.LogicNode) []expr.Node {
	for _, a := range n.Args {
		if in := joinedAlike(a, n.Or); in != nil {
			to = appendSeveral(to, in)
			continue
		}
		to = append(to, a)
	}
	return to
}

// joinedAlike is what n joins by OR, or by AND; nil where it is something else.
func joinedAlike(n expr.Node, or bool) *expr.LogicNode {
	for {
		l, ok := bare(n).(*expr.LogicNode)
		switch {
		case !ok || l == nil || len(l.Args) == 0:
			return nil
		case len(l.Args) > 1:
			if l.Or != or {
				return nil
			}
			return l
		}
		n = l.Args[0]
	}
}
