package property

import (
	"slices"

	"github.com/dormer-orm/dormer/rel"
)

// refer has c refer to p, nil for nothing, and says who else must go: whom the
// unit of work cannot know, it finds by a flush.
func (g *graph) refer(c, p *gent) (needsFlush bool) {
	up := c.t.up
	if p != nil && up.single {
		needsFlush = g.displace(c, p)
	}
	if !c.moved && (p == nil && c.f.up == 0 && c.status == live || p != nil && g.parentIs(c, p)) {
		return needsFlush
	}
	c.moved, c.target = true, p
	return needsFlush
}

// displace takes all others than c from the one-to-one container of p.
func (g *graph) displace(c, p *gent) (needsFlush bool) {
	r := c.t.up.inverse
	_, ok := r.box(p.p).loaded()
	for m := range g.members(p, r) {
		x := m.e
		if x == nil {
			x = g.byRow(m.t, m.id)
		}
		switch {
		case x == nil:
			g.evicted[m] = true
		case x != c:
			g.dismiss(x)
		}
	}
	return p.status == live && !ok
}

// dismiss takes a child from its parent. A new one that was its parent's own
// leaves the unit of work.
func (g *graph) dismiss(c *gent) {
	if c.status == isNew && c.t.up.own == rel.Own {
		g.letGo(c)
		return
	}
	g.refer(c, nil)
}

// link adds or removes an association row of e and x.
func (g *graph) link(e *gent, r *grel, x *gent, add bool) {
	l := linkOf(e, r, x)
	has := l.left.snap.id != 0 && l.right.snap.id != 0 && g.pairs[r.assoc][[2]int64{l.left.snap.id, l.right.snap.id}]
	if has == add {
		delete(g.links, l)
	} else {
		g.links[l] = add
	}
}

// joined has the model follow where xs were put into a container.
func (g *graph) joined(e *gent, r *grel, xs []*gent) (needed bool) {
	for _, x := range xs {
		needed = g.bring(x) || needed
		switch {
		case r.assoc != nil:
			g.link(e, r, x, true)
		case r.holds:
			needed = g.refer(e, x) || needed
		default:
			needed = g.refer(x, e) || needed
		}
	}
	return needed
}

// removeMembers has the model follow where all but xs were taken out.
func (g *graph) removeMembers(e *gent, r *grel, xs []*gent) {
	for m := range g.members(e, r) {
		x := m.e
		if x == nil {
			x = g.byRow(m.t, m.id)
		}
		switch {
		case slices.Contains(xs, x) && x != nil:
		case r.assoc != nil:
			g.link(e, r, x, false)
		case x == nil:
			g.evicted[m] = true
		default:
			g.dismiss(x)
		}
	}
	for _, x := range g.entities { // should their deletion be taken back, they stay out
		switch {
		case x.status != deleting || x.t != r.to:
		case r.assoc != nil:
			l := linkOf(e, r, x)
			if g.pairs[r.assoc][[2]int64{l.left.snap.id, l.right.snap.id}] {
				g.links[l] = false
			} else {
				delete(g.links, l)
			}
		case g.parentIs(x, e):
			x.moved, x.target = true, nil
		}
	}
}

func sortedMembers(ms map[member]bool) (ids []int64) {
	for m := range ms {
		ids = append(ids, m.id)
	}
	slices.Sort(ids)
	return ids
}
