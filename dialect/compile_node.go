package dialect

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

var (
	errNilNode = errors.New("missing expression: a zero condition or value was used")
	errNothing = errors.New("And() or Or() of nothing in an UPDATE or DELETE: write expr.Every to mean all rows")
	errNoWhere = errors.New("UPDATE or DELETE without a condition: write expr.Every to mean all rows")
)

// expr writes n, in parentheses if it binds more loosely than least.
func (c *Compiler) expr(n expr.Node, least int) error {
	if n = bare(n); absent(n) {
		return errNilNode
	}
	if p, ok := n.(*expr.FilterParamNode); ok {
		v, err := c.filterParam(p)
		if err != nil {
			return err
		}
		n = v
	}
	if precedence(n) >= least {
		return c.node(n)
	}
	c.Text("(")
	if err := c.node(n); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

// absent reports whether there is no expression.
func absent(n expr.Node) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *expr.CompareNode:
		return n == nil
	case *expr.ColumnRef:
		return n == nil
	case *expr.ParamNode:
		return n == nil
	case *expr.LogicNode:
		return n == nil
	case *expr.InNode:
		return n == nil
	}
	return reflect.ValueOf(n).IsNil()
}

// node writes n without regard to what stands around it. The cases are all
// nodes there are.
func (c *Compiler) node(n expr.Node) error {
	if len(c.again.nodes) == 0 {
		return c.plainNode(n)
	}
	i := c.again.find(n)
	if i < 0 {
		return c.plainNode(n)
	}
	if text := c.again.texts[i]; text != "" {
		c.Text(text)
		return nil
	}
	mark, args := len(c.buf), len(c.args)
	if err := c.plainNode(n); err != nil {
		return err
	}
	if len(c.args) > args {
		c.again.texts[i] = string(c.buf[mark:])
	}
	return nil
}

// plainNode is node of what was not written before.
func (c *Compiler) plainNode(n expr.Node) error {
	if c.computedHere(n) {
		return c.d.Decimal(c, n)
	}
	switch n := n.(type) {
	case *expr.ColumnRef:
		return c.column(n)
	case *expr.ParamNode:
		return c.param(n)
	case *expr.ConstNode:
		c.bool(n.Value)
		return nil
	case *expr.CompareNode:
		return c.compare(n)
	case *expr.BetweenNode:
		return c.between(n)
	case *expr.InNode:
		return c.in(n)
	case *expr.RowInNode:
		return c.rowIn(n)
	case *expr.LikeNode:
		if n.X == nil || n.Pattern == nil {
			return errNilNode
		}
		return c.d.Like(c, n)
	case *expr.NullNode:
		if err := c.typed(n.X, precConcat); err != nil {
			return err
		}
		c.Text(choose(n.Not, " IS NOT NULL", " IS NULL"))
		return nil
	case *expr.LogicNode:
		return c.logic(n)
	case *expr.NotNode:
		c.Text("NOT ")
		return c.expr(n.X, precCompare)
	case *expr.ArithNode:
		return c.arith(n)
	case *expr.NegNode:
		c.Text("-")
		return c.typed(n.X, precPrimary)
	case *expr.DecimalNode:
		return c.decimal(n)
	case *number:
		return c.d.DecimalNumber(c, n.Node, n.scale)
	case *typedAs:
		return c.typedAs(n)
	case *assigned:
		return c.d.DecimalColumn(c, n.Node, n.to, n.column)
	case *expr.CallNode:
		return c.call(n)
	case *expr.AggNode:
		if isDecimalAggregate(n) {
			return c.decimalAggregate(n, n)
		}
		return c.aggregate(n)
	case *expr.CaseNode:
		return c.cases(n)
	case *expr.CastNode:
		return c.cast(n)
	case *expr.CollateNode:
		return c.collate(n)
	case *expr.RowNode:
		return c.row(n)
	case *expr.TupleInNode:
		return c.tupleIn(n)
	case *expr.JSONNode:
		return c.json(n)
	case *expr.FuncNode:
		return c.userFunction(n)
	case *expr.WindowNode:
		if isDecimalAggregate(n.Func) {
			return c.decimalAggregate(n, n.Func)
		}
		return c.window(n)
	case *expr.GroupingNode:
		return errors.New("ROLLUP, CUBE or GROUPING SETS out of place: they stand in GROUP BY alone")
	case *expr.RawNode:
		return c.raw(n)
	case *expr.TextNode:
		return c.verbatim(n)
	case *expr.SubqueryNode:
		return c.subquery(n)
	case *expr.JoinedNode:
		return c.joined(n)
	case *expr.RelatedNode:
		return c.again.aside(func() error { return c.related(n) })
	case *expr.ErrorNode:
		return n.Err
	}
	return fmt.Errorf("unknown node %T", n)
}

func (c *Compiler) bool(v bool) { c.Text(choose(v, "TRUE", "FALSE")) }

func choose(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func (c *Compiler) param(n *expr.ParamNode) error {
	v, err := c.encodeParam(n)
	if err != nil {
		return err
	}
	return c.Placeholder(v)
}

// typed is expr, but a parameter is cast to its type where the dialect types
// parameters by context and the context says nothing.
func (c *Compiler) typed(n expr.Node, least int) error {
	if p, ok := bare(n).(*expr.FilterParamNode); ok && p != nil {
		v, err := c.filterParam(p)
		if err != nil {
			return err
		}
		n = v
	}
	p, ok := bare(n).(*expr.ParamNode)
	if !ok || p == nil || !c.caps.TypedParams || c.inline {
		return c.literalOperand(n, least)
	}
	v, err := c.encodeParam(p)
	if err != nil {
		return err
	}
	t := &schema.Type{Kind: plainKind(p.Value, v)}
	if p.Decimal && p.Like == nil {
		t.Kind = schema.DecimalKind
	}
	if def := columnDef(p.Like); def != nil {
		t = &def.Type
	}
	name := c.d.CastType(t)
	if name == "" {
		return c.Placeholder(v)
	}
	c.Text("CAST(")
	if err := c.Placeholder(v); err != nil {
		return err
	}
	c.Text(" AS " + name + ")")
	return nil
}

// literalOperand is expr, but a literal number written into the text is kept
// apart from a sign before it: two of them begin a comment.
func (c *Compiler) literalOperand(n expr.Node, least int) error {
	if !isParam(n) || !c.inline || least < precNeg {
		return c.expr(n, least)
	}
	c.Text("(")
	if err := c.expr(n, precLowest); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

func isParam(n expr.Node) bool {
	switch bare(n).(type) {
	case *expr.ParamNode, *expr.FilterParamNode:
		return true
	}
	return false
}

func (c *Compiler) in(n *expr.InNode) error {
	if n.X == nil {
		return errNilNode
	}
	if n.Len() == 0 {
		// The operand is still looked at, so that a column out of place or a
		// zero expression does not pass because the list happens to be empty.
		mark, args := len(c.buf), len(c.args)
		if err := c.again.aside(func() error { return c.expr(n.X, precLowest) }); err != nil {
			return err
		}
		c.buf, c.args = c.buf[:mark], c.args[:args]
		return c.inNothing(n.Not, n.X)
	}
	if n.Like != nil {
		if err := c.sameScale("IN", n.X, n.Like); err != nil {
			return err
		}
	}
	if c.inline {
		return c.inlineIn(n)
	}
	if done, err := c.knownInts(n); done || err != nil {
		return err
	}
	// The operand is written before the list, so its arguments come first.
	l, err := c.list(n)
	if err != nil {
		return err
	}
	return c.appendIn(n, l)
}

// inNothing writes that values are not in an empty list, or, with not, that they are
// not in it. An aggregate among them makes one row of all, so that one stays, of the
// same statement's rows.
func (c *Compiler) inNothing(not bool, xs ...expr.Node) error {
	if !aggregated(xs) {
		c.bool(not)
		return nil
	}
	count := &expr.AggNode{Name: "count"}
	if !c.makesGroups(xs...) {
		for _, x := range xs {
			expr.Walk(x, func(n expr.Node) bool {
				if f, ok := n.(*expr.AggNode); ok && f != nil {
					for _, col := range expr.Columns(f) {
						count.Arg = col
					}
				}
				return count.Arg == nil
			})
		}
		if count.Arg == nil {
			c.bool(not)
			return nil
		}
	}
	c.Text("(")
	if err := c.aggregate(count); err != nil {
		return err
	}
	c.Text(choose(not, " >= 0)", " < 0)"))
	return nil
}

var errRowsInline = errors.New("a list of rows: only a query can have one, not the definition of a table")

func (c *Compiler) rowIn(n *expr.RowInNode) error {
	if c.inline {
		return errRowsInline
	}
	mark := len(c.buf)
	for _, x := range n.Columns { // each is looked at, whether there are rows or not
		if err := c.expr(x, precLowest); err != nil {
			return err
		}
	}
	c.buf = c.buf[:mark]
	if n.Empty() {
		c.bool(false)
		return nil
	}
	l, err := c.rowList(n)
	if err != nil {
		return err
	}
	c.Text("(")
	for i, x := range n.Columns {
		c.Text(choose(i == 0, "", ", "))
		if err := c.expr(x, precLowest); err != nil {
			return err
		}
	}
	c.Text(") IN (")
	if err := c.d.AppendRowIn(c, n, l); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

func (c *Compiler) inlineIn(n *expr.InNode) error {
	if err := c.Operand(n.X); err != nil {
		return err
	}
	c.Text(choose(n.Not, " NOT IN (", " IN ("))
	for i, v := range listed(n) {
		if i > 0 {
			c.Text(", ")
		}
		if err := c.param(&expr.ParamNode{Value: v, Like: n.Like}); err != nil {
			return err
		}
	}
	c.Text(")")
	return nil
}

var arithOps = [...]string{
	expr.OpAdd: " + ", expr.OpSub: " - ", expr.OpMul: " * ", expr.OpDiv: " / ", expr.OpMod: " % ",
	expr.OpConcat: " || ", expr.OpBitAnd: " & ", expr.OpBitOr: " | ",
}

func (c *Compiler) arith(n *expr.ArithNode) error {
	if int(n.Op) >= len(arithOps) {
		return fmt.Errorf("unknown operator %d", n.Op)
	}
	l, r := operandPrecedence(n)
	if n.Op == expr.OpConcat {
		// || has several meanings; a parameter must say that it is text.
		if err := c.typed(n.Left, l); err != nil {
			return err
		}
		c.Text(arithOps[n.Op])
		return c.typed(n.Right, r)
	}
	return c.pair(n.Left, l, arithOps[n.Op], n.Right, r)
}

// bare is n without optional, which speaks to the reader of a value and not to
// the database.
func bare(n expr.Node) expr.Node {
	for {
		c, ok := n.(*expr.CallNode)
		if !ok || c == nil || c.Name != expr.FuncOptional || len(c.Args) != 1 {
			return n
		}
		n = c.Args[0]
	}
}

func refOf(n expr.Node) *expr.ColumnRef { r, _ := bare(n).(*expr.ColumnRef); return r }

// ColumnOf is the definition of the column that n is, or that n reads of a
// related row; nil where n is something else.
func ColumnOf(n expr.Node) *schema.ColumnDef {
	n = bare(n)
	for {
		r, ok := n.(*expr.RelatedNode)
		if !ok || r == nil || r.Kind != expr.RelatedValue {
			return columnDef(refOf(n))
		}
		n = bare(r.Value)
	}
}

func isWhole(k schema.Kind) bool {
	return k == schema.Int16Kind || k == schema.Int32Kind || k == schema.Int64Kind
}

func isFraction(k schema.Kind) bool {
	return k == schema.Float32Kind || k == schema.Float64Kind || k == schema.DecimalKind
}
