package dialect

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// perGroup writes a SELECT of the first rows of each group: the rows are
// numbered within their group by a window, in an inner SELECT.
func (c *Compiler) perGroup(s *expr.SelectStmt) error {
	if err := c.checkPerGroup(s); err != nil {
		return err
	}
	from := len(c.sources)
	if err := c.scope(s); err != nil {
		return err
	}
	// The inner SELECT's own column names must not be taken for its tables'.
	c.qualify = true
	c.Text("SELECT ")
	if len(s.Columns) == 0 {
		c.Text("1")
	}
	// Columns are read in the dialect's form outside, of the rows that remain.
	for i, n := range s.Columns {
		if i > 0 {
			c.Text(", ")
		}
		name := c.d.AppendQuoted(nil, "c"+strconv.Itoa(i))
		if def := ColumnOf(n); def != nil {
			c.readColumn(c.buf, def, name, s.Packed)
		} else {
			c.buf = append(c.buf, name...)
		}
	}
	c.Text(" FROM (SELECT ")
	for i, n := range s.Columns {
		if err := c.Typed(n); err != nil {
			return err
		}
		c.Text(" AS ")
		if err := c.Name("c" + strconv.Itoa(i)); err != nil {
			return err
		}
		c.Text(", ")
	}
	if err := c.rowNumber(s); err != nil {
		return err
	}
	if err := c.rows(s, from); err != nil {
		return err
	}
	c.Text(") AS ")
	if err := c.Name("t"); err != nil {
		return err
	}
	c.Text(" WHERE ")
	if err := c.Name("n"); err != nil {
		return err
	}
	c.Text(" <= ")
	if err := c.Placeholder(s.PerGroup.Limit); err != nil {
		return err
	}
	c.Text(" ORDER BY ")
	return c.Name("n")
}

// rowNumber writes each row's number within its group.
func (c *Compiler) rowNumber(s *expr.SelectStmt) error {
	order := s.OrderBy
	if len(order) == 0 {
		var err error
		if order, err = keyOrder(s.From); err != nil {
			return err
		}
	}
	c.Text("row_number() OVER (PARTITION BY ")
	for i, n := range s.PerGroup.By {
		c.Text(choose(i == 0, "", ", "))
		if err := c.Typed(n); err != nil {
			return err
		}
	}
	for i, o := range order {
		c.Text(choose(i == 0, " ORDER BY ", ", "))
		if err := c.order(o); err != nil {
			return err
		}
	}
	c.Text(") AS ")
	return c.Name("n")
}

func (c *Compiler) checkPerGroup(s *expr.SelectStmt) error {
	switch {
	case !c.caps.WindowFunctions:
		return c.Unsupported("a limit per group (window functions)")
	case s.From == nil:
		return errors.New("a limit per group without FROM")
	case len(s.PerGroup.By) == 0:
		return errors.New("a limit per group without what to group by")
	case s.PerGroup.Limit < 0:
		return errors.New("a limit per group that is negative")
	case s.Limit >= 0 || s.Offset >= 0:
		return errors.New("a limit per group together with LIMIT or OFFSET")
	case s.Distinct || len(s.GroupBy) > 0 || s.Having != nil:
		return errors.New("a limit per group together with DISTINCT, GROUP BY or HAVING")
	case s.Lock != expr.NoLock:
		return errors.New("a limit per group together with a row lock")
	}
	return nil
}

// keyOrder is the order of a table's primary key, so that the rows chosen are
// the same each time where the caller gave no order.
func keyOrder(s *expr.Source) ([]expr.OrderTerm, error) {
	def, _ := s.Def.(*schema.TableDef)
	if def == nil || len(def.PrimaryKey) == 0 {
		return nil, fmt.Errorf("a limit per group of %s, which has no primary key, without an order", s.Label())
	}
	order := make([]expr.OrderTerm, len(def.PrimaryKey))
	for i, col := range def.PrimaryKey {
		order[i].X = &expr.ColumnRef{Source: s, Name: col.Name, Def: col}
	}
	return order, nil
}
