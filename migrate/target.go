package migrate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// place is where a database is: what it has applied, and the rows of its version
// table.
type place struct {
	applied nodes
	rows    []*node
}

func placeAt(rows []*node) place {
	rows = slices.SortedFunc(slices.Values(rows), func(a, b *node) int { return a.place - b.place })
	return place{closure(rows, (*node).below), rows}
}

// aim is a target taken apart: branch@symbol±steps.
type aim struct {
	text     string
	branch   string
	symbol   string
	steps    int
	relative bool
}

var relativeTarget = regexp.MustCompile(`^(?:([^@]*)@)?(\w*)([+-]\d+)$`)

func parseTarget(text string) aim {
	if m := relativeTarget.FindStringSubmatch(text); m != nil {
		if n, err := strconv.Atoi(m[3]); err == nil {
			return aim{text: text, branch: m[1], symbol: m[2], steps: n, relative: true}
		}
	}
	a := aim{text: text, symbol: text}
	if branch, symbol, ok := strings.Cut(text, "@"); ok {
		a.branch, a.symbol = branch, symbol
	}
	return a
}

func (a aim) fail(kind error, candidates ...*node) error {
	return &TargetError{Kind: kind, Target: a.text, Steps: a.steps, Relative: a.relative && a.symbol == "", Branch: a.branch, Candidates: ids(candidates)}
}

// scope is the lineage of the branch that the target names, nil for all.
func (g *graph) scope(a aim) (nodes, error) {
	if a.branch == "" {
		if strings.Contains(a.text, "@") {
			return nil, a.fail(ErrUnknownRevision)
		}
		return nil, nil
	}
	n, err := g.find(a, a.branch, nil)
	if err != nil {
		return nil, err
	}
	return lineage(n), nil
}

// find is the revision of an id, label or unique beginning of an id.
func (g *graph) find(a aim, id string, scope nodes) (*node, error) {
	n := g.byID[id]
	if n == nil {
		n = g.labels[id]
	}
	if n == nil {
		var found []*node
		for _, m := range g.nodes {
			if id != "" && strings.HasPrefix(m.ID, id) && (scope == nil || scope[m]) {
				found = append(found, m)
			}
		}
		a.text = id
		switch len(found) {
		case 0:
			return nil, a.fail(ErrUnknownRevision)
		case 1:
			return found[0], nil
		}
		return nil, a.fail(ErrAmbiguousRevision, found...)
	}
	if scope != nil && !scope[n] {
		return nil, a.fail(ErrNotOnBranch, n)
	}
	return n, nil
}

// fixed resolves a target without steps. base is true for the start of everything.
func (g *graph) fixed(a aim, scope nodes, at place) (found []*node, base bool, err error) {
	switch a.symbol {
	case "head":
		heads := within(g.heads(), scope)
		if len(heads) > 1 {
			return nil, false, a.fail(ErrMultipleHeads, heads...)
		}
		return heads, false, nil
	case "heads":
		return within(g.heads(), scope), false, nil
	case "base":
		return nil, true, nil
	case "current":
		return within(at.rows, scope), len(at.rows) == 0, nil
	}
	n, err := g.find(a, a.symbol, scope)
	if err != nil {
		return nil, false, err
	}
	return []*node{n}, false, nil
}

// walk goes steps up, or down where steps is negative, from a revision; nil is the
// base. It ends where there are several ways.
func (g *graph) walk(a aim, from *node, scope nodes) (*node, error) {
	for i := 0; i < a.steps; i++ {
		next := g.bases()
		if from != nil {
			next = from.children
		}
		next = within(next, scope)
		switch len(next) {
		case 0:
			return nil, a.fail(ErrTooFar)
		case 1:
			from = next[0]
		default:
			return nil, a.fail(ErrSeveralWays, next...)
		}
	}
	for i := 0; i > a.steps; i-- {
		if from == nil {
			return nil, a.fail(ErrTooFar)
		}
		switch len(from.parents) {
		case 0:
			from = nil
		case 1:
			from = from.parents[0]
		default:
			return nil, a.fail(ErrSeveralWays, from.parents...)
		}
	}
	return from, nil
}

// start is the revision of a target with steps that they are counted from.
func (g *graph) start(a aim, scope nodes, at place) (*node, error) {
	if a.symbol == "" {
		tips := at.rows
		if scope != nil {
			on := nodes{}
			for n := range at.applied {
				if scope[n] {
					on[n] = true
				}
			}
			tips = on.tips((*node).up)
		}
		switch {
		case len(tips) > 1:
			return nil, a.fail(ErrMultipleCurrent, tips...)
		case len(tips) == 1:
			return tips[0], nil
		}
		return nil, nil
	}
	b := a
	b.steps, b.relative = 0, false
	from, base, err := g.fixed(b, scope, at)
	if err != nil || base || len(from) == 0 {
		return nil, err
	}
	if len(from) > 1 {
		return nil, a.fail(ErrMultipleHeads, from...)
	}
	return from[0], nil
}

// ascent is what an upgrade to the target has still to apply, in order.
func (g *graph) ascent(target string, at place) ([]*node, error) {
	a := parseTarget(target)
	scope, err := g.scope(a)
	if err != nil {
		return nil, err
	}
	var to []*node
	if a.relative {
		if a.symbol == "" && a.steps < 0 {
			return nil, a.fail(ErrTooFar)
		}
		from, err := g.start(a, scope, at)
		if err != nil {
			return nil, err
		}
		n, err := g.walk(a, from, scope)
		if err != nil {
			return nil, err
		}
		if n != nil {
			to = []*node{n}
		}
	} else {
		var base bool
		if to, base, err = g.fixed(a, scope, at); err != nil {
			return nil, err
		}
		if base {
			return nil, a.fail(ErrUpgradeTarget)
		}
	}
	need := closure(to, (*node).below)
	for n := range at.applied {
		delete(need, n)
	}
	return need.ordered(), nil
}

// descent is what a downgrade to the target has to take back, in order.
func (g *graph) descent(target string, at place) ([]*node, error) {
	a := parseTarget(target)
	scope, err := g.scope(a)
	if err != nil {
		return nil, err
	}
	if a.relative && a.symbol == "" {
		return g.stepsDown(a, scope, at)
	}
	var to *node
	if a.relative {
		if to, err = g.start(a, scope, at); err == nil {
			to, err = g.walk(a, to, scope)
		}
	} else {
		var found []*node
		found, _, err = g.fixed(a, scope, at)
		switch {
		case len(found) == 1:
			to = found[0]
		case len(found) > 1:
			err = a.fail(ErrMultipleHeads, found...)
		}
	}
	if err != nil {
		return nil, err
	}
	roots := g.bases()
	if to != nil {
		if !at.applied[to] {
			return nil, a.fail(ErrDowngradeTarget, at.rows...)
		}
		roots = to.children
	}
	return undone(within(roots, scope), at), nil
}

// stepsDown takes back so many revisions from the database's head: the last of
// them may be a merge, whose parents then are the heads.
func (g *graph) stepsDown(a aim, scope nodes, at place) ([]*node, error) {
	if a.steps >= 0 {
		return nil, a.fail(ErrTooFar)
	}
	from, err := g.start(a, scope, at)
	if err != nil {
		return nil, err
	}
	if from == nil {
		return nil, a.fail(ErrTooFar)
	}
	b := a
	b.steps++
	last, err := g.walk(b, from, scope)
	if err != nil {
		if te, ok := err.(*TargetError); ok {
			te.Steps = a.steps
		}
		return nil, err
	}
	if last == nil {
		return nil, a.fail(ErrTooFar)
	}
	return undone([]*node{last}, at), nil
}

// undone are the revisions and all applied ones that need them, the latest first.
func undone(roots []*node, at place) []*node {
	gone := closure(roots, (*node).above)
	list := slices.DeleteFunc(gone.ordered(), func(n *node) bool { return !at.applied[n] })
	slices.Reverse(list)
	return list
}

// span is the revisions of a range a:b with both ends, in order. An end left out is
// the base, or the heads; steps are counted from the other end.
func (g *graph) span(text string, at place) ([]*node, error) {
	if text == "" {
		return g.nodes, nil
	}
	low, high, ok := strings.Cut(text, ":")
	if !ok || strings.Contains(high, ":") {
		return nil, &TargetError{Kind: ErrRange, Target: text}
	}
	end := func(s, missing string) (aim, []*node, error) {
		if s == "" {
			s = missing
		}
		a := parseTarget(s)
		scope, err := g.scope(a)
		if err != nil || a.relative && a.symbol == "" {
			return a, nil, err
		}
		if a.relative {
			n, err := g.start(a, scope, at)
			if err == nil {
				n, err = g.walk(a, n, scope)
			}
			return a, slices.DeleteFunc([]*node{n}, func(n *node) bool { return n == nil }), err
		}
		found, _, err := g.fixed(a, scope, at)
		return a, found, err
	}
	lo, from, err := end(low, "base")
	if err != nil {
		return nil, err
	}
	hi, to, err := end(high, "heads")
	if err != nil {
		return nil, err
	}
	step := func(a aim, other []*node, otherRelative bool) ([]*node, error) {
		if otherRelative {
			return nil, &TargetError{Kind: ErrRange, Target: text}
		}
		if len(other) > 1 {
			return nil, a.fail(ErrMultipleHeads, other...)
		}
		scope, err := g.scope(a)
		if err != nil {
			return nil, err
		}
		var n *node
		if len(other) == 1 {
			n = other[0]
		}
		if n, err = g.walk(a, n, scope); err != nil || n == nil {
			return nil, err
		}
		return []*node{n}, nil
	}
	loSteps, hiSteps := lo.relative && lo.symbol == "", hi.relative && hi.symbol == ""
	if loSteps {
		from, err = step(lo, to, hiSteps)
	} else if hiSteps {
		to, err = step(hi, from, false)
	}
	if err != nil {
		return nil, err
	}
	all := closure(to, (*node).below)
	if len(from) == 0 {
		return all.ordered(), nil
	}
	above := closure(from, (*node).above)
	for _, n := range from {
		if !all[n] {
			return nil, &TargetError{Kind: ErrNotAncestor, Target: text}
		}
	}
	return slices.DeleteFunc(all.ordered(), func(n *node) bool { return !above[n] }), nil
}
