package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

var errSubqueryInline = errors.New("a subquery: only a query can have one, not the definition of a table")

// subquery writes a SELECT in an expression. It may name the columns of what stands
// around it.
func (c *Compiler) subquery(n *expr.SubqueryNode) error {
	if c.inline {
		return errSubqueryInline
	}
	if n.Stmt == nil {
		return errors.New("a subquery without a statement")
	}
	if n.Kind != expr.SubqueryExists && len(n.Stmt.Columns) != 1 {
		return fmt.Errorf("a subquery of %d columns in place of a value", len(n.Stmt.Columns))
	}
	asked := asked(n)
	switch n.Kind {
	case expr.SubqueryExists:
		c.Text(choose(n.Not, "NOT EXISTS (", "EXISTS ("))
	case expr.SubqueryIn:
		x, of := n.X, n.Stmt.Columns[0]
		if err := c.bothDecimals(x, of); err != nil {
			return err
		}
		if scale, ok := c.byValue(false, x, of); ok {
			numbers := *asked
			x, of = AsNumber(x, scale), AsNumber(of, scale)
			numbers.Columns = []expr.Node{of}
			asked = &numbers
		}
		if xt, t := c.enumOf(x), c.enumOf(of); xt != nil && t != nil && xt.EnumName != t.EnumName {
			texts, text := *asked, &schema.Type{Kind: schema.TextKind}
			x, of = &typedAs{Node: x, t: text}, &typedAs{Node: of, t: text}
			texts.Columns = []expr.Node{of}
			asked = &texts
		}
		if err := c.among(x, of); err != nil {
			return err
		}
		c.Text(choose(n.Not, " NOT IN (", " IN ("))
	case expr.SubqueryValue:
		c.Text("(")
	default:
		return fmt.Errorf("unknown question %d of a subquery", n.Kind)
	}
	if err := c.nested(asked, nil, c.sources); err != nil {
		return err
	}
	c.Text(")")
	return nil
}

// asked is the statement of a subquery, without what does not matter to whether
// there is a row.
func asked(n *expr.SubqueryNode) *expr.SelectStmt {
	// Without an aggregate among them no column says how many rows there are.
	if n.Kind != expr.SubqueryExists || n.Stmt.Distinct || len(n.Stmt.GroupBy) > 0 || n.Stmt.Having != nil || aggregated(n.Stmt.Columns) {
		return n.Stmt
	}
	one := *n.Stmt
	one.Columns, one.OrderBy = nil, nil
	return &one
}

// nested writes a statement within another. outer are the sources that it may name
// beside its own.
func (c *Compiler) nested(s expr.Statement, names []string, outer []occurrence) error {
	was := *c
	c.inner, c.names, c.guarded = true, names, false
	c.filters = filtersWithin(was.filters, ownFilters(s))
	err := c.inside(outer, func() error { return c.plain(s) })
	c.filters, c.qualify = was.filters, was.qualify
	c.inner, c.names, c.guarded = was.inner, was.names, was.guarded
	return err
}

// plain writes a statement that makes rows, without WITH.
func (c *Compiler) plain(s expr.Statement) error {
	switch s := s.(type) {
	case *expr.SelectStmt:
		if s.Lock != expr.NoLock {
			return errors.New("a row lock in a subquery")
		}
		return c.selects(s)
	case *expr.CompoundStmt:
		return c.compound(s)
	case *expr.ValuesStmt:
		return c.values(s)
	case *expr.UpdateStmt:
		return c.update(s)
	case *expr.DeleteStmt:
		return c.delete(s)
	case *expr.InsertStmt:
		return c.insertRows(s)
	}
	return fmt.Errorf("a subquery of %T", s)
}

// ownFilters are what a statement within another says of filters.
func ownFilters(s expr.Statement) *expr.Filters {
	switch s := s.(type) {
	case *expr.SelectStmt:
		if s == nil {
			return nil
		}
	case *expr.InsertStmt:
		return nil // its query says it
	}
	return filtersOfStatement(s)
}

// writing is the table that a statement writes, nil where it reads.
func writing(s expr.Statement) *expr.Source {
	switch s := s.(type) {
	case *expr.UpdateStmt:
		return s.Table
	case *expr.DeleteStmt:
		return s.Table
	case *expr.InsertStmt:
		return s.Table
	}
	return nil
}

var setOps = [...]string{expr.Union: " UNION ", expr.Intersect: " INTERSECT ", expr.Except: " EXCEPT "}

// compound writes the members of a set operation. One with an order or a limit of
// its own stands in a subquery, since not every database takes it in parentheses.
func (c *Compiler) compound(s *expr.CompoundStmt) error {
	if int(s.Op) >= len(setOps) || len(s.Members) == 0 {
		return errors.New("a set operation of nothing")
	}
	if s.All && s.Op != expr.Union && !c.caps.SetOpsAll {
		return c.Unsupported(setOps[s.Op][1:] + "ALL")
	}
	if n, most := len(s.Members), c.caps.MaxMembers; most > 0 && n > most {
		return c.Unsupported(fmt.Sprintf("a set operation of %d queries, %d being the most (combine some of them, and the wholes of those with one another),", n, most))
	}
	width := len(s.Members[0].Columns)
	for _, m := range s.Members {
		if len(m.Columns) != width {
			return fmt.Errorf("a set operation of %d and %d columns", width, len(m.Columns))
		}
	}
	s, err := c.together(s)
	if err != nil {
		return err
	}
	for i, m := range s.Members {
		for j, x := range m.Columns {
			if err := c.sameScale("a set operation", s.Members[0].Columns[j], x); err != nil {
				return err
			}
		}
		if i > 0 {
			c.Text(setOps[s.Op])
			if s.All {
				c.Text("ALL ")
			}
		}
		outer, names := c.sources, c.names
		if len(m.OrderBy) == 0 && m.Limit < 0 && m.Offset < 0 {
			if err := c.nested(m, names, outer); err != nil {
				return err
			}
			continue
		}
		c.Text("SELECT * FROM (")
		if err := c.nested(m, names, outer); err != nil {
			return err
		}
		c.Text(") AS ")
		if err := c.Name("m"); err != nil {
			return err
		}
	}
	return nil
}

// together is a set operation with each column of its members in one form: decimals of
// one scale, where they are texts, and of one enum, where it is a type.
func (c *Compiler) together(s *expr.CompoundStmt) (*expr.CompoundStmt, error) {
	out, same := *s, true
	column := make([]expr.Node, len(s.Members))
	for j := range s.Members[0].Columns {
		for i, m := range s.Members {
			column[i] = m.Columns[j]
		}
		if err := c.allDecimals("a set operation with decimals", column...); err != nil {
			return nil, err
		}
		formed := c.alike(c.atOneScale(column))
		for i, n := range formed {
			if n == s.Members[i].Columns[j] {
				continue
			}
			if same {
				same, out.Members = false, slices.Clone(s.Members)
			}
			if out.Members[i] == s.Members[i] {
				m := *s.Members[i]
				m.Columns = slices.Clone(m.Columns)
				out.Members[i] = &m
			}
			out.Members[i].Columns[j] = n
		}
	}
	if same {
		return s, nil
	}
	return &out, nil
}

// values writes a list of rows under the names of its columns. Databases give the
// columns of VALUES the names column1, column2 and so on.
func (c *Compiler) values(s *expr.ValuesStmt) error {
	if len(s.Rows) == 0 || len(s.Rows[0]) == 0 || len(s.Rows[0]) != len(c.names) {
		return errors.New("VALUES without rows or columns")
	}
	c.Text("SELECT ")
	for i, name := range c.names {
		c.Text(choose(i == 0, "", ", ") + fmt.Sprintf("column%d AS ", i+1))
		if err := c.Name(name); err != nil {
			return err
		}
	}
	c.Text(" FROM (VALUES ")
	for i, row := range s.Rows {
		if len(row) != len(c.names) {
			return fmt.Errorf("VALUES with rows of %d and %d columns", len(c.names), len(row))
		}
		c.Text(choose(i == 0, "(", ", ("))
		for j, x := range row {
			c.Text(choose(j == 0, "", ", "))
			if err := c.Typed(x); err != nil {
				return err
			}
		}
		c.Text(")")
	}
	c.Text(") AS ")
	return c.Name("v")
}

// derived writes a subquery in FROM, which names what the statement does that it stands
// in, but not what stands beside it.
func (c *Compiler) derived(o occurrence) error {
	q := o.src.Query
	if q.Err != nil {
		return q.Err
	}
	c.Text("(")
	if err := c.nested(q.Stmt, q.Names, c.sources[:c.above]); err != nil {
		return fmt.Errorf("%s: %w", o.label(), err)
	}
	c.Text(") AS ")
	return c.Name(o.label())
}

// lateral writes a subquery in FROM that names the sources before it.
func (c *Compiler) lateral(j expr.JoinClause, at int) error {
	o := c.sources[at]
	if !c.caps.Lateral {
		return c.Unsupported("LATERAL")
	}
	if o.src.Query == nil || o.src.Query.Common {
		return fmt.Errorf("LATERAL %s: it is no subquery", o.label())
	}
	if j.Kind == expr.RightJoin || j.Kind == expr.FullJoin {
		return fmt.Errorf("LATERAL %s: a RIGHT or FULL JOIN has rows without what it names", o.label())
	}
	q := o.src.Query
	if q.Err != nil {
		return q.Err
	}
	c.Text("LATERAL (")
	if err := c.nested(q.Stmt, q.Names, c.sources[:at]); err != nil {
		return fmt.Errorf("%s: %w", o.label(), err)
	}
	c.Text(") AS ")
	return c.Name(o.label())
}

// readsQueries reports whether a statement may read anything but tables.
func readsQueries(s expr.Statement) bool {
	joined := func(joins []expr.JoinClause) bool {
		return slices.ContainsFunc(joins, func(j expr.JoinClause) bool { return j.Source != nil && j.Source.Query != nil })
	}
	switch s := s.(type) {
	case *expr.SelectStmt:
		return s.From != nil && s.From.Query != nil || joined(s.Joins) || hasRelated(s)
	case *expr.UpdateStmt:
		return joined(s.Joins) || hasRelated(s) || relatedIn(s.Returning...) || slices.ContainsFunc(s.Joins, func(j expr.JoinClause) bool { return relatedIn(j.On) })
	case *expr.DeleteStmt:
		return hasRelated(s) || relatedIn(s.Returning...)
	}
	return true
}

// commons are the common table expressions that a statement reads anywhere, those
// first that others read.
func commons(s expr.Statement) (list []*expr.Source, recursive bool) {
	seen := map[*expr.Query]bool{}
	var visit func(s expr.Statement)
	source := func(src *expr.Source) {
		if src == nil || src.Query == nil || !src.Query.Common || seen[src.Query] {
			return
		}
		seen[src.Query] = true
		visit(src.Query.Stmt)
		recursive = recursive || src.Query.Recursive
		list = append(list, src)
	}
	visit = func(s expr.Statement) {
		expr.Statements(s, func(s expr.Statement) bool {
			if s, ok := s.(*expr.UpdateStmt); ok && s != nil {
				for _, j := range s.Joins {
					source(j.Source)
				}
			}
			if s, ok := s.(*expr.SelectStmt); ok && s != nil {
				source(s.From)
				for _, j := range s.Joins {
					source(j.Source)
				}
			}
			return true
		})
	}
	visit(s)
	return list, recursive
}

// with writes the common table expressions of a statement.
func (c *Compiler) with(s expr.Statement) error {
	if c.alone || !readsQueries(s) {
		c.simple, _ = s.(*expr.SelectStmt)
		return nil
	}
	list, recursive := commons(s)
	if len(list) == 0 {
		return nil
	}
	tables := tablesOf(s)
	c.Text(choose(recursive, "WITH RECURSIVE ", "WITH "))
	for i, src := range list {
		for _, before := range list[:i] {
			if strings.EqualFold(before.Name, src.Name) {
				return fmt.Errorf("two common table expressions are called %s", src.Name)
			}
		}
		for _, name := range tables { // whose rows would be hidden by those of the expression
			if strings.EqualFold(name, src.Name) {
				return fmt.Errorf("a common table expression is called %s, as a table that the statement reads or writes: give it another name", src.Name)
			}
		}
		q := src.Query
		if q.Err != nil {
			return q.Err
		}
		if writing(q.Stmt) != nil {
			if !c.caps.WritingCommons {
				return c.Unsupported("a common table expression that writes")
			}
			c.writes = true
		}
		if i > 0 {
			c.Text(", ")
		}
		if err := c.Name(src.Name); err != nil {
			return err
		}
		for j, name := range q.Names {
			c.Text(choose(j == 0, " (", ", "))
			if err := c.Name(name); err != nil {
				return err
			}
		}
		c.Text(") AS (")
		if err := c.nested(q.Stmt, q.Names, nil); err != nil {
			return fmt.Errorf("%s: %w", src.Name, err)
		}
		c.Text(")")
	}
	c.Text(" ")
	return nil
}

// tablesOf are the names of the tables without a schema that a statement and those
// within it read or write.
func tablesOf(s expr.Statement) (names []string) {
	add := func(src *expr.Source, joins []expr.JoinClause) {
		for i := -1; i < len(joins); i++ {
			if i >= 0 {
				src = joins[i].Source
			}
			if src != nil && src.Query == nil && src.Schema == "" {
				names = append(names, src.Name)
			}
		}
	}
	expr.Statements(s, func(s expr.Statement) bool {
		switch s := s.(type) {
		case *expr.SelectStmt:
			add(s.From, s.Joins)
		case *expr.UpdateStmt:
			add(s.Table, s.Joins)
		case *expr.DeleteStmt:
			add(s.Table, nil)
		case *expr.InsertStmt:
			add(s.Table, nil)
		}
		return true
	})
	return names
}
