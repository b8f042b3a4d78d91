package expr

import (
	"reflect"
	"slices"
)

// InForms gives the results of a query that are of plain values alone the forms of
// columns, see InFormOf; of a nil column the result stays as it is. It is for the
// packages above.
func InForms(s *SelectStmt, forms []*ColumnRef) *SelectStmt {
	return formed(s, func(i int, n Node) Node {
		if forms[i] == nil {
			return n
		}
		return adopt(forms[i], n)
	})
}

// Together gives the results of a query that are of plain values alone the forms of what
// stands beside them in a set operation: xs says of which expressions these are, nil of
// none. Decimals have the digits that they are written with. It is for the packages above.
func Together(xs []Node, s *SelectStmt) *SelectStmt {
	return formed(s, func(i int, n Node) Node {
		if xs[i] == nil {
			return n
		}
		return beside(xs[i], n)
	})
}

// Sought gives what is looked for among the results of a query, of one column, and these
// the form of each other where they are of plain values alone; see Together.
func Sought(x Node, s *SelectStmt) (Node, *SelectStmt) {
	of := s.Columns[0]
	return beside(of, x), formed(s, func(_ int, n Node) Node { return beside(x, n) })
}

// beside is adopt, but decimals have the digits that they are written with.
func beside(like, n Node) Node {
	if !plain(n) {
		return n
	}
	ref, made := formOf(like)
	if ref == nil && !made {
		return n
	}
	return inForm(n, withoutDigits(ref))
}

// formed is a query with its results in other forms. A key of the groups or of the order
// that is such a result takes its form along, since a database knows it by its text.
func formed(s *SelectStmt, form func(i int, n Node) Node) *SelectStmt {
	var f formedResults
	columns := slices.Clone(s.Columns)
	for i, was := range s.Columns {
		if now := form(i, was); now != was {
			columns[i] = now
			f.was, f.now = append(f.was, was), append(f.now, now)
		}
	}
	if len(f.was) == 0 {
		return s
	}
	out := *s
	out.Columns = columns
	out.DistinctOn = f.each(s.DistinctOn)
	out.OrderBy = slices.Clone(s.OrderBy)
	for i := range out.OrderBy {
		out.OrderBy[i].X = f.form(s.OrderBy[i].X)
	}
	out.GroupBy = f.groups(s, &out)
	return &out
}

// formedResults are results as they were and in their forms.
type formedResults struct{ was, now []Node }

func (f formedResults) form(n Node) Node {
	for i, was := range f.was {
		if reflect.DeepEqual(n, was) {
			return f.now[i]
		}
	}
	return n
}

func (f formedResults) each(ns []Node) []Node {
	out := slices.Clone(ns)
	for i, n := range ns {
		out[i] = f.form(n)
	}
	return out
}

// groups are the keys of s in the forms of the results. One that out names within
// something else stays a key beside its form: the groups are the same.
func (f formedResults) groups(s, out *SelectStmt) (keys []Node) {
	for _, key := range s.GroupBy {
		if n, ok := key.(*GroupingNode); ok {
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
func named(key Node, s *SelectStmt) (found bool) {
	look := func(n Node) {
		Walk(n, func(n Node) bool {
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
