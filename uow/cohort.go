package uow

import (
	"context"
	"errors"
	"iter"
	"unsafe"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
)

// crowd are the entities that one query returned: what Load loads a relation for.
// A unit that ends lets go of them, so that one entity kept does not keep all.
type crowd struct {
	u   *UnitOfWork
	why error    // what became of u
	sts []*state // nil: each for itself
	// lone says that it is of entities that came alone, each for itself.
	lone bool
}

// cohort acts for the containers of one relation in the entities of a crowd. Its
// cell is shared by those of which nothing else is known, so that reading
// entities allocates nothing for each of their containers.
type cohort struct {
	crowd *crowd
	r     *relation
	one   related.One
	many  related.Many
	acts  related.Acting
}

var _ related.Actor = (*cohort)(nil)

func newCohort(c *crowd, r *relation) *cohort {
	co := &cohort{crowd: c, r: r}
	co.acts.By = co
	co.one.Head = related.Head{Acts: &co.acts, Shared: true}
	co.many.Head = related.Head{Acts: &co.acts, Shared: true}
	return co
}

// lone acts for the containers of entities that came alone.
func (u *UnitOfWork) lone(r *relation) *cohort {
	if co := u.lonely[r]; co != nil {
		return co
	}
	if u.lonely == nil {
		u.lonely = map[*relation]*cohort{}
	}
	c := &crowd{u: u, lone: true}
	u.crowds = append(u.crowds, c)
	co := newCohort(c, r)
	u.lonely[r] = co
	return co
}

// share points the container at p to the cohort's own cell.
func (co *cohort) share(p field.Ptr) {
	if co.r.def.Many {
		related.PutMany(p, &co.many)
	} else {
		related.PutOne(p, &co.one)
	}
}

// bind has cohorts act for the containers of entities that one query returned.
func (u *UnitOfWork) bind(m *mapper, sts []*state) {
	var c *crowd
	if len(sts) > 1 {
		c = &crowd{u: u, sts: sts}
		u.crowds = append(u.crowds, c)
	}
	for _, r := range m.relations {
		co := (*cohort)(nil)
		if c == nil {
			co = u.lone(r)
		} else {
			co = newCohort(c, r)
		}
		for _, st := range sts {
			co.take(st)
		}
	}
}

// take has the cohort act for the container of st.
func (co *cohort) take(st *state) {
	at := co.r.at(st.entity)
	switch h := related.HeadAt(at); {
	case h == nil || h.Shared:
		co.share(at)
	case h.At == at:
		h.Acts = &co.acts
	}
	// What the program has put there is looked at by the next flush.
}

// unbind lets the containers of an entity that is let go of stand alone, with
// what they hold.
func unbind(st *state) {
	for _, r := range st.in.m.relations {
		at := r.at(st.entity)
		switch h := related.HeadAt(at); {
		case h == nil:
		case h.Shared:
			related.PutOne(at, nil)
		case h.At == at:
			h.At, h.Acts, h.Mark, h.Epoch = nil, nil, 0, 0
		}
	}
}

// dissolve lets go of the crowds.
func (u *UnitOfWork) dissolve(why error) {
	for _, c := range u.crowds {
		c.u, c.sts, c.why = nil, nil, why
	}
	u.crowds, u.lonely = nil, nil
}

// disperse forgets crowds whose entities have gone, so that streams stay in
// constant memory. What stays of them loads for itself.
func (u *UnitOfWork) disperse(cs []*crowd) {
	if len(cs) == 0 {
		return
	}
	for _, c := range cs {
		c.sts = nil
	}
	rest := u.crowds[:0]
	for _, c := range u.crowds {
		if c.sts != nil || c.lone {
			rest = append(rest, c)
		}
	}
	clear(u.crowds[len(rest):])
	u.crowds = rest
}

// enter claims the unit for a call on the container at p and finds its entity.
// After no error the caller leaves the unit.
func (co *cohort) enter(at unsafe.Pointer) (*UnitOfWork, *state, error) {
	u := co.crowd.u
	if u == nil {
		return nil, nil, co.detached(co.crowd.why)
	}
	if err := u.enter(); err != nil {
		if errors.Is(err, ErrEnded) {
			err = co.detached(err)
		}
		return nil, nil, err
	}
	u.mu.Lock()
	st := u.findLocked(related.Address(at, co.r.def.Offset))
	u.mu.Unlock()
	switch {
	case st == nil || st.in.m != co.r.m:
		u.leave()
		return nil, nil, rel.ErrCopied
	case st.status == deleted:
		u.leave()
		return nil, nil, opError("relation", co.r.name(), ErrDeleted)
	}
	return u, st, nil
}

func (co *cohort) detached(err error) error {
	return &rel.DetachedError{Entity: co.r.m.name, Relation: co.r.def.Name, Err: err}
}

// Owner implements related.Actor. Where the unit has ended, too, a cell that knows
// its container lies in an entity.
func (co *cohort) Owner(at unsafe.Pointer) unsafe.Pointer {
	return unsafe.Add(at, -int(co.r.def.Offset))
}

// current reports whether a cell's content is known and no older than the
// transaction.
func (u *UnitOfWork) current(h *related.Head) bool {
	return h != nil && h.Loaded && !h.Partial && h.Epoch == u.epoch
}

// Load implements related.Actor.
func (co *cohort) Load(ctx context.Context, at unsafe.Pointer, all bool) error {
	if h := related.HeadAt(at); co.crowd.u == nil && h.Loaded {
		return nil // the unit has ended, but it is known
	}
	u, st, err := co.enter(at)
	if err != nil {
		return err
	}
	defer u.leave()
	if u.current(related.HeadAt(at)) {
		return nil
	}
	fail := func(err error) error { return opError("load", co.r.name(), err) }
	if err := u.autoflushLoad(ctx, co.r); err != nil {
		return fail(err)
	}
	sts := []*state{st}
	if all {
		for _, s := range co.crowd.sts {
			if s != st && s.status == persistent && !u.current(related.HeadAt(co.r.at(s.entity))) {
				sts = append(sts, s)
			}
		}
	}
	_, err = u.loadRelated(ctx, co.r, sts, nil, false)
	if err != nil {
		return fail(err)
	}
	return nil
}

// Change implements related.Actor.
func (co *cohort) Change(at unsafe.Pointer, add, remove []unsafe.Pointer) error {
	return co.change(at, nil, func(u *UnitOfWork, st *state) error {
		if h := related.HeadAt(at); h.Partial {
			return rel.ErrPartial
		}
		return u.changeMany(st, co.r, add, remove)
	})
}

// Replace implements related.Actor.
func (co *cohort) Replace(at unsafe.Pointer, items []unsafe.Pointer) error {
	same := func(u *UnitOfWork, st *state) bool { return u.holdsOnly(st, co.r, items) }
	return co.change(at, same, func(u *UnitOfWork, st *state) error {
		if h := related.HeadAt(at); h.Partial {
			return rel.ErrPartial
		}
		return u.replaceMany(st, co.r, items)
	})
}

// Refer implements related.Actor.
func (co *cohort) Refer(at, target unsafe.Pointer) error {
	same := func(u *UnitOfWork, st *state) bool { return u.refersTo(st, co.r, target) }
	return co.change(at, same, func(u *UnitOfWork, st *state) error { return u.referOne(st, co.r, target) })
}

// change claims the unit for a change by the program. Where same says that it is
// none, it is allowed everywhere.
func (co *cohort) change(at unsafe.Pointer, same func(u *UnitOfWork, st *state) bool, f func(u *UnitOfWork, st *state) error) error {
	u, st, err := co.enter(at)
	if err != nil {
		return err
	}
	defer u.leave()
	switch {
	case u.flushing:
		err = ErrFlushing
	case same != nil && co.r.link != nil && same(u, st):
	case u.opts.readOnly:
		err = ErrReadOnly
	case st.status == deleting:
		err = ErrDeleted
	default:
		if err = co.r.joined(); err == nil {
			if err = f(u, st); err == nil {
				err = u.adoptAll()
			}
		}
	}
	if err != nil {
		u.adopting = nil
		return opError("change of", co.r.name(), err)
	}
	return nil
}

// Contains implements related.Actor.
func (co *cohort) Contains(at, target unsafe.Pointer) bool {
	u, st, err := co.enter(at)
	if err != nil {
		return false
	}
	defer u.leave()
	child := u.find(target)
	if child == nil || child.status == deleted || co.r.link == nil || co.r.associates() || u.current(related.HeadAt(at)) {
		return false
	}
	back := child.in.m.relation(co.r.link.Child)
	if back == nil {
		return false
	}
	of, known, err := u.reference(child, back)
	return err == nil && known && of == st
}

// Count implements related.Actor.
func (co *cohort) Count(ctx context.Context, at unsafe.Pointer) (n int64, err error) {
	if h := related.ManyAt(at); co.crowd.u == nil && h.Loaded {
		return int64(h.Len()), nil
	}
	u, st, err := co.enter(at)
	if err != nil {
		return 0, err
	}
	defer u.leave()
	if c := related.ManyAt(at); u.current(&c.Head) {
		return int64(c.Len()), nil
	}
	if err = u.autoflushRelated(ctx, co.r); err == nil {
		n, err = u.countRelated(ctx, co.r, st)
	}
	if err != nil {
		return 0, opError("count", co.r.name(), err)
	}
	return n, nil
}

// Stream implements related.Actor.
func (co *cohort) Stream(ctx context.Context, at unsafe.Pointer) iter.Seq2[unsafe.Pointer, error] {
	return func(yield func(unsafe.Pointer, error) bool) {
		if h := related.ManyAt(at); h.Loaded && (co.crowd.u == nil || co.crowd.u.current(&h.Head)) {
			for _, p := range append([]unsafe.Pointer(nil), h.Items()...) {
				if !yield(p, nil) {
					return
				}
			}
			return
		}
		src, err := co.openStream(ctx, at)
		if err != nil {
			yield(nil, err)
			return
		}
		defer src.close()
		for {
			es, more, err := src.next(ctx)
			for _, e := range es {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, opError("stream", co.r.name(), err))
				return
			}
			if !more {
				return
			}
		}
	}
}

// unload has the containers that were read since a level be read again: rows that
// they hold may never have been.
func (u *UnitOfWork) unload(level uint32) {
	u.unassigned()
	if !u.wrote {
		return
	}
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, r := range t.m.relations {
			for _, st := range t.states {
				if st.status == gone {
					continue
				}
				at := r.at(st.entity)
				if h := related.HeadAt(at); h != nil && !h.Shared && h.At == at && h.Mark >= level {
					u.lone(r).share(at)
				}
			}
		}
	}
}
