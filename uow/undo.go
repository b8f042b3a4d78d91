package uow

import (
	"github.com/dormer-orm/dormer/internal/field"
)

// restoreAll drops what was not flushed: new entities are let go, marks for
// deletion taken back, changed fields restored.
func (u *UnitOfWork) restoreAll() {
	u.warnDropped()
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, st := range t.states {
			switch st.status {
			case isNew:
				u.letGo(st)
			case deleting:
				st.status = persistent
				_ = st.restore()
			case persistent:
				_ = st.restore() // of values that were encoded once already
			}
			if st.status == persistent {
				k := st.key()
				if other, taken := t.ids.Get(k); taken && other != st {
					u.forget(st) // its row was made since, in the place of one that is back
				} else if !taken && !k.IsZero() {
					t.ids.Put(k, st)
				}
			}
		}
		t.fresh, t.heirs = nil, nil
	}
}

// expireSince marks the entities expired that were read since the savepoint of
// that level: what they hold may have been written since, too.
func (u *UnitOfWork) expireSince(level uint32) {
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, st := range t.states {
			if st.born >= level {
				st.epoch = 0
			}
		}
	}
}

// letGo makes a new entity unmanaged.
func (u *UnitOfWork) letGo(st *state) {
	if k, ok := st.in.pendingKeys[st]; ok {
		if st.in.has(k, st) {
			st.in.ids.Delete(k)
		}
		delete(st.in.pendingKeys, st)
	}
	u.unlink(st)
	u.forget(st)
}

// undo is one step back in what the transaction did to an entity.
type undo struct {
	st     *state
	what   undoKind
	status status     // before
	snap   field.Ptr  // before
	wrote  []restorer // what Dormer wrote into a new entity
	link   *undoneLink
}

type undoKind uint8

const (
	undoInsert undoKind = iota // it was inserted
	undoUpdate                 // its snapshot moved on
	undoDelete                 // it was deleted
	undoVanish                 // its row was found gone
	undoLink                   // one of its containers was changed
	undoSettle                 // a field of an added one was brought to its stored form
	undoTouch                  // a field of an added one was filled by an UPDATE
)

// restorer is a field that Dormer wrote, with the value it held before; nil is
// Go's zero value.
type restorer struct {
	f   *field.Field
	old any
}

func (u *UnitOfWork) log(x undo) { u.journal = append(u.journal, x) }

// keep has the journal keep st's snapshot before it changes, once per savepoint,
// and gives st a copy to change.
func (u *UnitOfWork) keep(st *state) {
	if st.mark == u.level {
		return
	}
	u.log(undo{st: st, what: undoUpdate, snap: st.snap})
	st.snap = st.in.m.tracked.CloneSnapshot(st.snap)
	st.mark = u.level
}

// undoTo takes the journal back to where it had n entries. What was let go since
// stays as it is.
func (u *UnitOfWork) undoTo(n int) {
	added, was := map[*state]bool{}, written{}
	for _, x := range u.journal[n:] {
		if x.what == undoInsert {
			added[x.st] = true
		}
	}
	for i := len(u.journal) - 1; i >= n; i-- {
		x := u.journal[i]
		u.journal[i] = undo{}
		st := x.st
		if st != nil && x.what == undoLink && (added[st] || st.status != gone) {
			u.undoLinkOf(st, x.link, added[st] || st.status == isNew)
			continue
		}
		if st == nil || st.status == gone {
			continue
		}
		t := st.in
		if x.what == undoSettle || x.what == undoTouch {
			if added[st] {
				was.back(x)
			}
			continue
		}
		if x.what != undoInsert && added[st] {
			continue // it becomes new again, with what the program has set since
		}
		switch x.what {
		case undoInsert:
			k := st.key()
			if t.has(k, st) {
				t.ids.Delete(k)
			}
			delete(t.pendingKeys, st)
			for _, w := range x.wrote {
				w.restore(st.entity)
			}
			u.unlink(st)
			u.forget(st)
		case undoUpdate:
			old := st.key()
			st.snap = x.snap
			st.mark = 0
			st.epoch = 0
			if k := st.key(); k.String() != old.String() && st.status != gone {
				if t.has(old, st) {
					t.ids.Delete(old)
				}
				t.ids.Put(k, st)
			}
			_ = st.restore()
		case undoDelete, undoVanish:
			st.status = x.status
			if st.status == deleting {
				st.status = persistent
			}
			st.epoch = 0
			t.ids.Put(st.key(), st)
			_ = st.restore()
		}
	}
	u.journal = u.journal[:n]
}
