package uow

import (
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// relation is a relation of a mapper's table, with what the flush needs of it.
type relation struct {
	def  *schema.RelationDef
	link *rel.Link
}

// one returns the to-one container of the entity at e, nil where nothing was put
// into it.
func (r *relation) one(e field.Ptr) rel.OneContainer {
	if p := field.Add(e, r.def.Offset); *field.As[field.Ptr](p) != nil {
		return reflect.NewAt(r.def.Container, p).Interface().(rel.OneContainer)
	}
	return nil
}

// container returns the to-one container of the entity at e, empty or not.
func (r *relation) container(e field.Ptr) rel.OneContainer {
	return reflect.NewAt(r.def.Container, field.Add(e, r.def.Offset)).Interface().(rel.OneContainer)
}

// many returns the to-many container of the entity at e, nil where nothing was
// put into it.
func (r *relation) many(e field.Ptr) rel.ManyContainer {
	if p := field.Add(e, r.def.Offset); *field.As[field.Ptr](p) != nil {
		return reflect.NewAt(r.def.Container, p).Interface().(rel.ManyContainer)
	}
	return nil
}

func relationsOf(def *schema.TableDef) []*relation {
	var out []*relation
	for _, r := range def.Relations {
		out = append(out, &relation{def: r, link: rel.LinkOf(r)})
	}
	return out
}

// linkKey names one container of one entity.
type linkKey struct {
	st *state
	r  *relation
}

// pendingLink is a foreign key that waits for the key of an entity that is new.
type pendingLink struct {
	f      *field.Field // of the child
	target *state
	src    *field.Field // of the target
}

// relate takes what the containers of managed entities hold into the unit: new
// entities are added, and foreign keys follow the references. It is called
// before changes are collected.
func (u *UnitOfWork) relate() error {
	u.waiting = nil
	for again := true; again; {
		again = false
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
				added, err := u.relateState(st)
				if err != nil {
					return err
				}
				again = again || added
			}
		}
	}
	return nil
}

// relateState does so for one entity. added says that the unit has grown.
func (u *UnitOfWork) relateState(st *state) (added bool, err error) {
	for _, r := range st.in.m.relations {
		var a bool
		if r.def.Many {
			a, err = u.relateMany(st, r)
		} else {
			a, err = u.relateOne(st, r)
		}
		if err != nil {
			return added, opError("relation "+r.def.Name+" of", st.in.m.name, err)
		}
		added = added || a
	}
	return added, nil
}

func (u *UnitOfWork) relateMany(st *state, r *relation) (added bool, err error) {
	c := r.many(st.entity)
	if c == nil {
		return false, nil
	}
	items, removed := c.Entities(), c.Removed()
	if len(items)+len(removed) == 0 {
		return false, nil
	}
	if r.link == nil || r.link.Child.Many {
		return false, fmt.Errorf("it is not joined: rel.Via on the other side with BackPopulates says by which column")
	}
	m, err := u.ms.of(u.db, r.link.Child.Table)
	if err != nil {
		return false, err
	}
	back := m.relation(r.link.Child)
	for _, p := range items {
		child, isNew, err := u.manage(m, p)
		if err != nil {
			return added, err
		}
		added = added || isNew
		key := linkKey{child, back}
		if now, known := back.container(p).Entity(); !known || now != st.entity {
			if at, seen := u.listed[linkKey{st, r}][p]; seen && at && known {
				continue // it was moved elsewhere since
			}
			back.container(p).Refer(st.entity)
			delete(u.settled, key)
			added = true
		}
		if u.listed == nil {
			u.listed = map[linkKey]map[field.Ptr]bool{}
		}
		if u.listed[linkKey{st, r}] == nil {
			u.listed[linkKey{st, r}] = map[field.Ptr]bool{}
		}
		u.listed[linkKey{st, r}][p] = true
	}
	for _, p := range removed {
		child, isNew, err := u.manage(m, p)
		if err != nil {
			return added, err
		}
		added = added || isNew
		if now, known := back.container(p).Entity(); !known || now == st.entity {
			back.container(p).Refer(nil)
			delete(u.settled, linkKey{child, back})
			added = true
		}
	}
	c.Flushed()
	return added, nil
}

func (u *UnitOfWork) relateOne(st *state, r *relation) (added bool, err error) {
	c := r.one(st.entity)
	if c == nil {
		return false, nil
	}
	p, known := c.Entity()
	if !known {
		return false, nil
	}
	key := linkKey{st, r}
	if was, ok := u.settled[key]; ok && was == p {
		return false, nil // no net change: the foreign key's own field counts
	}
	if r.link == nil {
		return false, fmt.Errorf("it is not joined: rel.Via says by which column")
	}
	f := st.in.m.tracked.Fields[r.link.Columns[0].Position]
	if p == nil {
		if st.status == isNew {
			u.wrote(st, f)
		}
		if !r.link.Columns[0].Nullable {
			return false, fmt.Errorf("it refers to nothing, but column %s cannot be NULL", r.link.Columns[0].Name)
		}
		f.SetZero(st.entity)
		u.remember(key, p)
		return false, nil
	}
	m, err := u.ms.of(u.db, r.link.Targets[0].Table)
	if err != nil {
		return false, err
	}
	target, added, err := u.manage(m, p)
	if err != nil {
		return false, err
	}
	src := m.tracked.Fields[r.link.Targets[0].Position]
	if target.status == isNew && src.Col.Identity && src.IsZero(p) || target.status == isNew && src.IsZero(p) && src.Col.HasDefault() {
		if u.waiting == nil {
			u.waiting = map[*state][]pendingLink{}
		}
		for _, w := range u.waiting[st] {
			if w.f == f {
				return added, nil
			}
		}
		u.waiting[st] = append(u.waiting[st], pendingLink{f, target, src})
		return added, nil
	}
	if st.status == isNew {
		u.wrote(st, f)
	}
	f.SetDefault(st.entity, src.Any(p))
	u.remember(key, p)
	return added, nil
}

// remember remembers what a container held when its foreign key was made to
// follow.
func (u *UnitOfWork) remember(key linkKey, p field.Ptr) {
	if u.settled == nil {
		u.settled = map[linkKey]field.Ptr{}
	}
	u.settled[key] = p
}

// wrote notes what a foreign key of a new entity held before.
func (u *UnitOfWork) wrote(st *state, f *field.Field) {
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

// manage returns the state of the entity at p, adding it as new where the unit
// does not have it.
func (u *UnitOfWork) manage(m *mapper, p field.Ptr) (st *state, added bool, err error) {
	if st := u.find(p); st != nil {
		if st.status == deleted || st.status == deleting {
			return nil, false, fmt.Errorf("%s key %s: %w", m.name, st.showKey(), ErrDeleted)
		}
		return st, false, nil
	}
	st, err = u.add(m, p)
	return st, err == nil, err
}

// resolve fills the foreign keys of st that waited for keys made by now. It
// returns the targets that still have none.
func (u *UnitOfWork) resolve(st *state) (unresolved []pendingLink) {
	for _, w := range u.waiting[st] {
		if w.target.status != persistent {
			unresolved = append(unresolved, w)
			continue
		}
		if st.status == isNew {
			u.wrote(st, w.f)
		}
		w.f.SetDefault(st.entity, w.src.Any(w.target.entity))
		for _, r := range st.in.m.relations {
			if !r.def.Many && r.link != nil && r.link.Columns[0] == w.f.Col {
				u.remember(linkKey{st, r}, w.target.entity)
			}
		}
	}
	if len(unresolved) == 0 {
		delete(u.waiting, st)
	} else {
		u.waiting[st] = unresolved
	}
	return unresolved
}

// layers orders a table's new entities so that those that others of the table
// refer to come first. Rows that wait for each other are written with NULL first
// where their foreign keys take it; otherwise they are a *CycleError, which is
// found before any SQL.
func (u *UnitOfWork) layers(sts []*state) ([][]*state, error) {
	rest := sts
	var out [][]*state
	placed := map[*state]bool{}
	for len(rest) > 0 {
		var layer, later []*state
		for _, st := range rest {
			free := true
			for _, w := range u.waiting[st] {
				if w.target.in == st.in && !placed[w.target] {
					free = false
				}
			}
			if free {
				layer = append(layer, st)
			} else {
				later = append(later, st)
			}
		}
		if len(layer) == 0 {
			for i, st := range later { // break the cycle where it may be NULL
				if u.nullableLinks(st) {
					layer = append(layer, st)
					later = append(later[:i:i], later[i+1:]...)
					break
				}
			}
		}
		if len(layer) == 0 {
			e := &CycleError{}
			for _, st := range later {
				e.Entities = append(e.Entities, st.in.m.name)
			}
			return nil, e
		}
		for _, st := range layer {
			placed[st] = true
		}
		out, rest = append(out, layer), later
	}
	return out, nil
}

// nullableLinks reports whether every foreign key of st that waits for an entity
// of its own table may be NULL at first.
func (u *UnitOfWork) nullableLinks(st *state) bool {
	for _, w := range u.waiting[st] {
		if w.target.in == st.in && !w.f.Col.Nullable {
			return false
		}
	}
	return true
}

// checkCycles finds, before any SQL, references between new entities of several
// tables that the order of the tables cannot serve.
func (u *UnitOfWork) checkCycles(w *work) error {
	for _, tw := range w.tables {
		for _, st := range tw.inserts {
			for _, l := range u.waiting[st] {
				if l.target.in != st.in && !l.f.Col.Nullable && u.ms.rankOf(l.target.in.m.def) > u.ms.rankOf(st.in.m.def) {
					return &CycleError{Entities: []string{st.in.m.name, l.target.in.m.name}}
				}
			}
		}
		if _, err := u.layers(tw.inserts); err != nil {
			return err
		}
	}
	return nil
}

// relation finds a mapper's relation by its definition.
func (m *mapper) relation(def *schema.RelationDef) *relation {
	for _, r := range m.relations {
		if r.def == def {
			return r
		}
	}
	return nil
}
