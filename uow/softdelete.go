package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// softly reports whether the row of an entity that is to be deleted stays, with the
// time of its deletion.
func (u *UnitOfWork) softly(st *state) bool {
	return st.in.m.soft != nil && !u.purging[st]
}

// buried reports whether an entity is one whose row is marked as deleted.
func (st *state) buried() bool {
	return st.in.m.soft != nil && st.status == persistent && !st.in.m.soft.IsNull(st.entity)
}

// purge has the row of an entity that is marked for deletion go in any case.
func (u *UnitOfWork) purge(st *state) {
	if st.in.m.soft == nil {
		return
	}
	if u.purging == nil {
		u.purging = map[*state]bool{}
	}
	u.purging[st] = true
}

// split parts entities to be deleted by whether their rows stay.
func (u *UnitOfWork) split(sts []*state) (hard, soft []*state) {
	if !slices.ContainsFunc(sts, u.softly) {
		return sts, nil
	}
	for _, st := range sts {
		if u.softly(st) {
			soft = append(soft, st)
		} else {
			hard = append(hard, st)
		}
	}
	return hard, soft
}

// bury marks rows of one table as deleted: by an UPDATE like any other, which takes
// along what else was changed in the entities.
func (u *UnitOfWork) bury(ctx context.Context, t *table, sts []*state) error {
	now := time.Now()
	tw := &tableWork{t: t}
	for _, st := range sts {
		if err := st.keepForeignKeys(); err != nil {
			return u.failure(Delete, t.m, []*state{st}, err)
		}
		if t.m.soft.IsNull(st.entity) {
			if st.born == 0 { // a rollback may make it new again
				u.log(undo{st: st, what: undoTouch, wrote: []restorer{{f: t.m.soft}}})
			}
			t.m.soft.SetTime(st.entity, now)
		}
		fields, err := st.changed(nil)
		if err != nil {
			return u.failure(Delete, t.m, []*state{st}, err)
		}
		if !contains(fields, t.m.soft) {
			fields = append(fields, t.m.soft)
		}
		tw.updates = append(tw.updates, &update{st, fields})
	}
	if err := u.updateAll(ctx, tw); err != nil {
		var stale *StaleError
		if errors.As(err, &stale) {
			stale.Op = Delete.String()
		}
		return err
	}
	for _, st := range sts {
		st.status = persistent
		delete(u.waiting, st)
	}
	return nil
}

// keepForeignKeys gives an entity the foreign keys of its row back that were emptied
// and cannot be NULL, since an orphan's row that stays goes on to refer to its
// parent's.
func (st *state) keepForeignKeys() error {
	for _, fk := range st.in.m.def.ForeignKeys {
		for _, f := range st.in.m.fieldsOf(fk.Columns) {
			if !f.Col.Nullable && f.IsZero(st.entity) {
				if err := f.Restore(st.entity, st.snap); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// burials are the rows of w that are to be marked as deleted, those of them that
// pass.
func (w *work) burials(pass func(st *state) bool) []*deletion {
	var ds []*deletion
	for _, tw := range w.tables {
		if tw.t.m.soft == nil {
			continue
		}
		d := &deletion{t: tw.t}
		for _, st := range tw.deletes {
			if st.status == deleting && w.u.softly(st) && pass(st) {
				d.sts = append(d.sts, st)
			}
		}
		if len(d.sts) > 0 {
			ds = append(ds, d)
		}
	}
	return ds
}

func (u *UnitOfWork) buryAll(ctx context.Context, ds []*deletion) error {
	for _, d := range ds {
		if err := u.bury(ctx, d.t, d.sts); err != nil {
			return err
		}
	}
	return nil
}

// Purge is Entity.Purge.
func (n Untyped) Purge(ctx context.Context, u *UnitOfWork, es ...field.Ptr) error {
	return n.each("purge", u, es, func(p field.Ptr) error {
		if err := n.mayDelete(ctx, p); err != nil {
			return err
		}
		st, err := u.markDeleted(n.m, p)
		if err == nil {
			u.purge(st)
		}
		return err
	})
}

// markDeleted marks the entity at p for deletion.
func (u *UnitOfWork) markDeleted(m *mapper, p field.Ptr) (*state, error) {
	if u.opts.readOnly {
		return nil, ErrReadOnly
	}
	st, err := u.attach(m, p)
	if err != nil {
		return nil, err
	}
	switch st.status {
	case isNew:
		return nil, fmt.Errorf("the entity is new and has no row yet: Detach it instead")
	case persistent:
		delete(u.purging, st)
		st.status = deleting
		st.in.fresh = append(st.in.fresh, st)
	}
	return st, nil
}

// Restore is Entity.Restore.
func (n Untyped) Restore(ctx context.Context, u *UnitOfWork, es ...field.Ptr) error {
	return n.each("restore", u, es, func(p field.Ptr) error {
		if n.m.soft == nil {
			return fmt.Errorf("table %s has no soft delete column: name one with schema.SoftDelete", n.m.def.QualifiedName())
		}
		if u.opts.readOnly {
			return ErrReadOnly
		}
		st := u.find(p)
		var err error
		if st == nil {
			st, err = n.exhume(ctx, u, p)
		} else {
			st, err = u.attach(n.m, p)
		}
		if err != nil {
			return err
		}
		if st.status == deleting {
			if heir := st.in.heirs[st]; heir != nil && heir.status == isNew {
				return &DuplicateError{Entity: n.m.name, Key: st.showKey()}
			}
			st.status = persistent
			st.in.unlist(st)
			delete(u.purging, st)
		}
		n.m.soft.SetZero(st.entity)
		return nil
	})
}

// exhume attaches an entity whose row is marked as deleted. One that names no tenant
// gets that of the context, by which its row is looked for.
func (n Untyped) exhume(ctx context.Context, u *UnitOfWork, p field.Ptr) (*state, error) {
	if u.ms.live.elsewhere(u, p) { // and is not ours to write to
		return nil, ErrAttached
	}
	presumed := n.m.presume(ctx, p, n.on)
	st, err := u.attach(n.m, p)
	if err == nil {
		if err = u.unearth(ctx, st, n.on); err != nil {
			u.detach(st)
		}
	}
	if err != nil {
		for _, w := range presumed {
			w.restore(p)
		}
	}
	return st, err
}

// unearth gives the snapshot of an attached entity the time at which its row was
// deleted, whatever the entity holds, so that taking it away is a change. The row is
// locked: nobody else restores it before the flush.
func (u *UnitOfWork) unearth(ctx context.Context, st *state, on *expr.Filters) error {
	m := st.in.m
	buried := &expr.Filters{Only: true}
	if on != nil {
		buried.All, buried.Off = on.All, slices.Clip(on.Off)
	}
	for _, f := range m.def.Filters {
		if f.Kind == schema.CustomFilter {
			buried.Off = append(buried.Off, f.Name)
		}
	}
	s := m.selectKey(snapshotArgs(nil, m.key, st.snap), buried)
	s.Columns, s.Lock = nodesOf([]*field.Field{m.soft}), expr.LockUpdate
	if err := u.begin(ctx); err != nil {
		return err
	}
	found := false
	_, err := u.returned(ctx, s, func(vals []driver.Value) error {
		found = vals[0] != nil
		m.soft.SetZero(st.entity) // not through a pointer of the program's
		if err := m.soft.Store(st.entity, nil, vals[0]); err != nil {
			return err
		}
		return m.soft.StoreSnapshot(st.entity, st.snap, vals[0])
	})
	switch {
	case errors.Is(err, dialect.ErrFilter): // no SQL was sent
		return err
	case err != nil:
		u.broke(err)
		return err
	case !found:
		return &StaleError{Entity: m.name, Keys: []string{st.showKey()}, Op: "restore"}
	}
	return nil
}
