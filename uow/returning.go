package uow

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// WriteReturning is Entity.WriteReturning.
func (n Untyped) WriteReturning(ctx context.Context, u *UnitOfWork, s expr.Statement, untracked bool) ([]field.Ptr, error) {
	if err := u.enter(); err != nil {
		return nil, opError("write", n.m.name, err)
	}
	defer u.leave()
	if u.opts.readOnly {
		return nil, opError("write", n.m.name, ErrReadOnly)
	}
	if u.flushing {
		return nil, opError("write", n.m.name, ErrFlushing)
	}
	if _, err := u.compile(ctx, s); err != nil { // before anything is flushed
		return nil, opError("write", n.m.name, err)
	}
	if err := u.flush(ctx); err != nil {
		return nil, err
	}
	if err := u.begin(ctx); err != nil {
		return nil, opError("write", n.m.name, err)
	}
	u.wrote = true
	l := &loader{m: n.m, overwrite: true}
	var err error
	switch s := s.(type) {
	case *expr.UpdateStmt:
		err = u.updateReturning(ctx, l, s, untracked)
	case *expr.DeleteStmt:
		if _, err = u.deleteWhere(ctx, n.m, s, &returned{n.m.columns, l.row}); err == nil {
			err = l.finish(ctx, u)
		}
	default:
		err = fmt.Errorf("a %T is no UPDATE or DELETE", s)
	}
	if err != nil {
		u.nameForeignKeyOf(s, n.m, err)
		u.broke(err)
		return nil, opError("write", n.m.name, u.nameConstraint(err))
	}
	return l.out, nil
}

// updateReturning runs an UPDATE whose rows come back whole.
func (u *UnitOfWork) updateReturning(ctx context.Context, l *loader, s *expr.UpdateStmt, untracked bool) error {
	m := l.m
	assigned := map[*schema.ColumnDef]bool{}
	rekeys := false
	for _, c := range s.Set {
		if col, ok := c.Column.Def.(*schema.ColumnDef); ok {
			assigned[col] = true
			rekeys = rekeys || col.PrimaryKey
		}
	}
	u.expireReferring(m, assigned)
	t := u.managed(m)
	if rekeys && t != nil {
		t.expire()
	}
	if !untracked {
		l.t, l.list = u.table(m), true
	}
	back := *s
	back.Returning = m.columns
	c, err := u.compile(ctx, &back)
	if err != nil {
		return err
	}
	var rows []upsertedRow
	err = u.readRows(ctx, l, c.SQL, named(c.Args), func(vals []driver.Value) error {
		if untracked && t != nil && !rekeys {
			rows = append(rows, m.rowWritten(vals))
		}
		return l.row(vals)
	})
	if err != nil {
		return err
	}
	if err := u.readMade(ctx, l); err != nil {
		return err
	}
	for _, r := range rows {
		if err := u.rowChanged(t, r); err != nil {
			return err
		}
	}
	return nil
}

// rowWritten is what identifies a whole row.
func (m *mapper) rowWritten(vals []driver.Value) (r upsertedRow) {
	for _, f := range m.key {
		r.key = append(r.key, kept(vals[f.Col.Position]))
	}
	if v := m.def.Version; v != nil {
		r.version = kept(vals[v.Position])
	}
	return r
}

// rowChanged has the entity of a row that was written read again when it is next
// asked for. Its version, where it is a number that was counted up from the one that
// the entity has, follows at once.
func (u *UnitOfWork) rowChanged(t *table, r upsertedRow) error {
	st, err := t.rowOf(r.key)
	if st == nil || err != nil {
		return err
	}
	st.epoch = 0
	v := t.m.def.Version
	if v == nil || v.MadeVersion {
		return nil
	}
	old, counts := t.m.tracked.Fields[v.Position].SnapshotValue(st.snap).(int64)
	if now, ok := r.version.(int64); counts && ok && now == old+1 {
		return u.count(st, now)
	}
	return nil
}

// readMade reads the versions of rows that the database makes, which it does after
// the statement perhaps.
func (u *UnitOfWork) readMade(ctx context.Context, l *loader) error {
	v := l.m.def.Version
	if v == nil || !v.MadeVersion || len(l.out) == 0 {
		return nil
	}
	if err := u.readVersionsInto(ctx, l.m, l.out); err != nil {
		return err
	}
	for _, st := range l.all {
		if err := l.m.tracked.Fields[v.Position].Snapshot(st.entity, st.snap); err != nil {
			return err
		}
	}
	return nil
}
