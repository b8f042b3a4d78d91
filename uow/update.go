package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// updateGroup are entities that changed the same columns.
type updateGroup struct {
	set       []*field.Field
	exprs     []expr.SetClause
	returning []*field.Field
	sts       []*state
}

// updateLate writes the foreign keys that had to wait until the rows that they
// point to were inserted.
func (u *UnitOfWork) updateLate(ctx context.Context, w *work) error {
	for _, tw := range w.tables {
		late := &tableWork{t: tw.t}
		for _, sts := range [2][]*state{tw.inserts, tw.updated()} {
			for _, st := range sts {
				if len(u.waiting[st]) == 0 {
					continue
				}
				u.resolve(st)
				fields, err := st.changed(nil)
				if err != nil {
					return err
				}
				if len(fields) > 0 {
					late.updates = append(late.updates, &update{st, fields})
				}
			}
		}
		if err := u.updateAll(ctx, late); err != nil {
			return err
		}
	}
	return nil
}

func (tw *tableWork) updated() []*state {
	sts := make([]*state, len(tw.updates))
	for i, up := range tw.updates {
		sts[i] = up.st
	}
	return sts
}

// updateAll writes a table's changed entities.
func (u *UnitOfWork) updateAll(ctx context.Context, tw *tableWork) error {
	m := tw.t.m
	var groups []*updateGroup
	index := map[string]*updateGroup{}
	for _, up := range tw.updates {
		if len(u.waiting[up.st]) > 0 {
			u.resolve(up.st)
			fields, err := up.st.changed(nil)
			if err != nil {
				return err
			}
			if up.fields = fields; len(fields) == 0 {
				continue
			}
		}
		key := string(shapeOf('u', 0).add(up.fields))
		g := index[key]
		if g == nil {
			g = m.updateShape(up.fields)
			index[key] = g
			groups = append(groups, g)
		}
		g.sts = append(g.sts, up.st)
	}
	match := m.match()
	now := time.Now()
	for _, g := range groups {
		for _, st := range g.sts {
			u.keep(st)
			u.touch(g, st)
			if m.def.Version != nil && !m.def.Version.MadeVersion {
				m.nextVersion(st, now)
			}
		}
		width := len(g.set) + len(m.key) + len(match)
		most := u.db.Dialect().MaxBulkRows(width)
		var stale *StaleError // of all statements of the group
		for sts := range slices.Chunk(g.sts, most) {
			if err := u.updateRows(ctx, m, g, match, sts); err != nil && !joinStale(&stale, err) {
				if _, one := faultOf(err, sts); one >= 0 {
					return u.failure(Update, m, tw.updated(), err) // counted in the order of the keys
				}
				return u.failure(Update, m, sts, err)
			}
		}
		if stale != nil {
			return stale
		}
		if err := u.readVersions(ctx, m, g.sts); err != nil {
			return u.failure(Update, m, g.sts, err)
		}
		if err := u.updated(ctx, tw.t, g); err != nil {
			return u.failure(Update, m, g.sts, err)
		}
	}
	return nil
}

// updateShape says what an UPDATE of these fields assigns and reads back.
func (m *mapper) updateShape(fields []*field.Field) *updateGroup {
	g := &updateGroup{set: fields}
	for _, f := range m.tracked.Fields {
		c := f.Col
		switch {
		case c.Computed != nil:
			g.returning = append(g.returning, f)
		case c.MadeVersion:
		case c.IsVersion:
			g.set = append(g.set[:len(g.set):len(g.set)], f)
		case c.OnUpdate != nil && !contains(fields, f):
			g.exprs = append(g.exprs, expr.SetClause{Column: c.Ref, Value: c.OnUpdate})
			g.returning = append(g.returning, f)
		}
	}
	return g
}

// nextVersion puts the version after the snapshot's into the entity.
func (m *mapper) nextVersion(st *state, now time.Time) {
	f := m.tracked.Fields[m.def.Version.Position]
	if f.Col.Type.Kind == schema.TimeKind {
		_ = f.Restore(st.entity, st.snap)
		if old := f.Time(st.entity); !now.Truncate(time.Microsecond).After(old) {
			now = old.Add(time.Microsecond)
		}
		f.SetTime(st.entity, now)
		return
	}
	if old, ok := f.SnapshotValue(st.snap).(int64); ok {
		f.SetInteger(st.entity, old+1)
	}
}

func (u *UnitOfWork) updateRows(ctx context.Context, m *mapper, g *updateGroup, match []*field.Field, sts []*state) error {
	d := u.db.Dialect()
	if len(sts) == 1 {
		st := sts[0]
		text, err := m.stmt(string(shapeOf('u', 1).add(g.set).add(g.returning)), func() (string, error) {
			return d.UpdateOne(m.def, columnsOf(g.set), g.exprs, m.def.PrimaryKey, columnsOf(match), columnsOf(g.returning))
		})
		if err != nil {
			return err
		}
		args := make([]driver.NamedValue, 0, len(g.set)+len(m.key)+len(match))
		for _, f := range g.set {
			v, err := f.Load(st.entity)
			if err != nil {
				return blame(st.entity, err)
			}
			args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
		}
		args = snapshotArgs(snapshotArgs(args, m.key, st.snap), match, st.snap)
		var n int64
		if len(g.returning) > 0 {
			n, err = u.readBack(ctx, text, args, m, g.returning, func(vals []driver.Value) (field.Ptr, []driver.Value, error) { return st.entity, vals, nil })
		} else {
			var res engine.Result
			res, err = u.conn.Exec(ctx, text, args)
			n = res.RowsAffected
		}
		if err == nil && n != 1 {
			err = u.stale(ctx, m, sts)
		}
		return err
	}
	return u.updateBulk(ctx, m, g, match, sts)
}

func (u *UnitOfWork) updateBulk(ctx context.Context, m *mapper, g *updateGroup, match []*field.Field, sts []*state) error {
	d := u.db.Dialect()
	var returning []*field.Field
	// Of rows with a version, which ones were matched cannot be told afterwards:
	// another writer's may have the same version by now.
	if len(g.returning) > 0 || len(match) > 0 {
		returning = append(append(returning, m.key...), g.returning...)
	}
	_, columnar := d.(dialect.ArrayElements)
	rows := len(sts)
	if columnar {
		rows = 0
	}
	text, err := m.stmt(string(shapeOf('U', rows).add(g.set).add(returning)), func() (string, error) {
		b, err := d.BulkUpdate(m.def, columnsOf(g.set), g.exprs, m.def.PrimaryKey, columnsOf(match), len(sts), columnsOf(returning))
		return b.SQL, err
	})
	if err != nil {
		return err
	}
	b := u.newBatch(columnar, len(m.key)+len(match)+len(g.set), len(sts))
	for _, st := range sts {
		for _, f := range m.key {
			b.add(f.SnapshotValue(st.snap))
		}
		for _, f := range match {
			b.add(f.SnapshotValue(st.snap))
		}
		for _, f := range g.set {
			v, err := f.Load(st.entity)
			if err != nil {
				return blame(st.entity, err)
			}
			b.add(v)
		}
	}
	if len(returning) == 0 {
		res, err := u.conn.Exec(ctx, text, b.arguments())
		if err == nil && res.RowsAffected != int64(len(sts)) {
			err = u.stale(ctx, m, sts)
		}
		return err
	}
	var unmatched identity.Map[*state]
	keys := make([]identity.Key, len(sts))
	for i, st := range sts {
		if keys[i], err = m.keyOfWritten(st.entity); err != nil {
			return err
		}
		unmatched.Put(keys[i], st)
	}
	if _, err = u.readBack(ctx, text, b.arguments(), m, g.returning, func(vals []driver.Value) (field.Ptr, []driver.Value, error) {
		k, err := m.keyOfReturned(vals)
		if err != nil {
			return nil, nil, err
		}
		st, ok := unmatched.Get(k)
		if !ok {
			return nil, nil, fmt.Errorf("the database returned a row that was not updated")
		}
		unmatched.Delete(k)
		return st.entity, vals[len(m.key):], nil
	}); err != nil || unmatched.Len() == 0 {
		return err
	}
	stale := &StaleError{Entity: m.name, Op: Update.String()}
	for i, st := range sts {
		if _, ok := unmatched.Get(keys[i]); ok {
			stale.Keys = append(stale.Keys, st.showKey())
		}
	}
	return stale
}

// updated makes the written values the snapshots', and finds entities whose key
// has changed under the new one; those that refer to it follow.
func (u *UnitOfWork) updated(ctx context.Context, t *table, g *updateGroup) error {
	before := u.snapshots(t.m, g.set, g.sts)
	rekey := false
	for _, f := range g.set {
		rekey = rekey || f.Col.PrimaryKey
	}
	if rekey {
		for _, st := range g.sts {
			if k := st.key(); t.has(k, st) {
				t.ids.Delete(k)
			}
		}
	}
	for _, st := range g.sts {
		if v := t.m.def.Version; v != nil && v.MadeVersion {
			if err := t.m.tracked.Fields[v.Position].Snapshot(st.entity, st.snap); err != nil {
				return err
			}
		}
		var wrote []restorer
		for _, fs := range [2][]*field.Field{g.set, g.returning} {
			for _, f := range fs {
				var err error
				if wrote, err = settleField(st, f, wrote); err != nil {
					return err
				}
				if err := f.Snapshot(st.entity, st.snap); err != nil {
					return err
				}
			}
		}
		u.settledFields(st, wrote)
		if rekey {
			t.ids.Put(st.key(), st)
		}
	}
	return u.moved(ctx, t.m, g.set, g.sts, before)
}
