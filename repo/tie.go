package repo

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// tie is what a condition says of the tables whose rows it pairs: that those of some
// are paired by what they hold, or that one of several lists of ties holds.
type tie struct {
	of   []*expr.Source
	arms [][]tie
}

// tying looks for ties: of each part of a condition all of which must hold, a
// comparison ties the tables that it reads, and so does a relation or subquery those
// around it. Of parts one of which must hold, each has to.
type tying struct {
	sealed bool // as for reach
	// either says that of parts one of which must hold, one that ties is enough: so it
	// is for an outer join, for which CrossJoin and Where would say something else.
	either bool
	// any are the tables that a condition may name of which nothing is known: SQL of
	// the program's, or a relation while the model is not sealed.
	any []*expr.Source
}

// of are the ties of a condition, of what it denies if not is true.
func (y tying) of(n expr.Node, not bool) []tie {
	switch l := n.(type) {
	case nil:
		return nil
	case *expr.NotNode:
		return y.of(l.X, !not)
	case *expr.LogicNode:
		var all []tie
		var arms [][]tie
		for _, a := range l.Args {
			switch {
			case l.Or == not: // all of them hold
				all = append(all, y.of(a, not)...)
			case never(a, not):
			case y.either:
				all = append(all, y.of(a, not)...)
			default:
				arms = append(arms, y.of(a, not))
			}
		}
		switch {
		case l.Or == not:
			return all
		case len(all) == 0 && len(arms) == 0:
			return []tie{{of: y.any}} // false: there are no rows
		case len(arms) == 1:
			return arms[0]
		case len(arms) > 0:
			return []tie{{arms: arms}}
		}
		return all
	}
	r := reachOf(n, y.sealed)
	if r.opaque || never(n, not) {
		return []tie{{of: y.any}}
	}
	var t tie
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
		y := tying{sealed: sealed, either: j.Kind != expr.InnerJoin, any: slices.Clip(before)}
		all = append(all, y.of(j.On, false)...)
	}
	for _, w := range where {
		all = append(all, tying{sealed: sealed, any: before}.of(w, false)...)
	}
	s := spread{outer: outer, joins: joins, left: mostSpread}
	met = s.from(met, all)
	for _, j := range joins {
		if !s.tied(met, j.Source) {
			return j.Source
		}
	}
	return nil
}

// mostSpread is how many arms within arms are gone into. Past that they tie nothing.
const mostSpread = 1 << 12

// spread goes from tables to those that ties lead to.
type spread struct {
	outer func(*expr.Source) bool
	joins []expr.JoinClause
	left  int // of mostSpread
	depth int // of arms within arms
}

func (s *spread) tied(met []*expr.Source, src *expr.Source) bool {
	return s.outer(src) || slices.Contains(met, src)
}

// from returns met and what ties lead to from there. Where one of several arms holds,
// that is what all of them lead to, each with all other ties, the arms of others too.
func (s *spread) from(met []*expr.Source, all []tie) []*expr.Source {
	met = slices.Clone(met)
	for grown := true; grown; {
		grown = false
		for _, t := range all {
			if !slices.ContainsFunc(t.of, func(src *expr.Source) bool { return s.tied(met, src) }) {
				continue
			}
			for _, src := range t.of {
				if !s.tied(met, src) {
					met, grown = append(met, src), true
				}
			}
		}
	}
	for i, t := range all {
		if len(t.arms) == 0 || !s.leads(met, t) {
			continue
		}
		rest := slices.Delete(slices.Clone(all), i, i+1)
		var common []*expr.Source
		for k, arm := range t.arms {
			if s.depth > 0 {
				s.left--
			}
			if s.left < 0 {
				return met
			}
			s.depth++
			found := s.from(met, append(slices.Clip(rest), arm...))
			s.depth--
			if k == 0 {
				common = found
			} else {
				common = slices.DeleteFunc(common, func(src *expr.Source) bool { return !slices.Contains(found, src) })
			}
			if len(common) == len(met) {
				break // no more than without it
			}
		}
		return common
	}
	return met
}

// leads reports whether a tie names a joined table that is not tied yet.
func (s *spread) leads(met []*expr.Source, t tie) bool {
	if slices.ContainsFunc(t.of, func(src *expr.Source) bool { return !s.tied(met, src) }) {
		return true
	}
	return slices.ContainsFunc(t.arms, func(arm []tie) bool {
		return slices.ContainsFunc(arm, func(t tie) bool { return s.leads(met, t) })
	})
}
