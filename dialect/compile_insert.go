package dialect

import (
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// insert writes an INSERT of what a query reads. Its values are as the database has
// them, not in the form in which results are read.
func (c *Compiler) insert(s *expr.InsertStmt) error {
	c.filters = filtersOfStatement(s)
	if err := c.with(s); err != nil {
		return err
	}
	c.filters = nil
	return c.insertRows(s)
}

// insertRows is insert without WITH.
func (c *Compiler) insertRows(s *expr.InsertStmt) error {
	switch {
	case s.Table == nil:
		return errors.New("INSERT into no table")
	case s.Table.Query != nil:
		return fmt.Errorf("INSERT into %s, which is a query and no table", s.Table.Label())
	case s.Query == nil || len(s.Columns) == 0 || len(s.Columns) != len(s.Query.Columns):
		return fmt.Errorf("INSERT into %s of a query with other columns than those named", s.Table.Label())
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
	if err := c.nested(c.keptAll(s.Columns, s.Query), nil, nil); err != nil {
		return err
	}
	c.sources = []occurrence{{src: s.Table}}
	return c.returning(s.Returning)
}

// Results are what RETURNING gives of the rows of a table that is written, for a
// statement whose text a Writer makes: it follows other results, and so many
// arguments. The arguments are those of the results alone.
func Results(d Dialect, table *expr.Source, ns []expr.Node, args int) (Compiled, error) {
	c := newCompiler(d)
	if !c.caps.Returning {
		return Compiled{}, compileError(c.Unsupported("RETURNING"))
	}
	c.args = make([]any, args)
	c.sources = []occurrence{{src: table}}
	if err := c.results(ns, false); err != nil {
		return Compiled{}, compileError(err)
	}
	return Compiled{SQL: string(c.buf), Args: c.args[args:]}, nil
}
