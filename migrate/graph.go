package migrate

import (
	"cmp"
	"maps"
	"slices"
)

// node is a revision in the graph.
type node struct {
	Revision
	file              string
	parents, deps     []*node
	children, wanting []*node // those that have it as a parent, or depend on it
	labels            map[string]bool
	place             int // in topological order
}

// below are the revisions that must be applied before n.
func (n *node) below() []*node { return append(n.parents[:len(n.parents):len(n.parents)], n.deps...) }

// above are those that need n.
func (n *node) above() []*node {
	return append(n.children[:len(n.children):len(n.children)], n.wanting...)
}

func (n *node) up() []*node   { return n.children }
func (n *node) down() []*node { return n.parents }

func (n *node) sortedLabels() []string { return slices.Sorted(maps.Keys(n.labels)) }

// graph is the revisions of a set, checked and ordered.
type graph struct {
	nodes  []*node // each after those that it needs
	byID   map[string]*node
	labels map[string]*node // where a branch's label stands
}

// nodes is a set of revisions.
type nodes map[*node]bool

func ids(list []*node) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.ID
	}
	return out
}

// graph checks the revisions and connects them.
func (s Set) graph() (*graph, error) {
	if err := s.checkFiles(); err != nil {
		return nil, err
	}
	g := &graph{byID: map[string]*node{}, labels: map[string]*node{}}
	list := make([]*node, 0, len(s.list))
	for _, a := range s.list {
		n := &node{Revision: a.rev, file: a.file, labels: map[string]bool{}}
		if err := g.name(g.byID, n, n.ID); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	for _, n := range list {
		for _, l := range n.Labels {
			if err := g.name(g.labels, n, l); err != nil {
				return nil, err
			}
		}
	}
	for _, n := range list {
		if err := g.connect(n); err != nil {
			return nil, err
		}
	}
	if _, err := sorted(list, (*node).down, false); err != nil {
		return nil, err
	}
	order, err := sorted(list, (*node).below, true)
	if err != nil {
		return nil, err
	}
	for i, n := range order {
		n.place = i
	}
	g.nodes = order
	for l, n := range g.labels {
		spread(n, l)
	}
	return g, nil
}

// name enters a revision under its id or one of its labels.
func (g *graph) name(in map[string]*node, n *node, name string) error {
	if !validID(name) {
		return &SetError{Kind: ErrRevisionID, Revisions: []string{n.ID}, Files: []string{n.base()}, Name: name}
	}
	other := g.byID[name]
	if other == nil {
		other = g.labels[name]
	}
	if other != nil {
		return &SetError{Kind: ErrDuplicate, Revisions: []string{other.ID, n.ID}, Files: []string{other.base(), n.base()}, Name: name}
	}
	in[name] = n
	return nil
}

func (g *graph) connect(n *node) error {
	link := func(names []string, dep bool) (out []*node, err error) {
		for _, name := range names {
			to := g.byID[name]
			if to == nil && dep {
				to = g.labels[name]
			}
			if to == nil {
				return nil, &SetError{Kind: ErrMissingParent, Revisions: []string{n.ID}, Files: []string{n.base()}, Name: name, Dependency: dep}
			}
			if !slices.Contains(out, to) {
				out = append(out, to)
			}
		}
		return out, nil
	}
	var err error
	if n.parents, err = link(n.Parents, false); err != nil {
		return err
	}
	if n.deps, err = link(n.DependsOn, true); err != nil {
		return err
	}
	for _, p := range n.parents {
		p.children = append(p.children, n)
	}
	for _, p := range n.deps {
		p.wanting = append(p.wanting, n)
	}
	return nil
}

// sorted puts revisions behind those that they need, and otherwise in the order
// in which they were added. What is in a cycle is named.
func sorted(list []*node, needs func(*node) []*node, dependency bool) ([]*node, error) {
	const (
		open = iota + 1
		done
	)
	state := map[*node]int{}
	var order, path []*node
	var visit func(n *node) error
	visit = func(n *node) error {
		switch state[n] {
		case done:
			return nil
		case open:
			e := &SetError{Kind: ErrCycle, Dependency: dependency}
			for _, m := range path[slices.Index(path, n):] {
				e.Revisions, e.Files = append(e.Revisions, m.ID), append(e.Files, m.base())
			}
			return e
		}
		state[n] = open
		path = append(path, n)
		for _, p := range needs(n) {
			if err := visit(p); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[n] = done
		order = append(order, n)
		return nil
	}
	for _, n := range list {
		if err := visit(n); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// spread gives a label to what its branch covers: descendants, and ancestors back
// to the branch point or merge.
func spread(n *node, label string) {
	for m := range closure([]*node{n}, (*node).up) {
		m.labels[label] = true
	}
	for {
		n.labels[label] = true
		if len(n.parents) != 1 || len(n.parents[0].children) > 1 {
			return
		}
		n = n.parents[0]
		if len(n.parents) > 1 {
			return
		}
	}
}

// closure is the revisions and all that next leads to from them.
func closure(from []*node, next func(*node) []*node) nodes {
	all := nodes{}
	from = slices.Clone(from)
	for len(from) > 0 {
		n := from[len(from)-1]
		from = from[:len(from)-1]
		if all[n] {
			continue
		}
		all[n] = true
		from = append(from, next(n)...)
	}
	return all
}

// ordered lists a set in topological order.
func (s nodes) ordered() []*node {
	return slices.SortedFunc(maps.Keys(s), func(a, b *node) int { return cmp.Compare(a.place, b.place) })
}

// tips are the members that no other member needs by next.
func (s nodes) tips(next func(*node) []*node) []*node {
	out := nodes{}
	for n := range s {
		if !slices.ContainsFunc(next(n), func(m *node) bool { return s[m] }) {
			out[n] = true
		}
	}
	return out.ordered()
}

// heads are the revisions without children.
func (g *graph) heads() []*node {
	return slices.DeleteFunc(slices.Clone(g.nodes), func(n *node) bool { return len(n.children) > 0 })
}

// bases are the revisions without parents.
func (g *graph) bases() []*node {
	return slices.DeleteFunc(slices.Clone(g.nodes), func(n *node) bool { return len(n.parents) > 0 })
}

// lineage is a revision with its ancestors and descendants, by parents alone.
func lineage(n *node) nodes {
	all := closure([]*node{n}, (*node).up)
	for m := range closure([]*node{n}, (*node).down) {
		all[m] = true
	}
	return all
}

// within are the members of list that a branch has; nil is all branches.
func within(list []*node, branch nodes) []*node {
	if branch == nil {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(n *node) bool { return !branch[n] })
}

// rows are the revisions of an applied set that the version table has: those that
// no other one needs.
func (s nodes) rows() []*node { return s.tips((*node).above) }
