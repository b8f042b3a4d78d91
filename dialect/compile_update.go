package dialect

import (
	"fmt"
	"strconv"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// readsItself reports whether an UPDATE assigns what it reads of other rows of
// its table. What a relation cannot say is an error where it is written.
func readsItself(s *expr.UpdateStmt) bool {
	found := false
	same := func(t *expr.Source) bool { return t != nil && t.Name == s.Table.Name && t.Schema == s.Table.Schema }
	for _, set := range s.Set {
		if !relatedIn(set.Value) {
			continue
		}
		expr.Walk(set.Value, func(n expr.Node) bool {
			if r, ok := n.(*expr.RelatedNode); ok && r != nil && r.Join != nil {
				on, err := r.Join.RelatedOn()
				found = found || err == nil && (same(on.Target) || same(on.Through))
			}
			return !found
		})
	}
	return found
}

// updateFrom goes on with an UPDATE after the table's name. The new values come
// from a subquery, which the database reads to its end before the first change.
func (c *Compiler) updateFrom(s *expr.UpdateStmt) error {
	def, _ := s.Table.Def.(*schema.TableDef)
	if def == nil || len(def.PrimaryKey) == 0 {
		return c.Unsupported(fmt.Sprintf("an UPDATE of %s, which has no primary key, to what it reads of other rows", s.Table.Label()))
	}
	table := occurrence{src: s.Table}
	values := c.enter(expr.NewSource("", "_v", "", nil), true)
	c.qualify = true
	for i, set := range s.Set {
		c.Text(choose(i == 0, " SET ", ", "))
		if err := c.assign(set, s.Set[:i]); err != nil {
			return err
		}
		if err := c.columnOf(values, "s"+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	c.Text(" FROM (")
	if err := c.newValues(s, def, table); err != nil {
		return err
	}
	c.Text(") AS ")
	if err := c.label(values); err != nil {
		return err
	}
	for i, key := range def.PrimaryKey {
		c.Text(choose(i == 0, " WHERE ", " AND "))
		if err := c.columnOf(table, key.Name); err != nil {
			return err
		}
		c.Text(" = ")
		if err := c.columnOf(values, "k"+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return c.returning(s.Returning)
}

// newValues writes the SELECT of the keys and new values of an UPDATE's rows.
func (c *Compiler) newValues(s *expr.UpdateStmt, def *schema.TableDef, table occurrence) error {
	if len(s.Joins) > 0 {
		return c.joinedValues(s, def)
	}
	c.Text("SELECT ")
	for i, key := range def.PrimaryKey {
		if err := c.columnOf(table, key.Name); err != nil {
			return err
		}
		c.Text(" AS ")
		if err := c.Name("k" + strconv.Itoa(i)); err != nil {
			return err
		}
		c.Text(", ")
	}
	for i, set := range s.Set {
		c.Text(choose(i == 0, "", ", "))
		if err := c.Typed(c.kept(set.Column, set.Value)); err != nil {
			return err
		}
		c.Text(" AS ")
		if err := c.Name("s" + strconv.Itoa(i)); err != nil {
			return err
		}
	}
	c.Text(" FROM ")
	if err := c.source(table); err != nil {
		return err
	}
	return c.guardedWhere(s.Where, table)
}

// joinedValues is newValues of an UPDATE that joins tables.
func (c *Compiler) joinedValues(s *expr.UpdateStmt, def *schema.TableDef) error {
	var names []string
	for i := range def.PrimaryKey {
		names = append(names, "k"+strconv.Itoa(i))
	}
	var values []expr.Node
	for i, set := range s.Set {
		values, names = append(values, c.kept(set.Column, set.Value)), append(names, "s"+strconv.Itoa(i))
	}
	return c.nested(newValuesOf(s, def, values), names, nil)
}

// newValuesOf selects the keys of the rows that an UPDATE with joins changes, and
// values beside them.
func newValuesOf(s *expr.UpdateStmt, def *schema.TableDef, values []expr.Node) *expr.SelectStmt {
	q := &expr.SelectStmt{From: s.Table, Joins: s.Joins, Where: s.Where, Limit: -1, Offset: -1}
	for _, key := range def.PrimaryKey {
		q.Columns = append(q.Columns, key.Ref)
	}
	q.Columns = append(q.Columns, values...)
	return q
}
