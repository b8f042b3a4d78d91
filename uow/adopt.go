package uow

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
)

// adoptAll looks at the containers of entities that came into the unit, and of
// those that these bring along.
func (u *UnitOfWork) adoptAll() error {
	for len(u.adopting) > 0 {
		st := u.adopting[0]
		u.adopting = u.adopting[1:]
		for _, r := range st.in.m.relations {
			if st.status == gone {
				break
			}
			if err := u.adopt(st, r); err != nil {
				u.adopting = nil
				return opError("relation", r.name(), err)
			}
		}
	}
	u.adopting = nil
	return nil
}

// adopt binds the container of an entity that the unit manages and takes what
// the program has put there.
func (u *UnitOfWork) adopt(st *state, r *relation) error {
	at := r.at(st.entity)
	h := related.HeadAt(at)
	switch {
	case h == nil:
		u.lone(r).share(at)
		return nil
	case h.Shared:
		if h.Actor().(*cohort).crowd.u != u { // of a unit that has ended
			u.lone(r).share(at)
		}
		return nil
	case h.At == at:
		if h.Actor().(*cohort).crowd.u != u {
			h.Acts, h.Mark, h.Epoch = &u.lone(r).acts, 0, 0
		} else {
			return nil
		}
	case h.At != nil:
		return rel.ErrCopied
	}
	if !r.def.Many {
		c := related.OneAt(at)
		if c.Loaded && c.Target != nil {
			return u.adoptOne(st, r, c)
		}
		c.At, c.Acts = at, &u.lone(r).acts
		if !c.Loaded || r.link == nil {
			return nil
		}
		if st.status != isNew {
			u.log(undo{st: st, what: undoLink, link: &undoneLink{r: r, program: true}})
		}
		c.Mark = u.level
		if r.holds() {
			c.Loaded = false // not yet: so that the change is one
			return u.refer(st, r, nil, true)
		}
		if c.Epoch = u.epoch; st.status == persistent {
			u.setReplaced(st, r) // somebody may be there
		}
		return nil
	}
	c := related.ManyAt(at)
	items := c.Items()
	if len(items) == 0 && st.status != persistent {
		c.At, c.Acts, c.Epoch = at, &u.lone(r).acts, u.epoch
		return nil
	}
	if err := r.joined(); err != nil {
		return err
	}
	if slices.Contains(items, nil) {
		return rel.ErrNil
	}
	// Until here it was the program's own; now that it is bound, it holds what is
	// added, each once.
	whole := c.Loaded
	fresh := &related.Many{Head: related.Head{At: at, Acts: &u.lone(r).acts, Mark: u.level}}
	related.PutMany(at, fresh)
	if st.status == isNew {
		u.log(undo{st: st, what: undoLink, link: &undoneLink{r: r, program: true, had: true}})
	} else {
		u.log(undo{st: st, what: undoLink, link: &undoneLink{r: r, program: true}})
	}
	if whole && st.status == persistent {
		u.setReplaced(st, r)
	}
	if !r.associates() {
		for _, p := range items {
			if err := u.claim(st, r, p); err != nil {
				return err
			}
		}
	}
	if err := u.changeMany(st, r, items, nil); err != nil {
		return err
	}
	fresh.Loaded, fresh.Epoch = whole, u.epoch
	return nil
}

func (u *UnitOfWork) adoptOne(st *state, r *relation, c *related.One) error {
	m, err := u.target(r)
	if err != nil {
		return err
	}
	target, err := u.manage(m, c.Target)
	if err != nil {
		return err
	}
	at := r.at(st.entity)
	if r.holds() {
		c.At, c.Acts, c.Mark = at, &u.lone(r).acts, u.level
		c.Loaded = false // not yet: so that the change is one
		if st.status != isNew {
			u.log(undo{st: st, what: undoLink, link: &undoneLink{r: r, program: true}})
		}
		return u.refer(st, r, target, true)
	}
	back, err := u.back(r)
	if err != nil {
		return err
	}
	if err := u.claim(st, r, c.Target); err != nil {
		return err
	}
	c.At, c.Acts, c.Mark, c.Epoch = at, &u.lone(r).acts, u.level, u.epoch
	if st.status != isNew {
		u.log(undo{st: st, what: undoLink, link: &undoneLink{r: r, program: true}})
		u.setReplaced(st, r)
	}
	return u.refer(target, back, st, false)
}

// claim refuses a child that the program has put into a container of st, where it
// has given it to another parent, too, and nothing tells which of them it meant
// (S68).
func (u *UnitOfWork) claim(st *state, r *relation, p field.Ptr) error {
	back, err := u.back(r)
	if err != nil {
		return err
	}
	c := related.OneAt(back.at(p))
	own := c != nil && !c.Shared && c.At == nil && c.Loaded && c.Target != nil && c.Target != st.entity
	if child := u.find(p); child != nil && child.status == isNew && !own {
		of := u.refs[linkKey{child, back}]
		own = of != nil && of != st && !goes(of) && u.members(of, r)(child)
	}
	if !own {
		return nil
	}
	return fmt.Errorf("a %s in it is another %s's as well: take it out of one of them", back.m.name, r.m.name)
}

// assigned looks for containers that the program has put in the place of those
// that the unit has bound.
func (u *UnitOfWork) assigned() error {
	for i := 0; i < len(u.tables); i++ {
		t := u.tables[i]
		if t == nil || len(t.m.relations) == 0 {
			continue
		}
		for j := 0; j < len(t.states); j++ { // grows while we look
			st := t.states[j]
			if st.status != isNew && st.status != persistent {
				continue
			}
			for _, r := range t.m.relations {
				at := r.at(st.entity)
				if h := related.HeadAt(at); h != nil && (h.At == at || h.Shared) {
					continue
				}
				err := u.adopt(st, r)
				if err == nil {
					err = u.adoptAll()
				}
				if err != nil {
					return opError("relation", r.name(), err)
				}
			}
		}
	}
	return nil
}

// unassigned takes out what the program has put into containers of managed
// entities and no flush has looked at: a rollback puts those back, too.
func (u *UnitOfWork) unassigned() {
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, r := range t.m.relations {
			for _, st := range t.states {
				if st.status != persistent {
					continue
				}
				at := r.at(st.entity)
				if h := related.HeadAt(at); h == nil || !h.Shared && h.At != at {
					u.lone(r).share(at)
				}
			}
		}
	}
}

// reassigned returns a relation whose container the program has put in the place
// of the one that was bound, nil if there is none.
func (st *state) reassigned() *relation {
	for _, r := range st.in.m.relations {
		if at := r.at(st.entity); related.HeadAt(at) != nil && !related.HeadAt(at).Shared && related.HeadAt(at).At != at {
			return r
		}
	}
	return nil
}

// attached takes the containers of an attached entity as what the database has.
func (u *UnitOfWork) attached(st *state) error {
	for _, r := range st.in.m.relations {
		at := r.at(st.entity)
		h := related.HeadAt(at)
		switch {
		case h == nil || h.Shared:
			u.lone(r).share(at)
			continue
		case h.At != nil && h.At != at:
			return opError("relation", r.name(), rel.ErrCopied)
		}
		var held []field.Ptr
		if r.def.Many {
			held = related.ManyAt(at).Items()
		} else if c := related.OneAt(at); c.Target != nil {
			held = []field.Ptr{c.Target}
		}
		h.At, h.Acts, h.Mark, h.Epoch = at, &u.lone(r).acts, 0, u.epoch
		if len(held) == 0 {
			continue
		}
		m, err := u.target(r)
		if err != nil {
			return opError("relation", r.name(), err)
		}
		for _, p := range held {
			if _, err := u.attach(m, p); err != nil && !errors.Is(err, ErrKey) {
				return opError("relation", r.name(), err)
			} else if err != nil {
				return opError("relation", r.name(), errors.Join(errAttachNew, err))
			}
		}
	}
	return nil
}

var errAttachNew = errors.New("it holds an entity that is new: Attach without it, and Add or Set it then")
