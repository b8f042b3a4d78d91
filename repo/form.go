package repo

import (
	"reflect"
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// inForms gives the results of a query that are plain values, or a CASE of such, the
// forms of columns; of a nil column the result stays as it is. A key of the groups or
// of the order that is such a result takes its form along, since a database knows it
// by its text.
func inForms(s *expr.SelectStmt, forms []*expr.ColumnRef) *expr.SelectStmt {
	out := *s
	out.Columns = slices.Clone(s.Columns)
	var f formed
	for i, ref := range forms {
		if ref == nil {
			continue
		}
		was := s.Columns[i]
		if now := expr.InFormOf(ref, was); now != was {
			out.Columns[i] = now
			f.was, f.now = append(f.was, was), append(f.now, now)
		}
	}
	if len(f.was) == 0 {
		return &out
	}
	out.DistinctOn = f.each(s.DistinctOn)
	out.OrderBy = slices.Clone(s.OrderBy)
	for i := range out.OrderBy {
		out.OrderBy[i].X = f.form(s.OrderBy[i].X)
	}
	out.GroupBy = f.groups(s, &out)
	return &out
}

// formed are results as they were and in their forms.
type formed struct{ was, now []expr.Node }

func (f formed) form(n expr.Node) expr.Node {
	for i, was := range f.was {
		if reflect.DeepEqual(n, was) {
			return f.now[i]
		}
	}
	return n
}

func (f formed) each(ns []expr.Node) []expr.Node {
	out := slices.Clone(ns)
	for i, n := range ns {
		out[i] = f.form(n)
	}
	return out
}

// groups are the keys of s in the forms of the results. One that out names within
// something else stays a key beside its form: the groups are the same.
func (f formed) groups(s, out *expr.SelectStmt) (keys []expr.Node) {
	for _, key := range s.GroupBy {
		if n, ok := key.(*expr.GroupingNode); ok {
			sets := *n
			sets.Sets = slices.Clone(n.Sets)
			for i, set := range n.Sets {
				sets.Sets[i] = f.each(set)
			}
			keys = append(keys, &sets)
			continue
		}
		now := f.form(key)
		if now != key && named(key, out) {
			keys = append(keys, key)
		}
		keys = append(keys, now)
	}
	return keys
}

// named reports whether a query names an expression in its results, its order or
// HAVING.
func named(key expr.Node, s *expr.SelectStmt) (found bool) {
	look := func(n expr.Node) {
		expr.Walk(n, func(n expr.Node) bool {
			found = found || reflect.DeepEqual(n, key)
			return !found
		})
	}
	look(s.Having)
	for _, n := range s.Columns {
		look(n)
	}
	for _, o := range s.OrderBy {
		look(o.X)
	}
	return found
}
