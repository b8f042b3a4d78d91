package dialect

import (
	"math"

	"github.com/dormer-orm/dormer/expr"
)

// surrounding is a statement around the one that is being written.
type surrounding struct {
	// from is where its tables begin among those in scope.
	from int
	// clause is the part of it that the one within stands in.
	clause clause
}

// inside writes a statement within the one at hand, of which it may name the tables
// in scope, and those around it.
func (c *Compiler) inside(outer []occurrence, write func() error) error {
	sources, above, statements := c.sources, c.above, c.statements
	c.statements = append(statements, surrounding{above, c.clause})
	c.sources, c.above = outer[:len(outer):len(outer)], len(outer)
	err := write()
	c.sources, c.above, c.statements = sources, above, statements
	return err
}

// surrounded is the statement around the one at hand whose rows an aggregate is made
// of: the innermost that has one of its columns. It is nil where that is the one at
// hand, as it is of an aggregate without columns.
func (c *Compiler) surrounded(n *expr.AggNode) *surrounding {
	if len(c.statements) == 0 {
		return nil
	}
	at := -1
	expr.Walk(n, func(m expr.Node) bool {
		if m == expr.Node(n) {
			return true
		}
		at = max(at, c.deepest(m, nil))
		return false
	})
	if at < 0 || at >= c.above {
		return nil
	}
	for i := len(c.statements) - 1; i >= 0; i-- {
		if s := &c.statements[i]; s.from <= at {
			return s
		}
	}
	return nil
}

// makesGroups reports whether expressions have an aggregate of the rows of the
// statement at hand.
func (c *Compiler) makesGroups(ns ...expr.Node) (is bool) {
	for _, n := range ns {
		expr.Walk(n, func(n expr.Node) bool {
			if f, ok := n.(*expr.AggNode); ok && f != nil {
				is = is || c.surrounded(f) == nil
			}
			return !is
		})
	}
	return is
}

// deepest is the place in scope of the innermost table of which an expression reads,
// apart from those that it has in a FROM of its own: -1 where there is none. SQL of the
// program's may read of any.
func (c *Compiler) deepest(n expr.Node, own []*expr.Source) int {
	at := -1
	expr.Walk(n, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.ColumnRef:
			if n != nil {
				at = max(at, c.place(n.Source, own))
			}
		case *number:
			at = max(at, c.deepest(n.Node, own))
		case *expr.RawNode, *expr.TextNode:
			at = math.MaxInt
		case *expr.RelatedNode:
			at = max(at, c.place(n.From, own))
			if r, err := relatedColumns(n); err == nil {
				within := append(own[:len(own):len(own)], r.Target)
				at = max(at, c.deepest(n.Value, within), c.deepest(n.Where, within))
			}
			return false
		case *expr.SubqueryNode:
			if n.Stmt != nil {
				at = max(at, c.deepestOf(n.Stmt, own))
			}
		}
		return true
	})
	return at
}

// deepestOf is deepest of a statement within an expression.
func (c *Compiler) deepestOf(stmt expr.Statement, own []*expr.Source) int {
	at := -1
	add := func(own []*expr.Source, ns ...expr.Node) {
		for _, n := range ns {
			at = max(at, c.deepest(n, own))
		}
	}
	source := func(src *expr.Source, own []*expr.Source) {
		if src != nil && src.Query != nil && !src.Query.Common {
			at = max(at, c.deepestOf(src.Query.Stmt, own))
		}
	}
	switch s := stmt.(type) {
	case *expr.SelectStmt:
		within := append(own[:len(own):len(own)], s.From)
		source(s.From, own)
		for _, j := range s.Joins {
			if j.Lateral {
				source(j.Source, within)
			} else {
				source(j.Source, own)
			}
			within = append(within, j.Source)
		}
		for _, j := range s.Joins {
			add(within, j.On)
		}
		add(within, s.DistinctOn...)
		add(within, s.Columns...)
		add(within, s.Where, s.Having)
		add(within, s.GroupBy...)
		for _, o := range s.OrderBy {
			add(within, o.X)
		}
	case *expr.CompoundStmt:
		for _, m := range s.Members {
			at = max(at, c.deepestOf(m, own))
		}
	case *expr.ValuesStmt:
		for _, r := range s.Rows {
			add(own, r...)
		}
	}
	return at
}

// place is where in scope a source stands, -1 where an expression has it in a FROM of
// its own, or where it is not in scope.
func (c *Compiler) place(s *expr.Source, own []*expr.Source) int {
	for _, o := range own {
		if o == s {
			return -1
		}
	}
	for i := len(c.sources) - 1; i >= 0; i-- {
		if o := c.sources[i]; o.src == s && !o.hidden {
			return i
		}
	}
	return -1
}
