package uow

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// pendingLink is a foreign key's column that waits for the key of an entity that
// is new.
type pendingLink struct {
	f      *field.Field // of the child
	target *state
	src    *field.Field // of the target
}

// relate has the foreign keys follow the references that were changed, before
// changes are collected. What the program put into containers comes into the
// unit first.
func (u *UnitOfWork) relate() error {
	u.waiting = nil
	if err := u.assigned(); err != nil {
		return err
	}
	u.unfollow()
	for key, target := range u.refs {
		if err := u.follow(key, target); err != nil {
			return opError("relation", key.r.name(), err)
		}
	}
	return nil
}

// follow has one foreign key follow its reference. A reference to a row whose key
// is yet to be made stays pending.
func (u *UnitOfWork) follow(key linkKey, target *state) error {
	st, r := key.st, key.r
	switch st.status {
	case gone:
		if err := u.leftBehind(st, r, target); err != nil {
			return err
		}
		delete(u.refs, key)
		return nil
	case deleted:
		delete(u.refs, key)
		return nil
	case deleting:
		return nil
	}
	near := r.near
	if target == nil {
		return u.forgo(key, near)
	}
	far := r.far(target.in.m)
	switch {
	case target.status == gone && target.snap == nil:
		return &rel.DetachedError{Entity: r.m.name, Relation: r.def.Name, Err: fmt.Errorf("it refers to a new entity that the unit of work has let go of: %w", ErrNotManaged)}
	case target.status == deleting && u.softly(target):
		// Its row stays.
	case target.status == deleting && r.cascades():
		return nil // the cascade says what becomes of it
	case target.status == deleting && r.leaves():
		// It is written first: what the database does then holds for it as well.
	case target.status == deleted || target.status == deleting:
		return fmt.Errorf("%s key %s: %w", target.in.m.name, target.showKey(), ErrDeleted)
	}
	waits := false
	for i, f := range near {
		if !u.unsettled(target, far[i]) {
			continue
		}
		waits = true
		if u.waiting == nil {
			u.waiting = map[*state][]pendingLink{}
		}
		u.waiting[st] = append(u.waiting[st], pendingLink{f, target, far[i]})
	}
	if waits {
		return nil
	}
	for i, f := range near {
		if st.added() {
			u.noteLink(st, f)
		}
		f.SetDefault(st.entity, far[i].Any(target.entity))
	}
	u.hasFollowed(key, target)
	return nil
}

// leaves reports whether it is left to the database what becomes of rows whose
// target is deleted.
func (r *relation) leaves() bool {
	return slices.ContainsFunc(r.link.Child.Table.ForeignKeys, func(fk *schema.ForeignKeyDef) bool {
		return slices.Equal(fk.Columns, r.link.Columns) && acts(fk)
	})
}

// leftBehind refuses to pass over a link to an entity that the program has
// detached since it put it into a collection (S63).
func (u *UnitOfWork) leftBehind(st *state, r *relation, target *state) error {
	if target == nil || target.status == gone {
		return nil
	}
	back, err := u.back(r)
	if err != nil || back == nil || !back.def.Many || !u.lists(target, back, st) {
		return err
	}
	return &rel.DetachedError{Entity: back.m.name, Relation: back.def.Name,
		Err: fmt.Errorf("it holds an entity that was detached: Remove that, or Add it again: %w", ErrNotManaged)}
}

// unsettled reports whether a field of a target is made by the flush.
func (u *UnitOfWork) unsettled(target *state, src *field.Field) bool {
	if target.status != isNew {
		return false
	}
	if src.IsZero(target.entity) && (src.Col.Identity || src.Col.HasDefault()) {
		return true
	}
	for _, r := range target.in.m.relations {
		if r.link != nil && r.holds() && slices.Contains(r.link.Columns, src.Col) {
			if of, pending := u.refs[linkKey{target, r}]; pending && of != nil && of != target {
				return true
			}
		}
	}
	return false
}

// forgo makes a foreign key NULL whose reference is gone. A child that must have
// its parent is deleted where the parent owns it (D3).
func (u *UnitOfWork) forgo(key linkKey, near []*field.Field) error {
	st := key.st
	null := false
	for _, f := range near {
		null = null || f.Col.Nullable
	}
	if !null {
		if (key.r.link.Ownership == rel.Own || u.spared[st]) && st.status == persistent {
			return nil // the flush deletes it, unless it finds another parent
		}
		return fmt.Errorf("it refers to nothing, but column %s cannot be NULL (Own says that such a child is deleted)", near[0].Col.Name)
	}
	for _, f := range near {
		if !f.Col.Nullable {
			continue
		}
		if st.added() {
			u.noteLink(st, f)
		}
		f.SetZero(st.entity)
	}
	u.hasFollowed(key, nil)
	return nil
}

// hasFollowed notes that a foreign key has followed its reference.
func (u *UnitOfWork) hasFollowed(key linkKey, target *state) {
	delete(u.refs, key)
	if u.followed == nil {
		u.followed = map[linkKey]*state{}
	}
	u.followed[key] = target
}

// unfollow has references pending again whose foreign keys the program has set
// since they followed: until the flush the reference counts (S70).
func (u *UnitOfWork) unfollow() {
	for key, target := range u.followed {
		if key.st.status != isNew && key.st.status != persistent {
			delete(u.followed, key)
			continue
		}
		if _, again := u.refs[key]; again || u.holdsTo(key, target) {
			continue
		}
		u.setRef(key.st, key.r, target)
	}
}

// holdsTo reports whether a foreign key holds what its reference says, or what that
// led to has gone.
func (u *UnitOfWork) holdsTo(key linkKey, target *state) bool {
	held, known, err := keyOfFields(key.r.near, key.st.entity)
	if err != nil || target == nil {
		return !known
	}
	if target.status != isNew && target.status != persistent {
		return true
	}
	k, _, err := keyOfFields(key.r.far(target.in.m), target.entity)
	return err == nil && known && held.String() == k.String()
}

// ownerName is the relation as its parent has it, for messages and plans.
func (r *relation) ownerName() string {
	if p := r.link.Parent; p != nil {
		return p.Table.Entity.String() + "." + p.Name
	}
	return r.name()
}

// added reports whether st came by Add and not by a read, so that a rollback may
// make it new again, with the foreign keys that it was added with.
func (st *state) added() bool { return st.status == isNew || st.born == 0 }

// noteLink notes what a foreign key of an added entity held before.
func (u *UnitOfWork) noteLink(st *state, f *field.Field) {
	if u.links == nil {
		u.links = map[*state][]restorer{}
	}
	for _, w := range u.links[st] {
		if w.f == f {
			return
		}
	}
	u.links[st] = append(u.links[st], restorer{f, f.Current(st.entity)})
}

// unlink gives a new entity back the foreign keys that it was added with.
func (u *UnitOfWork) unlink(st *state) {
	for _, w := range u.links[st] {
		w.restore(st.entity)
	}
	delete(u.links, st)
}

func (w restorer) restore(e field.Ptr) {
	if w.old == nil {
		w.f.SetZero(e)
	} else {
		w.f.SetDefault(e, w.old)
	}
}

// resolve fills the foreign keys of st that waited for keys made by now. It
// returns what still waits.
func (u *UnitOfWork) resolve(st *state) (unresolved []pendingLink) {
	for _, w := range u.waiting[st] {
		if w.target.status != persistent {
			unresolved = append(unresolved, w)
			continue
		}
		if st.added() {
			u.noteLink(st, w.f)
		}
		w.f.SetDefault(st.entity, w.src.Any(w.target.entity))
	}
	if len(unresolved) == 0 {
		delete(u.waiting, st)
	} else {
		u.waiting[st] = unresolved
	}
	return unresolved
}

// restoreRefs takes back the references of an entity that are not written yet: its
// foreign keys hold already what the row says (S75).
func (u *UnitOfWork) restoreRefs(st *state) error {
	for _, r := range st.in.m.relations {
		if r.def.Many || r.link == nil || !r.holds() {
			continue
		}
		key := linkKey{st, r}
		_, pending := u.refs[key]
		if _, followed := u.followed[key]; !pending && !followed {
			continue
		}
		inverse, err := u.back(r)
		if err != nil {
			return err
		}
		at := r.at(st.entity)
		u.keepLink(st, r, false)
		if c := related.OneAt(at); c != nil && c.Target != nil && inverse != nil {
			if held := u.find(c.Target); held != nil {
				u.unlistFrom(held, inverse, st)
			}
		}
		delete(u.refs, key)
		delete(u.followed, key)
		u.lone(r).share(at)
		was, known, err := u.reference(st, r)
		if err != nil {
			return err
		}
		if known && was != nil && inverse != nil {
			if h := related.HeadAt(inverse.at(was.entity)); h != nil && h.Loaded {
				u.listIn(was, inverse, st)
			}
		}
	}
	return nil
}
