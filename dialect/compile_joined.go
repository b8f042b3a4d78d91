package dialect

import (
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// updateJoined goes on with an UPDATE that joins tables after the table's name. The
// new values are expressions over the rows themselves, so that where somebody else
// has changed a row meanwhile, they are found again for what it holds now: those
// of a subquery would not be.
func (c *Compiler) updateJoined(s *expr.UpdateStmt) error {
	c.sources = nil
	if err := c.scope(&expr.SelectStmt{From: s.Table, Joins: s.Joins}); err != nil {
		return err
	}
	for i, set := range s.Set {
		c.Text(choose(i == 0, " SET ", ", "))
		if set.Column != nil && set.Column.Source != s.Table {
			return fmt.Errorf("assignment to column %s of %s: the UPDATE is of %s", set.Column.Name, set.Column.Source.Label(), s.Table.Label())
		}
		if err := c.assign(set, s.Set[:i]); err != nil {
			return err
		}
		if err := c.expr(c.kept(set.Column, set.Value), precLowest); err != nil {
			return err
		}
	}
	for i, j := range s.Joins {
		if j.Kind != expr.InnerJoin || j.Lateral || j.On == nil {
			return errors.New("an UPDATE joins tables by conditions, and only rows that have a match")
		}
		c.Text(choose(i == 0, " FROM ", ", "))
		if err := c.source(c.sources[1+i]); err != nil {
			return err
		}
	}
	all := &expr.LogicNode{}
	for _, j := range s.Joins {
		all.Args = append(all.Args, j.On)
	}
	if s.Where != nil {
		all.Args = append(all.Args, s.Where)
	}
	c.Text(" WHERE ")
	if err := c.expr(all, precAnd); err != nil {
		return err
	}
	for i, o := range c.sources {
		if err := c.filter(o, i == 0, " AND "); err != nil {
			return err
		}
	}
	if len(s.Returning) == 0 {
		return nil
	}
	c.Text(" RETURNING ") // qualified: the tables joined may have columns of the same names
	return c.results(s.Returning, false)
}
