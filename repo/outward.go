package repo

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// reach is what an expression reads of the statement around it: its columns, and those
// that relations and subqueries in it name and have not in a FROM of their own. How a
// relation joins is known once the model is sealed. So checks of a query that is still
// being put together, perhaps before all tables are defined, let sealed be false:
// relations are opaque then, and what runs the query checks again.
type reach struct {
	sealed bool
	reads  []reached
	// opaque says that there may be more: SQL of the program's, or an error.
	opaque bool
}

// reached are a column, or those that an aggregate is computed of. An aggregate belongs
// to the innermost statement that has one of them.
type reached struct {
	of        []*expr.ColumnRef
	aggregate bool
}

// reachOf is the reach of an expression.
func reachOf(n expr.Node, sealed bool) *reach {
	r := &reach{sealed: sealed}
	r.node(n)
	return r
}

func (r *reach) column(c *expr.ColumnRef) {
	r.reads = append(r.reads, reached{of: []*expr.ColumnRef{c}})
}

func (r *reach) node(n expr.Node) {
	expr.Walk(n, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.ColumnRef:
			if n != nil && n.Source != nil {
				r.column(n)
			}
		case *expr.RawNode, *expr.ErrorNode:
			r.opaque = true
		case *expr.AggNode:
			r.aggregate(n)
			return false
		case *expr.RelatedNode:
			r.related(n)
			return false
		case *expr.JoinedNode:
			r.joined(n)
			return false
		case *expr.SubqueryNode:
			r.statement(n.Stmt)
		}
		return true
	})
}

func (r *reach) aggregate(n *expr.AggNode) {
	in := &reach{sealed: r.sealed}
	expr.Walk(n, func(m expr.Node) bool {
		if m == expr.Node(n) {
			return true
		}
		in.node(m)
		return false
	})
	all := reached{aggregate: true}
	for _, x := range in.reads {
		if x.aggregate { // of a statement further out
			r.reads = append(r.reads, x)
			continue
		}
		all.of = append(all.of, x.of...)
	}
	r.reads, r.opaque = append(r.reads, all), r.opaque || in.opaque
}

func (r *reach) related(n *expr.RelatedNode) {
	if !r.sealed || n.From == nil || n.Join == nil {
		r.opaque = true
		return
	}
	by, err := n.Join.RelatedOn()
	if err != nil {
		r.opaque = true // the compiler says what is wrong
		return
	}
	for _, p := range by.On {
		r.column(columnAt(n.From, p[0]))
	}
	r.within([]*expr.Source{by.Target}, func(in *reach) {
		in.node(n.Value)
		in.node(n.Where)
	})
}

// joined reads the columns that join two sources, those without a name while the model
// is not sealed.
func (r *reach) joined(n *expr.JoinedNode) {
	if r.sealed && n.Join != nil {
		if by, err := n.Join.RelatedOn(); err == nil {
			pairs := by.On
			if n.Far {
				pairs = by.Far
			}
			for _, p := range pairs {
				r.column(columnAt(n.From.Source, p[0]))
				r.column(columnAt(n.To.Source, p[1]))
			}
			return
		}
	}
	r.column(n.From)
	r.column(n.To)
}

// columnAt is a column of a table at an occurrence of it.
func columnAt(s *expr.Source, c *expr.ColumnRef) *expr.ColumnRef {
	if c.Source == s {
		return c
	}
	return &expr.ColumnRef{Source: s, Name: c.Name, Def: c.Def}
}

// within adds what f reads of sources other than some, which it has itself.
func (r *reach) within(own []*expr.Source, f func(in *reach)) {
	in := &reach{sealed: r.sealed}
	f(in)
	r.opaque = r.opaque || in.opaque
	for _, x := range in.reads {
		outer := slices.DeleteFunc(slices.Clone(x.of), func(c *expr.ColumnRef) bool { return slices.Contains(own, c.Source) })
		if len(outer) == len(x.of) {
			r.reads = append(r.reads, x)
			continue
		}
		for _, c := range outer { // the aggregate is made of rows inside
			r.column(c)
		}
	}
}

func (r *reach) statement(s *expr.SelectStmt) {
	if s == nil {
		return
	}
	own := sourcesOf(s)
	r.within(own, func(in *reach) {
		for _, list := range [][]expr.Node{s.DistinctOn, s.Columns, s.GroupBy, {s.Where, s.Having}} {
			for _, n := range list {
				in.node(n)
			}
		}
		for _, j := range s.Joins {
			in.node(j.On)
		}
		for _, o := range s.OrderBy {
			in.node(o.X)
		}
	})
	if s.From != nil {
		r.source(s.From)
	}
	for i, j := range s.Joins {
		if j.Lateral {
			r.within(own[:i+1], func(in *reach) { in.source(j.Source) })
			continue
		}
		r.source(j.Source)
	}
}

// source is for the query behind a source, which stands apart if it is a common one.
func (r *reach) source(src *expr.Source) {
	q := src.Query
	switch {
	case q == nil || q.Common:
		return
	case q.Err != nil:
		r.opaque = true
		return
	}
	switch s := q.Stmt.(type) {
	case *expr.SelectStmt:
		r.statement(s)
	case *expr.CompoundStmt:
		for _, m := range s.Members {
			r.statement(m)
		}
	case *expr.ValuesStmt:
		for _, row := range s.Rows {
			for _, n := range row {
				r.node(n)
			}
		}
	}
}

// sourcesOf are those of a statement's own FROM, in order.
func sourcesOf(s *expr.SelectStmt) []*expr.Source {
	own := make([]*expr.Source, 1, len(s.Joins)+1)
	own[0] = s.From // nil for none, which no column has
	for _, j := range s.Joins {
		own = append(own, j.Source)
	}
	return own
}

// checkWhole checks of a statement that is run, and of those within it, what depends on
// how relations join.
func checkWhole(s expr.Statement) (err error) {
	expr.Statements(s, func(s expr.Statement) bool {
		if s, ok := s.(*expr.SelectStmt); ok && err == nil {
			if err = checkJoins(s, true); err == nil {
				err = checkGroups(s, true)
			}
		}
		return err == nil
	})
	return err
}
