package uow

import (
	"slices"

	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/related"
)

// mark marks an entity for deletion that nobody asked to delete.
func (u *UnitOfWork) mark(st *state, cause string) {
	if st.status != persistent {
		return
	}
	delete(u.purging, st)
	st.status = deleting
	st.in.fresh = append(st.in.fresh, st)
	u.step(cascaded{st: st}, cause)
}

// causes are why a flush writes rows that nobody asked for, and what the cascades
// have done in memory so far.
type causes struct {
	why   map[*state]string
	steps []cascaded
}

// cascaded is one thing that a cascade did: it marked st for deletion, let go of
// it, or emptied its reference r to of.
type cascaded struct {
	st   *state
	kind uint8
	r    *relation
	of   *state
}

const (
	marked uint8 = iota
	dropped
	emptied
	hardened // it was to be deleted, and its row has to go
)

func (c *causes) all() map[*state]string {
	if c == nil {
		return nil
	}
	return c.why
}

func (u *UnitOfWork) because(st *state, cause string) {
	if u.causes == nil {
		u.causes = &causes{why: map[*state]string{}}
	}
	if u.causes.why[st] == "" {
		u.causes.why[st] = cause
	}
}

// step notes what a cascade did to st.
func (u *UnitOfWork) step(x cascaded, cause string) {
	u.because(x.st, cause)
	u.causes.steps = append(u.causes.steps, x)
}

// uncascade takes back what cascades did: after a Plan, and before they are found
// again, since the program may have thought better of it.
func (u *UnitOfWork) uncascade() {
	if u.causes == nil {
		return
	}
	steps := u.causes.steps
	u.causes = nil
	for i := len(steps) - 1; i >= 0; i-- {
		switch x := steps[i]; x.kind {
		case marked:
			if x.st.status == deleting {
				x.st.status = persistent
				x.st.in.unlist(x.st)
				delete(u.purging, x.st)
			}
		case hardened:
			delete(u.purging, x.st)
		case dropped:
			u.pickUp(x.st)
			u.setRef(x.st, x.r, x.of)
		case emptied:
			if x.st.status == persistent || x.st.status == isNew {
				if of, known, err := u.reference(x.st, x.r); err == nil && known && of == nil {
					_ = u.refer(x.st, x.r, x.of, false)
				}
			}
		}
	}
}

// pickUp makes a new entity managed again that was let go of.
func (u *UnitOfWork) pickUp(st *state) {
	if st.status != gone || u.find(st.entity) != nil {
		return
	}
	st.status = isNew
	t := st.in
	if slices.Contains(t.states, st) {
		t.dead--
		u.mu.Lock()
		if u.byPtr != nil {
			u.byPtr[addressOf(st.entity)] = st
		}
		u.mu.Unlock()
	} else {
		t.register(st)
	}
	t.fresh = append(t.fresh, st)
	if k, err := t.m.keyOfEntity(st.entity); err == nil && !k.IsZero() {
		t.ids.Put(k, st)
		if t.pendingKeys == nil {
			t.pendingKeys = map[*state]identity.Key{}
		}
		t.pendingKeys[st] = k
	}
	for _, r := range t.m.relations {
		at := r.at(st.entity)
		if h := related.HeadAt(at); h != nil && h.At == nil && !h.Shared {
			h.At, h.Acts = at, &u.lone(r).acts
		} else if h == nil {
			u.lone(r).share(at)
		}
	}
}
