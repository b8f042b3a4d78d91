package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
)

// Merge is Entity.Merge.
func (n Untyped) Merge(ctx context.Context, u *UnitOfWork, e field.Ptr) (field.Ptr, error) {
	if err := u.enter(); err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	defer u.leave()
	if e == nil {
		return nil, opError("merge", n.m.name, ErrNilEntity)
	}
	st, err := u.merge(ctx, n.m, e, map[field.Ptr]*state{})
	if err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	return st.entity, nil
}

// merge merges the entity at src and what its relations hold. seen are those that
// were met already, so that a cycle ends.
func (u *UnitOfWork) merge(ctx context.Context, m *mapper, src field.Ptr, seen map[field.Ptr]*state) (*state, error) {
	if st := seen[src]; st != nil {
		return st, nil
	}
	if st := u.find(src); st != nil && st.status != deleted {
		seen[src] = st
		return st, mergeable(st)
	}
	switch {
	case u.opts.readOnly:
		return nil, ErrReadOnly
	case u.flushing:
		return nil, ErrFlushing
	}
	st, err := u.mergeRow(ctx, m, src)
	if err != nil {
		return nil, err
	}
	seen[src] = st
	for _, r := range m.relations {
		if err := u.mergeRelated(ctx, st, r, src, seen); err != nil {
			return nil, fmt.Errorf("relation %s: %w", r.name(), err)
		}
	}
	return st, nil
}

// mergeRow merges the given entity alone. One that names no tenant is one of the
// context's.
func (u *UnitOfWork) mergeRow(ctx context.Context, m *mapper, given field.Ptr) (*state, error) {
	src := given
	if len(m.tenants) > 0 {
		src = m.plain.NewEntity()
		if err := m.copyFields(src, given); err != nil {
			return nil, err
		}
		m.presume(ctx, src, nil)
	}
	k, err := m.keyOfEntity(src)
	if err != nil {
		return nil, err
	}
	var dst field.Ptr
	if !k.IsZero() {
		args := func() ([]driver.NamedValue, error) {
			var a []driver.NamedValue
			for i, f := range m.key {
				v, err := f.Load(src)
				if err != nil {
					return nil, err
				}
				a = append(a, driver.NamedValue{Ordinal: i + 1, Value: v})
			}
			return a, nil
		}
		if dst, _, err = u.get(ctx, m, k, args, false, nil); err != nil {
			return nil, err
		}
	}
	if dst == nil {
		dst = m.plain.NewEntity()
		if err := m.copyFields(dst, src); err != nil {
			return nil, err
		}
		st, err := u.add(m, dst)
		if err != nil {
			return nil, err
		}
		return st, u.adoptAll()
	}
	st := u.find(dst)
	if err := mergeable(st); err != nil {
		return nil, err
	}
	if v := m.def.Version; v != nil {
		f := m.tracked.Fields[v.Position]
		if st.snap != nil && !f.IsZero(given) { // a new one has no version yet
			if stale, err := f.Changed(given, st.snap); err == nil && stale {
				return nil, &StaleError{Entity: m.name, Keys: []string{k.String()}, Op: "merge"}
			}
		}
	}
	return st, m.copyFields(dst, src)
}

// mergeRelated sets a relation of st to what the one of the entity at src leads
// to, where that is known.
func (u *UnitOfWork) mergeRelated(ctx context.Context, st *state, r *relation, src field.Ptr, seen map[field.Ptr]*state) error {
	h := related.HeadAt(r.at(src))
	if h == nil || h.Shared || !h.Loaded || h.Partial {
		return nil
	}
	to, err := u.target(r)
	if err != nil {
		return err
	}
	if !r.def.Many {
		target := related.OneAt(r.at(src)).Target
		if target != nil {
			t, err := u.merge(ctx, to, target, seen)
			if err != nil {
				return err
			}
			target = t.entity
		}
		if err := u.referOne(st, r, target); err != nil {
			return err
		}
		return u.adoptAll()
	}
	items := slices.Clone(related.ManyAt(r.at(src)).Items())
	for i, p := range items {
		t, err := u.merge(ctx, to, p, seen)
		if err != nil {
			return err
		}
		items[i] = t.entity
	}
	if err := u.replaceMany(st, r, items); err != nil {
		return err
	}
	return u.adoptAll()
}

// mergeable refuses what would be deleted with the values just given to it.
func mergeable(st *state) error {
	if st != nil && st.status == deleting {
		return fmt.Errorf("key %s: %w, or is to be by the next flush: Add takes that back", st.showKey(), ErrDeleted)
	}
	return nil
}

// copyFields copies the mapped columns by value.
func (m *mapper) copyFields(dst, src field.Ptr) error {
	tmp := m.tracked.NewSnapshot()
	for _, f := range m.tracked.Fields {
		if f.Col.IsVersion || f.Col.Computed != nil {
			continue
		}
		if err := f.Snapshot(src, tmp); err != nil {
			return err
		}
		if err := f.Restore(dst, tmp); err != nil {
			return err
		}
	}
	return nil
}
