package uow

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Write is Entity.Write.
func (n Untyped) Write(ctx context.Context, u *UnitOfWork, s expr.Statement) (int64, error) {
	return n.write(ctx, u, s, nil)
}

// write is Write that passes on what the rows return, unless out is nil.
func (n Untyped) write(ctx context.Context, u *UnitOfWork, s expr.Statement, out *returned) (int64, error) {
	if err := u.enter(); err != nil {
		return 0, opError("write", n.m.name, err)
	}
	defer u.leave()
	if u.opts.readOnly {
		return 0, opError("write", n.m.name, ErrReadOnly)
	}
	if u.flushing {
		return 0, opError("write", n.m.name, ErrFlushing)
	}
	if _, err := u.compile(ctx, out.of(s)); err != nil { // before anything is flushed
		return 0, opError("write", n.m.name, err)
	}
	if err := u.flush(ctx); err != nil {
		return 0, err
	}
	if err := u.begin(ctx); err != nil {
		return 0, opError("write", n.m.name, err)
	}
	u.wrote = true
	var rows int64
	var err error
	switch s := s.(type) {
	case *expr.UpdateStmt:
		rows, err = u.updateWhere(ctx, n.m, s, out)
	case *expr.DeleteStmt:
		rows, err = u.deleteWhere(ctx, n.m, s, out)
	default:
		err = fmt.Errorf("a %T is no UPDATE or DELETE", s)
	}
	if err != nil {
		u.nameForeignKeyOf(s, n.m, err)
		u.broke(err)
		return 0, opError("write", n.m.name, u.nameConstraint(err))
	}
	return rows, nil
}

// exec runs a statement of which nothing is read back.
func (u *UnitOfWork) exec(ctx context.Context, s expr.Statement) (int64, error) {
	c, err := u.compile(ctx, s)
	if err != nil {
		return 0, err
	}
	res, err := u.conn.Exec(ctx, c.SQL, named(c.Args))
	return res.RowsAffected, err
}

// managed returns the unit's part of a mapper's table if it has entities there
// whose rows exist, else nil.
func (u *UnitOfWork) managed(m *mapper) *table {
	if m.index >= len(u.tables) {
		return nil
	}
	t := u.tables[m.index]
	if t == nil {
		return nil
	}
	for _, st := range t.states {
		if st.status == persistent {
			return t
		}
	}
	return nil
}

// expire has a table's entities read again when they are next asked for.
func (t *table) expire() {
	for _, st := range t.states {
		if st.status == persistent {
			st.epoch = 0
		}
	}
}

// updateWhere runs an UPDATE by condition and tells the entities of the table. It
// passes on what the rows return, unless out is nil.
func (u *UnitOfWork) updateWhere(ctx context.Context, m *mapper, s *expr.UpdateStmt, out *returned) (int64, error) {
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
	if t == nil {
		return u.execUpdate(ctx, s, out)
	}
	if rekeys || !u.db.Dialect().Capabilities().Returning {
		t.expire()
		return u.execUpdate(ctx, s, out)
	}
	v := m.def.Version
	var current map[*state]bool // whose version was the row's before
	if v != nil && (v.MadeVersion || assigned[v] && !isCount(s, v)) {
		var err error
		if current, err = u.upToDate(ctx, t, s); err != nil {
			return 0, err
		}
	}
	back := *s
	back.Returning = nodesOf(m.key)
	if v != nil {
		back.Returning = append(back.Returning, v.Ref)
	}
	rest := len(back.Returning)
	if out != nil {
		back.Returning = append(back.Returning, out.nodes...)
	}
	var made []*state
	n, err := u.returned(ctx, &back, func(vals []driver.Value) error {
		if out != nil {
			if err := out.row(vals[rest:]); err != nil {
				return err
			}
		}
		st, err := t.rowOf(vals)
		if st == nil || err != nil {
			return err
		}
		st.epoch = 0
		switch {
		case v == nil:
		case current == nil:
			old, counts := m.tracked.Fields[v.Position].SnapshotValue(st.snap).(int64)
			if now, ok := vals[len(m.key)].(int64); counts && ok && now == old+1 {
				return u.count(st, now)
			}
		case current[st] && v.MadeVersion:
			made = append(made, st)
		case current[st]:
			return u.count(st, vals[len(m.key)])
		}
		return nil
	})
	if err != nil || len(made) == 0 {
		return n, err
	}
	if err := u.readVersions(ctx, m, made); err != nil {
		return 0, err
	}
	for _, st := range made {
		u.keep(st)
		if err := m.tracked.Fields[v.Position].Snapshot(st.entity, st.snap); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// execUpdate is exec that passes on what the rows return, unless out is nil.
func (u *UnitOfWork) execUpdate(ctx context.Context, s *expr.UpdateStmt, out *returned) (int64, error) {
	if out == nil {
		return u.exec(ctx, s)
	}
	return u.returned(ctx, out.of(s), out.row)
}

// isCount reports whether s counts the version up by one, as UpdateWhere does by
// itself.
func isCount(s *expr.UpdateStmt, v *schema.ColumnDef) bool {
	for _, c := range s.Set {
		if c.Column != v.Ref {
			continue
		}
		sum, ok := c.Value.(*expr.ArithNode)
		if !ok || sum.Op != expr.OpAdd || sum.Left != expr.Node(v.Ref) {
			return false
		}
		by, ok := sum.Right.(*expr.ParamNode)
		return ok && by.Value == int64(1)
	}
	return false
}

// count gives an entity its row's new version.
func (u *UnitOfWork) count(st *state, version driver.Value) error {
	m := st.in.m
	u.keep(st)
	f := m.tracked.Fields[m.def.Version.Position]
	if err := f.Store(st.entity, nil, version); err != nil {
		return err
	}
	return f.Snapshot(st.entity, st.snap)
}

// upToDate finds, of the rows that an UPDATE will write, those of entities that
// have the row's version. It locks them, so that they stay so.
func (u *UnitOfWork) upToDate(ctx context.Context, t *table, up *expr.UpdateStmt) (map[*state]bool, error) {
	m := t.m
	f := m.tracked.Fields[m.def.Version.Position]
	s := &expr.SelectStmt{Columns: append(nodesOf(m.key), f.Col.Ref), From: m.def.Source, Joins: up.Joins, Where: up.Where, Limit: -1, Offset: -1, Lock: expr.LockUpdate, Filters: up.Filters}
	out := map[*state]bool{}
	tmp := m.plain.NewEntity()
	_, err := u.returned(ctx, s, func(vals []driver.Value) error {
		st, err := t.rowOf(vals)
		if st == nil || err != nil {
			return err
		}
		if err := f.Store(tmp, nil, vals[len(m.key)]); err != nil {
			return err
		}
		moved, err := f.Changed(tmp, st.snap)
		if err == nil && !moved {
			out[st] = true
		}
		return err
	})
	return out, err
}

// returned runs a statement that gives rows.
func (u *UnitOfWork) returned(ctx context.Context, s expr.Statement, row func(vals []driver.Value) error) (int64, error) {
	c, err := u.compile(ctx, s)
	if err != nil {
		return 0, err
	}
	return u.conn.Query(ctx, c.SQL, named(c.Args), row)
}

// rowOf finds the entity of a row that begins with its key; nil where the unit
// has none.
func (t *table) rowOf(vals []driver.Value) (*state, error) {
	k, err := t.m.keyOfReturned(vals)
	if err != nil {
		return nil, err
	}
	if st, ok := t.ids.Get(k); ok && st.status == persistent {
		return st, nil
	}
	return nil, nil
}

// CheckAssign is Entity.CheckAssign.
func (n Untyped) CheckAssign(c expr.SetClause) error {
	p, ok := c.Value.(*expr.ParamNode)
	if !ok || c.Column.Source != n.m.def.Source {
		return nil
	}
	col, ok := c.Column.Def.(*schema.ColumnDef)
	if !ok || col.Table != n.m.def {
		return nil
	}
	return n.m.tracked.Fields[col.Position].Check(p.Value)
}
