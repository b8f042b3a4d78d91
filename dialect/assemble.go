package dialect

import "github.com/dormer-orm/dormer/expr"

// assemble puts the text of a statement together from parts that were written before,
// and reports whether it could: of a SELECT of one table's columns by comparisons of
// them with values, which is what most queries of entities are. The shape has the
// arguments, in the order of the text. What it cannot do is left to the compiler,
// which writes the parts that are missing.
func (w *worker) assemble(stmt expr.Statement) bool {
	s, ok := stmt.(*expr.SelectStmt)
	if !ok || s.From == nil || local(s.From) || len(filtersOf(s.From)) > 0 ||
		s.Distinct || s.PerGroup != nil || s.Lock != expr.NoLock || len(s.DistinctOn)+len(s.Joins)+len(s.GroupBy) > 0 || s.Having != nil {
		return false
	}
	if s.Limit < 0 && s.Offset >= 0 { // of which some databases have words of their own
		return false
	}
	w.bound = 0
	c := &w.c
	if len(s.Columns) == 0 {
		return false
	}
	results, ok := c.known.results[&s.Columns[0]]
	if !ok || results.n != len(s.Columns) || results.packed != s.Packed || results.from != s.From {
		return false
	}
	c.Text("SELECT ")
	c.Text(results.whole)
	if s.Where != nil {
		c.Text(" WHERE ")
		if !w.assembleAll(s.Where, s.From) {
			return false
		}
	}
	for i, o := range s.OrderBy {
		c.Text(choose(i == 0, " ORDER BY ", ", "))
		ref, _ := o.X.(*expr.ColumnRef)
		if ref == nil || ref.Source != s.From {
			return false
		}
		p, ok := c.known.parts[orderKey(ref, o)]
		if !ok {
			return false
		}
		c.Text(p.before)
	}
	if s.Limit >= 0 {
		c.Text(" LIMIT ")
		w.placeholder()
	}
	if s.Offset >= 0 {
		c.Text(" OFFSET ")
		w.placeholder()
	}
	return w.bound == len(w.args)
}

// mostAssembled is the most members of a condition: more may need parentheses, and have
// more arguments than a statement can.
const mostAssembled = 32

// assembleAll is assemble for a condition: a comparison, or several that must hold.
func (w *worker) assembleAll(n expr.Node, from *expr.Source) bool {
	all, ok := n.(*expr.LogicNode)
	if !ok {
		return w.assembleOne(n, from)
	}
	if all == nil || all.Or || len(all.Args) < 2 || len(all.Args) > mostAssembled {
		return false
	}
	for i, a := range all.Args {
		if i > 0 {
			w.c.Text(" AND ")
		}
		if !w.assembleOne(a, from) {
			return false
		}
	}
	return true
}

func (w *worker) assembleOne(n expr.Node, from *expr.Source) bool {
	var key partKey
	switch n := n.(type) {
	case *expr.CompareNode:
		if n == nil {
			return false
		}
		v, _ := n.Right.(*expr.ParamNode)
		ref, _ := n.Left.(*expr.ColumnRef)
		if v == nil || ref == nil || v.Like != ref || ref.Source != from {
			return false
		}
		key = compareKey(ref, n)
	case *expr.InNode:
		ref, _ := n.X.(*expr.ColumnRef)
		if ref == nil || n.Like != ref || ref.Source != from {
			return false
		}
		list := w.planOf(n)
		if list == nil {
			return false
		}
		key = inKey(ref, n, list.form)
	default:
		return false
	}
	p, ok := w.c.known.parts[key]
	if !ok {
		return false
	}
	w.c.Text(p.before)
	w.placeholder()
	w.c.Text(p.after)
	return true
}

func (w *worker) placeholder() {
	w.bound++
	w.c.buf = w.c.d.AppendPlaceholder(w.c.buf, w.bound)
}
