package uow

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
)

// linkKey names one container of one entity.
type linkKey struct {
	st *state
	r  *relation
}

// pairKey names one row of an association table: child and parent as the link
// has them.
type pairKey struct {
	link          *rel.Link
	child, parent *state
}

// pair is an association row to be written.
type pair struct {
	remove bool
	sure   bool // whether there is a row is known
	seq    int  // in the order in which they came
}

// undoneLink is what a rollback needs to put a container back.
type undoneLink struct {
	r       *relation
	program bool // it was the program that changed it, not Dormer
	one     related.One
	many    related.Many
	had     bool // the container had a cell of its own
}

// keepLink has the journal keep a container before it changes, once per
// savepoint.
func (u *UnitOfWork) keepLink(st *state, r *relation, program bool) {
	at := r.at(st.entity)
	h := related.HeadAt(at)
	x := &undoneLink{r: r, program: program, had: h != nil && !h.Shared}
	switch {
	case x.had && h.At != at && (program || h.At != nil):
		return // not looked at yet: it is the program's own
	case x.had && h.Mark == u.level: // kept already, or read at this level: then a rollback unloads it
		u.wrote = true
		return
	case x.had && r.def.Many:
		x.many = *related.ManyAt(at)
		x.many.Put(slices.Clone(x.many.Items()))
	case x.had:
		x.one = *related.OneAt(at)
	case r.def.Many:
		u.manyCell(st, r)
	default:
		u.oneCell(st, r)
	}
	related.HeadAt(at).Mark = u.level
	u.log(undo{st: st, what: undoLink, link: x})
}

// undoLinkOf puts a container back. fresh says that the entity is new again, so
// that what the program put there stays.
func (u *UnitOfWork) undoLinkOf(st *state, x *undoneLink, fresh bool) {
	if fresh && x.program {
		return
	}
	at := x.r.at(st.entity)
	switch {
	case !x.had && (fresh || st.status == gone):
		related.PutOne(at, nil)
	case !x.had:
		u.lone(x.r).share(at)
	case x.r.def.Many:
		c := x.many
		related.PutMany(at, &c)
	default:
		c := x.one
		related.PutOne(at, &c)
	}
	// Its mark says still when it was read: a rollback beyond that unloads it.
	if h := related.HeadAt(at); x.had && h != nil && st.status == gone {
		h.At, h.Acts, h.Mark = nil, nil, 0
	}
}

// setRef notes that a reference is to be written.
func (u *UnitOfWork) setRef(st *state, r *relation, target *state) {
	if u.refs == nil {
		u.refs = map[linkKey]*state{}
	}
	u.refs[linkKey{st, r}] = target
	delete(u.followed, linkKey{st, r})
}

// refer makes st, which has the foreign key, refer to target, nil for nothing,
// and has the other sides agree.
func (u *UnitOfWork) refer(st *state, r *relation, target *state, program bool) error {
	old, _, err := u.reference(st, r)
	if err != nil {
		return err
	}
	inverse, err := u.back(r)
	if err != nil {
		return err
	}
	at := r.at(st.entity)
	if c := related.OneAt(at); c != nil && !c.Shared && c.Loaded && old == target && u.pointsTo(c, target) && c.At == at {
		if target != nil && inverse != nil && inverse.def.Many {
			u.listIn(target, inverse, st) // its container may be another since
		}
		return nil
	}
	u.keepLink(st, r, program)
	c := u.oneCell(st, r)
	c.At, c.Acts = at, u.acting(st, r)
	c.Loaded, c.Epoch, c.Target = true, u.epoch, nil
	if target != nil {
		c.Target = target.entity
	}
	u.setRef(st, r, target)
	if inverse == nil || old == target && target != nil && inverse.def.Many && u.lists(target, inverse, st) {
		return nil
	}
	if old != nil && old != target && (target != nil || program || old.status != deleting) { // what is deleted keeps what it had (S64)
		u.unlistFrom(old, inverse, st)
	}
	if target == nil {
		return nil
	}
	if !inverse.def.Many {
		if h := related.HeadAt(inverse.at(target.entity)); target.status == persistent && old != target && (h == nil || !h.Loaded) {
			u.setReplaced(target, inverse) // somebody may be there
		}
		if was := related.OneAt(inverse.at(target.entity)); was != nil && was.Loaded && was.Target != nil && was.Target != st.entity {
			other := u.find(was.Target)
			switch {
			case other == nil && target.status == persistent:
				u.setReplaced(target, inverse) // it was detached, its row is there
			case other != nil && other.status != deleted:
				if err := u.dismiss(other, r); err != nil {
					return err
				}
			}
		}
	}
	u.listIn(target, inverse, st)
	return nil
}

func (u *UnitOfWork) pointsTo(c *related.One, target *state) bool {
	if target == nil {
		return c.Target == nil
	}
	return c.Target == target.entity
}

// lists reports whether a container is known to hold st.
func (u *UnitOfWork) lists(parent *state, r *relation, st *state) bool {
	c := related.ManyAt(r.at(parent.entity))
	return c != nil && !c.Shared && c.Has(st.entity)
}

// listIn has the other side of a reference hold st.
func (u *UnitOfWork) listIn(parent *state, r *relation, st *state) {
	if !r.def.Many {
		u.keepLink(parent, r, false)
		c := u.oneCell(parent, r)
		c.Target, c.Loaded, c.Epoch = st.entity, true, u.epoch
		return
	}
	if u.lists(parent, r, st) {
		return
	}
	if c := related.ManyAt(r.at(parent.entity)); c != nil && c.Partial {
		return // it holds what was asked for and no more
	}
	u.keepLink(parent, r, false)
	u.manyCell(parent, r).Add(st.entity)
}

// unlistFrom has the other side of a reference no longer hold st.
func (u *UnitOfWork) unlistFrom(parent *state, r *relation, st *state) {
	h := related.HeadAt(r.at(parent.entity))
	switch {
	case h == nil || h.Shared:
	case r.def.Many:
		if u.lists(parent, r, st) {
			u.keepLink(parent, r, false)
			u.manyCell(parent, r).Remove(st.entity)
		}
	default:
		if c := related.OneAt(r.at(parent.entity)); c.Target == st.entity {
			u.keepLink(parent, r, false)
			c.Target = nil
		}
	}
}

// referOne is One.Set of the program's.
func (u *UnitOfWork) referOne(st *state, r *relation, p unsafe.Pointer) error {
	m, err := u.target(r)
	if err != nil {
		return err
	}
	target := (*state)(nil)
	if p != nil {
		if target, err = u.manage(m, p); err != nil {
			return err
		}
	}
	if r.holds() {
		u.keepLink(st, r, true)
		return u.refer(st, r, target, true)
	}
	// The other side of a one-to-one has the foreign key.
	back, err := u.back(r)
	if err != nil {
		return err
	}
	c := related.OneAt(r.at(st.entity))
	known := c != nil && c.Loaded
	u.keepLink(st, r, true)
	if known && c.Target != nil && c.Target != p {
		old := u.find(c.Target)
		if old != nil && old.status != deleted {
			if err := u.dismiss(old, back); err != nil {
				return err
			}
		}
		known = old != nil // one that was detached has left its row
	}
	if !known {
		for _, old := range u.knownMembers(st, r, back) {
			if old.entity == p {
				continue
			}
			if err := u.dismiss(old, back); err != nil {
				return err
			}
		}
	}
	c = u.oneCell(st, r)
	c.Target, c.Loaded, c.Epoch = p, true, u.epoch
	if !known && st.status == persistent {
		u.setReplaced(st, r)
	}
	if target == nil {
		return nil
	}
	return u.refer(target, back, st, false)
}

func (u *UnitOfWork) setReplaced(st *state, r *relation) {
	if u.replaced == nil {
		u.replaced = map[linkKey]bool{}
	}
	u.replaced[linkKey{st, r}] = true
}

// changeMany is Many.Add and Many.Remove of the program's.
func (u *UnitOfWork) changeMany(st *state, r *relation, add, remove []unsafe.Pointer) error {
	m, err := u.target(r)
	if err != nil {
		return err
	}
	for _, p := range add { // before anything changes
		other := u.find(p)
		if other == nil {
			if u.ms.live.elsewhere(u, p) {
				return ErrAttached
			}
			if err := m.outlived(p); err != nil {
				return err
			}
			if err := u.vacant(m, p); err != nil {
				return err
			}
		} else if other != nil && (other.status == deleted || other.status == deleting) {
			return fmt.Errorf("%s key %s: %w", m.name, other.showKey(), ErrDeleted)
		}
	}
	back, err := u.back(r)
	if err != nil {
		return err
	}
	for _, p := range add {
		child, err := u.manage(m, p)
		if err != nil {
			return err
		}
		u.keepLink(st, r, true)
		if r.associates() {
			u.associate(st, r, child, back, false)
		} else if err := u.refer(child, back, st, false); err != nil {
			return err
		}
	}
	for _, p := range remove {
		child := u.find(p)
		if child == nil { // the program has detached it
			u.keepLink(st, r, true)
			u.manyCell(st, r).Remove(p)
			continue
		}
		if child.status == deleted {
			continue
		}
		if r.associates() {
			u.keepLink(st, r, true)
			u.associate(st, r, child, back, true)
			continue
		}
		of, known, err := u.reference(child, back)
		if err != nil {
			return err
		}
		if !known || of != st {
			continue
		}
		u.keepLink(st, r, true)
		if err := u.dismiss(child, back); err != nil {
			return err
		}
	}
	return nil
}

// dismiss takes a child from its parent. A new one that its parent owns leaves
// the unit of work (S66).
func (u *UnitOfWork) dismiss(child *state, back *relation) error {
	if err := u.refer(child, back, nil, false); err != nil {
		return err
	}
	if child.status == isNew && back.link.Ownership == rel.Own {
		delete(u.refs, linkKey{child, back})
		child.in.unlist(child)
		u.letGo(child)
	}
	return nil
}

// replaceMany is Many.Set of the program's.
func (u *UnitOfWork) replaceMany(st *state, r *relation, items []unsafe.Pointer) error {
	at := r.at(st.entity)
	h := related.HeadAt(at)
	known := u.current(h)
	var gone []unsafe.Pointer
	if h != nil && !h.Shared {
		keep := related.Many{}
		for _, p := range items {
			keep.Add(p)
		}
		for _, p := range related.ManyAt(at).Items() {
			if !keep.Has(p) {
				gone = append(gone, p)
				known = known && u.find(p) != nil // one that was detached has left its row
			}
		}
	}
	whole := related.Many{}
	for _, p := range items {
		whole.Add(p)
	}
	if !known {
		back, err := u.back(r)
		if err != nil {
			return err
		}
		for _, old := range u.knownMembers(st, r, back) {
			if !whole.Has(old.entity) && !slices.Contains(gone, old.entity) {
				gone = append(gone, old.entity)
			}
		}
	}
	if err := u.changeMany(st, r, whole.Items(), gone); err != nil {
		return err
	}
	u.keepLink(st, r, true)
	c := u.manyCell(st, r)
	c.Put(whole.Items())
	c.Loaded, c.Epoch = true, u.epoch
	if !known && st.status == persistent {
		u.setReplaced(st, r)
	}
	return nil
}

// vacant returns an error where a new entity has the key of one that is managed.
func (u *UnitOfWork) vacant(m *mapper, p unsafe.Pointer) error {
	k, err := m.keyOfEntity(p)
	if err != nil || k.IsZero() {
		return err
	}
	if old, taken := u.table(m).ids.Get(k); taken && old.status != deleting {
		return &DuplicateError{Entity: m.name, Key: k.String()}
	}
	return nil
}

// knownMembers lists the managed entities that belong to a container whose content
// is not known, as far as their own side tells.
func (u *UnitOfWork) knownMembers(st *state, r, back *relation) (out []*state) {
	for _, c := range u.table(back.m).states {
		if c.status != persistent && c.status != isNew {
			continue
		}
		if back.associates() {
			if u.lists(c, back, st) {
				out = append(out, c)
			}
		} else if of, known, err := u.reference(c, back); err == nil && known && of == st {
			out = append(out, c)
		}
	}
	return out
}

// associate adds or removes an association row, in memory on both sides.
func (u *UnitOfWork) associate(st *state, r *relation, other *state, back *relation, remove bool) {
	c := u.manyCell(st, r)
	known, has := u.current(&c.Head) || st.status == isNew || other.status == isNew, c.Has(other.entity)
	if remove {
		if known && !has {
			return
		}
		c.Remove(other.entity)
		u.unlistFrom(other, back, st)
	} else {
		if has {
			return
		}
		c.Add(other.entity)
		u.listIn(other, back, st)
	}
	k := pairKey{link: r.link, child: st, parent: other}
	if r.link.Child != r.def {
		k.child, k.parent = other, st
	}
	if p := u.pairs[k]; p != nil {
		switch {
		case p.remove == remove:
		case p.sure:
			delete(u.pairs, k)
		default: // whether there is a row is not known
			p.remove = remove
		}
		return
	}
	if u.pairs == nil {
		u.pairs = map[pairKey]*pair{}
	}
	u.pairs[k] = &pair{remove: remove, sure: known, seq: len(u.pairs)}
}

// manage returns the state of the entity at p, adding it as new where the unit
// does not have it.
func (u *UnitOfWork) manage(m *mapper, p field.Ptr) (*state, error) {
	if st := u.find(p); st != nil {
		if st.status == deleted || st.status == deleting {
			return nil, fmt.Errorf("%s key %s: %w", m.name, st.showKey(), ErrDeleted)
		}
		return st, nil
	}
	if err := m.outlived(p); err != nil {
		return nil, err
	}
	return u.add(m, p)
}
