package dialect

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func (c *Compiler) call(n *expr.CallNode) error {
	for _, a := range n.Args {
		if a == nil {
			return errNilNode
		}
	}
	if n.Name == expr.FuncGreatest || n.Name == expr.FuncLeast {
		if err := c.checkOrder("the "+n.Name, n.Args...); err != nil {
			return err
		}
	}
	switch n.Name {
	case expr.FuncCoalesce, expr.FuncNullIf, expr.FuncGreatest, expr.FuncLeast:
		if err := c.allDecimals("a choice among decimals", n.Args...); err != nil {
			return err
		}
		n = &expr.CallNode{Name: n.Name, Args: c.alike(n.Args)}
	}
	if ok, err := c.d.Function(c, n); ok || err != nil {
		return err
	}
	if err := checkFunction(n.Name); err != nil {
		return err
	}
	return c.Call(n.Name, n.Args...)
}

// Call writes name(args…).
func (c *Compiler) Call(name string, args ...expr.Node) error {
	c.Text(name + "(")
	for i, a := range args {
		if i > 0 {
			c.Text(", ")
		}
		if err := c.Typed(a); err != nil {
			return err
		}
	}
	c.Text(")")
	return nil
}

// checkFunction keeps a function's name, which is not quoted, to what a name
// looks like.
func checkFunction(name string) error {
	ok := name != ""
	for _, r := range name {
		ok = ok && (r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	if !ok {
		return fmt.Errorf("function name %q: only letters, digits, _ and . may stand in it", name)
	}
	return nil
}

func (c *Compiler) cases(n *expr.CaseNode) error {
	if len(n.When) == 0 {
		return errors.New("CASE without a branch")
	}
	values := branches(n)
	if err := c.allDecimals("a choice among decimals", values...); err != nil {
		return err
	}
	values = c.alike(values)
	c.Text("CASE")
	for i, w := range n.When {
		c.Text(" WHEN ")
		if err := c.Expr(w.Cond); err != nil {
			return err
		}
		c.Text(" THEN ")
		if err := c.Typed(values[i]); err != nil {
			return err
		}
	}
	if n.Else != nil {
		c.Text(" ELSE ")
		if err := c.Typed(values[len(n.When)]); err != nil {
			return err
		}
	}
	c.Text(" END")
	return nil
}

// branches are the values that a CASE may have, but for a NULL where it has no ELSE.
func branches(n *expr.CaseNode) []expr.Node {
	all := make([]expr.Node, 0, len(n.When)+1)
	for _, w := range n.When {
		all = append(all, w.Then)
	}
	if n.Else != nil {
		all = append(all, n.Else)
	}
	return all
}

func (c *Compiler) cast(n *expr.CastNode) error {
	if n.To == nil {
		return errors.New("CAST to no type")
	}
	t, ok := typeOfGo(reflect.TypeOf(n.To))
	name := ""
	if ok {
		name = c.d.CastType(t)
	}
	if name == "" {
		return c.Unsupported(fmt.Sprintf("CAST to Go type %T", n.To))
	}
	if t.Kind == schema.TextKind && c.caps.BoolsAreNumbers && isBool(n.X) {
		c.Text("CASE ")
		if err := c.TypedOperand(n.X); err != nil {
			return err
		}
		c.Text(" WHEN 1 THEN 'true' WHEN 0 THEN 'false' END")
		return nil
	}
	if t.Kind == schema.BoolKind && c.caps.BoolsAreNumbers && !isBool(n.X) {
		c.Text("(CAST(")
		if err := c.Typed(n.X); err != nil {
			return err
		}
		c.Text(" AS " + name + ") <> 0)")
		return nil
	}
	c.Text("CAST(")
	// A fraction is cut off as Go does; PostgreSQL's cast would round.
	if c.caps.CastRounds && isWhole(t.Kind) && isFractional(n.X) {
		if err := c.Call("trunc", n.X); err != nil {
			return err
		}
	} else if err := c.Typed(n.X); err != nil {
		return err
	}
	c.Text(" AS " + name + ")")
	return nil
}

// isBool reports whether a value is known to be true or false.
func isBool(n expr.Node) bool {
	if def := storedAs(n); def != nil {
		return def.Type.Kind == schema.BoolKind
	}
	switch n := bare(n).(type) {
	case *expr.CompareNode, *expr.BetweenNode, *expr.InNode, *expr.RowInNode, *expr.TupleInNode, *expr.LikeNode, *expr.NullNode, *expr.LogicNode, *expr.NotNode, *expr.ConstNode:
		return true
	case *expr.ParamNode:
		return reflect.TypeOf(n.Value) != nil && reflect.TypeOf(n.Value).Kind() == reflect.Bool
	case *expr.CastNode:
		return reflect.TypeOf(n.To) != nil && reflect.TypeOf(n.To).Kind() == reflect.Bool
	case *expr.AggNode:
		return n.Name == expr.AggBoolAnd || n.Name == expr.AggBoolOr
	case *expr.CaseNode:
		return len(n.When) > 0 && isBool(n.When[0].Then)
	case *expr.CallNode:
		return (n.Name == expr.FuncCoalesce || n.Name == expr.FuncNullIf || n.Name == expr.FuncGreatest || n.Name == expr.FuncLeast) && len(n.Args) > 0 && isBool(n.Args[0])
	case *expr.SubqueryNode:
		return n.Kind != expr.SubqueryValue || n.Stmt != nil && len(n.Stmt.Columns) > 0 && isBool(n.Stmt.Columns[0])
	}
	return false
}
