package dialect

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func (c *Compiler) statement(stmt expr.Statement) error {
	switch s := stmt.(type) {
	case *expr.SelectStmt:
		if s != nil {
			c.filters = s.Filters
			if err := c.with(s); err != nil {
				return err
			}
			return c.selects(s)
		}
	case *expr.UpdateStmt:
		if s != nil {
			c.filters = s.Filters
			if err := c.with(s); err != nil {
				return err
			}
			return c.update(s)
		}
	case *expr.InsertStmt:
		if s != nil {
			return c.insert(s)
		}
	case *expr.DeleteStmt:
		if s != nil {
			c.filters = s.Filters
			if err := c.with(s); err != nil {
				return err
			}
			return c.delete(s)
		}
	default:
		return fmt.Errorf("unknown statement %T", stmt)
	}
	return errors.New("nil statement")
}

// selects writes a SELECT. One without columns gives the constant 1 for each
// row, which is what an existence test reads.
func (c *Compiler) selects(s *expr.SelectStmt) error {
	if s.PerGroup != nil {
		return c.perGroup(s)
	}
	defer func(was clause) { c.clause = was }(c.clause)
	c.clause = clauseResults
	defer func(was again) { c.again = was }(c.again)
	c.again = repeated(c.caps.NumberedParams, s)
	from := len(c.sources)
	if err := c.scope(s); err != nil {
		return err
	}
	c.Text(choose(s.Distinct, "SELECT DISTINCT ", "SELECT "))
	if err := c.distinctOn(s); err != nil {
		return err
	}
	if err := c.selected(s); err != nil {
		return err
	}
	c.clause = clauseWhere
	if err := c.rows(s, from); err != nil {
		return err
	}
	c.clause = clauseGroup
	for i, g := range s.GroupBy {
		c.Text(choose(i == 0, " GROUP BY ", ", "))
		if err := c.groupBy(g); err != nil {
			return err
		}
	}
	c.clause = clauseHaving
	if s.Having != nil {
		c.Text(" HAVING ")
		if err := c.Expr(s.Having); err != nil {
			return err
		}
	}
	c.clause = clauseOrder
	for i, o := range s.OrderBy {
		c.Text(choose(i == 0, " ORDER BY ", ", "))
		if err := c.order(o); err != nil {
			return err
		}
	}
	if err := c.limit(s); err != nil {
		return err
	}
	return c.lock(s)
}

// selected writes the results of a SELECT, the first of them as what an aggregate
// gives where nothing else says that all rows make one.
func (c *Compiler) selected(s *expr.SelectStmt) error {
	ns := s.Columns
	if c.caps.OneRowByResults && (s.Having != nil || !c.rowwise) && c.oneRow(s) {
		if !constant(ns) {
			return c.Unsupported("HAVING or an order by an aggregate, without GROUP BY, of results that are no aggregates and no constants")
		}
		var first expr.Node = &expr.ConstNode{Value: true}
		if len(ns) > 0 {
			first = ns[0]
		}
		always := &expr.NullNode{X: &expr.AggNode{Name: "count"}, Not: true}
		ns = slices.Clone(ns)
		ns = append([]expr.Node{&expr.CaseNode{When: []expr.WhenNode{{Cond: always, Then: first}}}}, ns[min(1, len(ns)):]...)
	}
	if len(ns) == 0 {
		c.Text("1")
	}
	return c.results(ns, s.Packed)
}

// oneRow reports whether a SELECT makes one row of all, by its HAVING or its ORDER BY
// alone.
func (c *Compiler) oneRow(s *expr.SelectStmt) bool {
	if len(s.GroupBy) > 0 || c.makesGroups(s.Columns...) {
		return false
	}
	if s.Having != nil {
		return true
	}
	return slices.ContainsFunc(s.OrderBy, func(o expr.OrderTerm) bool { return c.makesGroups(o.X) })
}

// constant reports whether expressions are known to be the same for all rows.
func constant(ns []expr.Node) bool {
	is := true
	for _, n := range ns {
		expr.Walk(n, func(n expr.Node) bool {
			switch n.(type) {
			case *expr.ColumnRef, *expr.JSONNode, *expr.SubqueryNode, *expr.RelatedNode, *expr.JoinedNode, *expr.RawNode, *expr.TextNode:
				is = false
			}
			return is
		})
	}
	return is
}

// distinctOn writes what of a row tells it apart.
func (c *Compiler) distinctOn(s *expr.SelectStmt) error {
	if len(s.DistinctOn) == 0 {
		return nil
	}
	if !c.caps.DistinctOn {
		return c.Unsupported("DISTINCT ON")
	}
	for i, n := range s.DistinctOn {
		c.Text(choose(i == 0, "ON (", ", "))
		if err := c.Typed(n); err != nil {
			return err
		}
	}
	c.Text(") ")
	return nil
}

// rows writes FROM, JOIN and WHERE. from is where the statement's sources begin
// among those in scope.
func (c *Compiler) rows(s *expr.SelectStmt, from int) error {
	if s.From != nil {
		c.Text(" FROM ")
		if err := c.filtered(s, -1, c.sources[from]); err != nil {
			return err
		}
	}
	for i, j := range s.Joins {
		if err := c.join(s, i, j, from+1+i); err != nil {
			return err
		}
	}
	if s.From == nil || derivedForJoin(s.Joins, -1) {
		return c.whereFiltered(s.Where, occurrence{}, false)
	}
	return c.whereFiltered(s.Where, c.sources[from], true)
}

// resultsAnew is results; plain columns are written as the dialect reads them best.
func (c *Compiler) resultsAnew(ns []expr.Node, packed bool) error {
	for i, n := range ns {
		if i > 0 {
			c.Text(", ")
		}
		def := ColumnOf(n)
		mark := len(c.buf)
		if err := c.Typed(n); err != nil {
			return err
		}
		switch {
		case c.inner: // the outermost statement reads it
			if i < len(c.names) {
				c.Text(" AS ")
				if err := c.Name(c.names[i]); err != nil {
					return err
				}
			}
		case def != nil:
			c.written = append(c.written[:0], c.buf[mark:]...)
			c.readColumn(c.buf[:mark], def, c.written, packed)
		}
	}
	return nil
}

// readColumn writes a column of a result after b.
func (c *Compiler) readColumn(b []byte, def *schema.ColumnDef, written []byte, packed bool) {
	if packed {
		if b, ok := c.d.AppendPackedColumn(b, def, written); ok {
			c.buf = b
			return
		}
	}
	c.buf = c.d.AppendReadColumn(b, def, written)
}

var joinKinds = [...]string{
	expr.InnerJoin: " JOIN ", expr.LeftJoin: " LEFT JOIN ", expr.RightJoin: " RIGHT JOIN ",
	expr.FullJoin: " FULL JOIN ", expr.CrossJoin: " CROSS JOIN ",
}

// join writes the join of number i; at is the place of its source among those in
// scope.
func (c *Compiler) join(s *expr.SelectStmt, i int, j expr.JoinClause, at int) error {
	if int(j.Kind) >= len(joinKinds) {
		return fmt.Errorf("unknown join %d", j.Kind)
	}
	o := c.sources[at]
	on := filters(o.src, c.filters, false) && !derivedForJoin(s.Joins, i)
	if on && j.Kind == expr.CrossJoin {
		c.Text(joinKinds[expr.InnerJoin]) // on the filters
	} else {
		c.Text(joinKinds[j.Kind])
	}
	if j.Lateral {
		if err := c.lateral(j, at); err != nil {
			return err
		}
	} else if err := c.filtered(s, i, o); err != nil {
		return err
	}
	if j.Kind == expr.CrossJoin {
		if j.On != nil {
			return fmt.Errorf("CROSS JOIN of %s takes no condition", j.Source.Label())
		}
		if on {
			return c.filter(o, false, " ON ")
		}
		return nil
	}
	if j.On == nil {
		if j.Lateral {
			c.Text(" ON TRUE")
			return nil
		}
		return fmt.Errorf("JOIN of %s without a condition", j.Source.Label())
	}
	c.Text(" ON ")
	if !on {
		return c.Expr(j.On)
	}
	if err := c.expr(j.On, precAnd); err != nil {
		return err
	}
	return c.filter(o, false, " AND ")
}

func (c *Compiler) orderAnew(o expr.OrderTerm) error {
	if err := c.checkOrder("an order", o.X); err != nil {
		return err
	}
	done := false
	if d, ok := DecimalOf(o.X); ok && c.caps.DecimalsAreText && madeDecimal(o.X) {
		done = true
		if err := c.d.DecimalNumber(c, o.X, d.Scale); err != nil {
			return err
		}
	}
	if !done {
		before, after := c.ordered(o.X)
		c.Text(before)
		if err := c.Typed(o.X); err != nil {
			return err
		}
		c.Text(after)
	}
	if o.Desc {
		c.Text(" DESC")
	}
	switch o.Nulls {
	case expr.NullsFirst:
		c.Text(" NULLS FIRST")
	case expr.NullsLast:
		c.Text(" NULLS LAST")
	}
	return nil
}

func (c *Compiler) limit(s *expr.SelectStmt) error {
	switch {
	case s.Limit >= 0:
		c.Text(" LIMIT ")
		if err := c.Placeholder(s.Limit); err != nil {
			return err
		}
	case s.Offset >= 0 && c.caps.OffsetNeedsLimit != "":
		c.Text(" LIMIT " + c.caps.OffsetNeedsLimit)
	}
	if s.Offset >= 0 {
		c.Text(" OFFSET ")
		return c.Placeholder(s.Offset)
	}
	return nil
}

func (c *Compiler) lock(s *expr.SelectStmt) error {
	if s.Lock == expr.NoLock {
		return nil
	}
	for _, src := range s.LockOf {
		if src == nil {
			return errors.New("a row lock Of no table")
		}
		if _, ok := c.find(src); !ok {
			return fmt.Errorf("a row lock Of %s, which the query does not read from", src.Label())
		}
	}
	if !c.caps.RowLocks {
		return nil
	}
	if s.Distinct || len(s.GroupBy) > 0 {
		return c.Unsupported("a row lock with DISTINCT or GROUP BY")
	}
	c.Text(choose(s.Lock == expr.LockUpdate, " FOR UPDATE", " FOR SHARE"))
	of := s.LockOf
	// The rows of outer-joined tables cannot be locked, nor are they meant.
	if len(of) == 0 && len(s.Joins) > 0 {
		of = []*expr.Source{s.From}
	}
	for i, src := range of {
		c.Text(choose(i == 0, " OF ", ", "))
		o, _ := c.find(src)
		if err := c.Name(o.label()); err != nil {
			return err
		}
	}
	switch s.Wait {
	case expr.SkipLocked:
		c.Text(" SKIP LOCKED")
	case expr.NoWait:
		c.Text(" NOWAIT")
	}
	return nil
}

func (c *Compiler) update(s *expr.UpdateStmt) error {
	if s.Table == nil {
		return errors.New("UPDATE of no table")
	}
	if s.Table.Query != nil {
		return fmt.Errorf("UPDATE of %s, which is a query and no table", s.Table.Label())
	}
	c.sources = []occurrence{{src: s.Table}}
	c.qualify = hasRelated(s)
	if len(s.Set) == 0 {
		return fmt.Errorf("UPDATE of %s without an assignment", s.Table.Label())
	}
	c.Text("UPDATE ")
	if err := c.source(occurrence{src: s.Table}); err != nil {
		return err
	}
	if len(s.Joins) > 0 && !c.caps.UpdateSeesItself {
		return c.updateJoined(s)
	}
	if len(s.Joins) > 0 || readsItself(s) && c.caps.UpdateSeesItself {
		return c.updateFrom(s)
	}
	for i, set := range s.Set {
		c.Text(choose(i == 0, " SET ", ", "))
		if err := c.assign(set, s.Set[:i]); err != nil {
			return err
		}
		if err := c.expr(c.kept(set.Column, set.Value), precLowest); err != nil {
			return err
		}
	}
	if err := c.guardedWhere(s.Where, c.sources[0]); err != nil {
		return err
	}
	return c.returning(s.Returning)
}

// assign writes the column and the sign of an assignment.
func (c *Compiler) assign(set expr.SetClause, before []expr.SetClause) error {
	if set.Column == nil {
		return errors.New("zero assignment, or one to a column handle that is not bound")
	}
	if _, ok := c.find(set.Column.Source); !ok {
		return c.outOfScope(set.Column)
	}
	for _, b := range before {
		if b.Column != nil && b.Column.Name == set.Column.Name {
			return fmt.Errorf("column %s of %s is assigned twice", set.Column.Name, set.Column.Source.Label())
		}
	}
	if err := c.Name(set.Column.Name); err != nil {
		return err
	}
	c.Text(" = ")
	return nil
}

// guardedWhere writes the condition of an UPDATE or DELETE, with the filters of its
// table.
func (c *Compiler) guardedWhere(n expr.Node, o occurrence) error {
	if n == nil {
		return errNoWhere
	}
	if k, ok := n.(*expr.ConstNode); ok && k.Every {
		return c.filter(o, true, " WHERE ")
	}
	c.guarded = true
	defer func() { c.guarded = false }()
	return c.whereFiltered(n, o, true)
}

func (c *Compiler) delete(s *expr.DeleteStmt) error {
	if s.Table == nil {
		return errors.New("DELETE from no table")
	}
	if s.Table.Query != nil {
		return fmt.Errorf("DELETE from %s, which is a query and no table", s.Table.Label())
	}
	c.sources = []occurrence{{src: s.Table}}
	c.qualify = hasRelated(s)
	c.Text("DELETE FROM ")
	if err := c.source(occurrence{src: s.Table}); err != nil {
		return err
	}
	if err := c.guardedWhere(s.Where, c.sources[0]); err != nil {
		return err
	}
	return c.returning(s.Returning)
}

func (c *Compiler) returning(ns []expr.Node) error {
	if len(ns) == 0 {
		return nil
	}
	if !c.caps.Returning {
		return c.Unsupported("RETURNING")
	}
	// SQLite does not know a table's alias here, and one table needs none.
	c.qualify = relatedIn(ns...)
	c.Text(" RETURNING ")
	return c.results(ns, false)
}
