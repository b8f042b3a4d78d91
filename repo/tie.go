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

// tying looks for ties: of each part of a condition all of which must hold, a
// comparison ties the tables that it reads, and so does a relation or subquery those
// around it. Of parts one of which must hold, each has to.
type tying struct {
	sealed bool // as for reach
	// either says that of parts one of which must hold, one that ties is enough: so it
	// is for an outer join, for which CrossJoin and Where would say something else.
	either bool
}

// of are the ties of a condition, of what it denies if not is true.
func (y tying) of(n expr.Node, not bool) []tie {
	switch l := n.(type) {
	case nil:
		return nil
	case *expr.NotNode:
		return y.of(l.X, !not)
	case *expr.LogicNode:
		var may []expr.Node
		for _, a := range l.Args {
			if !never(a, not) {
				may = append(may, a)
			}
		}
		switch {
		case l.Or == not: // all of them hold
			may = l.Args
		case len(may) == 0:
			return []tie{{opaque: true}} // false: there are no rows
		case !y.either:
			return y.ofAny(may, not)
		}
		var all []tie
		for _, a := range may {
			all = append(all, y.of(a, not)...)
		}
		return all
	}
	r := reachOf(n, y.sealed)
	t := tie{opaque: r.opaque || never(n, not)}
	for _, x := range r.reads {
		for _, c := range x.of {
			if !slices.Contains(t.of, c.Source) {
				t.of = append(t.of, c.Source)
			}
		}
	}
	return []tie{t}
}

// never reports whether a condition is false for every row.
func never(n expr.Node, not bool) bool {
	switch n := n.(type) {
	case *expr.ConstNode:
		return n.Value == not
	case *expr.InNode:
		return len(n.Values)+len(n.Ints) == 0 && n.Not == not
	}
	return false
}

// ofAny are the tables that every one of several conditions ties.
func (y tying) ofAny(conds []expr.Node, not bool) []tie {
	common := tie{opaque: true}
	for _, c := range conds {
		own := tie{}
		for _, t := range y.of(c, not) {
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
		if j.Kind == expr.CrossJoin || j.Lateral && (saysEvery(j.On) || namesAny(j.Source, own[:i+1], sealed)) {
			met = append(met, j.Source)
		}
	}
	outer := func(of *expr.Source) bool { return !slices.Contains(own, of) }
	if src := untied(met, outer, s.Joins, []expr.Node{s.Where}, sealed); src != nil {
		return fmt.Errorf("no condition of a join or of Where ties %s to the tables before it, so that every row would meet every other: say expr.On, or CrossJoin if that is meant", src.Label())
	}
	return nil
}

// saysEvery reports whether a join is meant for every row.
func saysEvery(on expr.Node) bool {
	every, _ := on.(*expr.ConstNode)
	return every != nil && every.Every
}

// namesAny reports whether the query behind a source names columns of others.
func namesAny(src *expr.Source, others []*expr.Source, sealed bool) bool {
	if src.Query == nil || src.Query.Err != nil {
		return true // an error of its own
	}
	found := false
	of := func(r *reach) {
		found = found || r.opaque
		for _, x := range r.reads {
			found = found || slices.ContainsFunc(x.of, func(c *expr.ColumnRef) bool { return slices.Contains(others, c.Source) })
		}
	}
	switch s := src.Query.Stmt.(type) {
	case *expr.SelectStmt:
		r := &reach{sealed: sealed}
		r.statement(s)
		of(r)
	case *expr.ValuesStmt:
		for _, row := range s.Rows {
			for _, n := range row {
				of(reachOf(n, sealed))
			}
		}
	default:
		return true
	}
	return found
}

// checkTied wants each of several joined tables tied to the table that is written.
func checkTied(own *expr.Source, joins []expr.JoinClause, where []expr.Node) error {
	met := []*expr.Source{own}
	for _, j := range joins {
		if saysEvery(j.On) {
			met = append(met, j.Source)
		}
	}
	outer := func(*expr.Source) bool { return false }
	if src := untied(met, outer, joins, where, true); src != nil {
		return fmt.Errorf("no condition ties %s to the rows that are written, so that each would have a match or none: say expr.On, or expr.Every if one row of it is meant for each", src.Label())
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
		for _, t := range (tying{sealed: sealed, either: j.Kind != expr.InnerJoin}).of(j.On, false) {
			if t.opaque { // it may name any up to its own
				t.of = slices.Clone(before)
			}
			all = append(all, t)
		}
	}
	for _, w := range where {
		for _, t := range (tying{sealed: sealed}).of(w, false) {
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
