package dialect

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// clause is the part of a SELECT that is being written, as far as it says whether
// aggregates and windows may stand in it.
type clause uint8

const (
	clauseOther clause = iota
	clauseResults
	clauseOrder
	clauseWhere
	clauseGroup
	clauseHaving
	clauseAggregate
	clauseWindow
)

var clauseNames = [...]string{
	clauseOther: "this part of the statement", clauseResults: "the results", clauseOrder: "ORDER BY",
	clauseWhere: "WHERE or the condition of a join", clauseGroup: "GROUP BY", clauseHaving: "HAVING",
	clauseAggregate: "an aggregate", clauseWindow: "a window",
}

// within writes a part of a statement as that clause.
func (c *Compiler) within(part clause, write func() error) error {
	was := c.clause
	c.clause = part
	err := write()
	c.clause = was
	return err
}

func (c *Compiler) aggregate(n *expr.AggNode) error {
	around := c.surrounded(n)
	switch {
	case around == nil && c.clause.hasNoGroups():
		return fmt.Errorf("the aggregate %s in %s, where there are no groups yet: it may stand in the results, in HAVING and in ORDER BY", n.Name, clauseNames[c.clause])
	case around != nil && around.clause.hasNoGroups():
		return fmt.Errorf("the aggregate %s of a query's rows in %s of that query, though within a subquery: there are no groups yet; it may stand in the results, in HAVING and in ORDER BY", n.Name, clauseNames[around.clause])
	case n.Name == expr.AggGrouping && !c.caps.GroupingSets:
		return c.Unsupported("GROUPING of ROLLUP, CUBE and GROUPING SETS")
	}
	write := func() error {
		return c.within(clauseAggregate, func() error { return c.narrowed(n, func() error { return c.calculated(n) }) })
	}
	if around == nil {
		return write()
	}
	was := around.clause
	around.clause = clauseAggregate
	defer func() { around.clause = was }()
	if !c.caps.OuterAggregatesApart || !c.clause.hasNoGroups() {
		return write()
	}
	c.Text("(SELECT ")
	if err := write(); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

// hasNoGroups reports whether a part of a SELECT speaks of single rows.
func (p clause) hasNoGroups() bool {
	return p == clauseOther || p == clauseWhere || p == clauseGroup || p == clauseAggregate
}

// calculated writes a call of an aggregate or of a window's function.
func (c *Compiler) calculated(n *expr.AggNode) error {
	if err := checkFunction(n.Name); err != nil {
		return err
	}
	if n.Name == "min" || n.Name == "max" {
		if err := c.checkOrder(n.Name, n.Arg); err != nil {
			return err
		}
		if before, _ := c.ordered(n.Arg); before != "" {
			return c.Unsupported(n.Name + " of a decimal, which is kept as text,")
		}
	}
	name := c.d.Aggregate(n.Name)
	if name == "" {
		return c.Unsupported("the aggregate " + n.Name)
	}
	name, err := c.extreme(n, name)
	if err != nil {
		return err
	}
	if n.Distinct && len(n.Args) > 0 && !c.caps.DistinctAggregateArgs {
		return c.Unsupported("the aggregate " + n.Name + " of DISTINCT values with another argument")
	}
	c.Text(name + "(")
	if n.Distinct {
		c.Text("DISTINCT ")
	}
	if err := c.aggregateArgs(n); err != nil {
		return err
	}
	if len(n.Order) > 0 {
		if n.Distinct && c.caps.DistinctOrdersItself && !ordersItself(n) {
			return c.Unsupported("the aggregate " + n.Name + " of DISTINCT values in another order than their own")
		}
		if err := c.orders(" ORDER BY ", n.Order); err != nil {
			return err
		}
	}
	c.Text(")")
	if len(n.Within) > 0 {
		if err := c.orders(" WITHIN GROUP (ORDER BY ", n.Within); err != nil {
			return err
		}
		c.Text(")")
	}
	if n.Filter != nil {
		c.Text(" FILTER (WHERE ")
		if err := c.Expr(n.Filter); err != nil {
			return err
		}
		c.Text(")")
	}
	return nil
}

// extreme is the name of min or max of what they are of: or and and are those of
// bools, where the functions take none.
func (c *Compiler) extreme(n *expr.AggNode, name string) (string, error) {
	if n.Name != "min" && n.Name != "max" || !c.caps.FewExtremes {
		return name, nil
	}
	if isBool(n.Arg) {
		return choose(n.Name == "max", expr.AggBoolOr, expr.AggBoolAnd), nil
	}
	if def := storedAs(n.Arg); def != nil && def.Type.Custom == "" {
		switch def.Type.Kind {
		case schema.UUIDKind:
			return "", c.Unsupported(n.Name + " of UUIDs")
		case schema.BytesKind:
			return "", c.Unsupported(n.Name + " of bytes")
		case schema.JSONKind:
			return "", c.Unsupported(n.Name + " of JSON documents")
		}
	}
	return name, nil
}

// ordersItself reports whether an aggregate's order is that of its argument, written
// as this is.
func ordersItself(n *expr.AggNode) bool {
	for _, o := range n.Order {
		if !reflect.DeepEqual(bare(o.X), bare(n.Arg)) || hasParam(n.Arg) || n.Name == expr.AggString && isOtherText(n.Arg) {
			return false
		}
	}
	return true
}

func hasParam(n expr.Node) (is bool) {
	expr.Walk(n, func(n expr.Node) bool {
		is = is || isParam(n)
		return !is
	})
	return is
}

func (c *Compiler) aggregateArgs(n *expr.AggNode) error {
	switch {
	case n.Arg == nil && n.Name == "count":
		c.Text("*")
	case n.Arg == nil:
	case n.Name == expr.AggString && isOtherText(n.Arg):
		c.Text("CAST(")
		if err := c.Typed(n.Arg); err != nil {
			return err
		}
		c.Text(" AS " + c.d.CastType(&schema.Type{Kind: schema.TextKind}) + ")")
	default:
		if err := c.Typed(n.Arg); err != nil {
			return err
		}
	}
	if len(n.Args) == 0 {
		return nil
	}
	if n.Arg != nil || n.Name == "count" {
		c.Text(", ")
	}
	args, err := c.shifted(n)
	if err != nil {
		return err
	}
	return c.commas(args, c.argument)
}

// isOtherText reports whether a value is text to Go but may have a type of its own
// in the database, as enums have.
func isOtherText(n expr.Node) bool {
	def := ColumnOf(n)
	return def != nil && def.Type.Kind != schema.TextKind
}

func (c *Compiler) orders(before string, terms []expr.OrderTerm) error {
	for i, o := range terms {
		c.Text(choose(i == 0, before, ", "))
		if err := c.order(o); err != nil {
			return err
		}
	}
	return nil
}

func (c *Compiler) window(n *expr.WindowNode) error {
	switch {
	case n.Func == nil:
		return errNilNode
	case !c.caps.WindowFunctions:
		return c.Unsupported("a window function")
	case c.clause != clauseResults && c.clause != clauseOrder:
		return fmt.Errorf("the window function %s in %s: it may stand in the results and the ORDER BY of a query; to filter by it, select it in a subquery", n.Func.Name, clauseNames[c.clause])
	}
	return c.within(clauseWindow, func() error { return c.narrowed(n.Func, func() error { return c.over(n) }) })
}

func (c *Compiler) over(n *expr.WindowNode) error {
	if err := c.calculated(n.Func); err != nil {
		return err
	}
	c.Text(" OVER (")
	space := ""
	if len(n.Partition) > 0 {
		c.Text("PARTITION BY ")
		if err := c.commas(n.Partition, c.Typed); err != nil {
			return err
		}
		space = " "
	}
	if len(n.Order) > 0 {
		if err := c.orders(space+"ORDER BY ", n.Order); err != nil {
			return err
		}
		space = " "
	}
	if n.Frame != nil {
		c.Text(space)
		if err := c.frame(n.Frame, n.Order); err != nil {
			return err
		}
	}
	c.Text(")")
	return nil
}

var frameModes = [...]string{expr.FrameRows: "ROWS", expr.FrameRange: "RANGE", expr.FrameGroups: "GROUPS"}

var exclusions = [...]string{
	expr.ExcludeNothing: "", expr.ExcludeRow: " EXCLUDE CURRENT ROW", expr.ExcludePeers: " EXCLUDE GROUP", expr.ExcludeTied: " EXCLUDE TIES",
}

func (c *Compiler) frame(f *expr.Frame, order []expr.OrderTerm) error {
	if int(f.Mode) >= len(frameModes) || int(f.Exclude) >= len(exclusions) {
		return errors.New("unknown frame")
	}
	if f.Mode == expr.FrameRange && (hasOffset(f.From) || hasOffset(f.To)) {
		if err := c.checkRange(order); err != nil {
			return err
		}
	}
	c.Text(frameModes[f.Mode] + " BETWEEN " + bound(f.From) + " AND " + bound(f.To) + exclusions[f.Exclude])
	return nil
}

func hasOffset(b expr.Bound) bool { return b.Place == -1 || b.Place == 1 }

// bound is the text of a bound. Its number is part of the window's shape, and not
// bound: PostgreSQL would have to be told the type that the order's asks for.
func bound(b expr.Bound) string {
	switch {
	case b.Place < -1:
		return "UNBOUNDED PRECEDING"
	case b.Place == -1:
		return strconv.FormatInt(b.Offset, 10) + " PRECEDING"
	case b.Place == 0:
		return "CURRENT ROW"
	case b.Place == 1:
		return strconv.FormatInt(b.Offset, 10) + " FOLLOWING"
	}
	return "UNBOUNDED FOLLOWING"
}

// checkRange wants an order by one number: what is added to a text or a time is not
// the same everywhere.
func (c *Compiler) checkRange(order []expr.OrderTerm) error {
	if len(order) != 1 {
		return errors.New("a frame of a range by a number without an order of one term")
	}
	def := ColumnOf(order[0].X)
	if def == nil {
		if _, ok := DecimalOf(order[0].X); ok && c.caps.DecimalsAreText {
			return c.Unsupported("a frame of a range of a decimal, which is kept as text,")
		}
		return nil
	}
	if before, _ := c.ordered(order[0].X); before != "" {
		return c.Unsupported("a frame of a range of a decimal, which is kept as text,")
	}
	if k := def.Type.Kind; !isWhole(k) && !isFraction(k) {
		return fmt.Errorf("a frame of a range by a number over column %s, which holds none", def.Name)
	}
	return nil
}
