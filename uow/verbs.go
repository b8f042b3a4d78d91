package uow

import (
	"context"
	"fmt"
	"strconv"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
)

// Add is Entity.Add.
func (n Untyped) Add(ctx context.Context, u *UnitOfWork, es ...field.Ptr) error {
	return n.each("add", u, es, func(p field.Ptr) error {
		if u.opts.readOnly {
			return ErrReadOnly
		}
		if st := u.find(p); st != nil {
			switch st.status {
			case deleting:
				if heir := st.in.heirs[st]; heir != nil && heir.status == isNew {
					return &DuplicateError{Entity: n.m.name, Key: st.showKey()}
				}
				st.status = persistent
				st.in.unlist(st)
				delete(u.purging, st)
			case deleted:
				return ErrDeleted
			case persistent:
				if st.buried() {
					return fmt.Errorf("key %s: %w: Restore brings it back", st.showKey(), ErrDeleted)
				}
			}
			return nil
		}
		if _, err := u.add(n.m, p); err != nil {
			return err
		}
		return u.adoptAll()
	})
}

// add makes the entity at p, which the unit does not manage, a new one.
func (u *UnitOfWork) add(m *mapper, p field.Ptr) (*state, error) {
	if u.ms.live.elsewhere(u, p) {
		return nil, ErrAttached
	}
	t := u.table(m)
	k, err := m.keyOfEntity(p)
	if err != nil {
		return nil, err
	}
	st := &state{entity: p, in: t, epoch: u.epoch, status: isNew}
	if !k.IsZero() {
		old, taken := t.ids.Get(k)
		if taken {
			heir := t.heirs[old]
			if old.status != deleting || heir != nil && heir.status == isNew {
				return nil, &DuplicateError{Entity: m.name, Key: k.String()}
			}
			if t.heirs == nil {
				t.heirs = map[*state]*state{}
			}
			t.heirs[old] = st
		} else {
			t.ids.Put(k, st)
		}
		if t.pendingKeys == nil {
			t.pendingKeys = map[*state]identity.Key{}
		}
		t.pendingKeys[st] = k
	}
	t.register(st)
	t.fresh = append(t.fresh, st)
	if len(m.relations) > 0 {
		u.adopting = append(u.adopting, st)
	}
	return st, nil
}

// Attach is Entity.Attach.
func (n Untyped) Attach(ctx context.Context, u *UnitOfWork, es ...field.Ptr) error {
	return n.each("attach", u, es, func(p field.Ptr) error {
		_, err := u.attach(n.m, p)
		return err
	})
}

func (u *UnitOfWork) attach(m *mapper, p field.Ptr) (*state, error) {
	if st := u.find(p); st != nil {
		if st.status == deleted {
			return nil, ErrDeleted
		}
		return st, nil
	}
	if u.ms.live.elsewhere(u, p) {
		return nil, ErrAttached
	}
	k, err := m.keyOfEntity(p)
	if err != nil {
		return nil, err
	}
	if k.IsZero() {
		return nil, fmt.Errorf("%w: the entity has none, so that no row can be its own; Add makes it a new one", ErrKey)
	}
	t := u.table(m)
	if _, ok := t.ids.Get(k); ok {
		return nil, &DuplicateError{Entity: m.name, Key: k.String()}
	}
	st := &state{entity: p, snap: m.tracked.NewSnapshot(), in: t, epoch: u.epoch, born: u.level, status: persistent}
	if err := st.takeSnapshot(); err != nil {
		return nil, err
	}
	t.ids.Put(k, st)
	t.register(st)
	return st, u.attached(st)
}

// Delete is Entity.Delete.
func (n Untyped) Delete(ctx context.Context, u *UnitOfWork, es ...field.Ptr) error {
	return n.each("delete", u, es, func(p field.Ptr) error {
		if err := n.mayDelete(ctx, p); err != nil {
			return err
		}
		if st := u.find(p); st != nil && st.buried() && st.in.m == n.m && !u.opts.readOnly {
			if c, err := n.m.soft.Changed(p, st.snap); err != nil || !c {
				return err // it is deleted already
			}
		}
		_, err := u.markDeleted(n.m, p)
		return err
	})
}

// unlist takes a state out of the list of what flush writes in any case.
func (t *table) unlist(st *state) {
	for i, s := range t.fresh {
		if s == st {
			t.fresh = append(t.fresh[:i], t.fresh[i+1:]...)
			return
		}
	}
}

// Detach is Entity.Detach.
func (n Untyped) Detach(ctx context.Context, u *UnitOfWork, es ...field.Ptr) error {
	return n.each("detach", u, es, func(p field.Ptr) error {
		st := u.find(p)
		if st == nil {
			return ErrNotManaged
		}
		u.detach(st)
		return nil
	})
}

func (u *UnitOfWork) detach(st *state) {
	st.in.unlist(st)
	if st.status == isNew {
		u.letGo(st)
		return
	}
	if k := st.key(); st.in.has(k, st) {
		st.in.ids.Delete(k)
		if heir := st.in.heirs[st]; heir != nil && heir.status == isNew {
			st.in.ids.Put(k, heir)
		}
	}
	u.forget(st)
}

// has reports whether k is the key under which st is found.
func (t *table) has(k identity.Key, st *state) bool {
	got, ok := t.ids.Get(k)
	return ok && got == st
}

// Refresh is Entity.Refresh.
func (n Untyped) Refresh(ctx context.Context, u *UnitOfWork, es ...field.Ptr) error {
	var sts []*state
	if err := n.each("refresh", u, es, func(p field.Ptr) error {
		st := u.find(p)
		switch {
		case st == nil || st.status == isNew:
			return ErrNotManaged
		case st.status == deleted:
			return ErrDeleted
		}
		sts = append(sts, st)
		return nil
	}); err != nil || len(sts) == 0 {
		return err
	}
	if err := u.enter(); err != nil {
		return opError("refresh", n.m.name, err)
	}
	defer u.leave()
	return opError("refresh", n.m.name, u.refresh(ctx, n.m, sts, n.on))
}

func (u *UnitOfWork) refresh(ctx context.Context, m *mapper, sts []*state, on *expr.Filters) error {
	for _, st := range sts { // all of them, before any is flushed
		u.retain(st)
		if err := st.restore(); err != nil {
			return err
		}
		if err := u.restoreRefs(st); err != nil {
			return err
		}
	}
	if u.autoflushes() {
		if err := u.flush(ctx); err != nil {
			return err
		}
	}
	for _, st := range sts {
		if st.status == deleted {
			return ErrDeleted
		}
		l := &loader{t: st.in, m: m, overwrite: true}
		key := snapshotArgs(nil, m.key, st.snap)
		var err error
		if len(m.def.Filters) > 0 {
			err = u.readKey(ctx, l, key, false, on)
		} else {
			err = u.read(ctx, l, m.byKey, key)
		}
		if err != nil {
			return err
		}
		if len(l.out) == 0 {
			return &StaleError{Entity: m.name, Keys: []string{st.showKey()}, Op: "refresh"}
		}
	}
	return nil
}

// Expect is Entity.Expect.
func (n Untyped) Expect(ctx context.Context, u *UnitOfWork, e field.Ptr, version int64) error {
	return n.each("expect", u, []field.Ptr{e}, func(p field.Ptr) error {
		if n.m.def.Version == nil {
			return fmt.Errorf("table %s has no version column: mark one with .Version()", n.m.def.QualifiedName())
		}
		st := u.find(p)
		if st == nil || st.status == isNew {
			return ErrNotManaged
		}
		if st.status == deleted {
			return ErrDeleted
		}
		v := n.m.tracked.Fields[n.m.def.Version.Position].SnapshotValue(st.snap)
		if got, ok := v.(int64); !ok {
			return fmt.Errorf("the version of %s is a time: Expect takes counters", n.m.name)
		} else if got != version {
			return &StaleError{Entity: n.m.name, Keys: []string{st.showKey()}, Op: "expect version " + strconv.FormatInt(version, 10) + " of"}
		}
		return nil
	})
}

// Contains is Entity.Contains.
func (n Untyped) Contains(u *UnitOfWork, e field.Ptr) bool {
	if e == nil || u.enter() != nil {
		return false
	}
	defer u.leave()
	st := u.find(e)
	return st != nil && st.status != deleted
}

// each calls f for every entity, refusing nil ones before any is touched.
func (n Untyped) each(op string, u *UnitOfWork, es []field.Ptr, f func(p field.Ptr) error) error {
	if err := u.enter(); err != nil {
		return opError(op, n.m.name, err)
	}
	defer u.leave()
	if u.flushing && op != "expect" {
		return opError(op, n.m.name, ErrFlushing)
	}
	for i, e := range es {
		if e == nil {
			return opError(op, n.m.name, fmt.Errorf("%w (argument %d)", ErrNilEntity, i+1))
		}
	}
	for _, e := range es {
		if err := f(e); err != nil {
			if _, typed := err.(*DuplicateError); typed {
				return err
			}
			return opError(op, n.m.name, err)
		}
	}
	return nil
}
