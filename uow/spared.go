package uow

import (
	"context"
	"slices"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
)

// Loading a relation flushes first. A child that was taken from the parent that
// owned it may yet be added to another one, for whose collection that is loaded:
// it is spared by such a flush, and deleted by the next one of another cause
// unless it has found a parent (S66).

// autoflushLoad is autoflushRelated before a Load, where memory tells what is
// spared apart from what the database has.
func (u *UnitOfWork) autoflushLoad(ctx context.Context, r *relation) error {
	if !u.autoflushes() {
		return nil
	}
	if err := u.assigned(); err != nil {
		return err
	}
	if u.spared = u.takenOut(); u.spared == nil {
		return u.autoflushRelated(ctx, r)
	}
	defer func() { u.spared = nil }()
	if err := u.relate(); err != nil {
		return err
	}
	if u.inTheWay() {
		return nil // memory counts for all of it
	}
	return u.autoflushRelated(ctx, r)
}

// takenOut are the children without a parent that a flush would delete, or refuse
// since they must have one; nil where there are none.
func (u *UnitOfWork) takenOut() (out map[*state]bool) {
	put := func(st *state) {
		if out == nil {
			out = map[*state]bool{}
		}
		out[st] = true
	}
	for key, target := range u.refs {
		if target != nil || key.st.status != persistent {
			continue
		}
		near := key.r.near
		if !anyNullable(near) || key.r.link.Ownership == rel.Own && key.st.held(near) {
			put(key.st)
		}
	}
	u.emptiedFields(func(st *state, _ *relation) { put(st) })
	return out
}

// held reports whether a foreign key of st's row says that it has a parent.
func (st *state) held(near []*field.Field) bool {
	return slices.ContainsFunc(near, func(f *field.Field) bool { return f.SnapshotValue(st.snap) != nil })
}

// emptiedFields calls f for children whose foreign key was emptied and whose parent
// owned them.
func (u *UnitOfWork) emptiedFields(f func(st *state, r *relation)) {
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, r := range t.m.relations {
			if r.link == nil || r.link.Association != nil || !r.holds() || r.link.Ownership != rel.Own {
				continue
			}
			near := r.near
			for _, st := range t.states {
				if st.status != persistent {
					continue
				}
				if _, pending := u.refs[linkKey{st, r}]; pending {
					continue
				}
				for _, c := range near {
					if c.IsNull(st.entity) && c.SnapshotValue(st.snap) != nil {
						f(st, r)
						break
					}
				}
			}
		}
	}
}

// inTheWay reports whether the rest of a flush could not do without the deletion
// of what is spared: since others take its unique values, or rows are to be
// deleted to which it may refer.
func (u *UnitOfWork) inTheWay() bool {
	if len(u.replaced) > 0 {
		return true
	}
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, st := range t.fresh {
			if st.status == deleting {
				return true
			}
		}
	}
	tables := map[*table]bool{}
	for st := range u.spared {
		tables[st.in] = true
	}
	for t := range tables {
		for _, fs := range t.m.uniques {
			held := map[string]bool{}
			for st := range u.spared {
				if st.in != t {
					continue
				}
				if v, ok := oldValue(nil, fs, st.snap); ok {
					held[string(v)] = true
				}
			}
			for _, st := range t.states {
				if u.spared[st] || st.status != isNew && st.status != persistent {
					continue
				}
				if v, ok := uniqueValue(nil, fs, st.entity); ok && held[string(v)] {
					return true
				}
			}
		}
	}
	return false
}

// spareLinks keeps the references of what a flush has spared.
func (u *UnitOfWork) spareLinks(refs map[linkKey]*state) {
	for key, target := range refs {
		if u.spared[key.st] {
			u.setRef(key.st, key.r, target)
		}
	}
}
