package trees_test

import (
	"errors"
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// rows is what the plan's query returns for the outer rows at hand.
func (p *plan) rows(outer *env) [][]any {
	spend(1)
	envs := p.combined(outer)
	keep := func(conds []cond) {
		envs = slices.DeleteFunc(envs, func(e *env) bool {
			for _, c := range conds {
				if c.ev(e) != yes {
					return true
				}
			}
			return false
		})
	}
	keep(p.where)
	if p.grouped {
		envs = p.groups(envs, outer)
		keep(p.having)
	}
	for i, e := range envs {
		e.all, e.at = envs, i
	}
	type result struct{ outs, order []any }
	var results []result
	seen := map[string]bool{}
	for _, e := range envs {
		var r result
		for _, x := range p.outs {
			r.outs = append(r.outs, x.ev(e))
		}
		if p.distinct {
			if s := key(r.outs); seen[s] {
				continue
			} else {
				seen[s] = true
			}
		}
		for _, t := range p.order {
			r.order = append(r.order, t.x.ev(e))
		}
		results = append(results, r)
	}
	slices.SortStableFunc(results, func(a, b result) int { return inOrder(p.order, a.order, b.order) })
	if p.first > 0 {
		seen := map[string]bool{}
		results = slices.DeleteFunc(results, func(r result) bool {
			s := key(r.order[:p.first])
			was := seen[s]
			seen[s] = true
			return was
		})
	}
	out := [][]any{}
	for i, r := range results {
		if i < p.offset || p.limit >= 0 && len(out) == p.limit {
			continue
		}
		out = append(out, r.outs)
	}
	return out
}

func inOrder(terms []term, a, b []any) int {
	for i, t := range terms {
		if (a[i] == nil) != (b[i] == nil) {
			return orderNull(a[i], b[i]) * map[expr.NullsOrder]int{expr.NullsFirst: 1, expr.NullsLast: -1}[t.nulls]
		}
		if c := orderNull(a[i], b[i]); c != 0 {
			if t.desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// combined are the rows that the tables make together.
func (p *plan) combined(outer *env) []*env {
	var envs []*env
	for _, r := range p.places[0].rows(outer) {
		envs = append(envs, &env{up: outer, src: p.places[0].src, rec: r})
	}
	for i, j := range p.joins {
		q := p.places[i+1]
		var next []*env
		var rows []*record
		if !j.lateral {
			rows = q.rows(outer)
		}
		matched := map[int]bool{}
		for _, e := range envs {
			if j.lateral {
				rows = q.rows(e)
			}
			found := false
			spend(len(rows))
			for at, r := range rows {
				pair := &env{up: e, src: q.src, rec: r}
				if j.kind == expr.CrossJoin || j.on.ev(pair) == yes {
					next, found, matched[at] = append(next, pair), true, true
				}
			}
			if !found && (j.kind == expr.LeftJoin || j.kind == expr.FullJoin) {
				next = append(next, &env{up: e, src: q.src})
			}
		}
		if j.kind == expr.RightJoin || j.kind == expr.FullJoin {
			for at, r := range rows {
				if !matched[at] {
					e := outer
					for _, before := range p.places[:i+1] {
						e = &env{up: e, src: before.src}
					}
					next = append(next, &env{up: e, src: q.src, rec: r})
				}
			}
		}
		envs = next
	}
	return envs
}

// groups makes one row of those with the same values.
func (p *plan) groups(envs []*env, outer *env) []*env {
	if len(p.group) == 0 {
		e := &env{up: outer, group: envs}
		if len(envs) > 0 {
			e.up = envs[0]
		} else {
			e.group = []*env{}
		}
		return []*env{e}
	}
	var out []*env
	by := map[string]*env{}
	for _, e := range envs {
		var vals []any
		for _, x := range p.group {
			vals = append(vals, x.ev(e))
		}
		s := key(vals)
		if by[s] == nil {
			by[s] = &env{up: e, group: []*env{}}
			out = append(out, by[s])
		}
		by[s].group = append(by[s].group, e)
	}
	return out
}

// members are those of the group at hand.
func members(e *env) []*env {
	for ; e != nil; e = e.up {
		if e.group != nil {
			return e.group
		}
	}
	panic("an aggregate without a group")
}

// work counts the rows that an evaluation goes through. A tree of queries within
// queries that takes too many, here as in the databases, is left out.
var work int

const tooMuch = 400_000

var errTooLong = errors.New("a query of too many rows")

func spend(rows int) {
	if work += rows; work > tooMuch {
		panic(errTooLong)
	}
}
