package dialect

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func (c *Compiler) collate(n *expr.CollateNode) error {
	if err := c.typed(n.X, precPrimary); err != nil {
		return err
	}
	c.Text(" COLLATE ")
	return c.Name(n.Name)
}

// commas writes expressions between commas, each by write.
func (c *Compiler) commas(ns []expr.Node, write func(expr.Node) error) error {
	for i, n := range ns {
		if n == nil {
			return errNilNode
		}
		c.Text(choose(i == 0, "", ", "))
		if err := write(n); err != nil {
			return err
		}
	}
	return nil
}

func (c *Compiler) row(n *expr.RowNode) error {
	c.Text("(")
	if err := c.commas(n.Items, c.Expr); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

// compareRows writes a comparison of rows in which a stored form has another order
// than its values, or in which parameters stand across from each other, so that
// neither types the other: false is returned where there is none such.
func (c *Compiler) compareRows(n *expr.CompareNode, op string) (bool, error) {
	l, ok := n.Left.(*expr.RowNode)
	r, ok2 := n.Right.(*expr.RowNode)
	if !ok || !ok2 {
		return false, nil
	}
	if len(l.Items) == 0 || len(l.Items) != len(r.Items) {
		return true, fmt.Errorf("rows of %d and %d values are compared", len(l.Items), len(r.Items))
	}
	byOrder := n.Op == expr.OpLt || n.Op == expr.OpLe || n.Op == expr.OpGt || n.Op == expr.OpGe
	l, r, odd := c.rowNumbers(byOrder, l, r)
	around := make([][2]string, len(l.Items))
	for i := range l.Items {
		if err := c.bothDecimals(l.Items[i], r.Items[i]); err != nil {
			return true, err
		}
		odd = odd || c.caps.TypedParams && isParam(l.Items[i]) && isParam(r.Items[i])
	}
	if n.Op != expr.OpEq && n.Op != expr.OpNe {
		for i := range l.Items {
			if n.Op != expr.OpDistinct && n.Op != expr.OpNotDistinct {
				if err := c.checkOrder("a comparison by order", l.Items[i], r.Items[i]); err != nil {
					return true, err
				}
			}
			around[i][0], around[i][1] = c.ordered(l.Items[i], r.Items[i])
			odd = odd || around[i][0] != ""
		}
	}
	if !odd {
		return false, nil
	}
	for i, side := range [][]expr.Node{l.Items, r.Items} {
		c.Text(choose(i == 0, "(", op+"("))
		at := 0
		if err := c.commas(side, func(x expr.Node) error {
			c.Text(around[at][0])
			write := c.Expr
			if isParam(l.Items[at]) && isParam(r.Items[at]) {
				write = c.Typed
			}
			err := write(x)
			c.Text(around[at][1])
			at++
			return err
		}); err != nil {
			return true, err
		}
		c.Text(")")
	}
	return true, nil
}

// rowNumbers are two rows with their decimals as numbers, where they are compared by
// their values; see byValue.
func (c *Compiler) rowNumbers(byOrder bool, l, r *expr.RowNode) (left, right *expr.RowNode, any bool) {
	for i := range l.Items {
		scale, ok := c.byValue(byOrder, l.Items[i], r.Items[i])
		if !ok {
			continue
		}
		if !any {
			l, r, any = &expr.RowNode{Items: slices.Clone(l.Items)}, &expr.RowNode{Items: slices.Clone(r.Items)}, true
		}
		l.Items[i], r.Items[i] = AsNumber(l.Items[i], scale), AsNumber(r.Items[i], scale)
	}
	return l, r, any
}

// tupleNumbers is rowNumbers of rows that are looked for among others.
func (c *Compiler) tupleNumbers(n *expr.TupleInNode) *expr.TupleInNode {
	out := *n
	same := true
	for j := range n.Items {
		all := []expr.Node{n.Items[j]}
		for _, r := range n.Rows {
			if len(r) == len(n.Items) {
				all = append(all, r[j])
			}
		}
		scale, ok := c.byValue(false, all...)
		if !ok {
			continue
		}
		if same {
			same, out.Items, out.Rows = false, slices.Clone(n.Items), slices.Clone(n.Rows)
			for i, r := range out.Rows {
				out.Rows[i] = slices.Clone(r)
			}
		}
		out.Items[j] = AsNumber(n.Items[j], scale)
		for _, r := range out.Rows {
			if len(r) == len(n.Items) {
				r[j] = AsNumber(r[j], scale)
			}
		}
	}
	if same {
		return n
	}
	return &out
}

// tupleIn writes (x, …) IN (VALUES (…), …).
func (c *Compiler) tupleIn(n *expr.TupleInNode) error {
	if c.inline {
		return errRowsInline
	}
	if len(n.Rows) == 0 {
		mark, args := len(c.buf), len(c.args)
		if err := c.again.aside(func() error { return c.commas(n.Items, c.Expr) }); err != nil {
			return err
		}
		c.buf, c.args = c.buf[:mark], c.args[:args]
		return c.inNothing(n.Not, n.Items...)
	}
	n = c.tupleNumbers(n)
	c.Text("(")
	if err := c.commas(n.Items, c.Typed); err != nil {
		return err
	}
	c.Text(choose(n.Not, ") NOT IN (VALUES ", ") IN (VALUES "))
	for i, r := range n.Rows {
		if len(r) != len(n.Items) {
			return errRagged
		}
		for j, x := range n.Items {
			if err := c.sameScale("IN of rows", x, r[j]); err != nil {
				return err
			}
		}
		c.Text(choose(i == 0, "(", ", ("))
		if err := c.commas(r, c.Typed); err != nil {
			return err
		}
		c.Text(")")
	}
	c.Text(")")
	return nil
}

func (c *Compiler) json(n *expr.JSONNode) error {
	if n.X == nil {
		return errNilNode
	}
	if def := columnDef(n.X); def == nil || def.Type.Kind != schema.JSONKind {
		return fmt.Errorf("column %s of %s is no JSON: expr.JSON reads columns of schema.JSON, json.RawMessage and maps", n.X.Name, n.X.Source.Label())
	}
	return c.d.JSON(c, n)
}

// userFunction writes a call of a function by its name in the database's catalogue.
func (c *Compiler) userFunction(n *expr.FuncNode) error {
	parts := strings.Split(n.Name, ".")
	if len(parts) > 2 || !isIdentifier(parts[0]) || !isIdentifier(parts[len(parts)-1]) {
		return errFunctionName(n.Name)
	}
	if len(parts) == 2 && !c.caps.Schemas {
		return c.Unsupported("a function in a schema (" + n.Name + ")")
	}
	for i, p := range parts {
		c.Text(choose(i == 0, "", "."))
		if err := c.Name(p); err != nil {
			return err
		}
	}
	c.Text("(")
	if err := c.commas(n.Args, c.argument); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

func errFunctionName(name string) error {
	return fmt.Errorf("function name %q: it is a name of letters, digits and _, with a schema and a point before it at most", name)
}

func isIdentifier(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// argument writes an argument of a function that is chosen by the types of its
// arguments: a plain value has that of its Go type.
func (c *Compiler) argument(n expr.Node) error {
	p, t := argumentType(n)
	if t == nil || !c.caps.TypedParams || c.inline {
		return c.Typed(n)
	}
	name := c.d.CastType(t)
	if name == "" {
		return c.Typed(n)
	}
	c.Text("CAST(")
	if err := c.param(p); err != nil {
		return err
	}
	c.Text(" AS " + name + ")")
	return nil
}

// argumentType is the type that an argument is cast to, nil where its kind says it.
func argumentType(n expr.Node) (*expr.ParamNode, *schema.Type) {
	p, ok := bare(n).(*expr.ParamNode)
	if !ok || p == nil || p.Value == nil || p.Decimal || columnDef(p.Like) != nil {
		return nil, nil
	}
	if t, ok := schema.TypeOf(reflect.TypeOf(p.Value)); ok {
		return p, &t
	}
	return nil, nil
}

// groupBy writes a term of GROUP BY.
func (c *Compiler) groupBy(n expr.Node) error {
	g, ok := n.(*expr.GroupingNode)
	if !ok {
		return c.Expr(n)
	}
	if !c.caps.GroupingSets {
		return c.Unsupported("ROLLUP, CUBE and GROUPING SETS")
	}
	if len(g.Sets) == 0 {
		return errors.New("ROLLUP, CUBE or GROUPING SETS of nothing")
	}
	switch g.Kind {
	case expr.GroupingRollup:
		c.Text("ROLLUP (")
	case expr.GroupingCube:
		c.Text("CUBE (")
	case expr.GroupingSet:
		c.Text("GROUPING SETS (")
	default:
		return fmt.Errorf("unknown grouping %d", g.Kind)
	}
	for i, set := range g.Sets {
		c.Text(choose(i == 0, "(", ", ("))
		if err := c.commas(set, c.Expr); err != nil {
			return err
		}
		c.Text(")")
	}
	c.Text(")")
	return nil
}
