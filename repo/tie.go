package repo

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// tie is a set of tables whose rows a condition pairs by what they hold. opaque says
// that it may be any: what is looked at is SQL of the program's, or a relation while
// the model is not sealed.
type tie struct {
	of     []*expr.Source
	opaque bool
}

// ties are those of a condition: of each part all of which must hold, a comparison
// ties the tables that it reads, and so does a relation or subquery those around it.
// Of parts one of which must hold, each has to. sealed is as for reach.
func ties(n expr.Node, sealed bool) []tie {
	switch l := n.(type) {
	case nil:
		return nil
	case *expr.LogicNode:
		if !l.Or {
			var all []tie
			for _, a := range l.Args {
				all = append(all, ties(a, sealed)...)
			}
			return all
		}
		return tiesOfAny(l.Args, sealed)
	}
	r := reachOf(n, sealed)
	t := tie{opaque: r.opaque}
	for _, x := range r.reads {
		for _, c := range x.of {
			if !slices.Contains(t.of, c.Source) {
				t.of = append(t.of, c.Source)
			}
		}
	}
	return []tie{t}
}

// tiesOfAny are the tables that every one of several conditions ties.
func tiesOfAny(conds []expr.Node, sealed bool) []tie {
	if len(conds) == 0 {
		return []tie{{opaque: true}} // false: there are no rows
	}
	common := tie{opaque: true}
	for _, c := range conds {
		own := tie{}
		for _, t := range ties(c, sealed) {
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

// checkJoins wants the table of each join tied to the one that is read first, by its
// condition, that of a later join, or WHERE. What is lateral may be tied by what it
// names, or be meant for every row, which expr.Every says; so is what is cross joined.
func checkJoins(s *expr.SelectStmt, sealed bool) error {
	if len(s.Joins) == 0 {
		return nil
	}
	own := sourcesOf(s)
	met := own[:1:1]
	for i, j := range s.Joins {
		every, _ := j.On.(*expr.ConstNode)
		if j.Kind == expr.CrossJoin || j.Lateral && (every != nil && every.Every || namesAny(j.Source, own[:i+1])) {
			met = append(met, j.Source)
		}
	}
	outer := func(of *expr.Source) bool { return !slices.Contains(own, of) }
	if src := untied(met, outer, s.Joins, []expr.Node{s.Where}, sealed); src != nil {
		return fmt.Errorf("no condition of a join or of Where ties %s to the tables before it, so that every row would meet every other: say expr.On, or CrossJoin if that is meant", src.Label())
	}
	return nil
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
	outer := func(*expr.Source) bool { return false }
	if src := untied([]*expr.Source{own}, outer, joins, where, true); src != nil {
		return fmt.Errorf("no condition ties %s to the rows that are written, so that each would have a match or none: say expr.On", src.Label())
	}
	return nil
}

// untied is the first table joined that no chain of conditions ties to those met, or
// to a statement around; nil for none.
func untied(met []*expr.Source, outer func(*expr.Source) bool, joins []expr.JoinClause, where []expr.Node, sealed bool) *expr.Source {
	var all []tie
	before := met[:1:1]
	for _, j := range joins {
		before = append(before, j.Source)
		for _, t := range ties(j.On, sealed) {
			if t.opaque { // it may name any up to its own
				t.of = slices.Clone(before)
			}
			all = append(all, t)
		}
	}
	for _, w := range where {
		for _, t := range ties(w, sealed) {
			if t.opaque {
				return nil
			}
			all = append(all, t)
		}
	}
	tied := func(s *expr.Source) bool { return outer(s) || slices.Contains(met, s) }
	for grown := true; grown; {
		grown = false
		for _, t := range all {
			if !slices.ContainsFunc(t.of, tied) {
				continue
			}
			for _, s := range t.of {
				if !tied(s) {
					met, grown = append(met, s), true
				}
			}
		}
	}
	for _, j := range joins {
		if !tied(j.Source) {
			return j.Source
		}
	}
	return nil
}
