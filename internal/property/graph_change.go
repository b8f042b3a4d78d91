package property

import (
	"slices"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// fresher makes an entity that nobody manages.
func (g *graph) fresher(t *gtable) *gent {
	g.names++
	e := g.known(t, t.verbs.make(gfields{name: string(rune('a' + g.names%26))}))
	g.Logf("  %s is made", e)
	return e
}

// pick chooses an entity for which ok holds, of a table or of any.
func (g *graph) pick(t *gtable, ok func(e *gent) bool) *gent {
	var es []*gent
	for _, e := range g.entities {
		if (t == nil || e.t == t) && ok(e) {
			es = append(es, e)
		}
	}
	if len(es) == 0 {
		return nil
	}
	return es[len(es)-1-g.number(len(es), "entity")]
}

// pickOne is pick with a table drawn first, so that tables with few entities
// come up, too.
func (g *graph) pickOne(ok func(e *gent) bool) *gent {
	if e := g.pick(draw(g.dice, "table", g.tables), ok); e != nil {
		return e
	}
	return g.pick(nil, ok)
}

func isManaged(e *gent) bool { return e.managed() }

func hasRels(e *gent) bool { return e.managed() && len(e.t.rels) > 0 }

// anyLoose reports whether a table has entities of which containers are left
// open.
func (g *graph) anyLoose(ts ...*gtable) bool {
	return slices.ContainsFunc(g.entities, func(e *gent) bool { return e.loose && slices.Contains(ts, e.t) })
}

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

// bring makes a free entity a new one of the unit's, with all that its
// containers hold. It reports whether that needs a flush to be complete.
func (g *graph) bring(e *gent) (needsFlush bool) {
	if e.status != free {
		return false
	}
	g.Logf("  %s is new", e)
	e.status, e.lost = isNew, false
	queue := []*gent{e}
	for len(queue) > 0 {
		e, queue = queue[0], queue[1:]
		for _, r := range e.t.rels {
			items, ok := r.box(e.p).loaded()
			var xs []*gent
			for _, p := range items {
				x := g.byPtr[p]
				if x.status == free {
					g.Logf("  %s is new by %s.%s", x, e, r.name)
					x.status, x.lost = isNew, false
					queue = append(queue, x)
				}
				xs = append(xs, x)
			}
			switch {
			case r.holds && len(xs) > 0:
				needsFlush = g.refer(e, xs[0]) || needsFlush
			case r.holds && ok:
				g.refer(e, nil)
			case r.assoc != nil:
				for _, x := range xs {
					g.link(e, r, x, true)
				}
			case !r.holds:
				for _, x := range xs {
					needsFlush = g.refer(x, e) || needsFlush
				}
			}
		}
	}
	return needsFlush
}

// clear reports whether a free entity can be brought: what its containers hold is
// free or managed, and no two of them claim one child.
func (g *graph) clear(e *gent) bool {
	seen := map[*gent]bool{}
	parents := map[*gent]*gent{}
	ok := true
	claim := func(c, p *gent) {
		if was, claimed := parents[c]; claimed && was != p {
			ok = false
		}
		parents[c] = p
	}
	var visit func(e *gent)
	visit = func(e *gent) {
		if seen[e] {
			return
		}
		seen[e] = true
		if e.status == deleting || e.status == dead || e.status == free && e.f.id != 0 || e.lost || e.detached || e.loose {
			ok = false
			return
		}
		if e.status != free {
			return
		}
		for _, r := range e.t.rels {
			items, loaded := r.box(e.p).loaded()
			if r.holds && loaded && len(items) == 0 {
				claim(e, nil)
			}
			for _, p := range items {
				x := g.byPtr[p]
				switch {
				case r.holds:
					claim(e, x)
				case r.assoc == nil:
					claim(x, e)
					ok = ok && (x.status == free || x.status == live && !x.moved)
				}
				visit(x)
			}
		}
	}
	visit(e)
	byParent := map[*gent]*gent{}
	for c, p := range parents {
		if c.t.up.single && p != nil {
			ok = ok && byParent[p] == nil && !g.anyLoose(c.t)
			byParent[p] = c
		}
	}
	return ok
}

// add brings a graph that was built outside, or adds again what came free.
func (g *graph) add() error {
	var e *gent
	if e = g.pickOne(func(e *gent) bool { return e.status == free && e.f.id == 0 }); e == nil || !g.one(4, "known") {
		return g.build()
	}
	return g.addOne(e)
}

func (g *graph) addOne(e *gent) error {
	if e.status == free && !g.clear(e) {
		return nil
	}
	g.Logf("add %s (%s)", e, e.status)
	g.want("add", e.t.verbs.add(g.ctx, e.p), "")
	return g.flushIf(g.bring(e))
}

func (g *graph) flushIf(needed bool) error {
	if !needed {
		return nil
	}
	g.compareFields()
	return g.flush()
}

// build builds a graph outside the unit of work, of new entities and some that
// are managed, and adds it.
func (g *graph) build() error {
	g.Logf("build:")
	made := []*gent{g.fresher(draw(g.dice, "table", g.tables))}
	around := slices.Clone(made)
	if m := g.pickOne(isManaged); m != nil && g.one(2, "with a managed one") && !m.loose {
		around = append(around, m)
	}
	busy := map[container]bool{} // one-to-one ends that are taken
	for range g.number(5, "more") {
		y := draw(g.dice, "to", around)
		r := draw(g.dice, "relation", y.t.rels)
		back := r.inverse
		if (r.holds || !r.many) && (busy[container{y, r}] || y.status != free) || back.single && y.status != free && g.anyLoose(r.to) {
			continue
		}
		if y.status != free && !r.many {
			continue
		}
		x := g.fresher(r.to)
		busy[container{y, r}], busy[container{x, back}] = true, true
		way := g.number(3, "way")
		if y.status != free {
			way = 1
		}
		g.Logf("  %s.%s has it, way %d", y, r.name, way)
		if way != 1 {
			g.want("add", r.box(y.p).add(x.p), "")
		}
		if way != 0 {
			g.want("add", back.box(x.p).add(y.p), "")
		}
		made, around = append(made, x), append(around, x)
	}
	for _, e := range made {
		for _, r := range e.t.rels {
			if items, _ := r.box(e.p).loaded(); len(items) > 0 && g.one(2, "literal") {
				r.box(e.p).assign(items...)
			}
		}
	}
	g.Logf("add %s", made[0])
	g.want("add", made[0].t.verbs.add(g.ctx, made[0].p), "")
	needed := g.bring(made[0])
	if !needed && !g.one(4, "leave the others") {
		for _, e := range made {
			g.Logf("add %s (%s)", e, e.status)
			g.want("add", e.t.verbs.add(g.ctx, e.p), "")
			needed = g.bring(e) || needed
		}
	}
	return g.flushIf(needed)
}

// partner is an entity to put into a container: a new one or one that is
// managed.
func (g *graph) partner(r *grel) *gent {
	if x := g.pick(r.to, func(x *gent) bool { return x.managed() && !x.loose }); x != nil && !g.one(3, "new") {
		return x
	}
	x := g.fresher(r.to)
	if g.one(3, "added before") {
		if g.want("add", x.t.verbs.add(g.ctx, x.p), ""); x.status == free {
			g.bring(x)
		}
	}
	return x
}

// put adds to a container, or sets a reference.
func (g *graph) put() error {
	e := g.pickOne(func(e *gent) bool { return hasRels(e) && !e.loose })
	if e == nil {
		return nil
	}
	r := draw(g.dice, "relation", e.t.rels)
	if g.anyLoose(r.from, r.to) && (!r.many || r.inverse.single) {
		return nil
	}
	x := g.partner(r)
	g.Logf("%s.%s takes %s (%s)", e, r.name, x, x.status)
	g.want("add", r.box(e.p).add(x.p), "")
	return g.flushIf(g.joined(e, r, []*gent{x}))
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

// take takes out of a container, or empties a reference.
func (g *graph) take() error {
	e := g.pickOne(func(e *gent) bool { return hasRels(e) && !e.loose })
	if e == nil {
		return nil
	}
	r := draw(g.dice, "relation", e.t.rels)
	child := r
	if !r.holds {
		child = r.inverse
	}
	if r.assoc == nil && child.own == rel.Passive && !g.one(8, "all the same") || g.anyLoose(r.from, r.to) && (!r.many || child.single) {
		return nil
	}
	if !r.many {
		g.Logf("%s.%s is emptied", e, r.name)
		_, ok := r.box(e.p).loaded()
		g.want("set", r.box(e.p).set(), "")
		if r.holds {
			g.refer(e, nil)
			return nil
		}
		g.removeMembers(e, r, nil)
		return g.flushIf(!ok && e.status == live)
	}
	x := g.pick(r.to, func(x *gent) bool { return x.managed() && !x.loose && g.members(e, r)[x.member()] })
	if x == nil || g.one(6, "any") {
		x = g.pick(r.to, func(x *gent) bool { return x.managed() && !x.loose })
	}
	if x == nil {
		return nil
	}
	g.Logf("%s.%s gives %s (%s)", e, r.name, x, x.status)
	g.want("remove", r.box(e.p).remove(x.p), "")
	switch {
	case r.assoc != nil:
		g.link(e, r, x, false)
	case g.parentIs(x, e):
		g.dismiss(x)
	}
	return nil
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

// set makes a container hold some entities and nothing else, by Set or by
// assignment.
func (g *graph) set() error {
	e := g.pickOne(func(e *gent) bool { return hasRels(e) && !e.loose })
	if e == nil {
		return nil
	}
	r := draw(g.dice, "relation", e.t.rels)
	child := r
	if !r.holds {
		child = r.inverse
	}
	if g.anyLoose(r.from, r.to) || r.assoc == nil && child.own == rel.Passive && !g.one(8, "all the same") {
		return nil
	}
	assign := g.one(2, "assign")
	if assign { // the flush takes it as it is, and must find nothing else
		if err := g.flush(); err != nil || !e.managed() {
			return err
		}
	}
	if r.assoc != nil {
		for _, id := range sortedMembers(g.members(e, r)) {
			if id != 0 && g.byRow(r.to, id) == nil {
				g.expired()
				p, err := r.to.verbs.get(g.ctx, id)
				g.want("get", err, "")
				g.met(r.to, p)
			}
		}
	}
	var xs []*gent
	var ps []any
	most := 3
	if !r.many {
		most = 1
	}
	for range 1 + g.number(most, "members") {
		x := g.partner(r)
		if slices.Contains(xs, x) || g.one(6, "fewer") || assign && x.status == isNew || len(xs) == most {
			continue
		}
		xs, ps = append(xs, x), append(ps, x.p)
	}
	if r.holds && len(xs) == 0 && !r.null && r.own != rel.Own {
		return nil
	}
	_, ok := r.box(e.p).loaded()
	g.Logf("%s.%s = %v, assigned: %v", e, r.name, xs, assign)
	if assign {
		r.box(e.p).assign(ps...)
		for _, l := range g.levels { // what was there before has gone: a rollback leaves it unknown
			delete(l.loaded, container{e, r})
		}
	} else {
		g.want("set", r.box(e.p).set(ps...), "")
	}
	needed := assign || !ok && e.status == live && !r.holds
	if !r.holds {
		g.removeMembers(e, r, xs)
	} else if len(xs) == 0 {
		g.refer(e, nil)
	}
	return g.flushIf(g.joined(e, r, xs) || needed)
}

func sortedMembers(ms map[member]bool) (ids []int64) {
	for m := range ms {
		ids = append(ids, m.id)
	}
	slices.Sort(ids)
	return ids
}

// edit changes a name, or sets a foreign key directly.
func (g *graph) edit() error {
	e := g.pickOne(isManaged)
	if e == nil {
		return nil
	}
	f := e.f
	if e.t.up == nil || e.moved || e.born || e.t.up.single || !g.one(4, "foreign key") {
		g.names++
		f.name = string(rune('a' + g.names%26))
	} else {
		f.up = 1 << 40
		if ids := sortedIDs(g.rows[e.t.up.to]); len(ids) > 0 && !g.one(10, "no row") {
			f.up = draw(g.dice, "row", ids)
		}
		if e.t.up.null && g.one(3, "null") {
			f.up = 0
		}
		e.loose = true
	}
	g.Logf("%s = %+v", e, f)
	e.f = f
	if e.moved { // its foreign key may have followed
		f.up = gread(e.p).up
	}
	gwrite(e.p, f)
	return nil
}

// remove deletes an entity, or takes that back.
func (g *graph) remove() error {
	if e := g.pick(nil, func(e *gent) bool { return e.status == deleting }); e != nil && g.one(4, "take back") {
		g.Logf("add %s, which is to be deleted", e)
		g.want("add", e.t.verbs.add(g.ctx, e.p), "")
		e.status, e.loose = live, true
		return nil
	}
	e := g.pickOne(isManaged)
	if e == nil {
		return nil
	}
	g.Logf("delete %s (%s)", e, e.status)
	if e.status == isNew {
		g.want("delete", e.t.verbs.delete(g.ctx, e.p), newKind)
		return nil
	}
	g.want("delete", e.t.verbs.delete(g.ctx, e.p), "")
	e.status = deleting
	return nil
}

// detach lets go of an entity that nothing waits for.
func (g *graph) detach() error {
	e := g.pickOne(func(e *gent) bool { return e.status == live && !e.loose })
	if e == nil || !g.one(3, "really") {
		return nil
	}
	if err := g.flush(); err != nil || e.status != live {
		return err
	}
	g.Logf("detach %s", e)
	g.want("detach", e.t.verbs.detach(g.ctx, e.p), "")
	e.status, e.detached = free, true
	for _, l := range g.levels {
		delete(l.saved, e)
		for c := range l.loaded {
			if c.e == e {
				delete(l.loaded, c)
			}
		}
	}
	return nil
}

// refuse tries what must fail and change nothing.
func (g *graph) refuse() error {
	e := g.pickOne(func(e *gent) bool { return (e.managed() || e.status == deleting) && len(e.t.rels) > 0 })
	if e == nil {
		return nil
	}
	r := draw(g.dice, "relation", e.t.rels)
	b := r.box(e.p)
	gone := g.pick(r.to, func(x *gent) bool { return x.status == deleting || x.status == dead })
	x := g.pick(r.to, isManaged)
	switch n := g.number(5, "what"); {
	case n == 0 && r.many:
		g.Logf("%s.%s takes nil", e, r.name)
		g.want("add nil", b.add(nil), nilKind)
	case n == 1 && x != nil:
		g.Logf("a copy of %s.%s takes %s", e, r.name, x)
		g.want("add to a copy", b.copied().add(x.p), copiedKind)
	case n == 2 && x != nil && e.status == deleting:
		g.Logf("%s.%s (deleting) takes %s", e, r.name, x)
		g.want("add to what is to be deleted", b.add(x.p), deletedKind)
	case n == 3 && gone != nil:
		g.Logf("%s.%s takes %s (%s)", e, r.name, gone, gone.status)
		g.want("add what is deleted", b.add(gone.p), deletedKind)
	case n == 4 && e.managed():
		other := uow.New(g.db)
		defer other.Close()
		x := g.fresher(r.to)
		g.want("add elsewhere", x.t.verbs.add(uow.With(g.ctx, other), x.p), "")
		g.Logf("%s.%s takes what is another's", e, r.name)
		g.want("add what is another's", b.add(x.p), attachedKind)
	}
	return nil
}
