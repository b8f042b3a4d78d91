package uow

import (
	"slices"
	"sync"

	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
)

type status uint8

const (
	isNew      status = iota + 1 // Add: to be inserted
	persistent                   // its row exists
	deleting                     // Delete: its row exists, to be deleted
	deleted                      // its row was deleted in this transaction
	gone                         // not managed any more
)

// state is what a unit of work knows about one entity. For entities that were
// read it lies beside the entity in a record, see package field.
type state struct {
	entity field.Ptr
	snap   field.Ptr // the row's values as last known; of a new one nil
	in     *table
	epoch  uint32 // read in that epoch of the unit: older ones are expired
	mark   uint32 // the savepoint level in which the journal last kept snap
	born   uint32 // the savepoint level in which it was read or attached
	status status
	slab   bool // entity is the start of a record
	stream bool // came by a stream, to be dropped when clean
}

// table is a unit of work's part of one table.
type table struct {
	m      *mapper
	u      *UnitOfWork
	ids    identity.Map[*state]
	states []*state // in the order in which they came; gone ones are swept out
	fresh  []*state // new and marked for deletion: what flush looks at first
	dead   int
	lost   bool // one may be deleted
	// pendingKeys are the keys under which new entities stand in ids.
	pendingKeys map[*state]identity.Key
	// heirs are the new entities that take the keys of entities to be deleted.
	heirs map[*state]*state
}

// table returns the unit's part of a mapper's table, making it at first.
func (u *UnitOfWork) table(m *mapper) *table {
	if m.index < len(u.tables) {
		if t := u.tables[m.index]; t != nil {
			return t
		}
	} else {
		grown := make([]*table, m.index+1)
		copy(grown, u.tables)
		u.mu.Lock()
		u.tables = grown
		u.mu.Unlock()
	}
	t := &table{m: m, u: u}
	u.mu.Lock()
	u.tables[m.index] = t
	u.mu.Unlock()
	if !u.registered {
		u.registered = true
		u.ms.live.add(u)
	}
	return t
}

// register makes the unit know states. Other units may be looking on.
func (t *table) register(sts ...*state) {
	t.u.mu.Lock()
	defer t.u.mu.Unlock()
	t.sweep()
	if t.states == nil {
		t.states = slices.Clip(sts) // the caller's, which neither changes
	} else {
		t.states = append(t.states, sts...)
	}
	if t.u.byPtr != nil {
		for _, st := range sts {
			t.u.byPtr[addressOf(st.entity)] = st
		}
	}
}

// forget makes the unit no longer know st.
func (u *UnitOfWork) forget(st *state) {
	if st.status == gone {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	st.status = gone
	st.in.dead++
	if u.byPtr != nil {
		delete(u.byPtr, addressOf(st.entity))
	}
	unbind(st)
}

// lose marks st as one whose row is gone.
func (st *state) lose() {
	st.status = deleted
	st.in.lost = true
}

// sweep takes the states out that are gone, once they are many. It is not done
// where they go, since that may be in the middle of a walk over them.
func (t *table) sweep() {
	if t.dead <= 256 || t.dead <= len(t.states)/2 {
		return
	}
	live := make([]*state, 0, len(t.states)-t.dead)
	for _, s := range t.states {
		if s.status != gone {
			live = append(live, s)
		}
	}
	t.states, t.dead = live, 0
}

// find returns the state of the entity at p, nil where the unit does not manage
// it.
func (u *UnitOfWork) find(p field.Ptr) *state {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.findLocked(addressOf(p))
}

// addressOf is p for looking up. Entities that are managed live in the heap, where
// they do not move.
func addressOf(p field.Ptr) uintptr { return uintptr(p) }

func (u *UnitOfWork) findLocked(p uintptr) *state {
	if u.byPtr == nil {
		u.byPtr = make(map[uintptr]*state)
		for _, t := range u.tables {
			if t == nil {
				continue
			}
			for _, st := range t.states {
				if st.status != gone {
					u.byPtr[addressOf(st.entity)] = st
				}
			}
		}
	}
	return u.byPtr[p]
}

// registry knows an engine's live units that manage entities.
type registry struct {
	mu    sync.Mutex
	units map[*UnitOfWork]struct{}
}

func (r *registry) add(u *UnitOfWork) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.units == nil {
		r.units = map[*UnitOfWork]struct{}{}
	}
	r.units[u] = struct{}{}
}

func (r *registry) remove(u *UnitOfWork) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.units, u)
}

// elsewhere reports whether another unit than u manages the entity at p.
func (r *registry) elsewhere(u *UnitOfWork, p field.Ptr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, in := r.units[u]; in && len(r.units) == 1 {
		return false
	}
	for v := range r.units {
		if v == u {
			continue
		}
		v.mu.Lock()
		st := v.findLocked(addressOf(p))
		v.mu.Unlock()
		if st != nil {
			return true
		}
	}
	return false
}

// expired reports whether the values of st may be older than the transaction.
func (st *state) expired() bool { return st.epoch != st.in.u.epoch }

// key is the key of the row that st stands for.
func (st *state) key() identity.Key {
	if st.snap == nil {
		return st.in.pendingKeys[st]
	}
	return st.in.m.keyOfSnapshot(st.snap)
}

// showKey is the key for messages.
func (st *state) showKey() string {
	k := st.key()
	if k.IsZero() {
		return "(not yet made)"
	}
	return k.String()
}

// changed lists the fields of st that differ from the snapshot, appending to
// out; the version is not the program's to write.
func (st *state) changed(out []*field.Field) ([]*field.Field, error) {
	if c, err := st.isChanged(); !c || err != nil {
		return out, err
	}
	for _, f := range st.in.m.tracked.Fields {
		if f.Col.Computed != nil || f.Col.IsVersion {
			continue
		}
		c, err := f.Changed(st.entity, st.snap)
		if err != nil {
			return out, err
		}
		if c {
			out = append(out, f)
		}
	}
	return out, nil
}

func (st *state) isChanged() (bool, error) {
	return st.in.m.tracked.Differs(st.entity, st.snap)
}

// takeSnapshot makes st's snapshot what the entity holds now.
func (st *state) takeSnapshot() error {
	for _, f := range st.in.m.tracked.Fields {
		if err := f.Snapshot(st.entity, st.snap); err != nil {
			return err
		}
	}
	return nil
}

// restore puts the snapshot's values back into the entity, where they differ.
func (st *state) restore() error {
	for _, f := range st.in.m.tracked.Fields {
		if c, err := f.Changed(st.entity, st.snap); c || err != nil {
			if err := f.Restore(st.entity, st.snap); err != nil {
				return err
			}
		}
	}
	return nil
}
