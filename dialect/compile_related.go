package dialect

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
)

var errRelatedInline = errors.New("a condition or value over related rows: only a query can have one, not the definition of a table")

// related writes a subquery over related rows. Its tables are a scope of their
// own within the scopes around it.
func (c *Compiler) related(n *expr.RelatedNode) error {
	if c.inline {
		return errRelatedInline
	}
	r, err := relatedColumns(n)
	if err != nil {
		return err
	}
	// The row at hand is looked for outside: the target may be its own table.
	outer, ok := c.find(n.From)
	if !ok {
		return c.outOfScope(&expr.ColumnRef{Source: n.From, Name: r.On[0][0].Name})
	}
	return c.inside(c.sources, func() error {
		return c.within(clauseWhere, func() error { return c.relatedRows(n, r, outer) })
	})
}

// relatedRows writes the subquery; outer is the table of the row at hand.
func (c *Compiler) relatedRows(n *expr.RelatedNode, r expr.RelatedColumns, outer occurrence) error {
	target := c.enter(r.Target, false)
	beside := target
	if r.Through != nil {
		// A table in between is of no concern to the caller, whose handles of it,
		// if there are any, mean an occurrence farther out.
		beside = c.enter(r.Through, true)
	}
	switch n.Kind {
	case expr.RelatedExists:
		c.Text(choose(n.Not, "NOT EXISTS (SELECT 1", "EXISTS (SELECT 1"))
	case expr.RelatedCount:
		c.Text("(SELECT count(*)")
	case expr.RelatedValue:
		c.Text("(SELECT ")
		if err := c.within(clauseResults, func() error { return c.Typed(n.Value) }); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown question %d about related rows", n.Kind)
	}
	c.Text(" FROM ")
	if err := c.source(target); err != nil {
		return err
	}
	if r.Through != nil {
		c.Text(" JOIN ")
		if err := c.source(beside); err != nil {
			return err
		}
		c.Text(" ON ")
		for i, p := range r.Far {
			c.Text(choose(i == 0, "", " AND "))
			if err := c.equal(beside, p[0], target, p[1]); err != nil {
				return err
			}
		}
	}
	for i, p := range r.On {
		c.Text(choose(i == 0, " WHERE ", " AND "))
		if err := c.equal(beside, p[1], outer, p[0]); err != nil {
			return err
		}
	}
	if n.Where != nil {
		c.Text(" AND ")
		if err := c.expr(n.Where, precAnd); err != nil {
			return err
		}
	}
	if err := c.filter(target, false, " AND "); err != nil {
		return err
	}
	if r.Through != nil {
		if err := c.filter(beside, false, " AND "); err != nil {
			return err
		}
	}
	c.Text(")")
	return nil
}

func (c *Compiler) equal(a occurrence, x *expr.ColumnRef, b occurrence, y *expr.ColumnRef) error {
	if err := c.columnOf(a, x.Name); err != nil {
		return err
	}
	c.Text(" = ")
	return c.columnOf(b, y.Name)
}

// relatedColumns asks how the rows belong together and refuses an answer that
// would relate all rows to all.
func relatedColumns(n *expr.RelatedNode) (expr.RelatedColumns, error) {
	if n.From == nil || n.Join == nil {
		return expr.RelatedColumns{}, errors.New("related rows of no relation")
	}
	r, err := n.Join.RelatedOn()
	if err != nil {
		return r, err
	}
	if r.Target == nil || len(r.On) == 0 || (r.Through != nil) != (len(r.Far) > 0) {
		return r, fmt.Errorf("related rows of %s: the relation does not say which columns join them", n.From.Label())
	}
	for _, pairs := range [][][2]*expr.ColumnRef{r.On, r.Far} {
		for _, p := range pairs {
			if p[0] == nil || p[1] == nil {
				return r, fmt.Errorf("related rows of %s: the relation joins by a column that is not bound", n.From.Label())
			}
		}
	}
	return r, nil
}

// hasRelated reports whether a subquery stands in an expression of a statement,
// apart from what it returns of the rows written.
func hasRelated(stmt expr.Statement) bool {
	switch s := stmt.(type) {
	case *expr.SelectStmt:
		for _, j := range s.Joins {
			if relatedIn(j.On) {
				return true
			}
		}
		for _, o := range s.OrderBy {
			if relatedIn(o.X) {
				return true
			}
		}
		return relatedIn(s.DistinctOn...) || relatedIn(s.Columns...) || relatedIn(s.Where, s.Having) || relatedIn(s.GroupBy...)
	case *expr.UpdateStmt:
		for _, set := range s.Set {
			if relatedIn(set.Value) {
				return true
			}
		}
		return relatedIn(s.Where)
	case *expr.DeleteStmt:
		return relatedIn(s.Where)
	}
	return false
}

func relatedIn(ns ...expr.Node) bool {
	for _, n := range ns {
		if asks(n) {
			return true
		}
	}
	return false
}

// asks reports whether a subquery stands in an expression. The nodes that most
// statements consist of it looks through by itself.
func asks(n expr.Node) bool {
	switch n := n.(type) {
	case nil, *expr.ColumnRef, *expr.ParamNode:
		return false
	case *expr.CompareNode:
		return n != nil && (asks(n.Left) || asks(n.Right))
	case *expr.InNode:
		return n != nil && asks(n.X)
	case *expr.LogicNode:
		return n != nil && relatedIn(n.Args...)
	}
	found := false
	expr.Walk(n, func(n expr.Node) bool {
		switch n.(type) {
		case *expr.RelatedNode, *expr.SubqueryNode:
			found = true
		}
		return !found && !reflect.ValueOf(n).IsNil()
	})
	return found
}
