package dialect

import (
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// insert writes an INSERT of what a query reads. Its values are as the database has
// them, not in the form in which results are read.
func (c *Compiler) insert(s *expr.InsertStmt) error {
	switch {
	case s.Table == nil:
		return errors.New("INSERT into no table")
	case s.Table.Query != nil:
		return fmt.Errorf("INSERT into %s, which is a query and no table", s.Table.Label())
	case s.Query == nil || len(s.Columns) == 0 || len(s.Columns) != len(s.Query.Columns):
		return fmt.Errorf("INSERT into %s of a query with other columns than those named", s.Table.Label())
	}
	if err := c.with(s); err != nil {
		return err
	}
	c.Text("INSERT INTO ")
	if err := c.source(occurrence{src: s.Table}); err != nil {
		return err
	}
	for i, col := range s.Columns {
		c.Text(choose(i == 0, " (", ", "))
		if col == nil || col.Source != s.Table {
			return fmt.Errorf("INSERT into %s of a column of another table", s.Table.Label())
		}
		if err := c.Name(col.Name); err != nil {
			return err
		}
	}
	c.Text(") ")
	return c.nested(s.Query, nil, nil)
}
