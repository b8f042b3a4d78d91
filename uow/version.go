package uow

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
)

// versionBatch is the number of rows whose versions are read at a time.
const versionBatch = 500

// restoreVersions gives entities the versions of their rows back, which the
// program has set: the one that was read is what it has seen.
func (w *work) restoreVersions() error {
	for _, st := range w.versions {
		m := st.in.m
		if err := m.tracked.Fields[m.def.Version.Position].Restore(st.entity, st.snap); err != nil {
			return err
		}
	}
	return nil
}

// readVersions reads the versions that the database has made for rows just
// written. RETURNING would not do: not every database shows there what a trigger
// does afterwards.
func (u *UnitOfWork) readVersions(ctx context.Context, m *mapper, sts []*state) error {
	if m.def.Version == nil || !m.def.Version.MadeVersion {
		return nil
	}
	return u.readVersionsInto(ctx, m, statesAsRows(sts))
}

// readVersionsInto reads the versions of rows into structs that hold their keys.
func (u *UnitOfWork) readVersionsInto(ctx context.Context, m *mapper, es []field.Ptr) error {
	f := m.tracked.Fields[m.def.Version.Position]
	for len(es) > 0 {
		part := es[:min(versionBatch, len(es))]
		es = es[len(part):]
		s := &expr.SelectStmt{From: m.def.Source, Limit: -1, Offset: -1, Filters: noFilters}
		for _, k := range m.key {
			s.Columns = append(s.Columns, k.Col.Ref)
		}
		s.Columns = append(s.Columns, m.def.Version.Ref)
		var byKey identity.Map[field.Ptr]
		var or []expr.Node
		for _, e := range part {
			k, err := m.keyOfWritten(e)
			if err != nil {
				return err
			}
			byKey.Put(k, e)
			var and []expr.Node
			for i, kf := range m.key {
				v, err := kf.Load(e)
				if err != nil {
					return err
				}
				and = append(and, m.keyCompare(expr.OpEq, i, v))
			}
			or = append(or, &expr.LogicNode{Args: and})
		}
		s.Where = &expr.LogicNode{Or: true, Args: or}
		c, err := u.compile(ctx, s)
		if err != nil {
			return err
		}
		n, err := u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) error {
			k, err := m.keyOfReturned(vals)
			if err != nil {
				return err
			}
			e, ok := byKey.Get(k)
			if !ok {
				return fmt.Errorf("the database returned a row that was not asked for")
			}
			return f.Store(e, nil, vals[len(m.key)])
		})
		if err != nil {
			return err
		}
		if n != int64(len(part)) {
			return fmt.Errorf("the database returned the versions of %d of %d rows", n, len(part))
		}
	}
	return nil
}
