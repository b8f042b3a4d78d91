package property

import (
	"slices"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

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
		if held, _ := b.loaded(); !r.many && slices.Contains(held, x.p) {
			return nil // setting what is held changes nothing
		}
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
