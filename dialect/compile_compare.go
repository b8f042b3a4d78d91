package dialect

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// pair writes two operands; when both are parameters, neither types the other.
func (c *Compiler) pair(l expr.Node, leastL int, op string, r expr.Node, leastR int) error {
	operand := c.literalOperand
	if isParam(l) && isParam(r) {
		operand = c.typed
	}
	if err := operand(l, leastL); err != nil {
		return err
	}
	c.Text(op)
	return operand(r, leastR)
}

var compareOps = [...]string{
	expr.OpEq: " = ", expr.OpNe: " <> ", expr.OpLt: " < ", expr.OpLe: " <= ", expr.OpGt: " > ", expr.OpGe: " >= ",
}

func (c *Compiler) compareAnew(n *expr.CompareNode) error {
	var op string
	switch n.Op {
	case expr.OpDistinct:
		op = " " + c.caps.Distinct + " "
	case expr.OpNotDistinct:
		op = " " + c.caps.NotDistinct + " "
	default:
		if int(n.Op) >= len(compareOps) {
			return fmt.Errorf("unknown comparison %d", n.Op)
		}
		op = compareOps[n.Op]
	}
	if done, err := c.compareRows(n, op); done || err != nil {
		return err
	}
	if err := c.bothDecimals(n.Left, n.Right); err != nil {
		return err
	}
	left, right := comparable(n.Left, n.Right)
	byOrder := n.Op == expr.OpLt || n.Op == expr.OpLe || n.Op == expr.OpGt || n.Op == expr.OpGe
	if done, err := c.numbers(byOrder, []string{op}, left, right); done || err != nil {
		return err
	}
	if byOrder {
		if err := c.checkOrder("a comparison by order", left, right); err != nil {
			return err
		}
		if before, after := c.ordered(left, right); before != "" {
			return c.wrapped(before, after, []string{op}, left, right)
		}
	}
	return c.compared(left, op, right)
}

// ordered is what must stand around values for their order to be right, if one
// of them is a column whose stored form has another order.
func (c *Compiler) ordered(ns ...expr.Node) (before, after string) {
	for _, n := range ns {
		if def := storedAs(n); def != nil {
			if before, after = c.d.Ordered(&def.Type); before != "" {
				return before, after
			}
		}
	}
	return "", ""
}

// checkOrder refuses what goes by the order of values that are kept in a form which
// has none of theirs.
func (c *Compiler) checkOrder(what string, ns ...expr.Node) error {
	if !c.caps.DocumentsAreText {
		return nil
	}
	for _, n := range ns {
		def := storedAs(n)
		switch {
		case def == nil:
		case def.Type.Kind == schema.ArrayKind:
			return c.Unsupported(what + " of arrays, which are kept as JSON text,")
		case def.Type.Kind == schema.JSONKind:
			return c.Unsupported(what + " of JSON documents, which are kept as text,")
		}
	}
	return nil
}

// wrapped writes values with the text given around each and operators between
// them.
func (c *Compiler) wrapped(before, after string, ops []string, ns ...expr.Node) error {
	for i, n := range ns {
		if i > 0 {
			c.Text(ops[i-1])
		}
		c.Text(before)
		if err := c.Expr(n); err != nil {
			return err
		}
		c.Text(after)
	}
	return nil
}

func (c *Compiler) between(n *expr.BetweenNode) error {
	_, low := comparable(n.X, n.Low)
	_, high := comparable(n.X, n.High)
	if low != n.Low || high != n.High {
		n = &expr.BetweenNode{X: n.X, Low: low, High: high}
	}
	if done, err := c.numbers(true, []string{" BETWEEN ", " AND "}, n.X, n.Low, n.High); done || err != nil {
		return err
	}
	if err := c.checkOrder("BETWEEN", n.X, n.Low, n.High); err != nil {
		return err
	}
	if before, after := c.ordered(n.X, n.Low, n.High); before != "" {
		return c.wrapped(before, after, []string{" BETWEEN ", " AND "}, n.X, n.Low, n.High)
	}
	operand := c.literalOperand
	if isParam(n.X) && isParam(n.Low) && isParam(n.High) {
		operand = c.typed
	}
	if err := operand(n.X, precConcat); err != nil {
		return err
	}
	c.Text(" BETWEEN ")
	if err := operand(n.Low, precConcat); err != nil {
		return err
	}
	c.Text(" AND ")
	return operand(n.High, precConcat)
}
