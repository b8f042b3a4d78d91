package repo

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// tie is a set of tables whose rows a condition pairs by what they hold. opaque says
// that it may be any: what is looked at is SQL of the program's, or a subquery.
type tie struct {
	of     []*expr.Source
	opaque bool
}

// ties are those of a condition: of each part all of which must hold, a comparison
// ties the tables that it names. Of parts one of which must hold, each has to.
func ties(n expr.Node) []tie {
	switch l := n.(type) {
	case nil:
		return nil
	case *expr.LogicNode:
		if !l.Or {
			var all []tie
			for _, a := range l.Args {
				all = append(all, ties(a)...)
			}
			return all
		}
		return tiesOfAny(l.Args)
	}
	t := tie{}
	expr.Walk(n, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.ColumnRef:
			if n != nil && !slices.Contains(t.of, n.Source) {
				t.of = append(t.of, n.Source)
			}
		case *expr.RawNode, *expr.RelatedNode, *expr.SubqueryNode, *expr.ErrorNode:
			t.opaque = true
		}
		return true
	})
	return []tie{t}
}

// tiesOfAny are the tables that every one of several conditions ties.
func tiesOfAny(conds []expr.Node) []tie {
	if len(conds) == 0 {
		return []tie{{opaque: true}} // false: there are no rows
	}
	common := tie{opaque: true}
	for _, c := range conds {
		own := tie{}
		for _, t := range ties(c) {
			if len(t.of) > 1 || t.opaque {
				own.of, own.opaque = append(own.of, t.of...), own.opaque || t.opaque
			}
		}
		switch {
		case own.opaque:
		case common.opaque:
			common = own
		default:
			common.of = slices.DeleteFunc(common.of, func(s *expr.Source) bool { return !slices.Contains(own.of, s) })
		}
	}
	return []tie{common}
}

// checkJoin wants a condition that ties the table joined to another. What is lateral
// may be tied by what it names, or be meant for every row, which expr.Every says.
func checkJoin(j expr.JoinClause, before []*expr.Source) error {
	every, _ := j.On.(*expr.ConstNode)
	if j.Kind == expr.CrossJoin || j.Lateral && (every != nil && every.Every || namesAny(j.Source, before)) {
		return nil
	}
	for _, t := range ties(j.On) {
		if t.opaque || len(t.of) > 1 && slices.Contains(t.of, j.Source) {
			return nil
		}
	}
	return fmt.Errorf("the condition of the join does not tie %s to a table before it, so that every row would meet every other: say expr.On, or CrossJoin if that is meant", j.Source.Label())
}

// namesAny reports whether the query behind a source names columns of others.
func namesAny(src *expr.Source, others []*expr.Source) bool {
	if src.Query == nil || src.Query.Err != nil {
		return true // an error of its own
	}
	found := false
	look := func(ns ...expr.Node) {
		for _, n := range ns {
			for _, c := range expr.Columns(n) {
				found = found || slices.Contains(others, c.Source)
			}
			expr.Walk(n, func(n expr.Node) bool {
				if r, ok := n.(*expr.RelatedNode); ok {
					found = found || slices.Contains(others, r.From)
				}
				return true
			})
		}
	}
	expr.Statements(src.Query.Stmt, func(s expr.Statement) bool {
		switch s := s.(type) {
		case *expr.SelectStmt:
			look(s.Columns...)
			look(s.DistinctOn...)
			look(s.Where, s.Having)
			look(s.GroupBy...)
			for _, j := range s.Joins {
				look(j.On)
			}
			for _, o := range s.OrderBy {
				look(o.X)
			}
		case *expr.ValuesStmt:
			for _, r := range s.Rows {
				look(r...)
			}
		}
		return true
	})
	return found
}

// checkTied wants each of several joined tables tied to the table that is written.
func checkTied(own *expr.Source, joins []expr.JoinClause, where []expr.Node) error {
	var all []tie
	for _, j := range joins {
		all = append(all, ties(j.On)...)
	}
	for _, w := range where {
		all = append(all, ties(w)...)
	}
	tied := []*expr.Source{own}
	for grown := true; grown; {
		grown = false
		for _, t := range all {
			if t.opaque {
				return nil
			}
			if !slices.ContainsFunc(t.of, func(s *expr.Source) bool { return slices.Contains(tied, s) }) {
				continue
			}
			for _, s := range t.of {
				if !slices.Contains(tied, s) {
					tied, grown = append(tied, s), true
				}
			}
		}
	}
	for _, j := range joins {
		if !slices.Contains(tied, j.Source) {
			return fmt.Errorf("no condition ties %s to the rows that are written, so that each would have a match or none: say expr.On", j.Source.Label())
		}
	}
	return nil
}
