package uow

import (
	"context"

	"github.com/dormer-orm/dormer/schema"
)

// switchRow has a new entity take over the row of a deleted one of the same key.
// The update is nil where their values are equal.
func (u *UnitOfWork) switchRow(ctx context.Context, tw *tableWork, old, st *state) (*update, error) {
	in, err := tw.t.m.tenancyOf(ctx, nil)
	if err != nil {
		return nil, err
	}
	t := tw.t
	var deletes []*state
	for _, d := range tw.deletes {
		if d != old {
			deletes = append(deletes, d)
		}
	}
	tw.deletes = deletes
	u.log(undo{st: old, what: undoDelete, status: old.status})
	old.lose()
	wrote := in.fill(st.entity)
	st.snap = t.m.tracked.CloneSnapshot(old.snap)
	for _, f := range t.m.tracked.Fields {
		c := f.Col
		switch {
		case c.Computed != nil, c.IsVersion:
			wrote = append(wrote, restorer{f, f.Current(st.entity)})
			if err := f.Restore(st.entity, st.snap); err != nil {
				return nil, err
			}
		case c.HasDefault() && c.Zero == schema.ZeroTakesDefault && f.IsZero(st.entity):
			wrote = append(wrote, restorer{f: f})
			var err error
			switch {
			case c.Default != nil:
				f.SetDefault(st.entity, c.Default)
			case c.DefaultFunc != nil:
				f.SetDefault(st.entity, c.DefaultFunc())
			default: // the row has had its server default
				err = f.Restore(st.entity, st.snap)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	u.log(undo{st: st, what: undoInsert, wrote: wrote})
	delete(t.pendingKeys, st)
	st.status, st.epoch, st.mark = persistent, u.epoch, u.level
	t.ids.Put(st.key(), st)
	u.resolve(st)
	fields, err := st.changed(nil)
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	return &update{st, fields}, nil
}
